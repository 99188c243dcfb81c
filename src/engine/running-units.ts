/** Which executions go on in the workers, so that a store is given away only when nothing of it is written any more. */
import type { UnitError, UnitId } from '../core/model.ts';
import type { Clock, Disposable, Executor } from '../core/ports.ts';

export interface RunningUnit {
  readonly id: UnitId;
  readonly attempt: number;
}

export interface TrackedExecutor extends Executor {
  /** Stops these executions at their next batch border, and ends those that do not get there in time. */
  end(units: readonly RunningUnit[], graceMs: number, error: UnitError): Promise<void>;
}

export function trackRunning(executor: Executor, clock: Clock): TrackedExecutor {
  const running = new Map<string, { readonly over: Promise<void>; readonly done: () => void }>();

  function begin(key: string): () => void {
    let done: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      done = resolve;
    });
    running.set(key, { over, done });
    return () => {
      running.delete(key);
      done();
    };
  }

  return {
    ...executor,
    start(job, report) {
      const over = begin(keyOf(job.unitId, job.attempt));
      try {
        executor.start(job, (told) => {
          if (told.type === 'finished') over();
          report(told);
        });
      } catch (error) {
        over();
        throw error;
      }
    },
    async end(units, graceMs, error) {
      const ends = units.flatMap(({ id, attempt }) => running.get(keyOf(id, attempt))?.over ?? []);
      for (const { id, attempt } of units) executor.stop(id, attempt);
      const all = Promise.all(ends);
      if (graceMs > 0) await within(clock, graceMs, all);
      for (const { id, attempt } of units) {
        if (running.has(keyOf(id, attempt))) executor.abort(id, attempt, error);
      }
      await all;
    },
    async dispose() {
      await executor.dispose();
      for (const { done } of running.values()) done(); // their workers are gone, and say nothing any more
      running.clear();
    },
  };
}

/** Resolves when all of this has ended, however, or after `ms`; leaves no timer behind. */
export async function within(clock: Clock, ms: number, ended: Promise<unknown>): Promise<void> {
  let timer: Disposable | undefined;
  const late = new Promise<void>((resolve) => {
    timer = clock.timer(ms, resolve);
  });
  await Promise.race([ended.catch(() => undefined), late]);
  timer?.dispose();
}

function keyOf(unitId: UnitId, attempt: number): string {
  return `${unitId} ${attempt}`;
}
