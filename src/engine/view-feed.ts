/**
 * Tells views what changed: at most once per task and 100 ms, never before the change is durable, never leaving out a
 * terminal change. What changed is named, not copied: listeners read the newest state when they are called.
 */
import type { TaskId, UnitId } from '../core/model.ts';
import type { Clock, Disposable } from '../core/ports.ts';
import type { RunSummary, ViewChange } from './api.ts';

const FLUSH_MS = 100;

export interface ViewFeed {
  tasksChanged(): void;
  taskChanged(taskId: TaskId): void;
  unitChanged(taskId: TaskId, unitId: UnitId): void;
  planChanged(taskId: TaskId): void;
  queueChanged(taskId: TaskId): void;
  ended(taskId: TaskId, summary: RunSummary): void;
  /** Whether anybody listens: what is told to nobody need not be found out. */
  watched(): boolean;
  subscribe(listener: (change: ViewChange) => void): Disposable;
  /** Something was shown late because writes were not durable yet: call when the last of them is. */
  allDurable(): void;
  /** How long views have been waiting for durability, ms. */
  overdueMs(): number;
  dispose(): void;
}

/** @param quiet answers whether every commit so far is durable: only then may anything be shown. */
export function createViewFeed(clock: Clock, quiet: () => boolean, failed: (error: unknown) => void): ViewFeed {
  const listeners = new Set<(change: ViewChange) => void>();
  const tasks = new Map<TaskId, Set<UnitId>>();
  const queues = new Set<TaskId>();
  const plans = new Set<TaskId>();
  const endings: ViewChange[] = [];
  let listChanged = false;
  let timer: Disposable | undefined;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let waitingSince: number | undefined;

  /** One view that fails must not leave the others behind. */
  function tell(listener: (change: ViewChange) => void, change: ViewChange): void {
    try {
      listener(change);
    } catch (error) {
      failed(error);
    }
  }

  function schedule(): void {
    if (timer) return;
    timer = clock.timer(Math.max(0, FLUSH_MS - (clock.monotonic() - flushedAt)), () => {
      timer = undefined;
      flush();
    });
  }

  function flush(): void {
    if (!quiet()) {
      waitingSince ??= clock.monotonic();
      return;
    }
    waitingSince = undefined;
    flushedAt = clock.monotonic();
    const changes: ViewChange[] = [];
    if (listChanged) changes.push({ kind: 'tasks' });
    for (const taskId of plans) changes.push({ kind: 'plan', taskId });
    for (const [taskId, units] of tasks) {
      if (!plans.has(taskId)) changes.push({ kind: 'task', taskId, units, queue: queues.has(taskId) });
    }
    changes.push(...endings.splice(0));
    listChanged = false;
    plans.clear();
    queues.clear();
    tasks.clear();
    for (const change of changes) for (const listener of [...listeners]) tell(listener, change);
  }

  function taskChanged(taskId: TaskId): void {
    if (listeners.size === 0) return;
    if (!tasks.has(taskId)) tasks.set(taskId, new Set());
    schedule();
  }

  return {
    tasksChanged() {
      if (listeners.size === 0) return; // a later listener reads everything anyway
      listChanged = true;
      schedule();
    },
    taskChanged,
    queueChanged(taskId) {
      if (listeners.size === 0) return;
      queues.add(taskId);
      taskChanged(taskId);
    },
    unitChanged(taskId, unitId) {
      if (listeners.size === 0) return;
      let units = tasks.get(taskId);
      if (!units) {
        units = new Set();
        tasks.set(taskId, units);
      }
      units.add(unitId);
      schedule();
    },
    planChanged(taskId) {
      if (listeners.size === 0) return;
      plans.add(taskId);
      schedule();
    },
    ended(taskId, summary) {
      if (listeners.size === 0) return;
      endings.push({ kind: 'ended', taskId, summary });
      schedule();
    },
    watched: () => listeners.size > 0,
    subscribe(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    allDurable() {
      if (waitingSince !== undefined) flush();
    },
    overdueMs: () => (waitingSince === undefined ? 0 : clock.monotonic() - waitingSince),
    dispose() {
      timer?.dispose();
      listeners.clear();
    },
  };
}
