/**
 * How a second window or a command talks to the owner of the store: a local socket in the data folder (a named pipe on
 * Windows), one JSON message a line. For now the owner only answers questions; it takes no commands here.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { codedOf, errnoOf } from '../core/coded-error.ts';
import type { Coded } from '../core/model.ts';
import { makePrivate } from './data-folder.ts';
import { HostError, type HostErrorCode, reasonOf } from './errors.ts';
import { readMessages } from './json-lines.ts';
import type { Owner } from './owner-lock.ts';

/** Bytes that fit into `sun_path` everywhere, without the closing NUL (104 on macOS, 108 on Linux). */
const LONGEST_SOCKET_PATH = 103;
/** Bytes of one request; answers may be larger. */
const LONGEST_REQUEST = 64 << 10;
const LONGEST_ANSWER = 256 << 20;
const MOST_CONNECTIONS = 64;

/** The protocol's version, told by `ping`. */
export const SOCKET_VERSION = 1;

/** Where the owner of this data folder listens. A folder with a long path has its socket in the temporary folder. */
export function socketAddress(folder: string): string {
  const key = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\datatrace-${key}`;
  const beside = join(folder, 'owner.sock');
  if (Buffer.byteLength(beside) <= LONGEST_SOCKET_PATH) return beside;
  return join(tmpdir(), `datatrace-${userInfo().uid}`, `${key}.sock`);
}

/** Answers one kind of request; what it throws becomes a refusal: an error's `code` and `args`, else `host.requestFailed`. */
export type RequestHandler = (params: unknown) => unknown | Promise<unknown>;

export interface OwnerServer {
  readonly address: string;
  /** Ends all conversations and removes the socket. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** From {@link socketAddress}; the caller owns the lock, so a socket found there is left over and removed. */
  readonly address: string;
  readonly owner: Owner;
  /** By request type; `status` in this version. `ping` is answered here. */
  readonly handlers: Readonly<Record<string, RequestHandler>>;
}

/** Listens; does not keep the process alive. Rejects with `host.unreachable` when the address cannot be used. */
export async function listenForViewers(options: ListenOptions): Promise<OwnerServer> {
  const { address, owner } = options;
  const handlers = new Map<string, RequestHandler>(Object.entries(options.handlers));
  const { pid, host, app } = owner;
  handlers.set('ping', () => ({ version: SOCKET_VERSION, owner: { pid, host, app } }));
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    converse(socket, handlers);
  });
  server.maxConnections = MOST_CONNECTIONS;
  const isFile = process.platform !== 'win32';
  try {
    if (isFile) makeRoom(address);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address, () => {
        server.off('error', reject);
        resolve();
      });
    });
    if (isFile) fs.chmodSync(address, 0o600);
  } catch (error) {
    server.close();
    throw unreachable(address, error);
  }
  server.on('error', () => undefined); // a refused connection is the other side's affair
  server.unref();
  return {
    address,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve()); // removes the socket file
        for (const socket of connections) socket.destroy();
      }),
  };
}

export interface OwnerClient {
  /** Rejects with a `HostError`: `host.unknownRequest`, `host.timeout`, `host.unreachable`, or what the owner refused with. */
  request(type: string, params?: unknown, timeoutMs?: number): Promise<unknown>;
  close(): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

/** Connects to the owner. Rejects with `host.unreachable` when nobody listens there. */
export async function connectToOwner(address: string, timeoutMs = 5_000): Promise<OwnerClient> {
  const socket = await openSocket(address, timeoutMs);
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let ended: HostError | undefined;

  function end(error: HostError): void {
    ended ??= error;
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(ended);
    }
    waiting.clear();
    socket.destroy();
  }

  readMessages(
    socket,
    LONGEST_ANSWER,
    (message) => {
      const { id, ok, result, error } = message as { id?: unknown; ok?: unknown; result?: unknown; error?: unknown };
      const entry = typeof id === 'number' ? waiting.get(id) : undefined;
      if (entry === undefined) return;
      waiting.delete(id as number);
      clearTimeout(entry.timer);
      if (ok === true) entry.resolve(result);
      else entry.reject(refusalOf(error));
    },
    (reason) => end(new HostError('host.badMessage', `The owner sent something else: ${reason}`, { reason })),
  );
  socket.on('close', () => end(unreachable(address, new Error('the connection ended'))));
  socket.on('error', (error) => end(unreachable(address, error)));

  return {
    request(type, params, limitMs = timeoutMs) {
      if (ended !== undefined) return Promise.reject(ended);
      return new Promise((resolve, reject) => {
        const id = nextId++;
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new HostError('host.timeout', `The owner did not answer within ${limitMs} ms`, { ms: limitMs }));
        }, limitMs);
        waiting.set(id, { resolve, reject, timer });
        socket.write(`${JSON.stringify({ id, type, ...(params === undefined ? {} : { params }) })}\n`);
      });
    },
    close: () => end(unreachable(address, new Error('the connection was closed'))),
  };
}

function converse(socket: Socket, handlers: ReadonlyMap<string, RequestHandler>): void {
  socket.on('error', () => socket.destroy());
  const send = (message: object): void => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
  };
  readMessages(
    socket,
    LONGEST_REQUEST,
    (message) => {
      const { id, type, params } = message as { id?: unknown; type?: unknown; params?: unknown };
      if (typeof id !== 'number' || typeof type !== 'string') {
        send({ id: null, ok: false, error: { code: 'host.badMessage', args: { reason: 'id or type is missing' } } });
        return;
      }
      const handler = handlers.get(type);
      if (handler === undefined) {
        send({ id, ok: false, error: { code: 'host.unknownRequest', args: { type: type.slice(0, 100) } } });
        return;
      }
      answer(handler, params).then(
        (result) => send({ id, ok: true, result: result ?? null }),
        (error: unknown) => send({ id, ok: false, error: refusal(error) }),
      );
    },
    (reason) => {
      send({ id: null, ok: false, error: { code: 'host.badMessage', args: { reason } } });
      socket.end(() => socket.destroy());
    },
  );
}

async function answer(handler: RequestHandler, params: unknown): Promise<unknown> {
  return handler(params);
}

function refusal(error: unknown): Coded {
  return codedOf(error) ?? { code: 'host.requestFailed', args: { reason: reasonOf(error) } };
}

function refusalOf(error: unknown): HostError {
  const { code, args } = (error ?? {}) as { code?: unknown; args?: Readonly<Record<string, string | number>> };
  const known = typeof code === 'string' ? (code as HostErrorCode) : 'host.requestFailed';
  return new HostError(known, `The owner refused: ${known}`, args ?? {});
}

function openSocket(address: string, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(unreachable(address, error));
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function makeRoom(address: string): void {
  fs.mkdirSync(dirname(address), { recursive: true, mode: 0o700 });
  makePrivate(dirname(address));
  try {
    fs.unlinkSync(address);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

function unreachable(address: string, error: unknown): HostError {
  if (error instanceof HostError) return error;
  const reason = reasonOf(error);
  return new HostError(
    'host.unreachable',
    `Nobody can be reached at ${address}: ${reason}`,
    { address, reason },
    error,
  );
}
