/**
 * The view's end of the protocol: order of messages, one resync for a gap, acknowledgements, signs of life.
 * Time comes in through `tick`, once a second while the page is visible.
 */
import type { Coded } from '../src/core/model.ts';
import {
  type CommandArgs,
  type CommandType,
  type HostMessage,
  PROTOCOL_VERSION,
  type ViewMessage,
} from '../src/protocol/panel.ts';
import { checkHostMessage } from './host-message.ts';

/** Heartbeats come every 5 s: two lost ones and some slack mean that the host is gone. */
const LOST_AFTER_MS = 13_000;
/** A resync or a `ready` that nobody answered is sent again. */
const ASK_AGAIN_MS = 5_000;
/** An answer may be lost, or a person may be asked first: nothing waits longer than this. */
const ANSWER_WITHIN_MS = 10_000;
const RETRY_WAITS_S = [5, 10, 20, 30] as const;

export type Snapshot = Extract<HostMessage, { type: 'snapshot' }>;
export type Delta = Extract<HostMessage, { type: 'delta' }>;

/** `mismatch` = the host speaks another version of the protocol. */
export type Link =
  | { readonly kind: 'waiting' | 'live' | 'mismatch' }
  | { readonly kind: 'lost'; readonly retryInS: number };

export interface Listener {
  snapshot(message: Snapshot): void;
  delta(message: Delta): void;
  /** A command was answered; `message` says why not. */
  answered(command: CommandType, ok: boolean, message: Coded | null): void;
  /** A command was not answered in time; `answered` may still follow. */
  unanswered(command: CommandType): void;
  linkChanged(link: Link): void;
}

export interface Connection {
  /** Feeds what a message event carried. */
  receive(data: unknown, now: number): void;
  /** Says `ready`: the host answers with a snapshot. */
  open(now: number): void;
  /** Once a second: finds out that the host is gone, and asks again. */
  tick(now: number): void;
  /** Asks at once instead of waiting for the countdown. */
  retry(now: number): void;
  /** @returns false when nobody would hear it */
  send(command: CommandType, args: CommandArgs, now: number): boolean;
  pending(command: CommandType): boolean;
}

export function createConnection(post: (message: ViewMessage) => void, listener: Listener): Connection {
  const v = PROTOCOL_VERSION;
  const pending = new Map<number, { readonly command: CommandType; readonly at: number }>();
  /** Given up waiting for; a late answer is still said. */
  const overdue = new Map<number, CommandType>();
  let link: Link = { kind: 'waiting' };
  let epoch: string | null = null;
  let nextSeq = 0;
  /** Instant of the last unanswered question for a snapshot; null = none is open. */
  let askedAt: number | null = null;
  let heardAt = 0;
  let tickedAt = 0;
  let retries = 0;
  let retryAt = 0;
  let commandId = 0;

  function setLink(next: Link): void {
    const same = link.kind === next.kind && JSON.stringify(link) === JSON.stringify(next);
    link = next;
    if (!same) listener.linkChanged(link);
  }

  function resync(reason: string, now: number): void {
    if (askedAt !== null) return;
    askedAt = now;
    post({ type: 'resync', v, reason });
  }

  function onSnapshot(message: Snapshot): void {
    epoch = message.epoch;
    nextSeq = message.seq + 1;
    askedAt = null;
    setLink({ kind: 'live' });
    listener.snapshot(message);
  }

  function onDelta(message: Delta, now: number): void {
    if (askedAt !== null) return;
    if (message.epoch !== epoch) resync('unknown epoch', now);
    else if (message.seq !== nextSeq) resync(`expected ${nextSeq}, got ${message.seq}`, now);
    else {
      nextSeq += 1;
      listener.delta(message);
    }
  }

  function onHeard(now: number): void {
    heardAt = now;
    retries = 0;
    if (link.kind !== 'lost') return;
    setLink({ kind: epoch === null ? 'waiting' : 'live' });
    // Whatever was said in between is lost.
    if (askedAt === null) resync('connection was lost', now);
  }

  function ask(now: number): void {
    askedAt = now;
    post({ type: 'ready', v });
  }

  return {
    receive(data, now) {
      const checked = checkHostMessage(data);
      if ('problem' in checked) {
        if (checked.problem === 'version') setLink({ kind: 'mismatch' });
        if (checked.problem === 'malformed') resync('malformed message', now);
        return;
      }
      const { message } = checked;
      if (message.type !== 'snapshot') onHeard(now);
      else heardAt = now;
      if (message.type === 'snapshot') return onSnapshot(message);
      if (message.type === 'delta') return onDelta(message, now);
      if (message.type === 'heartbeat') {
        if (message.epoch !== epoch) resync('unknown epoch', now);
        return;
      }
      const command = pending.get(message.id)?.command ?? overdue.get(message.id);
      if (command === undefined) return;
      pending.delete(message.id);
      overdue.delete(message.id);
      listener.answered(command, message.ok, message.message);
    },
    open(now) {
      heardAt = now;
      tickedAt = now;
      ask(now);
    },
    tick(now) {
      // The computer slept or the page was hidden: the host had no chance to speak.
      if (now - tickedAt > ASK_AGAIN_MS) heardAt = now;
      tickedAt = now;
      if (link.kind === 'mismatch') return;
      for (const [id, { command, at }] of pending) {
        if (now - at < ANSWER_WITHIN_MS) continue;
        pending.delete(id);
        overdue.set(id, command);
        listener.unanswered(command);
      }
      if (now - heardAt < LOST_AFTER_MS) {
        if (askedAt !== null && now - askedAt >= ASK_AGAIN_MS) ask(now);
        return;
      }
      if (link.kind !== 'lost') {
        pending.clear();
        overdue.clear();
        retryAt = now + RETRY_WAITS_S[0] * 1000;
      } else if (now >= retryAt) {
        retries += 1;
        retryAt = now + (RETRY_WAITS_S[Math.min(retries, RETRY_WAITS_S.length - 1)] ?? 30) * 1000;
        ask(now);
      }
      setLink({ kind: 'lost', retryInS: Math.max(1, Math.ceil((retryAt - now) / 1000)) });
    },
    retry(now) {
      if (link.kind === 'lost') ask(now);
    },
    send(command, args, now) {
      if (epoch === null || link.kind !== 'live') return false;
      commandId += 1;
      pending.set(commandId, { command, at: now });
      post({ type: 'command', v, id: commandId, epoch, command, args });
      return true;
    },
    pending: (command) => [...pending.values()].some((each) => each.command === command),
  };
}
