/**
 * The queue that people order while it runs. Requests name units, never positions; what has started since is left
 * alone. Only these edits change the queue's revision: starts do not.
 */
import { coded } from './codes.ts';
import { accepted, type Draft, put, refused, setTask, setUnit, type Verdict } from './draft.ts';
import type { Event, Place, QueueEntry } from './events.ts';
import { isHeld } from './indexes.ts';
import type { Coded, UnitId } from './model.ts';
import { ordersBetween } from './queue-order.ts';
import { fresh, retried, waitEnds } from './resets.ts';
import { modeInForce } from './select.ts';
import { settle, widenRun } from './settle.ts';
import type { TaskState, UnitEntry } from './state.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;
type Edit = Of<'queueAdd' | 'queueRemove' | 'queueClear' | 'queueMove'>;

/** Entries that stand in the queue already stay where they are. */
export function decideQueueAdd(draft: Draft, event: Of<'queueAdd'>): Verdict {
  const found = editable(draft, event);
  if ('refusal' in found) return found.verdict;
  const { task } = found;
  const units = unitsOf(task, event.unitIds);
  if ('code' in units) return { ok: false, refusal: units };
  const completed = units.filter(({ row }) => row.status === 'completed');
  if (completed.length > 0 && !event.again) return refused('completedUnits', namesOf(completed));

  const adding = units.filter(({ row, queueOrder }) => row.status !== 'running' && queueOrder === null);
  widenRun(draft, task, event.unitIds);
  if (adding.length === 0) {
    settle(draft, task, event.at, false);
    return accepted(coded('queuedAlready', { units: units.length }));
  }
  makeReady(draft, task, adding, event.at);
  place(draft, task, adding, event.to, event.at);
  edited(draft, task, event.at);
  settle(draft, task, event.at, false);
  return accepted(coded('queued', { units: adding.length }));
}

export function decideQueueRemove(draft: Draft, event: Of<'queueRemove'>): Verdict {
  const found = editable(draft, event);
  if ('refusal' in found) return found.verdict;
  const { task } = found;
  const units = unitsOf(task, event.unitIds);
  if ('code' in units) return { ok: false, refusal: units };
  const unitIds = units.filter(({ queueOrder }) => queueOrder !== null).map(({ row }) => row.id);
  if (unitIds.length === 0) return accepted(coded('notQueued', { units: units.length }));
  put(draft, { kind: 'dequeue', taskId: task.row.id, unitIds });
  edited(draft, task, event.at);
  settle(draft, task, event.at, false);
  return accepted(coded('unqueued', { units: unitIds.length }));
}

export function decideQueueClear(draft: Draft, event: Of<'queueClear'>): Verdict {
  const found = editable(draft, event);
  if ('refusal' in found) return found.verdict;
  const { task } = found;
  const units = task.queue.count;
  if (units === 0) return accepted(coded('queueEmpty'));
  put(draft, { kind: 'clearQueue', taskId: task.row.id });
  edited(draft, task, event.at);
  settle(draft, task, event.at, false);
  return accepted(coded('unqueued', { units }));
}

export function decideQueueMove(draft: Draft, event: Of<'queueMove'>): Verdict {
  const found = editable(draft, event);
  if ('refusal' in found) return found.verdict;
  const { task } = found;
  const units = unitsOf(task, event.unitIds);
  if ('code' in units) return { ok: false, refusal: units };
  const { to } = event;
  const moving = units.filter(({ queueOrder }) => queueOrder !== null);
  if (moving.length === 0) return accepted(coded('notQueued', { units: units.length }));
  if (!place(draft, task, moving, to, event.at)) return accepted();
  edited(draft, task, event.at);
  settle(draft, task, event.at, false);
  return accepted(coded('moved', { units: moving.length }));
}

/** Units that go on by themselves: no person's edit. Those that stand in the queue already are moved. */
export function putAtHead(draft: Draft, task: TaskState, entries: readonly UnitEntry[], at: number): void {
  if (entries.length > 0) place(draft, task, entries, { kind: 'top' }, at);
}

/** Those that stand in the queue already stay where they are. */
export function putAtEnd(draft: Draft, task: TaskState, entries: readonly UnitEntry[], at: number): void {
  const adding = entries.filter(({ queueOrder }) => queueOrder === null);
  if (adding.length > 0) place(draft, task, adding, { kind: 'bottom' }, at);
}

/** Whoever is chosen by a person is executed: with a new budget, whatever has ended or delayed it before. */
export function makeReady(draft: Draft, task: TaskState, entries: readonly UnitEntry[], at: number): void {
  widenRun(
    draft,
    task,
    entries.map(({ row }) => row.id),
  );
  for (const { row } of entries) {
    if (row.status === 'completed') setUnit(draft, task, row.id, fresh(at));
    else if (row.status === 'failed') setUnit(draft, task, row.id, retried(at));
    else if (row.nextRetryAt !== null || row.retriesUsed > 0) setUnit(draft, task, row.id, waitEnds(at));
    if (isHeld(row)) setUnit(draft, task, row.id, { reason: null, updatedAt: at });
  }
}

type Editable = { readonly task: TaskState } | { readonly refusal: true; readonly verdict: Verdict };

