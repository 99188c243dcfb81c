/**
 * Connections to one server: a pool per address, database and account, shared within the worker and closed when its
 * last user lets go. Every connection is set up before its first use, because a pool silently replaces dead ones.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import mysql, { type Pool, type PoolConnection, type PoolOptions } from 'mysql2';
import { DataError } from '../../core/ports.ts';
import type { MysqlConnection } from '../../core/settings.ts';
import { openDirectSocket } from './direct-socket.ts';
import { agreedOnBulk, askForBulk, speaksPackets } from './driver-packets.ts';
import { driverError, fromDriver, mysqlError, silence } from './errors.ts';
import { exchange } from './exchange.ts';
import { openPacketStream, type PacketStream } from './packet-stream.ts';
import type { Answer, Request } from './protocol.ts';
import { openRowStream, type RawCell, type RawRow, type RowStream } from './row-stream.ts';

/** What the server answered to a statement without rows. */
export type Acknowledgement = {
  readonly affectedRows: number;
  readonly warnings: number;
  /** `Records: n  Duplicates: d  Warnings: w`, empty for single rows. */
  readonly info: string;
};

/** One connection, held by one user at a time. Every rejection is a DataError. */
export type Session = {
  /** All rows of a small answer. `fields` are the column names the server gave. */
  rows(sql: string): Promise<{ readonly rows: RawRow[]; readonly fields: string[] }>;
  /** Rows one after the other, with back-pressure. */
  stream(sql: string): RowStream;
  run(sql: string): Promise<Acknowledgement>;
  /** Prepared statement for values that are too large to be written as text; bytes are sent as they are. */
  execute(sql: string, values: readonly RawCell[]): Promise<Acknowledgement>;
  /** What the connection can do beyond statements: whole packets, and bulk execution (MariaDB). */
  readonly can: { readonly packets: boolean; readonly bulk: boolean };
  /** Rows one after the other as they arrive, with back-pressure. Needs `can.packets`. */
  packets(sql: string, onRow: (bytes: Buffer, from: number, to: number) => void): PacketStream;
  /** Sends requests at once; answers what the server says to each. Needs `can.packets`. */
  exchange(requests: readonly Request[]): Promise<Answer[]>;
  /** Gives the connection back. After an error it is closed instead. Safe to call twice. */
  release(): void;
  /** Ends it at once, whether the server answers or not: whatever runs on it is rejected. */
  destroy(): void;
};

/** A shared pool; `close` once for each `openSessions`. */
export type Sessions = {
  readonly connection: MysqlConnection;
  session(): Promise<Session>;
  /** Borrows a session for one piece of work. */
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** The same pool; once `signal` is aborted its sessions are cut, and who waits for one is rejected. */
  within(signal: AbortSignal): Sessions;
  close(): Promise<void>;
};

/**
 * Strict, zero and unusual dates as they are, 0 is not "next number", names are quoted with backticks.
 * Set on both sides, so that reading and writing mean the same.
 */
const SQL_MODE = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION';

/**
 * Texts are read in the bytes they are stored in (results NULL); statements are utf8mb4. A table that others hold is waited for
 * 50 s, not the server's day or year.
 */
const SETUP = [
  'SET NAMES utf8mb4',
  `SET character_set_results = NULL, sql_mode = '${SQL_MODE}', time_zone = '+00:00', foreign_key_checks = 0, ` +
    'unique_checks = 1, sql_auto_is_null = 0, sql_safe_updates = 0, sql_quote_show_create = 1, autocommit = 1, ' +
    'sql_notes = 1, sql_big_selects = 1, sql_select_limit = DEFAULT, lock_wait_timeout = 50, net_write_timeout = 600, net_read_timeout = 600',
];

type SharedPool = {
  pool: Pool;
  users: number;
  tlsGivenUp: boolean;
  /** Rises when a connection breaks: the idle ones of before may be as dead, and a dead one need not answer. */
  generation: number;
};
const pools = new Map<string, SharedPool>();
/** Connections that are set up, and the generation of their pool then. */
const ready = new WeakMap<PoolConnection, number>();

/** Opens (or joins) the pool for a connection. No network traffic yet. Throws where the TLS mode cannot work. */
export function openSessions(connection: MysqlConnection): Sessions {
  const key = poolKey(connection);
  const shared = pools.get(key) ?? {
    pool: createPool(connection, tlsOptions(connection)),
    users: 0,
    tlsGivenUp: false,
    generation: 0,
  };
  pools.set(key, shared);
  shared.users += 1;
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    shared.users -= 1;
    if (shared.users > 0) return;
    pools.delete(key);
    await endPool(shared.pool);
  };
  return overPool(shared, connection, close);
}

function overPool(
  shared: SharedPool,
  connection: MysqlConnection,
  close: () => Promise<void>,
  signal?: AbortSignal,
): Sessions {
  const session = (): Promise<Session> => openSession(shared, connection, signal);
  return {
    connection,
    session,
    use: async (work) => {
      const borrowed = await session();
      try {
        return await work(borrowed);
      } finally {
        borrowed.release();
      }
    },
    within: (inner) => overPool(shared, connection, close, inner),
    close,
  };
}

