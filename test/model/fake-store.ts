/**
 * A store of plain rows that survives what a real one survives: durable changes a power cut, committed ones a kill,
 * buffered ones neither until they are flushed. Applies changes by its own simple code, so that it can be held against
 * the core's memory.
 */
import type { Change, Durability, UnitFields } from '../../src/core/events.ts';
import {
  type AttemptRow,
  assertNever,
  type RunRow,
  type StoredState,
  type TaskRow,
  type UnitRow,
} from '../../src/core/model.ts';

export interface Rows {
  readonly tasks: Map<string, TaskRow>;
  readonly units: Map<string, UnitRow>;
  /** Oldest first. */
  readonly runs: Map<string, RunRow>;
  readonly attempts: Map<string, AttemptRow>;
}

/** Sees each unit's row just before a field of it is set. */
export type UnitObserver = (row: UnitRow, set: Partial<UnitFields>) => void;

export interface FakeStore {
  /** Everything that was decided: what memory must equal. */
  readonly seen: Rows;
  write(changes: readonly Change[], durability: Durability, observe: UnitObserver): void;
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
  let seen = noRows();
  let committed = noRows();
  const durable = noRows();
  let unsynced: Change[][] = [];
  const ticks = new Map<string, Extract<Change, { kind: 'unit' }>>();

  function commit(changes: readonly Change[]): void {
    applyChanges(committed, changes);
    unsynced.push([...changes]);
  }
  function flush(unitId: string): void {
    const tick = ticks.get(unitId);
    if (tick) commit([tick]);
    ticks.delete(unitId);
  }
  function flushTouched(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'unit') flush(change.unitId);
      if (change.kind === 'unitsWhere') for (const unitId of [...ticks.keys()]) flush(unitId);
    }
  }

  return {
    get seen() {
      return seen;
    },
    write(changes, durability, observe) {
      applyChanges(seen, changes, observe);
      if (durability !== 'buffered') {
        flushTouched(changes);
        commit(changes);
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
      for (const changes of unsynced) applyChanges(durable, changes);
      unsynced = [];
    },
    kill() {
      ticks.clear();
      seen = clone(committed);
    },
    powerCut() {
      ticks.clear();
      unsynced = [];
      seen = clone(durable);
      committed = clone(durable);
    },
    stored: () => storedOf(seen),
  };
}

/** Copies of the rows, as a real load answers them. */
export function storedOf(rows: Rows): StoredState {
  const newest = new Map<string, RunRow>();
  for (const run of rows.runs.values()) newest.set(run.taskId, run);
  const copies = <T extends object>(values: Iterable<T>) => Array.from(values, (row) => ({ ...row }));
  return { tasks: copies(rows.tasks.values()), units: copies(rows.units.values()), runs: copies(newest.values()) };
}

export function attemptKey(row: { runId: string; unitId: string; attempt: number }): string {
  return `${row.runId} ${row.unitId} ${row.attempt}`;
}

function noRows(): Rows {
  return { tasks: new Map(), units: new Map(), runs: new Map(), attempts: new Map() };
}

function clone(rows: Rows): Rows {
  const copy = <T extends object>(map: Map<string, T>) => new Map(Array.from(map, ([key, row]) => [key, { ...row }]));
  return { tasks: copy(rows.tasks), units: copy(rows.units), runs: copy(rows.runs), attempts: copy(rows.attempts) };
}

function applyChanges(rows: Rows, changes: readonly Change[], observe?: UnitObserver): void {
  for (const change of changes) applyChange(rows, change, observe);
}

function applyChange(rows: Rows, change: Change, observe: UnitObserver | undefined): void {
  const setUnit = (row: UnitRow | undefined, set: Partial<UnitFields>) => {
    if (!row) throw new Error('a change of a unit that the store does not have');
    observe?.(row, set);
    Object.assign(row, set);
  };
  switch (change.kind) {
    case 'putTask':
      rows.tasks.set(change.task.id, { ...change.task });
      return;
    case 'task':
      Object.assign(known(rows.tasks.get(change.taskId)), change.set);
      return;
    case 'putUnits':
      for (const unit of change.units) rows.units.set(unit.id, { ...unit });
      return;
    case 'unit':
      setUnit(rows.units.get(change.unitId), change.set);
      return;
    case 'unitsWhere':
      for (const row of rows.units.values())
        if (row.taskId === change.taskId && !row.removed && change.statuses.includes(row.status))
          setUnit(row, change.set);
      return;
    case 'putRun':
      rows.runs.set(change.run.id, { ...change.run });
      return;
    case 'run':
      Object.assign(known(rows.runs.get(change.runId)), change.set);
      return;
    case 'putAttempt':
      rows.attempts.set(attemptKey(change.attempt), { ...change.attempt });
      return;
    case 'attempt':
      Object.assign(known(rows.attempts.get(attemptKey(change))), change.set);
      return;
    case 'maxRunning':
      throw new Error('the limit of the process is never stored');
    default:
      assertNever(change);
  }
}

function known<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('a change of a row that the store does not have');
  return row;
}
