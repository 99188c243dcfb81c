/**
 * Which units start now. Tasks share the slots of the process round robin; the changes of one event touch one store,
 * so a slot that falls to a task of another store is set aside and offered to it by an effect.
 */
import type { Outcome } from './decision.ts';
import type { Change, Effect, UnitFields } from './events.ts';
import type { RunId, TaskId, UnitRow } from './model.ts';
import type { PositionSet } from './position-set.ts';
import { concurrencyInForce, unfinishedRun } from './select.ts';
import type { CoreState, TaskState } from './state.ts';

/** A unit as it is after the changes of the event that is being decided. */
export type Startable = Pick<UnitRow, 'id' | 'attempt' | 'resume'>;

/** A task as it is after the changes of the event that is being decided. */
export interface Contender {
  readonly taskId: TaskId;
  readonly store: string;
  readonly runId: RunId;
  /** Units that run, and may run, at a time. */
  readonly running: number;
  readonly concurrency: number;
  /** In the order in which they start. */
  readonly ready: Iterator<Startable>;
}

/** A running task as the state has it. */
export function contender(task: TaskState): Contender {
  return {
    taskId: task.row.id,
    store: task.row.store,
    runId: task.run?.id ?? '',
    running: task.byStatus.running.count,
    concurrency: unfinishedRun(task) ? concurrencyInForce(task) : 0,
    ready: readyUnits(task),
  };
}

/** A task that takes no slot, whatever the state still says. */
export function standingAside(task: TaskState): Contender {
  return { ...contender(task), concurrency: 0 };
}

/** Paused units of the run, then pending ones, each group in plan order. */
export function* readyUnits(task: TaskState): Generator<Startable, undefined> {
  const { paused, pending } = task.runLists;
  yield* unitsIn(task, [paused]);
  yield* unitsIn(task, [pending]);
}

/** The units of several sets in plan order. */
export function* unitsIn(task: TaskState, sets: readonly PositionSet[]): Generator<UnitRow, undefined> {
  for (let from = 0; ; ) {
    let nearest = -1;
    for (const set of sets) {
      const at = set.next(from);
      if (at >= 0 && (nearest < 0 || at < nearest)) nearest = at;
    }
    if (nearest < 0) return;
    yield task.order[nearest]!.row;
    from = nearest + 1;
  }
}

export interface Occasion {
  readonly at: number;
  /** Only tasks of this store may start units now; null = of none. */
  readonly store: string | null;
  /** The task of the event, as it will be; takes the place of the state's view of it. */
  readonly own: Contender | null;
  /** Slots that the event's changes free. */
  readonly freed: number;
  /** When the event changes it. */
  readonly maxRunningUnits?: number;
}

/** O(slots given + tasks). */
export function dispatch(state: CoreState, occasion: Occasion): Outcome {
  const changes: Change[] = [];
  const effects: Effect[] = [];
  const offeredStores = new Set<string>();
  let free = (occasion.maxRunningUnits ?? state.maxRunningUnits) - (state.running - occasion.freed);
  const queue = free > 0 ? contenders(state, occasion.own) : [];
  for (let head = 0; head < queue.length && free > 0; head++) {
    const one = queue[head]!;
    if (one.running >= one.concurrency) continue;
    const { value: unit } = one.ready.next();
    if (!unit) continue;
    free--;
    queue.push({ ...one, running: one.running + 1 });
    if (one.store === occasion.store) {
      changes.push(...startChanges(one, unit, occasion.at));
      effects.push({ kind: 'startUnit', taskId: one.taskId, unitId: unit.id, attempt: unit.attempt + 1 });
    } else if (!offeredStores.has(one.store)) {
      offeredStores.add(one.store); // an offer to one task is decided for all tasks of its store
      effects.push({ kind: 'offer', taskId: one.taskId });
    }
  }
  return { changes, effects };
}

function contenders(state: CoreState, own: Contender | null): Contender[] {
  const queue: Contender[] = [];
  for (const taskId of state.ring) {
    if (taskId === own?.taskId) queue.push(own);
    else queue.push(contender(state.tasks.get(taskId)!));
  }
  if (own && !state.ring.has(own.taskId)) queue.push(own);
  return queue;
}

function startChanges(task: Contender, unit: Startable, at: number): Change[] {
  const attempt = unit.attempt + 1;
  const { taskId, runId } = task;
  return [
    {
      kind: 'unit',
      taskId,
      unitId: unit.id,
      set: { ...starting(at), ...(unit.resume === 'unit' && BEGINNING), attempt },
    },
    {
      kind: 'putAttempt',
      taskId,
      attempt: {
        runId,
        unitId: unit.id,
        attempt,
        startedAt: at,
        endedAt: null,
        outcome: null,
        rows: 0,
        bytes: 0,
        errorCode: null,
      },
    },
  ];
}

function starting(at: number): Partial<UnitFields> {
  return {
    status: 'running',
    startedAt: at,
    completedAt: null,
    nextRetryAt: null,
    error: null,
    reason: null,
    verified: null,
    updatedAt: at,
  };
}

/** From the beginning; the target stays prepared, whose preparation says whether it may be emptied again. */
const BEGINNING: Partial<UnitFields> = { processed: 0, bytes: 0, rejected: 0, checkpoint: null };
