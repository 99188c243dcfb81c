/** The definition of a task, and the settings that people change while it runs. */
import { coded } from './codes.ts';
import { accept, refuse, unchanged } from './decision.ts';
import { dispatch } from './dispatch.ts';
import {
  accepted,
  type Draft,
  decideInDraft,
  put,
  refused,
  setRunRow,
  setTask,
  setUnit,
  type Verdict,
} from './draft.ts';
import type { Decision, Event, TaskFields } from './events.ts';
import type { Coded, LiveSettings, SettingsChange, TaskRow } from './model.ts';
import { fresh } from './resets.ts';
import { unfinishedRun } from './select.ts';
import { allFresh, settle } from './settle.ts';
import type { CoreState, TaskState } from './state.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export const MOST_CONCURRENCY = 64;
export const MOST_RUNNING = 1024;

/** What a live change overrides; the store keeps it as JSON text. `file` = the file's values it was made against. */
interface Overrides extends Partial<LiveSettings> {
  file?: Partial<LiveSettings>;
}

const LIVE: readonly (keyof LiveSettings)[] = ['concurrency', 'onError', 'retry', 'limits'];

/** A task's row and what decides beside it are there without a draft: a new task has nothing to dispatch. */
export function decideDefine(state: CoreState, event: Of<'define'>): Decision {
  const { definition, at, taskId, store } = event;
  const task = state.tasks.get(taskId);
  if (!task) return accept([{ changes: [{ kind: 'putTask', task: newTask(event) }], effects: [] }]);
  if (task.row.store !== store) return refuse('taskElsewhere', { task: task.row.name });
  if (task.row.configHash === definition.configHash && task.row.name === definition.name) return unchanged();

  return decideInDraft(state, (draft) => {
    // A live change holds until the file says something new about the same setting.
    const overrides = overridesOf(task.row);
    const set: Partial<TaskFields> = {};
    for (const field of LIVE) {
      if (overrides[field] !== undefined && same(overrides.file?.[field], definition[field])) continue;
      Object.assign(set, { [field]: definition[field] });
      forget(overrides, field);
    }
    beginAnew(draft, task, event.moved, at);
    const { name, config, configHash } = definition;
    const about = { name, config, configHash, overrides: textOf(overrides), updatedAt: at };
    settingsBecome(draft, task, { ...set, ...about });
    settle(draft, task, at, false);
    return accepted();
  });
}

/** What was done for a unit was done with its source and target of that time. */
function beginAnew(draft: Draft, task: TaskState, moved: Of<'define'>['moved'], at: number): void {
  if (moved === undefined || moved.length === 0) return;
  if (moved === 'all') {
    allFresh(draft, task, at);
    return;
  }
  for (const name of moved) {
    const unitId = task.idByName.get(name);
    if (unitId !== undefined) setUnit(draft, task, unitId, fresh(at));
  }
}

/** In force at once: raising the concurrency starts more units, lowering it starts none until fewer run. */
export function decideAdjust(draft: Draft, event: Of<'adjust'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const { at } = event;
  const set = completed(event.set, task.row);
  const refusal = badSettings(set, event.set);
  if (refusal) return { ok: false, refusal };
  const inForce = { ...task.row, concurrency: unfinishedRun(task)?.concurrency ?? task.row.concurrency };
  const news = LIVE.filter((field) => set[field] !== undefined && !same(set[field], inForce[field]));
  if (news.length === 0) return accepted();
  const overrides = overridesOf(task.row);
  const changed: Partial<TaskFields> = {};
  for (const field of news) {
    const inFile = overrides.file?.[field] ?? task.row[field];
    forget(overrides, field);
    Object.assign(changed, { [field]: set[field] });
    if (same(set[field], inFile)) continue;
    Object.assign(overrides, { [field]: set[field] });
    overrides.file = { ...overrides.file, [field]: inFile };
  }
  settingsBecome(draft, task, { ...changed, overrides: textOf(overrides), updatedAt: at });
  settle(draft, task, at, false);
  return accepted();
}

/** With the members that the change does not name. */
function completed({ retry, limits, ...plain }: SettingsChange, inForce: TaskRow): Partial<LiveSettings> {
  return {
    ...plain,
    ...(retry === undefined ? {} : { retry: { ...inForce.retry, ...retry } }),
    ...(limits === undefined ? {} : { limits: { ...inForce.limits, ...limits } }),
  };
}

