/** What views and hosts ask of the state. Rows are answered by reference: read them, never keep or change them. */
import { type CoreCode, coded } from './codes.ts';
import { addToSums, isDone, type Sums } from './indexes.ts';
import type { Coded, Mode, RunRow, TaskId, TaskRow, UnitId, UnitRow, UnitStatus } from './model.ts';
import { type Blockers, dependents, whyDependent } from './parents.ts';
import type { CoreState, TaskState } from './state.ts';

export type Counts = Readonly<Record<UnitStatus, number>>;

export function taskOf(state: CoreState, taskId: TaskId): Readonly<TaskRow> | undefined {
  return state.tasks.get(taskId)?.row;
}

/** Tasks of one store (all of them when null), in the order in which they became known. */
export function tasksOf(state: CoreState, store: string | null): Readonly<TaskRow>[] {
  const rows: TaskRow[] = [];
  for (const { row } of state.tasks.values()) if (store === null || row.store === store) rows.push(row);
  return rows;
}

export function unitOf(state: CoreState, unitId: UnitId): Readonly<UnitRow> | undefined {
  return state.taskOfUnit.get(unitId)?.units.get(unitId)?.row;
}

/** Also finds removed units. */
export function unitByName(state: CoreState, taskId: TaskId, name: string): Readonly<UnitRow> | undefined {
  const task = state.tasks.get(taskId);
  const unitId = task?.idByName.get(name);
  return unitId === undefined ? undefined : task?.units.get(unitId)?.row;
}

/** Names of all units, removed ones too. O(units). */
export function unitNames(state: CoreState, taskId: TaskId): string[] {
  return [...(state.tasks.get(taskId)?.idByName.keys() ?? [])];
}

/** The unit at an index in plan order (removed ones do not count). */
export function unitAt(state: CoreState, taskId: TaskId, index: number): Readonly<UnitRow> | undefined {
  return state.tasks.get(taskId)?.order[index]?.row;
}

/** Index of a unit in plan order; -1 = removed or unknown. */
export function indexOf(state: CoreState, unitId: UnitId): number {
  return state.taskOfUnit.get(unitId)?.units.get(unitId)?.position ?? -1;
}

/** How many units count: all but the removed ones. */
export function unitCount(state: CoreState, taskId: TaskId): number {
  return state.tasks.get(taskId)?.order.length ?? 0;
}

/** The newest run; unfinished while its outcome is null. */
export function runOf(state: CoreState, taskId: TaskId): Readonly<RunRow> | null {
  return state.tasks.get(taskId)?.run ?? null;
}

/** Units by status; removed ones do not count. */
export function countsOf(state: CoreState, taskId: TaskId): Counts {
  const by = state.tasks.get(taskId)?.byStatus;
  return {
    pending: by?.pending.count ?? 0,
    running: by?.running.count ?? 0,
    completed: by?.completed.count ?? 0,
    failed: by?.failed.count ?? 0,
    paused: by?.paused.count ?? 0,
  };
}

/** What a completed unit has to say: rows that were rejected, the note of its copy. */
export function noteOf({ rejected, reason }: Readonly<UnitRow>): Coded | null {
  if (rejected === 0) return reason;
  const args = { rows: rejected };
  return reason === null ? coded('rowsRejected', args) : { ...coded('rowsRejectedAnd', args), cause: reason };
}

export function sumsOf(state: CoreState, taskId: TaskId): Readonly<Sums> {
  return state.tasks.get(taskId)?.sums ?? noSums();
}

/** Sums of the units that the newest run is of. O(units of a limited run). */
export function runSumsOf(state: CoreState, taskId: TaskId): Readonly<Sums> {
  const task = state.tasks.get(taskId);
  if (!task?.runNames) return sumsOf(state, taskId);
  const sums = noSums();
  for (const row of runUnits(task, task.runNames)) addToSums(sums, row, 1);
  return sums;
}

/** Units by status of those that the newest run is of. O(units of a limited run). */
export function runCountsOf(state: CoreState, taskId: TaskId): Counts {
  const task = state.tasks.get(taskId);
  if (!task?.runNames) return countsOf(state, taskId);
  const counts = { pending: 0, running: 0, completed: 0, failed: 0, paused: 0 };
  for (const { status } of runUnits(task, task.runNames)) counts[status]++;
  return counts;
}

/** Whether the newest run is of all units, or of this one too. */
export function isInRun(state: CoreState, { taskId, name }: Readonly<UnitRow>): boolean {
  return state.tasks.get(taskId)?.runNames?.has(name) ?? true;
}

