/**
 * A store of plain rows that survives what a real one survives: durable changes a power cut, committed ones a kill,
 * buffered ones neither until they are flushed. Applies changes by its own simple code, so that it can be held against
 * the core's memory.
 */
import type { Change, Durability, UnitFields } from '../../src/core/events.ts';
import {
  type AttemptRow,
  assertNever,
  type QueueRow,
  type RunRow,
  type StoredState,
  type TaskId,
  type TaskRow,
  type UnitId,
  type UnitRow,
} from '../../src/core/model.ts';

export interface TaskRows {
  task: TaskRow;
  readonly units: Map<UnitId, UnitRow>;
  /** By unit; a second entry of a unit cannot be. */
  readonly queue: Map<UnitId, QueueRow>;
  /** Oldest first. */
  readonly runs: Map<string, RunRow>;
  newestRun: RunRow | null;
  readonly attempts: Map<string, AttemptRow>;
}

export type Rows = Map<TaskId, TaskRows>;

/** Sees what changes, just before it does. */
export interface Watch {
  unit(rows: TaskRows, row: UnitRow, set: Partial<UnitFields>): void;
  dequeued(entry: QueueRow): void;
  cleared(taskId: TaskId): void;
}

export interface FakeStore {
  /** Everything that was decided: what memory must equal. */
  readonly seen: Rows;
  write(changes: readonly Change[], durability: Durability, watch: Watch): void;
  /** Buffered values are committed. */
  flush(): void;
  /** Committed changes become durable. */
  sync(): void;
  /** The process dies. */
  kill(): void;
  /** The machine dies. */
  powerCut(): void;
  stored(): StoredState;
}

export function createFakeStore(): FakeStore {
  let seen: Rows = new Map();
  /** Everything committed since the beginning: what survives is applied anew from here. */
  let journal: (readonly Change[])[] = [];
  let synced = 0;
  const ticks = new Map<UnitId, Extract<Change, { kind: 'unit' }>>();

  function flush(unitId: UnitId): void {
    const tick = ticks.get(unitId);
    if (tick) journal.push([tick]);
    ticks.delete(unitId);
  }
  function flushTouched(changes: readonly Change[]): void {
    if (ticks.size === 0) return;
    for (const change of changes) {
      if (change.kind === 'unit') flush(change.unitId);
      else if (change.kind === 'unitsWhere' || change.kind === 'putUnits' || change.kind === 'dropTask')
        for (const tick of [...ticks.values()]) if (tick.taskId === change.taskId) flush(tick.unitId);
    }
  }
  function again(): void {
    ticks.clear();
    seen = new Map();
    for (const changes of journal) for (const change of changes) applyChange(seen, change);
  }

  return {
    get seen() {
      return seen;
    },
    write(changes, durability, watch) {
      for (const change of changes) applyChange(seen, change, watch);
      if (durability !== 'buffered') {
        flushTouched(changes);
        journal.push(changes);
        return;
      }
      for (const change of changes) {
        if (change.kind !== 'unit') throw new Error('only values of units are buffered');
        const before = ticks.get(change.unitId);
        ticks.set(change.unitId, before ? { ...change, set: { ...before.set, ...change.set } } : change);
      }
    },
    flush() {
      for (const unitId of [...ticks.keys()]) flush(unitId);
    },
    sync() {
      synced = journal.length;
    },
    kill: again,
    powerCut() {
      journal = journal.slice(0, synced);
      again();
    },
    stored: () => storedOf(seen),
  };
}

/** Copies of the rows, as a real load answers them. */
export function storedOf(rows: Rows): StoredState {
  const all = [...rows.values()];
  return {
    tasks: all.map(({ task }) => ({ ...task })),
    units: all.flatMap(({ units }) => Array.from(units.values(), (row) => ({ ...row }))),
    runs: all.flatMap(({ newestRun }) => (newestRun ? [{ ...newestRun }] : [])),
    queue: all.flatMap(({ queue }) => Array.from(queue.values(), (row) => ({ ...row }))).reverse(),
  };
}

export function attemptKey(row: { runId: string; unitId: string; attempt: number }): string {
  return `${row.runId} ${row.unitId} ${row.attempt}`;
}

function applyChange(rows: Rows, change: Change, watch?: Watch): void {
  if (change.kind === 'maxRunning') throw new Error('the limit of the process is never stored');
  if (change.kind === 'putTask') {
    putTask(rows, change.task);
    return;
  }
  const taskId = change.kind === 'putRun' ? change.run.taskId : change.taskId;
  const own = known(rows.get(taskId), `task ${taskId}`);
  switch (change.kind) {
    case 'task':
      Object.assign(own.task, change.set);
      return;
    case 'putUnits':
      for (const unit of change.units) own.units.set(unit.id, { ...unit });
      return;
    case 'unit':
      setUnit(own, known(own.units.get(change.unitId), `unit ${change.unitId}`), change.set, watch);
      return;
    case 'unitsWhere':
      for (const row of own.units.values())
        if (!row.removed && change.statuses.includes(row.status)) setUnit(own, row, change.set, watch);
      return;
    case 'putRun':
      own.newestRun = { ...change.run };
      own.runs.set(change.run.id, own.newestRun);
      return;
    case 'run':
      Object.assign(known(own.runs.get(change.runId), `run ${change.runId}`), change.set);
      return;
    case 'putAttempt':
      known(own.runs.get(change.attempt.runId), `run ${change.attempt.runId}`);
      own.attempts.set(attemptKey(change.attempt), { ...change.attempt });
      return;
    case 'attempt':
      Object.assign(known(own.attempts.get(attemptKey(change)), `attempt ${attemptKey(change)}`), change.set);
      return;
    case 'enqueue':
      for (const entry of change.entries) {
        known(own.units.get(entry.unitId), `unit ${entry.unitId}`);
        own.queue.set(entry.unitId, { taskId, ...entry });
      }
      return;
    case 'dequeue':
      for (const unitId of change.unitIds) {
        const entry = own.queue.get(unitId);
        if (entry) watch?.dequeued(entry);
        own.queue.delete(unitId);
      }
      return;
    case 'clearQueue':
      watch?.cleared(taskId);
      own.queue.clear();
      return;
    case 'forgetRuns':
      forgetRuns(own, change.keep);
      return;
    case 'dropTask':
      rows.delete(taskId);
      return;
    default:
      assertNever(change);
  }
}

function putTask(rows: Rows, task: TaskRow): void {
  const own = rows.get(task.id);
  if (own) own.task = { ...task };
  else
    rows.set(task.id, {
      task: { ...task },
      units: new Map(),
      queue: new Map(),
      runs: new Map(),
      newestRun: null,
      attempts: new Map(),
    });
}

function setUnit(own: TaskRows, row: UnitRow, set: Partial<UnitFields>, watch: Watch | undefined): void {
  watch?.unit(own, row, set);
  Object.assign(row, set);
}

function forgetRuns(own: TaskRows, keep: number): void {
  const gone = [...own.runs.keys()].slice(0, Math.max(0, own.runs.size - keep));
  for (const runId of gone) {
    own.runs.delete(runId);
    for (const [key, { runId: of }] of own.attempts) if (of === runId) own.attempts.delete(key);
  }
  if (own.runs.size === 0) own.newestRun = null;
}

function known<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new Error(`a change of something that the store does not have: ${what}`);
  return row;
}
