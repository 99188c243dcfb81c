/**
 * Sessions with one server: connections of a shared pool, each set up before its first use and held by one user at a
 * time. Nothing waits longer than its time limit, and every failure is one of ours.
 */
import type { PoolConnection } from 'mysql2';
import { DataError } from '../../core/ports.ts';
import type { MysqlConnection } from '../../core/settings.ts';
import { agreedOnBulk, speaksPackets } from './driver-packets.ts';
import { addressOf, fromDriver, mysqlError, serverErrorNumber, silence } from './errors.ts';
import { exchange } from './exchange.ts';
import { openPacketStream, type PacketStream } from './packet-stream.ts';
import { endNow, isReady, joinPool, markReady, openPoolCount, type SharedPool, takeConnection } from './pools.ts';
import { type Answer, type Request, statementRequest } from './protocol.ts';
import { openRowStream, type RawCell, type RowStream } from './row-stream.ts';
import { type Answered, askSmall, type Question, type SmallAnswer } from './small-answer.ts';
import { askTogether } from './together.ts';

export { openPoolCount };

/** What the server answered to a statement without rows. */
export type Acknowledgement = {
  readonly affectedRows: number;
  readonly warnings: number;
  /** `Records: n  Duplicates: d  Warnings: w`, empty for single rows. */
  readonly info: string;
};

/**
 * What a question is about. Counting rows may take an hour, so that there is no time limit unless "queryTimeoutMs" is
 * set; what servers and tables are is known to a server that is alive: {@link DEFINITIONS_TIMES}.
 */
export type About = 'rows' | 'definitions';

/** Longest wait for an answer about definitions where queries have no limit, in time limits of connecting: 5 minutes. */
const DEFINITIONS_TIMES = 30;

/** One connection, held by one user at a time. Every rejection is a DataError. */
export type Session = {
  /** All rows of a small answer. `fields` are the column names the server gave. */
  rows(sql: string, about?: About): Promise<SmallAnswer>;
  /**
   * Asks several questions at once: one round trip, also with those that others ask in the same breath. A refused one is
   * an answer, too. `about`: definitions, unless it is said otherwise.
   */
  ask(questions: readonly Question[], about?: About): Promise<Answered[]>;
  /** Rows one after the other, with back-pressure. */
  stream(sql: string): RowStream;
  /** `untimed`: the time limit of queries does not hold, for statements that rework a whole table. */
  run(sql: string, limit?: 'untimed'): Promise<Acknowledgement>;
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
 * 50 s, not the server's day or year. A connection may wait for hours for its turn, whatever the server has for a limit.
 */
const SETUP = [
  'SET NAMES utf8mb4',
  `SET character_set_results = NULL, sql_mode = '${SQL_MODE}', time_zone = '+00:00', foreign_key_checks = 0, ` +
    'unique_checks = 1, sql_auto_is_null = 0, sql_safe_updates = 0, sql_quote_show_create = 1, autocommit = 1, ' +
    'sql_notes = 1, sql_big_selects = 1, completion_type = 0, lock_wait_timeout = 50, net_write_timeout = 600, ' +
    'net_read_timeout = 600, wait_timeout = 28800, ' +
    // DEFAULT would be the server's own, which may leave out tables.
    'sql_select_limit = 18446744073709551615',
];

/** Opens (or joins) the pool for a connection. No network traffic yet. Throws where the TLS mode cannot work. */
export function openSessions(connection: MysqlConnection): Sessions {
  const { shared, leave } = joinPool(connection);
  return overPool(shared, connection, leave);
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
    use: borrowing(session),
    within: (inner) => overPool(shared, connection, close, inner),
    close,
  };
}

/** Lends a session for one piece of work each, and gives it back however that ends. */
export function borrowing(lend: () => Promise<Session>): Sessions['use'] {
  return async (work) => {
    const borrowed = await lend();
    try {
      return await work(borrowed);
    } finally {
      borrowed.release();
    }
  };
}

async function openSession(shared: SharedPool, connection: MysqlConnection, signal?: AbortSignal): Promise<Session> {
  try {
    const raw = await unlessCut(takeConnection(shared, connection), connection, signal);
    const session = makeSession(raw, shared, connection, signal);
    if (!isReady(raw)) {
      await setUp(session, connection);
      markReady(raw, shared);
    }
    return session;
  } catch (error) {
    throw fromDriver(error, connection);
  }
}

