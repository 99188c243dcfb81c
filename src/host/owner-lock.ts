/**
 * One process owns the store of a workspace folder; the others watch. The owner's file says who it is and beats every two
 * seconds. It is created exclusively, and taken over only from an owner that is certainly gone.
 */
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from '../core/coded-error.ts';
import type { Disposable } from '../core/ports.ts';
import { HostError } from './errors.ts';
import { GONE, hostIdentity, isAlive, processStart } from './process-identity.ts';

/** What the owner's file says. Holds no secret. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** null where the system does not tell. */
  readonly processStart: string | null;
  readonly nonce: string;
  /** Last sign of life, ms since the epoch. */
  readonly heartbeat: number;
  /** What people call it: `VS Code`, `datatrace run`. */
  readonly app: string;
  /** Where it listens, see socket.ts. */
  readonly socket: string;
}

export interface OwnerLock {
  readonly owner: Owner;
  /**
   * Throws `host.notOwner` when another process has taken over. Costs nothing while the heart beats; after a pause (a
   * closed laptop) it reads the file again. Call it before every commit.
   */
  assertOwner(): void;
  /** Called once when the lock turns out to be lost. */
  onLost(listener: () => void): Disposable;
  /** Gives the lock back. Synchronous, so that it can be called while a process ends. */
  release(): void;
}

export type Acquired = { readonly lock: OwnerLock } | { readonly lock: null; readonly owner: Owner };

export interface AcquireOptions {
  /** The data folder; exists. */
  readonly folder: string;
  readonly app: string;
  readonly socket: string;
  readonly heartbeatMs?: number;
  /** Age of the last sign of life of an owner on another host after which it is looked at again. */
  readonly staleMs?: number;
  /** Time between the two looks at it. */
  readonly secondLookMs?: number;
  /**
   * A person's Take Over: an owner that lives is replaced as well. Answers when it can no longer commit: it has ended, or
   * its lease has run out, after which it reads the file before it commits.
   */
  readonly force?: boolean;
}

const LOCK_NAME = 'owner.lock';
const HEARTBEAT_MS = 2_000;
const STALE_MS = 30_000;
const SECOND_LOOK_MS = 5_000;
/** Heartbeats for which an owner may commit without reading its file again. */
const LEASE_BEATS = 2.5;
/** For what an owner was doing in the moment when its file was replaced, ms. */
const LEASE_SLACK_MS = 500;
/** A takeover takes milliseconds; one this old was left by a process that ended inside it. */
const ABANDONED_TAKEOVER_MS = 10_000;

/** Takes the lock, or says who has it. */
export async function acquireOwner(options: AcquireOptions): Promise<Acquired> {
  const path = join(options.folder, LOCK_NAME);
  const own: Owner = {
    pid: process.pid,
    host: hostIdentity(),
    processStart: await processStart(process.pid),
    nonce: randomUUID(),
    heartbeat: Date.now(),
    app: options.app,
    socket: options.socket,
  };
  for (;;) {
    if (createExclusively(path, own)) return { lock: holdLock(path, own, options) };
    const found = await readSettled(path);
    if (found === 'none') continue;
    const lives = found !== 'unreadable' && !(await isGone(path, found, options));
    if (lives && !options.force) return { lock: null, owner: found };
    const stale = found === 'unreadable' ? undefined : found.nonce;
    if (!(await takeOver(path, stale, own))) continue;
    const lock = holdLock(path, own, options);
    if (lives) await leaseOver(found, options);
    return { lock };
  }
}

/** The present owner, by its own word; undefined when there is none. It may have ended without a word. */
export function readOwner(folder: string): Owner | undefined {
  const found = read(join(folder, LOCK_NAME));
  return typeof found === 'string' ? undefined : found;
}