function editable(draft: Draft, event: Edit): Editable {
  const no = (verdict: Verdict): Editable => ({ refusal: true, verdict });
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return no(refused('unknownTask', { task: event.taskId }));
  const { name, switchingTo, queueRev } = task.row;
  if (switchingTo !== null)
    return no(refused('queueSwitching', { task: name, units: task.byStatus.running.count, mode: switchingTo }));
  if (modeInForce(task) !== 'manual') return no(refused('queueNeedsManual', { task: name }));
  if (event.baseRev !== null && event.baseRev !== queueRev)
    return no(refused('queueChanged', { task: name, rev: queueRev }));
  if ('to' in event && event.to.kind === 'before' && !task.units.has(event.to.unitId))
    return no(refused('unknownUnits', { units: String(event.to.unitId).slice(0, 200), count: 1 }));
  return { task };
}

/** The units of a request, or why it is refused as a whole. */
export function unitsOf(task: TaskState, unitIds: readonly UnitId[]): UnitEntry[] | Coded {
  if (unitIds.length === 0) return coded('noUnits', { task: task.row.name });
  if (unitIds.length > task.units.size)
    return coded('tooManyUnits', { task: task.row.name, count: unitIds.length, units: task.units.size });
  const entries = new Set<UnitEntry>();
  for (const unitId of unitIds) {
    const entry = task.units.get(unitId);
    if (!entry || entry.row.removed) return coded('unknownUnits', { units: String(unitId).slice(0, 200), count: 1 });
    if (entries.has(entry)) return coded('unitTwice', { unit: entry.row.name });
    entries.add(entry);
  }
  return [...entries];
}

/** @returns whether anything moves. */
function place(draft: Draft, task: TaskState, moving: readonly UnitEntry[], to: Place, at: number): boolean {
  const block = new Set(moving);
  const inTurn = to.kind === 'up' || to.kind === 'down' ? [...moving].sort(byOrder) : moving;
  const next = entryAfter(task, inTurn, block, to);
  const before = without(next ? task.queue.before(next) : backwards(task), block);
  const after = without(next ? from(task, next) : [].values(), block);
  const { own, neighbours } = ordersBetween({ before, after }, inTurn.length);
  const entries: QueueEntry[] = [];
  for (const [index, entry] of inTurn.entries()) {
    const addedAt = entry.queueOrder === null ? at : entry.queuedAt;
    entries.push({ unitId: entry.row.id, order: own[index]!, addedAt });
  }
  if (standsSo(task, inTurn, next)) return false;
  for (const { entry, order } of neighbours) entries.push({ unitId: entry.row.id, order, addedAt: entry.queuedAt });
  put(draft, { kind: 'enqueue', taskId: task.row.id, entries });
  return true;
}

/** The waiting entry that the block goes before, itself not part of it; undefined = to the end. */
function entryAfter(
  task: TaskState,
  inTurn: readonly UnitEntry[],
  block: ReadonlySet<UnitEntry>,
  to: Place,
): UnitEntry | undefined {
  const outside = (entries: Iterable<UnitEntry>): UnitEntry | undefined => {
    for (const entry of entries) if (!block.has(entry)) return entry;
    return undefined;
  };
  switch (to.kind) {
    case 'bottom':
      return undefined;
    case 'top':
      return outside(task.queue);
    case 'up': {
      const first = inTurn.find(({ queueOrder }) => queueOrder !== null);
      return (first && outside(task.queue.before(first))) ?? outside(task.queue);
    }
    case 'down': {
      const last = inTurn.findLast(({ queueOrder }) => queueOrder !== null);
      const passed = last && outside(task.queue.after(last));
      return passed && outside(task.queue.after(passed));
    }
    case 'before': {
      const anchor = task.units.get(to.unitId);
      // It has started since: what stands before it now is the head.
      if (!anchor || anchor.queueOrder === null) return outside(task.queue);
      return block.has(anchor) ? outside(task.queue.after(anchor)) : anchor;
    }
  }
}

/** Whether the block stands already where it is to go. */
function standsSo(task: TaskState, inTurn: readonly UnitEntry[], next: UnitEntry | undefined): boolean {
  let expected = inTurn[0];
  if (!expected || inTurn.some(({ queueOrder }) => queueOrder === null)) return false;
  const walk = task.queue.after(expected);
  for (let index = 1; index <= inTurn.length; index++) {
    expected = index < inTurn.length ? inTurn[index] : next;
    const { value } = walk.next();
    if (value !== expected) return false;
  }
  return true;
}

function* from(task: TaskState, entry: UnitEntry): Generator<UnitEntry, undefined> {
  yield entry;
  yield* task.queue.after(entry);
}

function* backwards(task: TaskState): Generator<UnitEntry, undefined> {
  const last = task.queue.last();
  if (!last) return;
  yield last;
  yield* task.queue.before(last);
}

function* without(entries: Iterator<UnitEntry>, block: ReadonlySet<UnitEntry>): Generator<UnitEntry, undefined> {
  for (let step = entries.next(); !step.done; step = entries.next()) if (!block.has(step.value)) yield step.value;
}

function byOrder(a: UnitEntry, b: UnitEntry): number {
  return (a.queueOrder ?? Number.MAX_SAFE_INTEGER) - (b.queueOrder ?? Number.MAX_SAFE_INTEGER);
}

function edited(draft: Draft, task: TaskState, at: number): void {
  setTask(draft, task, { queueRev: task.row.queueRev + 1, updatedAt: at });
}

function namesOf(entries: readonly UnitEntry[]): Coded['args'] {
  const names = entries.slice(0, 10).map(({ row }) => row.name);
  return { units: names.join(', '), count: entries.length };
}
