/**
 * The one way an event takes: decide -> commit -> memory -> durable -> acknowledgement, views, effects.
 * A person's command that the store refuses is refused; what workers and timers report is kept in order and decided
 * again until the store takes it.
 */
import { apply } from '../core/apply.ts';
import { decide } from '../core/decide.ts';
import type { Answer, Change, Effect, Event } from '../core/events.ts';
import type { Coded } from '../core/model.ts';
import type { Clock, Disposable, Store } from '../core/ports.ts';
import type { CoreState } from '../core/state.ts';

/** Pause before reports that the store refused (disk full) are decided again. */
const RETRY_MS = 10_000;
/** Views may lag behind this long before new reports wait for the running sync. */
const VIEWS_LATE_MS = 250;

export interface EventLoop {
  /** @returns the answer once the change is durable; a refusal when the store does not take it. */
  command(event: Event): Promise<Answer>;
  /** For events nobody waits for; in order. */
  report(event: Event): void;
  /** Whether every commit so far is durable. */
  quiet(): boolean;
  dispose(): void;
}

export interface EventLoopPorts {
  readonly state: CoreState;
  readonly clock: Clock;
  /** The store an event's changes go to; undefined = it is not open (the event is dropped, its worker is stopped). */
  storeFor(event: Event): Store | undefined;
  perform(effects: readonly Effect[]): void;
  /** Memory has changed; views are told once it is durable. */
  changed(changes: readonly Change[]): void;
  allDurable(): void;
  viewsLateMs(): number;
  /** The store does not take a report (disk full, say): told once until it does again (null). */
  stalled(reason: Coded | null): void;
}

export function createEventLoop(ports: EventLoopPorts): EventLoop {
  const backlog: Event[] = [];
  let pending = 0;
  let retryTimer: Disposable | undefined;
  let stalled = false;

  /** Throws when the store refuses, with nothing changed. */
  function take(event: Event): Promise<Answer> {
    const decision = decide(ports.state, event);
    const { changes, effects, answer } = decision;
    if (changes.length === 0) {
      ports.perform(effects);
      return Promise.resolve(answer);
    }
    const stored = changes.filter((change) => change.kind !== 'maxRunning');
    const store = ports.storeFor(event);
    if (stored.length > 0 && !store) throw new Error('the store is not open');
    if (decision.durability === 'durable' && store && stored.length > 0) {
      const durable = store.transact(stored);
      apply(ports.state, changes);
      ports.changed(changes);
      pending++;
      return durable
        .then(() => {
          ports.perform(effects);
          return answer;
        })
        .finally(() => {
          pending--;
          if (pending === 0) settled();
        });
    }
    if (store && stored.length > 0) {
      if (decision.durability === 'committed') store.commit(stored);
      else store.tick(stored);
    }
    apply(ports.state, changes);
    ports.changed(changes);
    ports.perform(effects);
    return Promise.resolve(answer);
  }

  function settled(): void {
    ports.allDurable();
    if (!stalled) drain();
  }

  function drain(): void {
    while (backlog.length > 0 && !mustWait()) {
      const event = backlog[0];
      if (!event || !attempt(event)) return;
      backlog.shift();
    }
  }

  function mustWait(): boolean {
    return pending > 0 && ports.viewsLateMs() > VIEWS_LATE_MS;
  }

  /** @returns whether the event is done with. */
  function attempt(event: Event): boolean {
    try {
      // A rejected promise is a failed store, which tells everybody by itself.
      take(event).catch(() => {});
      if (stalled) {
        stalled = false;
        ports.stalled(null);
      }
      return true;
    } catch (error) {
      if (!ports.storeFor(event)) return true; // the host let go of the store: nothing of this can be kept any more
      if (!stalled) ports.stalled(refusalOf(error));
      stalled = true;
      retryTimer ??= ports.clock.timer(RETRY_MS, () => {
        retryTimer = undefined;
        drain();
      });
      return false;
    }
  }

  return {
    async command(event) {
      try {
        return await take(event);
      } catch (error) {
        return { ok: false, refusal: refusalOf(error) };
      }
    },
    report(event) {
      if (backlog.length > 0 || mustWait()) backlog.push(event);
      else if (!attempt(event)) backlog.push(event);
    },
    quiet: () => pending === 0,
    dispose() {
      retryTimer?.dispose();
      backlog.length = 0;
    },
  };
}

function refusalOf(error: unknown): Coded {
  const coded = error as { code?: unknown; args?: unknown; message?: unknown };
  if (typeof coded.code === 'string' && typeof coded.args === 'object' && coded.args !== null) {
    return { code: coded.code, args: coded.args as Coded['args'] };
  }
  return { code: 'store.refused', args: { detail: String(coded.message ?? error) } };
}