/** Calls when the owner's file appears, changes hands or disappears. Holds no timer and does not keep the process alive. */
export function watchOwner(folder: string, changed: () => void): Disposable {
  let last = readOwner(folder)?.nonce;
  const watcher = fs.watch(folder, { persistent: false }, (_event, name) => {
    if (name !== null && name !== LOCK_NAME) return;
    const now = readOwner(folder)?.nonce;
    if (now === last) return;
    last = now;
    changed();
  });
  watcher.on('error', () => watcher.close()); // the folder is gone
  return { dispose: () => watcher.close() };
}

function holdLock(path: string, own: Owner, options: AcquireOptions): OwnerLock {
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const listeners = new Set<() => void>();
  let confirmedAt = Date.now();
  let state: 'held' | 'lost' | 'released' = 'held';
  const timer = setInterval(beat, heartbeatMs).unref();

  function beat(): void {
    if (state !== 'held') return;
    const answer = writeHeartbeat(path, own);
    if (answer === 'ours') confirmedAt = Date.now();
    else if (answer === 'not ours') lose();
    // 'unknown' (a full disk, a folder that does not answer): the next beat, or the check before a commit, tells
  }

  function lose(): void {
    if (state !== 'held') return;
    state = 'lost';
    clearInterval(timer);
    for (const listener of [...listeners]) listener();
    listeners.clear();
  }

  return {
    owner: own,
    assertOwner() {
      const age = Date.now() - confirmedAt;
      if (state === 'held' && (age < 0 || age > heartbeatMs * LEASE_BEATS)) {
        const found = read(path);
        if (typeof found !== 'string' && found.nonce === own.nonce) confirmedAt = Date.now();
        else lose();
      }
      if (state === 'held') return;
      const other = read(path);
      const args = typeof other === 'string' ? { pid: 0, host: '', app: '' } : describe(other);
      throw new HostError('host.notOwner', 'Another window or command manages these tasks now', args);
    },
    onLost(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    release() {
      clearInterval(timer);
      listeners.clear();
      if (state !== 'held') return;
      state = 'released';
      removeOwn(path, own);
    },
  };
}

function describe(owner: Owner): { pid: number; host: string; app: string } {
  return { pid: owner.pid, host: owner.host, app: owner.app };
}

/** On this host a live process keeps its lock however silent it is; elsewhere only the heartbeat can be seen. */
async function isGone(path: string, owner: Owner, options: AcquireOptions): Promise<boolean> {
  if (owner.host === hostIdentity()) {
    if (!isAlive(owner.pid)) return true;
    const start = await processStart(owner.pid);
    if (start === GONE) return true;
    return start !== null && owner.processStart !== null && start !== owner.processStart;
  }
  // One that lies ahead tells nothing about its age: this clock, or that one, was set.
  if (Math.abs(Date.now() - owner.heartbeat) <= (options.staleMs ?? STALE_MS)) return false;
  await delay(options.secondLookMs ?? SECOND_LOOK_MS);
  const again = read(path);
  return typeof again !== 'string' && again.nonce === owner.nonce && again.heartbeat === owner.heartbeat;
}

/** Waits until an owner whose file was replaced cannot commit any more. */
async function leaseOver(owner: Owner, options: AcquireOptions): Promise<void> {
  const end = performance.now() + (options.heartbeatMs ?? HEARTBEAT_MS) * LEASE_BEATS + LEASE_SLACK_MS;
  const here = owner.host === hostIdentity();
  while (performance.now() < end && !(here && !isAlive(owner.pid))) await delay(50);
}

/**
 * Replaces a stale owner's file. Only one process at a time gets inside, and inside it looks again: unlinking and creating
 * the file without that let two processes own it.
 */
async function takeOver(path: string, staleNonce: string | undefined, own: Owner): Promise<boolean> {
  if (!enter(path)) {
    await delay(25);
    return false;
  }
  try {
    const found = read(path);
    const now = typeof found === 'string' ? undefined : found.nonce;
    if (found === 'none' || now !== staleNonce) return false;
    const draft = writeDraft(path, own);
    fs.renameSync(draft, path);
  } finally {
    leave(path);
  }
  return readNonce(path) === own.nonce;
}

function removeOwn(path: string, own: Owner): void {
  try {
    if (!enter(path)) return; // somebody is taking over: the file is theirs to judge
  } catch {
    return; // nothing can be changed in the folder
  }
  try {
    if (readNonce(path) === own.nonce) fs.unlinkSync(path);
  } catch {
    // the folder is gone or read-only; the file names a process that will have ended
  } finally {
    leave(path);
  }
}

function enter(path: string): boolean {
  const door = `${path}.takeover`;
  for (let tries = 0; tries < 2; tries++) {
    try {
      fs.mkdirSync(door, { mode: 0o700 });
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    const since = fs.statSync(door, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Math.abs(Date.now() - since) < ABANDONED_TAKEOVER_MS) return false;
    removeAbandoned(door);
  }
  return false;
}

function removeAbandoned(door: string): void {
  try {
    fs.rmdirSync(door);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error; // somebody else removed it
  }
}

function leave(path: string): void {
  try {
    fs.rmdirSync(`${path}.takeover`);
  } catch {
    // somebody else took it for an abandoned one
  }
}

/** The whole file appears at once: it is written under another name and linked. */
function createExclusively(path: string, own: Owner): boolean {
  if (fs.existsSync(path)) return false;
  const draft = writeDraft(path, own);
  try {
    fs.linkSync(draft, path);
    return true;
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    return createWithoutLinks(path, own); // a file system without hard links
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function createWithoutLinks(path: string, own: Owner): boolean {
  try {
    fs.writeFileSync(path, textOf(own), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function writeDraft(path: string, own: Owner): string {
  const draft = `${path}.${own.nonce}`;
  fs.rmSync(draft, { force: true });
  try {
    fs.writeFileSync(draft, textOf({ ...own, heartbeat: Date.now() }), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    fs.rmSync(draft, { force: true }); // a full disk makes the file, and has no room for what stands in it
    throw error;
  }
  return draft;
}

/** In place, in the file whose nonce was read: a file that has been replaced meanwhile is not touched. */
function writeHeartbeat(path: string, own: Owner): 'ours' | 'not ours' | 'unknown' {
  let fd: number;
  try {
    fd = fs.openSync(path, fs.constants.O_RDWR | (fs.constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? 'not ours' : 'unknown';
  }
  try {
    const found = parse(fs.readFileSync(fd, 'utf8'));
    if (typeof found === 'string') return 'unknown';
    if (found.nonce !== own.nonce) return 'not ours';
    fs.writeSync(fd, textOf({ ...own, heartbeat: Date.now() }), 0); // as long as before: the instant has 13 digits
    return 'ours';
  } catch {
    return 'unknown';
  } finally {
    fs.closeSync(fd);
  }
}

type Found = Owner | 'none' | 'unreadable';

/** A file that cannot be read may be in the middle of being written (where there are no links): look again a while. */
async function readSettled(path: string): Promise<Found> {
  let found = read(path);
  for (let tries = 0; found === 'unreadable' && tries < 20; tries++) {
    await delay(100);
    found = read(path);
  }
  return found;
}

function read(path: string): Found {
  try {
    return parse(fs.readFileSync(path, 'utf8'));
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? 'none' : 'unreadable';
  }
}

function readNonce(path: string): string | undefined {
  const found = read(path);
  return typeof found === 'string' ? undefined : found.nonce;
}

function textOf(owner: Owner): string {
  return `${JSON.stringify(owner)}\n`;
}

function parse(text: string): Owner | 'unreadable' {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof Owner, unknown>> | null;
    if (value === null || typeof value !== 'object') return 'unreadable';
    const { pid, host, nonce, heartbeat, app, socket } = value;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return 'unreadable';
    if (typeof host !== 'string' || typeof nonce !== 'string' || typeof heartbeat !== 'number') return 'unreadable';
    const start = typeof value.processStart === 'string' ? value.processStart : null;
    return { pid, host, processStart: start, nonce, heartbeat, app: String(app ?? ''), socket: String(socket ?? '') };
  } catch {
    return 'unreadable';
  }
}