function* runUnits(task: TaskState, names: ReadonlySet<string>): Iterable<UnitRow> {
  for (const name of names) {
    const row = task.units.get(task.idByName.get(name) ?? '')?.row;
    if (row && !row.removed) yield row;
  }
}

function noSums(): Sums {
  return { processed: 0, bytes: 0, rejected: 0, total: 0, unknownTotals: 0 };
}

/** Failed units grouped by the code of their error, most frequent first; `cause` is the error of one of them. */
export function failuresOf(state: CoreState, taskId: TaskId): { readonly cause: Coded; readonly count: number }[] {
  const task = state.tasks.get(taskId);
  if (!task) return [];
  const groups: { cause: Coded; count: number }[] = [];
  for (const [code, unitIds] of task.failures) {
    const [first = ''] = unitIds;
    const error = task.units.get(first)?.row.error;
    groups.push({ cause: { code, args: error?.args ?? {} }, count: unitIds.size });
  }
  return groups.sort((a, b) => b.count - a.count || (a.cause.code < b.cause.code ? -1 : 1));
}

/**
 * A page of units in plan order, of one status or (null) of all. Pass the plan order of the last unit seen, or -1.
 * Costs O(limit).
 */
export function unitsOf(
  state: CoreState,
  taskId: TaskId,
  status: UnitStatus | null,
  afterPlanOrder: number,
  limit: number,
): Readonly<UnitRow>[] {
  const task = state.tasks.get(taskId);
  if (!task) return [];
  const from = positionAfter(task, afterPlanOrder);
  if (status === null) return task.order.slice(from, from + limit).map((entry) => entry.row);
  const rows: UnitRow[] = [];
  const members = task.byStatus[status];
  for (let at = members.next(from); at >= 0 && rows.length < limit; at = members.next(at + 1)) {
    rows.push(task.order[at]!.row);
  }
  return rows;
}

/** The units that run, in plan order. */
export function runningUnitsOf(state: CoreState, taskId: TaskId): Readonly<UnitRow>[] {
  return unitsOf(state, taskId, 'running', -1, Number.MAX_SAFE_INTEGER);
}

/** Units at a time in force: an unfinished run may have its own. */
export function concurrencyOf(state: CoreState, taskId: TaskId): number {
  const task = state.tasks.get(taskId);
  return task ? concurrencyInForce(task) : 0;
}

export function concurrencyInForce(task: TaskState): number {
  return unfinishedRun(task)?.concurrency ?? task.row.concurrency;
}

/** The newest run when it is unfinished. */
export function unfinishedRun(task: TaskState): RunRow | null {
  return task.run !== null && task.run.outcome === null ? task.run : null;
}

/**
 * Why a unit does not run now, beyond what its row says; null = nothing to add.
 * @param now ms, for countdowns
 * @param known pass one for many units of a task that are asked for in one go
 */
export function whyWaiting(state: CoreState, unitId: UnitId, now: number, known: Blockers = new Map()): Coded | null {
  const task = state.taskOfUnit.get(unitId);
  const entry = task?.units.get(unitId);
  if (!task || !entry || entry.row.removed) return null;
  const { row } = entry;
  if (row.status !== 'pending' && row.status !== 'paused') return row.reason;
  const inRun = unfinishedRun(task) !== null && (task.runNames?.has(row.name) ?? true);
  if (row.nextRetryAt !== null) return retryWait(task, row, inRun, now);
  if (row.reason) return row.reason;
  const dependent = entry.openParents > 0 ? whyDependent(task, row, known) : null;
  if (dependent && task.run !== null) return dependent;
  if (task.row.runState !== 'running' || !inRun) return null;
  if (task.row.switchingTo !== null) return coded('waitingForSwitch', { units: task.byStatus.running.count });
  if (modeInForce(task) === 'manual' && entry.queueOrder === null) return null;
  const wait = (code: CoreCode, running: number, most: number) => coded(code, { running, most });
  const running = task.byStatus.running.count;
  if (running >= concurrencyInForce(task)) return wait('waitingForTurn', running, concurrencyInForce(task));
  return wait('waitingForSlots', state.running, state.maxRunningUnits);
}

/** The time of a retry counts while its task dispatches; a task that rests or switches takes it up when it goes on. */
function retryWait(task: TaskState, row: UnitRow, inRun: boolean, now: number): Coded {
  const args = { retry: row.retriesUsed, of: row.reason?.args.of ?? task.row.retry.attempts };
  const seconds = Math.max(0, Math.ceil(((row.nextRetryAt ?? now) - now) / 1000));
  const counts = inRun && task.row.runState === 'running' && task.row.switchingTo === null;
  const wait = counts ? coded('retryWaits', { ...args, seconds }) : coded('retryWaitsForTask', args);
  return row.error ? { ...wait, cause: { code: row.error.code, args: row.error.args } } : wait;
}

