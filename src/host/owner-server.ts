/** The owner's side of the local socket: answers requests, and pushes to those who subscribed. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codedOf, errnoOf } from '../core/coded-error.ts';
import type { Coded } from '../core/model.ts';
import type { Disposable } from '../core/ports.ts';
import { OWNER_VERSION, type ViewerLine } from '../protocol/owner.ts';
import { makePrivate } from './data-folder.ts';
import { reasonOf } from './errors.ts';
import { readMessages } from './json-lines.ts';
import type { Owner } from './owner-lock.ts';
import { unreachable } from './socket.ts';

/** Bytes of one request: a reorder of 100,000 units has about 6 MB. */
const LONGEST_REQUEST = 16 << 20;
const MOST_CONNECTIONS = 64;
/** Requests of one connection that are being answered; it is not read on while there are more. */
const MOST_UNANSWERED = 32;
/** Asks the owner to leave: it does not wait for its own answer to this. */
const LEAVE = 'release';
/** How long what is being answered may take when the owner leaves, ms. */
const LAST_ANSWERS_MS = 1_000;
/** A connection that asks nothing in this time makes room for others, ms. */
const FIRST_REQUEST_MS = 5_000;
/** Bytes that wait for a viewer which does not read, and how long they may, ms: then it is dropped and asks again. */
const MOST_UNREAD = 16 << 20;
const UNREAD_MS = 15_000;

/** Answers one kind of request; what it throws becomes a refusal: an error's `code` and `args`, else `host.requestFailed`. */
export type RequestHandler = (params: unknown) => unknown | Promise<unknown>;

export interface OwnerServer {
  readonly address: string;
  /** Removes the socket, answers what was asked (new requests are refused with `host.leaving`), ends all conversations. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** From `socketAddress`; the caller owns the lock, so a socket found there is left over and replaced. */
  readonly address: string;
  readonly owner: Owner;
  /** By request type. `ping` and `subscribe` are answered here. */
  readonly handlers: Readonly<Record<string, RequestHandler>>;
  /** Somebody wants to be told what happens, until what it returns is disposed or the viewer is gone. */
  readonly subscribe?: ((viewer: ViewerLine) => Disposable) | undefined;
  readonly limits?: { readonly mostUnread?: number; readonly unreadMs?: number; readonly firstRequestMs?: number };
}

/** Listens; does not keep the process alive. Rejects with `host.unreachable` when the address cannot be used. */
export async function listenForViewers(options: ListenOptions): Promise<OwnerServer> {
  const { address, owner } = options;
  const handlers = new Map<string, RequestHandler>(Object.entries(options.handlers));
  const { pid, host, app } = owner;
  handlers.set('ping', () => ({ version: OWNER_VERSION, owner: { pid, host, app } }));
  const conversations = new Set<Conversation>();
  const server = createServer((socket) => {
    const conversation = converse(socket, handlers, options);
    conversations.add(conversation);
    socket.on('close', () => conversations.delete(conversation));
  });
  server.maxConnections = MOST_CONNECTIONS;
  const isFile = process.platform !== 'win32';
  // The file gets its name last: an owner that lost its lock removes the name it listened at, never its successor's.
  const first = isFile ? join(dirname(address), `.s${randomBytes(3).toString('hex')}`) : address;
  let own: number | undefined;
  try {
    if (isFile) makeRoom(dirname(address));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(first, () => {
        server.off('error', reject);
        resolve();
      });
    });
    if (isFile) {
      fs.chmodSync(first, 0o600);
      own = fs.lstatSync(first).ino;
      fs.renameSync(first, address);
    }
  } catch (error) {
    server.close();
    throw unreachable(address, error);
  }
  server.on('error', () => undefined); // a refused connection is the other side's affair
  server.unref();
  return {
    address,
    async close() {
      if (isFile) removeOwn(address, own);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...conversations].map((conversation) => conversation.leave()));
      await closed;
    },
  };
}

interface Conversation {
  /** Says that nothing is done any more once everything asked was answered, and ends. */
  leave(): Promise<void>;
}