/** Part of connecting: its time limit holds, also where there is none for queries. */
async function setUp(session: OwnSession, connection: MysqlConnection): Promise<void> {
  const address = addressOf(connection);
  const late = mysqlError('mysql.connectTimeout', { connection: connection.name, address }, 'No answer in time.');
  const limit = setTimeout(() => session.end(late), connection.connectTimeoutMs);
  try {
    for (const sql of SETUP) await session.run(sql);
  } catch (error) {
    session.destroy();
    throw error;
  } finally {
    clearTimeout(limit);
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
export function reasonOf(signal: AbortSignal, connection: MysqlConnection): DataError {
  if (signal.reason instanceof DataError) return signal.reason;
  return mysqlError('mysql.stopped', { connection: connection.name }, 'The work was stopped.');
}

/** `end` destroys it for a reason that whoever waits is told. */
type OwnSession = Session & { end(reason: DataError): void };

function makeSession(
  raw: PoolConnection,
  shared: SharedPool,
  connection: MysqlConnection,
  signal: AbortSignal | undefined,
): OwnSession {
  let held = true;
  let broken = false;
  let ending: DataError | undefined;
  const waiting = new Set<(error: unknown) => void>();
  const { queryTimeoutMs } = connection;
  const wrap = (error: unknown): Error => {
    const ours = fromDriver(error, connection);
    // After a timeout the answer may still arrive and would be taken for the next statement's.
    if (BROKEN_AFTER.has(ours.error.code) && serverErrorNumber(error) !== UNKNOWN_COMMAND && !broken) {
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
  const guarded = <T>(
    start: (settle: (error: unknown, value?: T) => void) => void,
    timeoutMs = queryTimeoutMs,
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (!held || broken) return reject(gone());
      // The driver's own time limit leaves its timer behind when the connection dies.
      const limit = timeoutMs === 0 ? undefined : setTimeout(() => refuse(silence()), timeoutMs);
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
  const together = askTogether((questions, limitMs) =>
    guarded<Answered[]>((settle) => askSmall(raw, questions, settle), limitMs),
  );
  const ask = async (questions: readonly Question[], about: About = 'definitions'): Promise<Answered[]> => {
    const unlimited = about === 'rows' ? 0 : DEFINITIONS_TIMES * connection.connectTimeoutMs;
    const answers = await together(questions, queryTimeoutMs === 0 ? unlimited : queryTimeoutMs);
    return answers.map((each) => ('rows' in each ? each : { refused: wrap(each.refused) }));
  };
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
  const end = (reason: DataError): void => {
    ending = reason;
    destroy();
  };
  const cut = (): void => {
    const reason = reasonOf(signal as AbortSignal, connection);
    // Not for a pause: that says nothing of the other connections.
    if (reason === signal?.reason) shared.generation += 1;
    end(reason);
  };
  if (signal?.aborted) cut();
  else signal?.addEventListener('abort', cut, { once: true });
  return {
    rows: async (sql, about = 'rows') => {
      const [answer] = await ask([sql], about);
      if (answer !== undefined && 'rows' in answer) return answer;
      throw answer?.refused;
    },
    ask,
    run: async (sql, limit) => {
      const timeoutMs = limit === 'untimed' ? 0 : queryTimeoutMs;
      const [answer] = await guarded<Answer[]>((settle) => exchange(raw, [statementRequest(sql)], settle), timeoutMs);
      if (answer?.kind === 'done') return answer;
      throw wrap(answer?.kind === 'refused' ? answer.error : undefined);
    },
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
    end,
  };
}

/** Says a server of a bulk execution that it does not know, or a cluster's node that is not ready: the connection lives. */
const UNKNOWN_COMMAND = 1047;

const BROKEN_AFTER = new Set([
  'mysql.connectionLost',
  'mysql.queryTimeout',
  'mysql.unreachable',
  'mysql.connectTimeout',
  'mysql.protocol',
  'mysql.answerTooLarge',
  'mysql.fileAsked',
]);

function acknowledged(answer: unknown): Acknowledgement {
  const header = answer as { affectedRows?: number; warningStatus?: number; info?: string };
  return { affectedRows: header.affectedRows ?? 0, warnings: header.warningStatus ?? 0, info: header.info ?? '' };
}

/** The texts of a small answer's cells, NULL as null. Information about tables always arrives as UTF-8. */
export async function textRows(session: Session, sql: string, about?: About): Promise<(string | null)[][]> {
  return textsOf(await session.rows(sql, about));
}

export function textsOf({ rows }: SmallAnswer): (string | null)[][] {
  return rows.map((row) => row.map((cell) => (cell === null ? null : cell.toString('utf8'))));
}
