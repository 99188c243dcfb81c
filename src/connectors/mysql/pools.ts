/** The pools of this thread: one per address, database and account, shared and closed when its last user lets go. */
import { createHash } from 'node:crypto';
import mysql, { type Pool, type PoolConnection, type PoolOptions } from 'mysql2';
import type { MysqlConnection } from '../../core/settings.ts';
import { openDirectSocket } from './direct-socket.ts';
import { beginConnections } from './driver-packets.ts';
import { driverError } from './errors.ts';
import { tlsOptions } from './tls.ts';

export type SharedPool = {
  pool: Pool;
  users: number;
  tlsGivenUp: boolean;
  /** Rises when a connection breaks: the idle ones of before may be as dead, and a dead one need not answer. */
  generation: number;
};

const pools = new Map<string, SharedPool>();
/** Connections that are set up: the generation of their pool then. */
const ready = new WeakMap<PoolConnection, number>();

/**
 * An idle connection that was unused for longer, ms, is closed instead of used again: who is in between (a firewall, a
 * tunnel) may have dropped it without a word, and that costs a query's time limit to find out.
 */
const IDLE_MS = 60_000;

/** Joins the pool of a connection, or opens it. No network traffic yet. @throws DataError where the TLS mode cannot work */
export function joinPool(connection: MysqlConnection): { readonly shared: SharedPool; leave(): Promise<void> } {
  const key = createHash('sha256').update(JSON.stringify(connection)).digest('hex');
  const shared = pools.get(key) ?? {
    pool: createPool(connection, tlsOptions(connection)),
    users: 0,
    tlsGivenUp: false,
    generation: 0,
  };
  pools.set(key, shared);
  shared.users += 1;
  let open = true;
  const leave = async (): Promise<void> => {
    if (!open) return;
    open = false;
    shared.users -= 1;
    if (shared.users > 0) return;
    pools.delete(key);
    await endPool(shared.pool);
  };
  return { shared, leave };
}

/** Pools that are open now; 0 once every task has ended. */
export function openPoolCount(): number {
  return pools.size;
}

const counts = new Map<string, number>();
let listener: OnConnections | undefined;

/** Told of every connection that is opened or closed: how many each connection of the configuration has now. */
export type OnConnections = (open: ReadonlyMap<string, number>) => void;

/** One listener for the thread; it is called within the change. */
export function onConnections(call: OnConnections): void {
  listener = call;
}

function count(name: string, change: number): void {
  const now = (counts.get(name) ?? 0) + change;
  if (now > 0) counts.set(name, now);
  else counts.delete(name);
  listener?.(counts);
}

function createPool(connection: MysqlConnection, ssl: PoolOptions['ssl']): Pool {
  return mysql.createPool({
    ...(connection.socket === null
      ? { host: connection.host, port: connection.port }
      : { socketPath: connection.socket }),
    stream: () => {
      const { host, port, socket: path } = connection;
      const socket = openDirectSocket(path === null ? { host, port } : { path });
      count(connection.name, 1);
      socket.once('close', () => count(connection.name, -1));
      return socket;
    },
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

/** A connection of the pool: an idle one that is good, or a new one, which is to be set up (see {@link markReady}). */
export async function takeConnection(shared: SharedPool, connection: MysqlConnection): Promise<PoolConnection> {
  try {
    for (;;) {
      const raw = await getConnection(shared.pool);
      if (!isReady(raw) || isFresh(raw, shared)) return raw;
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

function isFresh(raw: PoolConnection, shared: SharedPool): boolean {
  const { lastActiveTime } = raw as unknown as { readonly lastActiveTime?: number };
  return (ready.get(raw) ?? 0) >= shared.generation && Date.now() - (lastActiveTime ?? 0) < IDLE_MS;
}

/** Set up before its first use: a pool silently replaces dead connections by new ones. */
export function isReady(raw: PoolConnection): boolean {
  return ready.has(raw);
}

export function markReady(raw: PoolConnection, shared: SharedPool): void {
  ready.set(raw, shared.generation);
}

function getConnection(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, raw) => (error === null ? resolve(raw) : reject(error)));
    beginConnections(pool);
  });
}

/** Ends a connection at once, whether the server answers or not. */
export function endNow(raw: PoolConnection): void {
  raw.destroy();
  // The driver only says goodbye; a server that does not answer would keep the socket, and the process, alive.
  (raw as unknown as { readonly stream?: { destroy(): void } }).stream?.destroy();
}
