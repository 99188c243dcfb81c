/**
 * The one way an event takes: decide -> commit -> memory -> durable -> acknowledgement, views, effects.
 * A person's command that the store refuses is refused; what workers and timers report waits, in order and for each
 * store by itself, until the store takes it.
 */
import { apply } from '../core/apply.ts';
import { decide } from '../core/decide.ts';
import type { Answer, Change, Effect, Event } from '../core/events.ts';
import type { Coded } from '../core/model.ts';
import type { Clock, Disposable, Store } from '../core/ports.ts';
import type { CoreState } from '../core/state.ts';
import { errorOf, failureOf, refusal } from './failures.ts';

/** Pause before reports that the store refused (disk full) are decided again. */
const RETRY_MS = 10_000;
/** Views may lag behind this long before new reports wait for the running sync. */
const VIEWS_LATE_MS = 250;
/** Refusals of the disk that may end; anything else is no reason to wait. */
const PASSING: readonly string[] = ['store.full', 'store.readOnly', 'store.io'];

export interface EventLoop {
  /** @returns the answer once the change is durable; a refusal when the store does not take it. */
  command(event: Event): Promise<Answer>;
  /** For events nobody waits for; in order. */
  report(event: Event): void;
  /** Why reports of this store wait; null = they do not. */
  stalled(store: string): Coded | null;
  /** Whether every commit so far is durable. */
  quiet(): boolean;
  /** Whether commits of this store are not durable yet. */
  syncing(store: string): boolean;
  dispose(): void;
}

export interface EventLoopPorts {
  readonly state: CoreState;
  readonly clock: Clock;
  /** Key of the store an event's changes go to. */
  keyOf(event: Event): string | undefined;
  /** undefined = it is not open: reports for it are dropped. */
  storeOf(key: string): Store | undefined;
  /** Never throws. */
  perform(effects: readonly Effect[]): void;
  /** Memory has changed; views are told once it is durable. */
  changed(changes: readonly Change[], store: string | undefined): void;
  allDurable(): void;
  viewsLateMs(): number;
  /** Reports of this store wait, or do so no longer. */
  stalledChanged(store: string, reason: Coded | null): void;
  /** The store can never take this event: said, and dropped. */
  impossible(event: Event, error: unknown): void;
}

interface Backlog {
  readonly events: Event[];
  stalled: Coded | null;
  timer: Disposable | undefined;
}