/** Pools that are open now; 0 once every task has ended. */
export function openPoolCount(): number {
  return pools.size;
}

function poolKey(connection: MysqlConnection): string {
  return createHash('sha256').update(JSON.stringify(connection)).digest('hex');
}

function createPool(connection: MysqlConnection, ssl: PoolOptions['ssl']): Pool {
  const pool = mysql.createPool({
    ...(connection.socket === null
      ? { host: connection.host, port: connection.port }
      : { socketPath: connection.socket }),
    stream: () =>
      openDirectSocket(
        connection.socket === null ? { host: connection.host, port: connection.port } : { path: connection.socket },
      ),
    user: connection.user,
    password: connection.password,
    database: connection.database,
    ...(ssl === undefined ? {} : { ssl }),
    charset: 'utf8mb4_bin',
    connectTimeout: connection.connectTimeoutMs,
    // The plan bounds the number: one connection for each running unit and side.
    connectionLimit: 0,
    multipleStatements: false,
    rowsAsArray: true,
    typeCast: false,
    // Statements arrive complete: the driver must not look for placeholders inside their values.
    queryFormat: (sql: string) => sql,
    flags: ['-LOCAL_FILES', '-IGNORE_SPACE', '-ODBC', '-CLIENT_QUERY_ATTRIBUTES'],
    connectAttributes: { program_name: 'datatrace' },
  });
  // Without a listener an idle connection that dies would end the thread.
  pool.on('connection', (each: PoolConnection) => each.on('error', () => {}));
  return pool;
}

/** Longest wait for the goodbyes of a pool, ms: a server that does not answer is left to the time limit of connecting. */
const GOODBYE_MS = 3_000;

function endPool(pool: Pool): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(resolve, GOODBYE_MS);
    pool.end(() => {
      clearTimeout(limit);
      resolve();
    });
  });
}

/** TLS for the mode; undefined = none. A local socket needs none unless it is asked for. */
function tlsOptions(connection: MysqlConnection): PoolOptions['ssl'] {
  const { tls } = connection;
  if (tls === 'off' || (connection.socket !== null && tls === 'preferred')) return undefined;
  if (tls === 'verify-full' && connection.socket === null && isIP(connection.host) !== 0) {
    throw mysqlError(
      'mysql.tlsNeedsHostName',
      { connection: connection.name, host: connection.host },
      'TLS mode verify-full compares the certificate with a host name; the connection gives an address.',
    );
  }
  return {
    rejectUnauthorized: tls === 'verify-ca' || tls === 'verify-full',
    verifyIdentity: tls === 'verify-full',
    ...(connection.tlsCa === null ? {} : { ca: connection.tlsCa }),
    ...(connection.tlsCert === null ? {} : { cert: connection.tlsCert }),
    ...(connection.tlsKey === null ? {} : { key: connection.tlsKey }),
  };
}

async function openSession(shared: SharedPool, connection: MysqlConnection, signal?: AbortSignal): Promise<Session> {
  try {
    const raw = await unlessCut(takeConnection(shared, connection), connection, signal);
    const session = makeSession(raw, shared, connection, signal);
    if (!ready.has(raw)) {
      try {
        for (const sql of SETUP) await session.run(sql);
      } catch (error) {
        session.destroy();
        throw error;
      }
      ready.set(raw, shared.generation);
    }
    return session;
  } catch (error) {
    throw fromDriver(error, connection);
  }
}

/** The connection, unless the signal is aborted before; what comes later goes back to the pool. */
async function unlessCut(
  coming: Promise<PoolConnection>,
  connection: MysqlConnection,
  signal: AbortSignal | undefined,
): Promise<PoolConnection> {
  if (signal === undefined) return coming;
  const { promise: cut, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    reject(reasonOf(signal, connection));
    coming.then(
      (late) => late.release(),
      () => {},
    );
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([cut, coming]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Why a scope was ended. */
function reasonOf(signal: AbortSignal, connection: MysqlConnection): DataError {
  if (signal.reason instanceof DataError) return signal.reason;
  return mysqlError('mysql.stopped', { connection: connection.name }, 'The work was stopped.');
}

async function takeConnection(shared: SharedPool, connection: MysqlConnection): Promise<PoolConnection> {
  try {
    for (;;) {
      const raw = await getConnection(shared.pool);
      if ((ready.get(raw) ?? shared.generation) >= shared.generation) return raw;
      endNow(raw);
    }
  } catch (error) {
    if (connection.tls !== 'preferred' || driverError(error).code !== 'HANDSHAKE_NO_SSL_SUPPORT') throw error;
    if (!shared.tlsGivenUp) {
      shared.tlsGivenUp = true;
      const former = shared.pool;
      shared.pool = createPool(connection, undefined);
      await endPool(former);
    }
    return getConnection(shared.pool);
  }
}

function getConnection(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, raw) => (error === null ? resolve(raw) : reject(error)));
    askForBulk(pool);
  });
}