/** When the next retry of the tasks that run is due, ms since the epoch; null = none is waited for. O(tasks). */
export function nextDueAt(state: CoreState, store: string | null): { taskId: TaskId; at: number } | null {
  let next: { taskId: TaskId; at: number } | null = null;
  for (const taskId of state.ring) {
    const task = state.tasks.get(taskId);
    const at = task?.retries.first()?.row.nextRetryAt ?? null;
    if (!task || at === null || task.row.switchingTo !== null) continue;
    if (store !== null && task.row.store !== store) continue;
    if (!next || at < next.at) next = { taskId, at };
  }
  return next;
}

/** Ids of the waiting units, the head first. O(entries). */
export function queueOf(state: CoreState, taskId: TaskId): readonly UnitId[] {
  const task = state.tasks.get(taskId);
  return task ? Array.from(task.queue, ({ row }) => row.id) : [];
}

export function queueLength(state: CoreState, taskId: TaskId): number {
  return state.tasks.get(taskId)?.queue.count ?? 0;
}

/** Manual mode: the task runs, and nothing happens until somebody adds units to its queue. */
export function waitsForAdditions(state: CoreState, taskId: TaskId): boolean {
  const task = state.tasks.get(taskId);
  if (task?.row.runState !== 'running' || modeInForce(task) !== 'manual') return false;
  return task.byStatus.running.count + task.queueReady.count + task.retries.count === 0;
}

/** The mode by which a task is dispatched: an unfinished run may have its own. */
export function modeOf(state: CoreState, taskId: TaskId): Mode | null {
  const task = state.tasks.get(taskId);
  return task ? modeInForce(task) : null;
}

export function modeInForce(task: TaskState): Mode {
  return unfinishedRun(task)?.mode ?? task.row.mode;
}

/** Units that come after this one, directly or not, and are not completed. @param most stops when there are more */
export function dependentsOf(state: CoreState, unitId: UnitId, most?: number): readonly UnitId[] {
  const task = state.taskOfUnit.get(unitId);
  const name = task?.units.get(unitId)?.row.name;
  if (!task || name === undefined || !task.children.has(name)) return [];
  return [...dependents(task, name, most)].map((child) => task.idByName.get(child) ?? '');
}

/** Units that name this one in their `after` and are not completed. */
export function childrenOf(state: CoreState, unitId: UnitId): readonly UnitId[] {
  const task = state.taskOfUnit.get(unitId);
  const children = task?.children.get(task.units.get(unitId)?.row.name ?? '') ?? [];
  return Array.from(children, ({ row }) => row).flatMap(({ id, status }) => (status === 'completed' ? [] : [id]));
}

/** Whether those that come after the unit may be blocked by it, or through it. */
export function mayBlock(state: CoreState, unitId: UnitId): boolean {
  const task = state.taskOfUnit.get(unitId);
  const entry = task?.units.get(unitId);
  if (!task || !entry || isDone(entry.row)) return false;
  const { row, openParents } = entry;
  return row.status === 'failed' || openParents > 0 || !(task.runNames?.has(row.name) ?? true);
}

/** Units of the run that wait for a retry, the nearest first. O(units that wait). */
export function retriesOf(state: CoreState, taskId: TaskId): readonly UnitId[] {
  return Array.from(state.tasks.get(taskId)?.retries ?? [], ({ row }) => row.id);
}

/** Whether a unit waits for others of its task. */
export function isDependent(state: CoreState, unitId: UnitId): boolean {
  return (state.taskOfUnit.get(unitId)?.units.get(unitId)?.openParents ?? 0) > 0;
}

/** Units of the run that wait for others that will not come to their end in it. */
export function dependentUnits(state: CoreState, taskId: TaskId): Readonly<UnitRow>[] {
  const task = state.tasks.get(taskId);
  const rows: UnitRow[] = [];
  const list = task?.runLists.dependent;
  for (let at = list?.next(0) ?? -1; task && list && at >= 0; at = list.next(at + 1)) rows.push(task.order[at]!.row);
  return rows;
}

function positionAfter(task: TaskState, planOrder: number): number {
  let low = 0;
  let high = task.order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (task.order[middle]!.row.planOrder <= planOrder) low = middle + 1;
    else high = middle;
  }
  return low;
}