function converse(socket: Socket, handlers: ReadonlyMap<string, RequestHandler>, options: ListenOptions): Conversation {
  let unanswered = 0;
  let leaving = false;
  let allAnswered: () => void = () => undefined;
  let subscription: Disposable | undefined;
  const silent = setTimeout(() => socket.destroy(), options.limits?.firstRequestMs ?? FIRST_REQUEST_MS).unref();
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    clearTimeout(silent);
    subscription?.dispose();
  });
  const line = viewerLine(socket, options.limits);
  const send = (message: object): void => void line.write(JSON.stringify(message));
  const refuse = (id: number | null, code: string, args: Coded['args']): void =>
    send({ id, ok: false, error: { code, args } });

  function subscribe(id: number): void {
    if (!options.subscribe) refuse(id, 'host.unknownRequest', { type: 'subscribe' });
    else if (subscription) refuse(id, 'host.badMessage', { reason: 'subscribed already' });
    else {
      send({ id, ok: true, result: null });
      subscription = options.subscribe(line);
      if (socket.destroyed) subscription.dispose();
    }
  }

  async function answer(id: number, handler: RequestHandler, params: unknown, type: string): Promise<void> {
    const counted = type === LEAVE ? 0 : 1;
    unanswered += counted;
    if (unanswered >= MOST_UNANSWERED) socket.pause();
    try {
      const result = await handler(params);
      send({ id, ok: true, result: result ?? null });
    } catch (error) {
      const { code, args } = refusal(error);
      refuse(id, code, args);
    }
    unanswered -= counted;
    if (unanswered === 0) allAnswered();
    if (socket.isPaused() && unanswered < MOST_UNANSWERED) socket.resume();
  }

  readMessages(
    socket,
    LONGEST_REQUEST,
    (message) => {
      const { id, type, params } = message as { id?: unknown; type?: unknown; params?: unknown };
      if (typeof id !== 'number' || typeof type !== 'string') {
        refuse(null, 'host.badMessage', { reason: 'id or type is missing' });
        return;
      }
      clearTimeout(silent);
      const handler = handlers.get(type);
      if (leaving) refuse(id, 'host.leaving', {});
      else if (type === 'subscribe') subscribe(id);
      else if (handler === undefined) refuse(id, 'host.unknownRequest', { type: type.slice(0, 100) });
      else void answer(id, handler, params, type);
    },
    (reason) => {
      refuse(null, 'host.badMessage', { reason });
      socket.end(() => socket.destroy());
    },
  );

  /** Resolves when the other side has read everything, or does not read. */
  function ended(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), LAST_ANSWERS_MS).unref();
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end(() => socket.destroy());
    });
  }

  return {
    async leave() {
      leaving = true;
      if (unanswered > 0) {
        const answered = new Promise<void>((resolve) => {
          allAnswered = resolve;
        });
        await Promise.race([answered, delay(LAST_ANSWERS_MS, undefined, { ref: false })]);
      }
      if (socket.destroyed) return;
      // What is still on its way here is read by nobody: the other side knows that it was not done.
      if (unanswered === 0) send({ leaving: true });
      await ended();
    },
  };
}

/** Writes lines, and gives up on a reader that does not read: what waits for it must not fill the owner's memory. */
function viewerLine(
  socket: Socket,
  { mostUnread = MOST_UNREAD, unreadMs = UNREAD_MS }: { mostUnread?: number; unreadMs?: number } = {},
): ViewerLine & { write(json: string): boolean } {
  let impatience: NodeJS.Timeout | undefined;
  const waiting = new Set<(taken: boolean) => void>();

  function settle(taken: boolean): void {
    clearTimeout(impatience);
    impatience = undefined;
    for (const resolve of waiting) resolve(taken);
    waiting.clear();
  }

  socket.on('drain', () => settle(true));
  socket.on('close', () => settle(false));

  function write(json: string): boolean {
    if (socket.destroyed || socket.writableEnded) return false;
    if (socket.write(`${json}\n`)) return true;
    if (socket.writableLength > mostUnread + json.length) {
      socket.destroy();
      return false;
    }
    impatience ??= setTimeout(() => socket.destroy(), unreadMs).unref();
    return true;
  }

  return {
    write,
    send: (push) => write(`{"push":${push}}`),
    drained() {
      if (socket.destroyed) return Promise.resolve(false);
      if (!socket.writableNeedDrain) return Promise.resolve(true);
      return new Promise((resolve) => waiting.add(resolve));
    },
    onClosed(listener) {
      socket.on('close', listener);
    },
  };
}

function refusal(error: unknown): Coded {
  return codedOf(error) ?? { code: 'host.requestFailed', args: { reason: reasonOf(error) } };
}

function makeRoom(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  makePrivate(folder);
}

function removeOwn(address: string, own: number | undefined): void {
  try {
    if (fs.lstatSync(address).ino === own) fs.unlinkSync(address);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