function makeSession(
  raw: PoolConnection,
  shared: SharedPool,
  connection: MysqlConnection,
  signal: AbortSignal | undefined,
): Session {
  let held = true;
  let broken = false;
  let ending: DataError | undefined;
  const waiting = new Set<(error: unknown) => void>();
  const { queryTimeoutMs } = connection;
  const wrap = (error: unknown): Error => {
    const ours = fromDriver(error, connection);
    // After a timeout the answer may still arrive and would be taken for the next statement's.
    if (BROKEN_AFTER.has(ours.error.code) && !broken) {
      broken = true;
      shared.generation += 1;
    }
    return ours;
  };
  const gone = (): Error =>
    ending ?? mysqlError('mysql.connectionLost', { connection: connection.name }, 'The connection is closed.');
  /** Protocol errors reach the connection's listeners only, not the statement that waits. */
  const failAll = (error: unknown): void => {
    for (const each of [...waiting]) each(error);
  };
  raw.on('error', failAll);
  const guarded = <T>(start: (settle: (error: unknown, value?: T) => void) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (!held || broken) return reject(gone());
      // The driver's own time limit leaves its timer behind when the connection dies.
      const limit = queryTimeoutMs === 0 ? undefined : setTimeout(() => refuse(silence()), queryTimeoutMs);
      const done = (): void => {
        waiting.delete(refuse);
        clearTimeout(limit);
      };
      const refuse = (error: unknown): void => {
        done();
        reject(wrap(error));
      };
      waiting.add(refuse);
      start((error, value) => {
        done();
        if (error === null || error === undefined) resolve(value as T);
        else reject(wrap(error));
      });
    });
  const letGo = (): boolean => {
    if (!held) return false;
    held = false;
    raw.removeListener('error', failAll);
    signal?.removeEventListener('abort', cut);
    return true;
  };
  const destroy = (): void => {
    broken = true;
    if (!letGo()) return;
    endNow(raw);
    failAll(gone());
  };
  const cut = (): void => {
    ending = reasonOf(signal as AbortSignal, connection);
    // Not for a pause: that says nothing of the other connections.
    if (ending === signal?.reason) shared.generation += 1;
    destroy();
  };
  if (signal?.aborted) cut();
  else signal?.addEventListener('abort', cut, { once: true });
  return {
    rows: (sql) =>
      guarded((settle) => {
        raw.query(sql, (error, rows, fields) => {
          if (error !== null) return settle(error);
          settle(null, { rows: rows as unknown as RawRow[], fields: (fields ?? []).map((each) => each.name) });
        });
      }),
    run: (sql) =>
      guarded((settle) => {
        raw.query(sql, (error, answer) => settle(error, error === null ? acknowledged(answer) : undefined));
      }),
    execute: (sql, values) =>
      guarded((settle) => {
        raw.prepare(sql, (refused, statement) => {
          if (refused !== null) return settle(refused);
          statement.execute([...values], (error: unknown, answer: unknown) => {
            // Closing the statement itself would leave it in the driver's cache, to be used again when it is gone.
            raw.unprepare(sql);
            settle(error, error === null || error === undefined ? acknowledged(answer) : undefined);
          });
        });
      }),
    stream: (sql) => {
      if (!held || broken) throw gone();
      return openRowStream(raw, { sql, timeoutMs: queryTimeoutMs }, wrap, waiting);
    },
    can: { packets: speaksPackets(raw), bulk: agreedOnBulk(raw) },
    packets: (sql, onRow) => {
      if (!held || broken) throw gone();
      return openPacketStream(raw, { sql, timeoutMs: queryTimeoutMs }, onRow, wrap, waiting);
    },
    exchange: async (requests) => {
      const answers = await guarded<Answer[]>((settle) => exchange(raw, requests, settle));
      return answers.map((each) => (each.kind === 'refused' ? { kind: 'refused', error: wrap(each.error) } : each));
    },
    release: () => {
      if (!letGo()) return;
      if (broken) endNow(raw);
      else raw.release();
    },
    destroy,
  };
}

function endNow(raw: PoolConnection): void {
  raw.destroy();
  // The driver only says goodbye; a server that does not answer would keep the socket, and the process, alive.
  (raw as unknown as { readonly stream?: { destroy(): void } }).stream?.destroy();
}

const BROKEN_AFTER = new Set([
  'mysql.connectionLost',
  'mysql.queryTimeout',
  'mysql.unreachable',
  'mysql.connectTimeout',
]);

function acknowledged(answer: unknown): Acknowledgement {
  const header = answer as { affectedRows?: number; warningStatus?: number; info?: string };
  return { affectedRows: header.affectedRows ?? 0, warnings: header.warningStatus ?? 0, info: header.info ?? '' };
}

/** The texts of a small answer's cells, NULL as null. Information about tables always arrives as UTF-8. */
export async function textRows(session: Session, sql: string): Promise<(string | null)[][]> {
  const { rows } = await session.rows(sql);
  return rows.map((row) => row.map((cell) => (cell === null ? null : cell.toString('utf8'))));
}
