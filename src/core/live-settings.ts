/** The definition of a task, and the settings that people change while it runs. */
import { accept, type Outcome, refuse, unchanged } from './decision.ts';
import { contender, dispatch } from './dispatch.ts';
import type { Change, Decision, Event, TaskFields } from './events.ts';
import { type TaskRow, UNIT_STATUSES } from './model.ts';
import { fresh } from './resets.ts';
import { unfinishedRun } from './select.ts';
import type { CoreState, TaskState } from './state.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export const MOST_CONCURRENCY = 64;
export const MOST_RUNNING = 1024;

/** What a live change overrides; the store keeps it as JSON text. `file` = the file's value it was made against. */
interface Overrides {
  concurrency?: number;
  onError?: 'skip' | 'pause';
  file?: { concurrency?: number; onError?: 'skip' | 'pause' };
}

export function decideDefine(state: CoreState, event: Of<'define'>): Decision {
  const { definition, at, taskId, store } = event;
  const task = state.tasks.get(taskId);
  if (!task) return accept([{ changes: [{ kind: 'putTask', task: newTask(event) }], effects: [] }]);
  if (task.row.store !== store) return refuse('taskElsewhere', { task: task.row.name });
  if (task.row.configHash === definition.configHash && task.row.name === definition.name) return unchanged();

  // A live change holds until the file says something new about the same setting.
  const overrides = overridesOf(task.row);
  const { name, config, configHash } = definition;
  const set: Partial<TaskFields> = { name, config, configHash, updatedAt: at };
  if (overrides.concurrency === undefined || overrides.file?.concurrency !== definition.concurrency) {
    set.concurrency = definition.concurrency;
    forget(overrides, 'concurrency');
  }
  if (overrides.onError === undefined || overrides.file?.onError !== definition.onError) {
    set.onError = definition.onError;
    forget(overrides, 'onError');
  }
  set.overrides = textOf(overrides);
  const moved = beginAnew(task, event.moved, at);
  const concurrency = set.concurrency ?? task.row.concurrency;
  if (concurrency === task.row.concurrency)
    return accept([moved, { changes: [{ kind: 'task', taskId, set }], effects: [] }]);
  return accept([moved, concurrencyBecomes(state, task, concurrency, at, set)]);
}

/** What was done for a unit was done with its source and target of that time. */
function beginAnew(task: TaskState, moved: Of<'define'>['moved'], at: number): Outcome {
  const taskId = task.row.id;
  if (moved === undefined || moved.length === 0) return { changes: [], effects: [] };
  if (moved === 'all')
    return { changes: [{ kind: 'unitsWhere', taskId, statuses: UNIT_STATUSES, set: fresh(at) }], effects: [] };
  const changes: Change[] = [];
  for (const name of moved) {
    const unitId = task.idByName.get(name);
    if (unitId !== undefined) changes.push({ kind: 'unit', taskId, unitId, set: fresh(at) });
  }
  return { changes, effects: [] };
}

export function decideSetConcurrency(state: CoreState, event: Of<'setConcurrency'>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  const { concurrency, at } = event;
  const refusal = badConcurrency(concurrency);
  if (refusal) return refusal;
  if (concurrency === task.row.concurrency && (unfinishedRun(task)?.concurrency ?? concurrency) === concurrency)
    return unchanged();
  const overrides = overridesOf(task.row);
  const inFile = overrides.file?.concurrency ?? task.row.concurrency;
  forget(overrides, 'concurrency');
  if (concurrency !== inFile) {
    overrides.concurrency = concurrency;
    overrides.file = { ...overrides.file, concurrency: inFile };
  }
  const set = { concurrency, overrides: textOf(overrides), updatedAt: at };
  return accept([concurrencyBecomes(state, task, concurrency, at, set)]);
}

export function decideSetOnError(state: CoreState, event: Of<'setOnError'>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  const { onError, taskId, at } = event;
  if (onError === task.row.onError) return unchanged();
  const overrides = overridesOf(task.row);
  const inFile = overrides.file?.onError ?? task.row.onError;
  forget(overrides, 'onError');
  if (onError !== inFile) {
    overrides.onError = onError;
    overrides.file = { ...overrides.file, onError: inFile };
  }
  const set = { onError, overrides: textOf(overrides), updatedAt: at };
  return accept([{ changes: [{ kind: 'task', taskId, set }], effects: [] }]);
}

/** Lives in the process only. What a higher limit frees is offered, store by store. */
export function decideSetMaxRunning(state: CoreState, event: Of<'setMaxRunning'>): Decision {
  const { maxRunningUnits, at } = event;
  if (!isWhole(maxRunningUnits, 1, MOST_RUNNING))
    return refuse('badMaxRunning', { value: String(maxRunningUnits), least: 1, most: MOST_RUNNING });
  const offers = dispatch(state, { at, store: null, own: null, freed: 0, maxRunningUnits });
  const change: Change = { kind: 'maxRunning', maxRunningUnits };
  return accept([{ changes: [change], effects: [] }, offers], null, 'buffered');
}

/** A slot is offered to a task; all tasks of its store take what falls to them. */
export function decideOffer(state: CoreState, event: Of<'offer'>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  return accept([dispatch(state, { at: event.at, store: task.row.store, own: null, freed: 0 })]);
}

export function badConcurrency(value: number): Decision | null {
  if (isWhole(value, 1, MOST_CONCURRENCY)) return null;
  return refuse('badConcurrency', { value: String(value), least: 1, most: MOST_CONCURRENCY });
}

/** In force at once: raising starts more units, lowering starts none until fewer run. */
function concurrencyBecomes(
  state: CoreState,
  task: TaskState,
  concurrency: number,
  at: number,
  set: Partial<TaskFields>,
): Outcome {
  const { id: taskId, store, runState } = task.row;
  const changes: Change[] = [{ kind: 'task', taskId, set }];
  const run = unfinishedRun(task);
  if (run) changes.push({ kind: 'run', taskId, runId: run.id, set: { concurrency } });
  if (runState !== 'running') return { changes, effects: [] };
  const starts = dispatch(state, { at, store, own: { ...contender(task), concurrency }, freed: 0 });
  return { changes: [...changes, ...starts.changes], effects: starts.effects };
}

function newTask({ taskId, store, definition, at }: Of<'define'>): TaskRow {
  const { name, mode, concurrency, onError, config, configHash } = definition;
  return {
    id: taskId,
    store,
    name,
    mode,
    switchingTo: null,
    runState: 'idle',
    reason: null,
    concurrency,
    onError,
    config,
    configHash,
    overrides: null,
    queueRev: 0,
    createdAt: at,
    updatedAt: at,
  };
}

function overridesOf(row: TaskRow): Overrides {
  return row.overrides === null ? {} : (JSON.parse(row.overrides) as Overrides);
}

function forget(overrides: Overrides, field: 'concurrency' | 'onError'): void {
  delete overrides[field];
  if (!overrides.file) return;
  const { [field]: _dropped, ...rest } = overrides.file;
  overrides.file = rest;
  if (Object.keys(rest).length === 0) delete overrides.file;
}

function textOf(overrides: Overrides): string | null {
  return Object.keys(overrides).length === 0 ? null : JSON.stringify(overrides);
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