export function createEventLoop(ports: EventLoopPorts): EventLoop {
  const backlogs = new Map<string, Backlog>();
  /** The newest commit of a store that is not durable yet. */
  const syncs = new Map<string, { readonly store: Store; readonly durable: Promise<void> }>();
  let pending = 0;

  /** Throws when the store refuses, with nothing changed. */
  function take(event: Event): Promise<Answer> {
    const { changes, effects, durability, answer } = decide(ports.state, event);
    if (changes.length === 0) {
      ports.perform(effects);
      return reliable(event, answer);
    }
    const stored = changes.filter((change) => change.kind !== 'maxRunning');
    if (stored.length === 0) {
      inMemory(changes, undefined);
      ports.perform(effects);
      return Promise.resolve(answer);
    }
    const key = ports.keyOf(event);
    const store = key === undefined ? undefined : ports.storeOf(key);
    if (key === undefined || !store) throw failureOf({ code: 'store.notOpen', args: {} });
    if (durability === 'durable') {
      const durable = store.transact(stored);
      inMemory(changes, key);
      return afterSync(key, store, durable, () => {
        ports.perform(effects);
        return answer;
      });
    }
    if (durability === 'committed') store.commit(stored);
    else store.tick(stored);
    inMemory(changes, key);
    ports.perform(effects);
    return Promise.resolve(answer);
  }

  async function afterSync<T>(key: string, store: Store, durable: Promise<void>, then: () => T): Promise<T> {
    const mine = { store, durable };
    syncs.set(key, mine);
    pending++;
    try {
      await durable;
      mustBeOurs(key, store);
      return then();
    } finally {
      pending--;
      if (syncs.get(key) === mine) syncs.delete(key);
      if (pending === 0) settled();
    }
  }

  /** What changes nothing may rely on a change that is under way: it is true once that one is durable. */
  async function reliable(event: Event, answer: Answer): Promise<Answer> {
    const key = ports.keyOf(event);
    const sync = key === undefined ? undefined : syncs.get(key);
    if (key === undefined || !sync) return answer;
    await sync.durable;
    mustBeOurs(key, sync.store);
    return answer;
  }

  /** Another host may have taken the store over meanwhile: then it is its to decide. */
  function mustBeOurs(key: string, store: Store): void {
    if (ports.storeOf(key) !== store) throw failureOf({ code: 'store.lost', args: {} });
  }

  function inMemory(changes: readonly Change[], key: string | undefined): void {
    apply(ports.state, changes);
    ports.changed(changes, key);
  }

  function settled(): void {
    ports.allDurable();
    for (const [key, backlog] of backlogs) if (backlog.stalled === null) drain(key, backlog);
  }

  function drain(key: string, backlog: Backlog): void {
    let done = 0;
    while (done < backlog.events.length && !mustWait()) {
      const event = backlog.events[done];
      if (event && !attempt(key, event)) break;
      done++;
    }
    backlog.events.splice(0, done);
    if (backlog.events.length === 0) {
      backlogs.delete(key);
      backlog.timer?.dispose();
      if (backlog.stalled) ports.stalledChanged(key, null);
    } else if (backlog.stalled) {
      lookAgain(key, backlog);
    }
  }

  function mustWait(): boolean {
    return pending > 0 && ports.viewsLateMs() > VIEWS_LATE_MS;
  }

  /** @returns whether the event is done with. */
  function attempt(key: string, event: Event): boolean {
    if (!ports.storeOf(key)) return true; // the host let go of the store: nothing of this can be kept any more
    try {
      // What rejects later is a failed or lost store, which tells everybody by itself.
      void take(event).catch(() => undefined);
      return true;
    } catch (error) {
      const { code, args } = errorOf(error);
      if (!PASSING.includes(code)) {
        ports.impossible(event, error);
        return true;
      }
      stall(key, { code, args });
      return false;
    }
  }

  function stall(key: string, reason: Coded): void {
    const backlog = backlogOf(key);
    if (backlog.stalled === null) ports.stalledChanged(key, reason);
    backlog.stalled = reason;
    lookAgain(key, backlog);
  }

  function lookAgain(key: string, backlog: Backlog): void {
    backlog.timer ??= ports.clock.timer(RETRY_MS, () => {
      backlog.timer = undefined;
      drain(key, backlog);
    });
  }

  function backlogOf(key: string): Backlog {
    let backlog = backlogs.get(key);
    if (!backlog) {
      backlog = { events: [], stalled: null, timer: undefined };
      backlogs.set(key, backlog);
    }
    return backlog;
  }

  return {
    async command(event) {
      try {
        return await take(event);
      } catch (error) {
        return refusal(errorOf(error));
      }
    },
    report(event) {
      const key = ports.keyOf(event);
      if (key === undefined) {
        if (event.type === 'setMaxRunning') void take(event);
        return;
      }
      const waiting = backlogs.get(key);
      if (!waiting && !mustWait() && attempt(key, event)) return;
      // Progress is about to be told again; keeping every figure of a long wait would only fill the memory.
      if (event.type !== 'progress') backlogOf(key).events.push(event);
    },
    stalled: (store) => backlogs.get(store)?.stalled ?? null,
    quiet: () => pending === 0,
    syncing: (store) => syncs.has(store),
    dispose() {
      for (const backlog of backlogs.values()) backlog.timer?.dispose();
      backlogs.clear();
    },
  };
}
