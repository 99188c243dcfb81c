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
import type { TaskManager, TaskSummary } from './api.ts';
import { rejectedFile } from './dead-letters.ts';
import type { FolderSession } from './folder-session.ts';
import { contextOf, type KnownTask, knownTasks } from './known-tasks.ts';
import { noticesOf } from './notices.ts';
import type { FolderView } from './sharing.ts';
import type { Found } from './starting.ts';
import { deltaOf, headerOf, overallPercent, runningOf, snapshotOf } from './task-view.ts';

export type Queries = Pick<
  TaskManager,
  | 'list'
  | 'taskId'
  | 'header'
  | 'units'
  | 'snapshot'
  | 'delta'
  | 'queue'
  | 'unitAt'
  | 'whyWaiting'
  | 'lastRun'
  | 'rejectedFile'
>;

export interface QueriesPorts {
  readonly clock: Clock;
  readonly sessions: ReadonlyMap<string, FolderSession>;
  /** What is shown of a folder's tasks. */
  view(session: FolderSession | undefined): FolderView;
  sessionOf(taskId: TaskId): FolderSession | undefined;
  find(taskId: TaskId): Found | undefined;
  /** Network connections that are open now behind a connection's name. */
  connections(name: string): number;
  /** Why a person cannot act on the tasks of a folder, as far as we know. */
  blockedReason(session: FolderSession): Coded | null;
}

export function createQueries(ports: QueriesPorts): Queries {
  const { sessions } = ports;
  const viewOf = (taskId: TaskId): FolderView => ports.view(ports.sessionOf(taskId));
  const known = (session: FolderSession): KnownTask[] => knownTasks(ports.view(session).state, session.folder);

  function summaryLine(session: FolderSession, task: KnownTask): TaskSummary {
    const { state, planning } = ports.view(session);
    const counts = countsOf(state, task.id);
    const sums = sumsOf(state, task.id);
    return {
      id: task.id,
      folder: session.folder.key,
      name: task.name,
      description: task.config?.description ?? '',
      runState: taskOf(state, task.id)?.runState ?? 'idle',
      outcome: runOf(state, task.id)?.outcome ?? null,
      planning: planning.has(task.id),
      counts,
      rejected: sums.rejected,
      units: unitCount(state, task.id),
      mode: modeOf(state, task.id) ?? task.config?.mode ?? 'auto',
      switchingTo: taskOf(state, task.id)?.switchingTo ?? null,
      queued: queueLength(state, task.id),
      waitsForAdditions: waitsForAdditions(state, task.id),
      percent: overallPercent(counts, sums.processed, sums.unknownTotals === 0 ? sums.total : null).percent,
      blocked: ports.blockedReason(session),
      managedBy: session.managedBy(),
      definitionRemoved: task.config === null,
    };
  }

  return {
    list: () => [...sessions.values()].flatMap((session) => known(session).map((task) => summaryLine(session, task))),
    taskId(folder, name) {
      const session = sessions.get(folder);
      return session && known(session).find((task) => task.name === name)?.id;
    },
    header(taskId) {
      const found = ports.find(taskId);
      if (!found) return undefined;
      const { task, session } = found;
      const { state, monitor, planning, runtimes, startErrors } = ports.view(session);
      const row = taskOf(state, taskId);
      const running = runtimes.get(taskId)?.config;
      const context = contextOf(task, row);
      const { source, target } = context;
      return headerOf(state, monitor, taskId, {
        ...context,
        connections: { source: ports.connections(source.name), target: ports.connections(target.name) },
        planning: planning.has(taskId),
        blocked: ports.blockedReason(session),
        managedBy: session.managedBy(),
        notices: noticesOf({ task, row, running, startError: startErrors.get(taskId), folder: session }),
        now: ports.clock.now(),
      });
    },
    units(taskId, status, afterPlanOrder, limit) {
      const units = unitsOf(viewOf(taskId).state, taskId, status, afterPlanOrder, limit + 1);
      return { units: units.slice(0, limit), more: units.length > limit };
    },
    snapshot(taskId) {
      const found = ports.find(taskId);
      if (!found) return undefined;
      const { state, monitor } = ports.view(found.session);
      return {
        units: snapshotOf(state, monitor, taskId, ports.clock.now()),
        running: runningOf(state, monitor, taskId, ports.clock.now()),
        samples: monitor.samples(taskId),
      };
    },
    delta(taskId, units, queue) {
      const { state, monitor } = viewOf(taskId);
      return deltaOf(state, monitor, units, ports.clock.now(), queue ? taskId : null);
    },
    queue(taskId) {
      const { state } = viewOf(taskId);
      return { rev: taskOf(state, taskId)?.queueRev ?? 0, unitIds: queueOf(state, taskId) };
    },
    unitAt: (taskId, index) => unitAt(viewOf(taskId).state, taskId, index),
    // A unit's id begins with its task's.
    whyWaiting: (unitId) => whyWaiting(viewOf(unitId).state, unitId, ports.clock.now()),
    lastRun: (taskId) => runOf(viewOf(taskId).state, taskId) ?? undefined,
    rejectedFile: (taskId, unitId) => rejectedFile(viewOf(taskId).state, ports.sessionOf(taskId), taskId, unitId),
  };
}
