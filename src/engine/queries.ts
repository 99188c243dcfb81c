/** What hosts ask about tasks and units. Reads only: nothing here changes or starts anything. */
import type { Coded, TaskId } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import {
  countsOf,
  modeOf,
  queueLength,
  queueOf,
  runOf,
  sumsOf,
  taskOf,
  unitAt,
  unitCount,
  unitsOf,
  waitsForAdditions,
  whyWaiting,
} from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import type { TaskManager, TaskSummary } from './api.ts';
import type { FolderSession } from './folder-session.ts';
import { contextOf, type KnownTask, knownTasks } from './known-tasks.ts';
import { noticesOf } from './notices.ts';
import type { TaskRuntime } from './planning.ts';
import type { ProgressMonitor } from './progress-monitor.ts';
import type { Found } from './starting.ts';
import { deltaOf, headerOf, overallPercent, runningOf, snapshotOf } from './task-view.ts';

export type Queries = Pick<
  TaskManager,
  'list' | 'taskId' | 'header' | 'units' | 'snapshot' | 'delta' | 'queue' | 'unitAt' | 'whyWaiting' | 'lastRun'
>;

export interface QueriesPorts {
  readonly state: CoreState;
  readonly clock: Clock;
  readonly monitor: ProgressMonitor;
  readonly sessions: ReadonlyMap<string, FolderSession>;
  readonly runtimes: ReadonlyMap<TaskId, TaskRuntime>;
  readonly planning: ReadonlySet<TaskId>;
  readonly startErrors: ReadonlyMap<TaskId, Coded>;
  find(taskId: TaskId): Found | undefined;
  /** Why a person cannot act on the tasks of a folder, as far as we know. */
  blockedReason(session: FolderSession): Coded | null;
}

export function createQueries(ports: QueriesPorts): Queries {
  const { state, monitor, sessions } = ports;

  function summaryLine(session: FolderSession, task: KnownTask): TaskSummary {
    const counts = countsOf(state, task.id);
    const sums = sumsOf(state, task.id);
    return {
      id: task.id,
      folder: session.folder.key,
      name: task.name,
      description: task.config?.description ?? '',
      runState: taskOf(state, task.id)?.runState ?? 'idle',
      outcome: runOf(state, task.id)?.outcome ?? null,
      planning: ports.planning.has(task.id),
      counts,
      units: unitCount(state, task.id),
      mode: modeOf(state, task.id) ?? task.config?.mode ?? 'auto',
      switchingTo: taskOf(state, task.id)?.switchingTo ?? null,
      queued: queueLength(state, task.id),
      waitsForAdditions: waitsForAdditions(state, task.id),
      percent: overallPercent(counts, sums.processed, sums.unknownTotals === 0 ? sums.total : null).percent,
      blocked: ports.blockedReason(session),
      managedBy: null,
      definitionRemoved: task.config === null,
    };
  }

  return {
    list: () =>
      [...sessions.values()].flatMap((session) =>
        knownTasks(state, session.folder).map((task) => summaryLine(session, task)),
      ),
    taskId(folder, name) {
      const session = sessions.get(folder);
      return session && knownTasks(state, session.folder).find((task) => task.name === name)?.id;
    },
    header(taskId) {
      const found = ports.find(taskId);
      if (!found) return undefined;
      const { task, session } = found;
      const row = taskOf(state, taskId);
      const running = ports.runtimes.get(taskId)?.config;
      return headerOf(state, monitor, taskId, {
        ...contextOf(task, row),
        planning: ports.planning.has(taskId),
        blocked: ports.blockedReason(session),
        managedBy: null,
        notices: noticesOf({ task, row, running, startError: ports.startErrors.get(taskId), folder: session }),
        now: ports.clock.now(),
      });
    },
    units(taskId, status, afterPlanOrder, limit) {
      const units = unitsOf(state, taskId, status, afterPlanOrder, limit + 1);
      return { units: units.slice(0, limit), more: units.length > limit };
    },
    snapshot(taskId) {
      if (!ports.find(taskId)) return undefined;
      return {
        units: snapshotOf(state, monitor, taskId, ports.clock.now()),
        running: runningOf(state, monitor, taskId, ports.clock.now()),
        samples: monitor.samples(taskId),
      };
    },
    delta: (taskId, units, queue) => deltaOf(state, monitor, units, ports.clock.now(), queue ? taskId : null),
    queue: (taskId) => ({ rev: taskOf(state, taskId)?.queueRev ?? 0, unitIds: queueOf(state, taskId) }),
    unitAt: (taskId, index) => unitAt(state, taskId, index),
    whyWaiting: (unitId) => whyWaiting(state, unitId, ports.clock.now()),
    lastRun: (taskId) => runOf(state, taskId) ?? undefined,
  };
}
