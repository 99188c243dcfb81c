/** Rates of what another host runs, measured by the figures it tells; how long units run, by their own start. */
import type { Change } from '../core/events.ts';
import type { TaskId, UnitId } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import { runningUnitsOf, unitOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import type { OwnerFacts } from '../protocol/owner.ts';
import { createProgressMonitor, type ProgressMonitor } from './progress-monitor.ts';

/** Samples kept for the chart, as in the owner's monitor. */
const SAMPLES = 120;

export interface RemoteMonitor {
  /** What views read. */
  readonly monitor: ProgressMonitor;
  /** The state is complete: units that run are measured from now on, behind the samples of the owner. */
  loaded(samples: readonly (readonly [TaskId, readonly number[]])[]): void;
  /** These changes were applied. */
  follow(changes: readonly Change[]): void;
  dispose(): void;
}

export function createRemoteMonitor(
  clock: Clock,
  state: CoreState,
  facts: () => OwnerFacts,
  sampled: (taskIds: readonly TaskId[]) => void,
): RemoteMonitor {
  const measured = createProgressMonitor(clock, () => undefined, sampled);
  const earlier = new Map<TaskId, readonly number[]>();
  /** Attempts that are measured. */
  const running = new Map<UnitId, number>();

  function look(unitId: UnitId): void {
    const unit = unitOf(state, unitId);
    const attempt = running.get(unitId);
    if (attempt !== undefined && (unit?.status !== 'running' || unit.attempt !== attempt)) {
      measured.end(unitId, attempt);
      running.delete(unitId);
    }
    if (unit?.status !== 'running') return;
    const { taskId, processed, bytes, total } = unit;
    if (running.has(unitId)) measured.record(unitId, unit.attempt, processed, bytes, total, 'writing');
    else {
      running.set(unitId, unit.attempt);
      measured.begin(taskId, unitId, unit.attempt, processed, bytes);
    }
  }

  return {
    monitor: {
      ...measured,
      samples: (taskId) => [...(earlier.get(taskId) ?? []), ...measured.samples(taskId)].slice(-SAMPLES),
      slowSide: (taskId) => facts().slowSides.find(([id]) => id === taskId)?.[1] ?? null,
      runningMs: (unitId) => {
        const startedAt = unitOf(state, unitId)?.startedAt ?? null;
        return startedAt === null ? Number.NaN : Math.max(0, clock.now() - startedAt);
      },
    },
    loaded(samples) {
      for (const [taskId, of] of samples) earlier.set(taskId, of);
      for (const taskId of state.tasks.keys()) for (const unit of runningUnitsOf(state, taskId)) look(unit.id);
    },
    follow(changes) {
      let many = false;
      for (const change of changes) {
        if (change.kind === 'unit') {
          if (change.set.prepared) measured.prepared(change.unitId, running.get(change.unitId) ?? -1);
          look(change.unitId);
        } else many ||= change.kind === 'unitsWhere' || change.kind === 'putUnits' || change.kind === 'dropTask';
      }
      if (!many) return;
      for (const unitId of [...running.keys()]) look(unitId);
      for (const taskId of state.tasks.keys()) for (const unit of runningUnitsOf(state, taskId)) look(unit.id);
    },
    dispose: () => measured.dispose(),
  };
}
