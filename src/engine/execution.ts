/** Carries out what the core decided: units to workers, their reports back to the core, connections closed at rest. */
import type { Effect, Event } from '../core/events.ts';
import type { Coded, RetryPolicy, TaskId, UnitId, UnitRow } from '../core/model.ts';
import type { Clock, Executor, Random, UnitReport } from '../core/ports.ts';
import { taskOf, unitOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import { createDeadlines } from './deadlines.ts';
import { errorOf } from './failures.ts';
import { jobOf, type TaskRuntime } from './planning.ts';
import type { ProgressMonitor } from './progress-monitor.ts';

export interface Execution {
  /** Never throws: one effect that cannot be carried out leaves the others alone. */
  perform(effects: readonly Effect[]): void;
  /** Closes what workers keep open for a task; nothing when it is busy again. */
  letGo(taskId: TaskId): void;
  /** Whether connections of the task are being closed. */
  lettingGo(taskId: TaskId): boolean;
  /** Resolves when they are closed. */
  closed(taskId: TaskId): Promise<void>;
  dispose(): void;
}

export interface ExecutionPorts {
  readonly state: CoreState;
  readonly clock: Clock;
  readonly executor: Executor;
  readonly random: Random;
  readonly monitor: ProgressMonitor;
  readonly runtimes: Map<TaskId, TaskRuntime>;
  report(event: Event): void;
  runEnded(taskId: TaskId): void;
  /** The file that takes the unit's rejected rows; null = there is no place for one. */
  deadLetters(unit: Readonly<UnitRow>): string | null;
  isBusy(taskId: TaskId): boolean;
  /** The connections of a task are closed. */
  letGone(taskId: TaskId): void;
  log(line: Coded): void;
}

export function createExecution(ports: ExecutionPorts): Execution {
  const { state, clock, executor, monitor, runtimes } = ports;
  const deadlines = createDeadlines({
    clock,
    overdue: (unitId, attempt, error) => executor.abort(unitId, attempt, error),
  });
  const closing = new Map<TaskId, Promise<void>>();

  function perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      try {
        carryOut(effect);
      } catch (error) {
        ports.log(errorOf(error));
      }
    }
  }

  function carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'startUnit':
        startUnit(effect.taskId, effect.unitId, effect.attempt);
        break;
      case 'stopUnit':
        executor.stop(effect.unitId, effect.attempt);
        break;
      case 'proceed':
        executor.proceed(effect.unitId, effect.attempt);
        break;
      case 'offer':
        ports.report({ type: 'offer', at: clock.now(), taskId: effect.taskId });
        break;
      case 'limits':
        executor.setLimits(effect.taskId, effect.limits);
        break;
      case 'runEnded':
        ports.runEnded(effect.taskId);
        break;
      case 'release':
        letGo(effect.taskId);
        break;
    }
  }

  function startUnit(taskId: TaskId, unitId: UnitId, attempt: number): void {
    const unit = unitOf(state, unitId);
    if (!unit || unit.attempt !== attempt || unit.status !== 'running') return;
    monitor.begin(taskId, unitId, attempt, unit.processed, unit.bytes);
    try {
      const runtime = runtimes.get(taskId);
      if (!runtime) throw new Error(`task ${taskId} has no connections`);
      const limits = taskOf(state, taskId)?.limits ?? runtime.config.settings.limits;
      const job = jobOf(unit, attempt, runtime, limits, ports.deadLetters(unit));
      deadlines.begin(unitId, attempt, job.settings.stallMs, job.settings.timeoutMs);
      executor.start(job, (report) => hear(unitId, attempt, report));
    } catch (failure) {
      const { processed, bytes } = unit;
      hear(unitId, attempt, {
        type: 'finished',
        outcome: { kind: 'failed', error: errorOf(failure), processed, bytes },
      });
    }
  }

  function hear(unitId: UnitId, attempt: number, report: UnitReport): void {
    const at = clock.now();
    if (report.type !== 'finished') deadlines.progress(unitId, attempt, 'phase' in report ? report.phase : undefined);
    switch (report.type) {
      case 'prepared': {
        const { prepared, total, place } = report;
        monitor.prepared(unitId, attempt);
        ports.report({ type: 'prepared', at, unitId, attempt, prepared, total, place });
        break;
      }
      case 'checkpoint': {
        const { checkpoint, processed, bytes, phase } = report;
        monitor.record(unitId, attempt, processed, bytes, null, phase);
        ports.report({ type: 'checkpoint', at, unitId, attempt, checkpoint, processed, bytes });
        break;
      }
      case 'progress':
        monitor.record(unitId, attempt, report.processed, report.bytes, report.total, report.phase);
        break;
      case 'finished': {
        deadlines.end(unitId, attempt);
        const last = monitor.end(unitId, attempt);
        if (last) ports.report(last);
        const random = ports.random.next();
        ports.report({ type: 'finished', at, unitId, attempt, outcome: report.outcome, random, ...ownRetry(unitId) });
        break;
      }
    }
  }

  /** A unit may have a policy of its own; the task's is in the core. */
  function ownRetry(unitId: UnitId): { readonly retry?: RetryPolicy } {
    const unit = unitOf(state, unitId);
    const override = unit && runtimes.get(unit.taskId)?.config.overrides.get(unit.name);
    return override?.settings.retry ? { retry: override.settings.retry } : {};
  }

  function letGo(taskId: TaskId): void {
    if (ports.isBusy(taskId)) return; // a resume was faster than the sync that this follows
    runtimes.delete(taskId);
    const closed = executor
      .release(taskId)
      .catch((error) => ports.log(errorOf(error)))
      .then(() => {
        if (closing.get(taskId) !== closed) return;
        closing.delete(taskId);
        ports.letGone(taskId);
      });
    closing.set(taskId, closed);
  }

  return {
    perform,
    letGo,
    lettingGo: (taskId) => closing.has(taskId),
    closed: async (taskId) => closing.get(taskId),
    dispose: () => deadlines.dispose(),
  };
}