function settingsBecome(draft: Draft, task: TaskState, set: Partial<TaskFields>): void {
  const { concurrency, limits } = set;
  const limitsBefore = task.row.limits;
  setTask(draft, task, set);
  if (concurrency !== undefined && unfinishedRun(task)) setRunRow(draft, task, { concurrency });
  if (limits !== undefined && !same(limits, limitsBefore))
    draft.effects.push({ kind: 'limits', taskId: task.row.id, limits });
}

/** Lives in the process only. What a higher limit frees is offered, store by store. */
export function decideSetMaxRunning(draft: Draft, event: Of<'setMaxRunning'>): Verdict {
  const { maxRunningUnits, at } = event;
  if (!isWhole(maxRunningUnits, 1, MOST_RUNNING))
    return refused('badMaxRunning', { value: shown(maxRunningUnits), least: 1, most: MOST_RUNNING });
  put(draft, { kind: 'maxRunning', maxRunningUnits });
  dispatch(draft, at, null);
  return accepted(null, 'buffered');
}

/** A slot is offered to a task; all tasks of its store take what falls to them. */
export function decideOffer(draft: Draft, event: Of<'offer'>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  dispatch(draft, event.at, task.row.store);
  return accepted();
}

export function badConcurrency(value: unknown): Coded | null {
  if (isWhole(value, 1, MOST_CONCURRENCY)) return null;
  return coded('badConcurrency', { value: shown(value), least: 1, most: MOST_CONCURRENCY });
}

/** They may come from another process: nothing about them is taken for granted. */
function badSettings(set: Partial<LiveSettings>, asked: SettingsChange): Coded | null {
  const { concurrency, onError, retry, limits } = set;
  if (concurrency !== undefined) {
    const refusal = badConcurrency(concurrency);
    if (refusal) return refusal;
  }
  if (onError !== undefined && onError !== 'skip' && onError !== 'pause')
    return coded('badSetting', { setting: 'onError', value: shown(onError) });
  if (retry !== undefined) {
    const { attempts, delayMs, factor, maxDelayMs, jitter } = retry;
    const good =
      isWhole(attempts, 0, MOST_RETRIES) &&
      isWithin(delayMs, 0, LONGEST_DELAY_MS) &&
      isWithin(factor, 1, 100) &&
      isWithin(maxDelayMs, 0, LONGEST_DELAY_MS) &&
      isWithin(jitter, 0, 1);
    if (!good) return coded('badSetting', { setting: 'retry', value: shown(JSON.stringify(asked.retry)) });
  }
  if (limits !== undefined) {
    const good =
      isWithin(limits.rowsPerSecond, 0, MOST_PER_SECOND) && isWithin(limits.bytesPerSecond, 0, MOST_PER_SECOND);
    if (!good) return coded('badSetting', { setting: 'limits', value: shown(JSON.stringify(asked.limits)) });
  }
  return null;
}

/** As in the file. */
const MOST_RETRIES = 1_000;
const LONGEST_DELAY_MS = 86_400_000;
const MOST_PER_SECOND = 1e15;

function newTask({ taskId, store, definition, at }: Of<'define'>): TaskRow {
  const { name, mode, concurrency, onError, retry, limits, config, configHash } = definition;
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
    retry,
    limits,
    config,
    configHash,
    overrides: null,
    queueRev: 0,
    fullRunAt: null,
    createdAt: at,
    updatedAt: at,
  };
}

function overridesOf(row: TaskRow): Overrides {
  return row.overrides === null ? {} : (JSON.parse(row.overrides) as Overrides);
}

function forget(overrides: Overrides, field: keyof LiveSettings): void {
  delete overrides[field];
  if (!overrides.file) return;
  const { [field]: _dropped, ...rest } = overrides.file;
  overrides.file = rest;
  if (Object.keys(rest).length === 0) delete overrides.file;
}

function textOf(overrides: Overrides): string | null {
  return Object.keys(overrides).length === 0 ? null : JSON.stringify(overrides);
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function shown(value: unknown): string {
  return String(value).slice(0, 100);
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && isWithin(value, least, most);
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
