/**
 * A decision while it is being made. Each change is taken into memory at once, so that the next step of the decision
 * sees what the former ones mean; in the end everything is taken back, and what stays is the list of changes. So the
 * decision reads the same indexes as everybody else instead of guessing what they will be.
 */
import { applyChange, FEW, placeInQueue, reindexLater, unitsMatching } from './apply.ts';
import { type CoreCode, coded } from './codes.ts';
import type { Change, Decision, Durability, Effect, RunFields, TaskFields, UnitFields } from './events.ts';
import { indexTask, listRun } from './indexes.ts';
import type { Coded, UnitId } from './model.ts';
import { type CoreState, setRun, type TaskState, type UnitEntry } from './state.ts';

export interface Draft {
  readonly state: CoreState;
  readonly changes: Change[];
  readonly effects: Effect[];
}

/** What a step answers: a note of an accepted event, or why it is refused - then nothing of the draft stays. */
export type Verdict =
  | { readonly ok: true; readonly note: Coded | null; readonly durability: Durability }
  | { readonly ok: false; readonly refusal: Coded };

export function accepted(note: Coded | null = null, durability: Durability = 'durable'): Verdict {
  return { ok: true, note, durability };
}

export function refused(code: CoreCode, args: Coded['args'] = {}): Verdict {
  return { ok: false, refusal: coded(code, args) };
}

interface OpenDraft extends Draft {
  readonly undo: (() => void)[];
  /** Where the change of a unit stands in the list, as long as no change of many units came after it. */
  readonly unitChanges: Map<UnitId, number>;
}

/** Makes a decision in a draft of the state; the state is as before when it returns. */
export function decideInDraft(state: CoreState, make: (draft: Draft) => Verdict): Decision {
  const draft: OpenDraft = { state, changes: [], effects: [], undo: [], unitChanges: new Map() };
  const ring = [...state.ring];
  try {
    const verdict = make(draft);
    if (!verdict.ok) return { changes: [], effects: [], durability: 'buffered', answer: verdict };
    const { note, durability } = verdict;
    const { changes, effects } = draft;
    return {
      changes,
      effects,
      durability: changes.length === 0 ? 'buffered' : durability,
      answer: { ok: true, note },
    };
  } finally {
    for (const undo of draft.undo.reverse()) undo();
    state.ring.clear();
    for (const taskId of ring) state.ring.add(taskId);
  }
}

/** Adds a change and takes it into memory for the rest of the decision. */
export function put(draft: Draft, change: Change): void {
  const open = draft as OpenDraft;
  open.undo.push(undoOf(draft.state, change));
  const stale = new Set<TaskState>();
  applyChange(draft.state, stale, change);
  for (const task of stale) indexTask(draft.state, task);
  record(open, change);
}

export function setTask(draft: Draft, task: TaskState, set: Partial<TaskFields>): void {
  put(draft, { kind: 'task', taskId: task.row.id, set });
}

export function setUnit(draft: Draft, task: TaskState, unitId: UnitId, set: Partial<UnitFields>): void {
  put(draft, { kind: 'unit', taskId: task.row.id, unitId, set });
}

export function setRunRow(draft: Draft, task: TaskState, set: Partial<RunFields>): void {
  if (task.run) put(draft, { kind: 'run', taskId: task.row.id, runId: task.run.id, set });
}

/** A unit that changes twice in one decision is written once. */
function record(draft: OpenDraft, change: Change): void {
  const { changes, unitChanges } = draft;
  if (change.kind === 'unit') {
    const at = unitChanges.get(change.unitId);
    const before = at === undefined ? undefined : changes[at];
    if (at !== undefined && before?.kind === 'unit') {
      changes[at] = { ...before, set: { ...before.set, ...change.set } };
      return;
    }
    unitChanges.set(change.unitId, changes.length);
  } else if (change.kind === 'unitsWhere') unitChanges.clear();
  changes.push(change);
}

/** What takes the change back, read off before it is applied. */
function undoOf(state: CoreState, change: Change): () => void {
  const again = (inverse: Change) => () => {
    const stale = new Set<TaskState>();
    applyChange(state, stale, inverse);
    for (const task of stale) indexTask(state, task);
  };
  switch (change.kind) {
    case 'maxRunning':
      return again({ kind: 'maxRunning', maxRunningUnits: state.maxRunningUnits });
    case 'putAttempt':
    case 'attempt':
    case 'forgetRuns':
      return () => {};
    case 'putTask':
    case 'putUnits':
    case 'dropTask':
      throw new Error(`${change.kind} is decided without a draft`);
  }
  const taskId = change.kind === 'putRun' ? change.run.taskId : change.taskId;
  const task = state.tasks.get(taskId);
  if (!task) return () => {};
  switch (change.kind) {
    case 'task':
      return again({ ...change, set: pick(task.row, change.set) });
    case 'unit': {
      const entry = task.units.get(change.unitId);
      return entry ? undoUnit(entry, again({ ...change, set: pick(entry.row, change.set) })) : () => {};
    }
    case 'unitsWhere': {
      const before = unitsMatching(task, change).map(({ row }) => ({ unitId: row.id, set: pick(row, change.set) }));
      return () => {
        const stale = new Set<TaskState>();
        if (before.length > FEW) reindexLater(state, stale, task);
        for (const { unitId, set } of before)
          applyChange(state, stale, { kind: 'unit', taskId: task.row.id, unitId, set });
        for (const one of stale) indexTask(state, one);
      };
    }
    case 'putRun':
    case 'run': {
      const run = task.run && { ...task.run };
      return () => {
        if (setRun(task, run)) listRun(task);
      };
    }
    case 'enqueue':
      return undoQueue(
        task,
        change.entries.map(({ unitId }) => task.units.get(unitId)),
      );
    case 'dequeue':
      return undoQueue(
        task,
        change.unitIds.map((unitId) => task.units.get(unitId)),
      );
    case 'clearQueue':
      return undoQueue(task, [...task.queue]);
  }
}

function undoUnit(entry: UnitEntry, undo: () => void): () => void {
  const { startProcessed, startBytes } = entry;
  return () => {
    undo();
    Object.assign(entry, { startProcessed, startBytes });
  };
}

function undoQueue(task: TaskState, units: readonly (UnitEntry | undefined)[]): () => void {
  const orders = units.map((unit) => unit?.queueOrder ?? null);
  const times = units.map((unit) => unit?.queuedAt ?? 0);
  return () => {
    for (const [index, unit] of units.entries())
      if (unit) placeInQueue(NONE, task, unit, orders[index]!, times[index]!);
  };
}

const NONE = new Set<TaskState>();

/** The values that `set` is going to replace. */
function pick<T extends object>(row: T, set: Partial<T>): Partial<T> {
  const before: Partial<T> = {};
  for (const key of Object.keys(set) as (keyof T)[]) before[key] = row[key];
  return before;
}
