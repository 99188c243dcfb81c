/**
 * How another window or a command talks to the owner of the store: a local socket in the data folder (a named pipe on
 * Windows), one JSON message a line. This is the other side; owner-server.ts is the owner's.
 */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Coded } from '../core/model.ts';
import { OWNER_VERSION, type OwnerLink, type OwnerPush } from '../protocol/owner.ts';
import { HostError, type HostErrorCode, reasonOf } from './errors.ts';
import { readMessages } from './json-lines.ts';

/** Bytes that fit into `sun_path` everywhere, without the closing NUL (104 on macOS, 108 on Linux). */
const LONGEST_SOCKET_PATH = 103;
/** Bytes of one answer; a request is shorter (see owner-server.ts). */
const LONGEST_ANSWER = 256 << 20;

/** Where the owner of this data folder listens. A folder with a long path has its socket in the temporary folder. */
export function socketAddress(folder: string): string {
  const key = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\datatrace-${key}`;
  const beside = join(folder, 'owner.sock');
  if (Buffer.byteLength(beside) <= LONGEST_SOCKET_PATH) return beside;
  return join(tmpdir(), `datatrace-${userInfo().uid}`, `${key}.sock`);
}

export interface OwnerClient extends OwnerLink {
  /**
   * Rejects with a `HostError`: `host.unknownRequest`, `host.timeout`, `host.unreachable`, or what the owner refused with.
   * @param timeoutMs null = as long as the connection holds; default: that of the connection
   */
  request(type: string, params?: unknown, timeoutMs?: number | null): Promise<unknown>;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout | undefined;
}

type Listener = Parameters<OwnerLink['subscribe']>[0];

/** Connects to the owner. Rejects with `host.unreachable` when nobody listens there. */
export async function connectToOwner(address: string, timeoutMs = 5_000): Promise<OwnerClient> {
  const socket = await openSocket(address, timeoutMs);
  const waiting = new Map<number, Waiting>();
  let listener: Listener | undefined;
  let nextId = 1;
  let ended: HostError | undefined;

  function end(error: HostError): void {
    if (ended !== undefined) return;
    ended = error;
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(ended);
    }
    waiting.clear();
    socket.destroy();
    listener?.closed({ code: error.code, args: error.args });
    listener = undefined;
  }

  readMessages(
    socket,
    LONGEST_ANSWER,
    (message) => {
      const { id, ok, result, error, push, leaving: leaves } = message as Partial<Record<string, unknown>>;
      if (leaves === true) {
        end(leaving());
        return;
      }
      if (push !== undefined) {
        listener?.push(push as OwnerPush);
        return;
      }
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

  function request(type: string, params?: unknown, limitMs: number | null = timeoutMs): Promise<unknown> {
    if (ended !== undefined) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      const id = nextId++;
      const giveUp = (ms: number): void => {
        waiting.delete(id);
        reject(new HostError('host.timeout', `The owner did not answer within ${ms} ms`, { ms }));
      };
      const timer = limitMs === null ? undefined : setTimeout(giveUp, limitMs, limitMs);
      waiting.set(id, { resolve, reject, timer });
      const line = `${JSON.stringify({ id, type, ...(params === undefined ? {} : { params }) })}\n`;
      socket.write(line, (error) => {
        // The other side has closed: a request of which the end never left is not done.
        if (!error || !waiting.delete(id)) return;
        clearTimeout(timer);
        reject(leaving());
      });
    });
  }

  return {
    request,
    async subscribe(to) {
      listener = to;
      await request('subscribe');
    },
    close: () => end(unreachable(address, new Error('the connection was closed'))),
  };
}

/** Asks who is there. Rejects with `host.otherVersion` when that is a DataTrace of another version. */
export async function sameVersion(client: OwnerClient): Promise<void> {
  const answer = (await client.request('ping')) as { version?: unknown; owner?: { app?: unknown } } | null;
  if (answer?.version === OWNER_VERSION) return;
  const app = String(answer?.owner?.app ?? '');
  throw new HostError('host.otherVersion', `${app} is another version of DataTrace: update DataTrace`, { app });
}

function leaving(): HostError {
  return new HostError('host.leaving', 'The owner gives the store back', {});
}

function refusalOf(error: unknown): HostError {
  const { code, args } = (error ?? {}) as { code?: unknown; args?: Coded['args'] };
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

export function unreachable(address: string, error: unknown): HostError {
  if (error instanceof HostError) return error;
  const reason = reasonOf(error);
  return new HostError(
    'host.unreachable',
    `Nobody can be reached at ${address}: ${reason}`,
    { address, reason },
    error,
  );
}
