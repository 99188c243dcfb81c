/** Executes units in real worker threads, watched for stalls as the engine does it, and keeps what a host would keep. */
import assert from 'node:assert/strict';
import type { UnitOutcome } from '../../src/core/events.ts';
import type { Prepared } from '../../src/core/model.ts';
import type { Clock, Executor, UnitReport } from '../../src/core/ports.ts';
import type { ResolvedConnection, UnitSettings } from '../../src/core/settings.ts';
import { createDeadlines, type Deadlines } from '../../src/engine/deadlines.ts';
import { createExecutor, type ExecutorOptions } from '../../src/engine/executor.ts';

export const realClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  timer: (ms, call) => {
    const timer = setTimeout(call, ms);
    timer.unref();
    return { dispose: () => clearTimeout(timer) };
  },
};

/** What a host keeps of a unit between its executions. */
export type Kept = { checkpoint: string | null; prepared: Prepared | null; attempt: number };

export const nothingKept = (): Kept => ({ checkpoint: null, prepared: null, attempt: 0 });

export type Attempt = {
  readonly taskId?: string;
  readonly unit: string;
  readonly source: ResolvedConnection;
  readonly target: ResolvedConnection;
  readonly settings: UnitSettings;
  readonly kept: Kept;
  readonly rowsPerSecond?: number;
  /** Called for each report before it is answered; a promise holds the answer back. */
  readonly at?: (report: UnitReport) => unknown;
};

export type Workers = {
  readonly executor: Executor;
  /** One execution, to its end. Fails the test when it ends twice. */
  run(attempt: Attempt): Promise<UnitOutcome>;
  dispose(): Promise<void>;
};

export function startWorkers(options: Partial<ExecutorOptions> = {}): Workers {
  const workerFile = new URL('../../src/worker/main.ts', import.meta.url);
  const executor = createExecutor({ workerFile, clock: realClock, ...options });
  const deadlines: Deadlines = createDeadlines({ clock: realClock, overdue: executor.abort });
  return {
    executor,
    run: ({ unit, source, target, settings, kept, ...more }) => {
      const { promise, resolve } = Promise.withResolvers<UnitOutcome>();
      const attempt = ++kept.attempt;
      let ends = 0;
      const job = {
        ...{ taskId: more.taskId ?? 'task', unitId: unit, attempt, unitName: unit, unitType: 'table' as const },
        ...{ source, target, settings, checkpoint: kept.checkpoint, prepared: kept.prepared },
        limits: { rowsPerSecond: more.rowsPerSecond ?? 0, bytesPerSecond: 0 },
      };
      deadlines.begin(unit, attempt, settings.stallMs, settings.timeoutMs);
      executor.start(job, (report) => {
        deadlines.progress(unit, attempt, 'phase' in report ? report.phase : undefined);
        if (report.type === 'prepared') Object.assign(kept, { prepared: report.prepared, checkpoint: report.place });
        if (report.type === 'checkpoint') kept.checkpoint = report.checkpoint;
        const answer = more.at?.(report);
        if (report.type === 'finished') {
          assert.equal(++ends, 1, 'an execution ends once');
          deadlines.end(unit, attempt);
          resolve(report.outcome);
        } else if (report.type !== 'progress') {
          void Promise.resolve(answer).then(() => executor.proceed(unit, attempt));
        }
      });
      return promise;
    },
    dispose: async () => {
      deadlines.dispose();
      await executor.dispose();
    },
  };
}

/** Polls until it holds. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string, ms = 10_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
