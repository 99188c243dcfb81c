/** The queue (I4, I5): what each edit must make of it, worked out on a list of ids. */
import type { Event, Place } from '../../../src/core/events.ts';
import type { UnitId } from '../../../src/core/model.ts';
import { accepted, type Before, queueOf, type TaskCheck, unfinishedRunOf } from './context.ts';

type Edit = Extract<Event, { type: 'queueAdd' | 'queueRemove' | 'queueClear' | 'queueMove' }>;

/** Events by which a person edits the queue. */
const EDITS: readonly Event['type'][] = [
  'queueAdd',
  'queueRemove',
  'queueClear',
  'queueMove',
  'restart',
  'replay',
  'retry',
  'abort',
  'reset',
  'setMode',
  'start',
  'takePlan',
];

/** After every event, for every task it has touched. */
export function checkQueueRows({ own, fail }: TaskCheck): void {
  const orders = new Set<number>();
  for (const { unitId, order } of own.queue.values()) {
    const row = own.units.get(unitId)!;
    if (row.status === 'running') fail('I5', `${unitId} runs and stands in the queue`);
    if (row.status !== 'pending' && row.status !== 'paused') fail('I5', `${unitId} is ${row.status} and queued`);
    if (row.removed) fail('I5', `${unitId} has left the plan and stands in the queue`);
    if (row.nextRetryAt !== null) fail('I5', `${unitId} waits for a retry and stands in the queue`);
    if (!Number.isSafeInteger(order) || orders.has(order)) fail('I4', `${unitId}: order ${order} is taken`);
    orders.add(order);
  }
}

export function checkRevision(check: TaskCheck): void {
  const { before, own, event, premise, fail } = check;
  if (!before.task) return;
  const risen = own.task.queueRev - before.task.queueRev;
  if (risen < 0) fail('I15', 'the queue revision goes back');
  const switched = before.switching.has(own.task.id) && own.task.switchingTo === null;
  if (risen > 0 && !switched && !EDITS.includes(event.type)) fail('I4', `${event.type} changes the queue revision`);
  if (!isEdit(event) || !accepted(check)) return;
  const started = new Set(before.starts.map(({ row }) => row.id));
  const kept = before.queue.filter((id) => !started.has(id));
  const changed = kept.join() !== queueOf(own).join();
  if (changed) premise('queue edited');
  if (changed && risen !== 1) fail('I4', `an edit raises the queue revision by ${risen}`);
}

export function isEdit(event: Event): event is Edit {
  return ['queueAdd', 'queueRemove', 'queueClear', 'queueMove'].includes(event.type);
}

export function checkEdit(check: TaskCheck): void {
  const { event, before, own, premise, fail } = check;
  if (!isEdit(event) || !before.task) return;
  const wrong = whyRefused(before, event);
  if (wrong !== null) {
    premise(`queue: ${event.type} refused, ${wrong}`);
    if (accepted(check)) fail('queue', `${event.type} accepted: ${wrong}`);
    return;
  }
  if (!accepted(check)) {
    premise(`queue: ${event.type} refused otherwise`);
    return;
  }
  const started = new Set(before.starts.flatMap(({ row }) => (row.taskId === own.task.id ? [row.id] : [])));
  const wanted = expected(before, event);
  const after = queueOf(own);
  if (wanted !== null) {
    premise(`queue: ${event.type} ${'to' in event ? event.to.kind : ''}`);
    const left = wanted.filter((id) => !started.has(id));
    if (left.join() !== after.join()) fail('queue', `${event.type} gives ${after} instead of ${left}`);
  }
  if (event.type === 'queueAdd') checkAdded(check, event);
  if (event.type === 'queueMove') {
    const others = before.queue.filter((id) => !event.unitIds.includes(id) && !started.has(id));
    const still = after.filter((id) => !event.unitIds.includes(id));
    if (others.join() !== still.join()) fail('I4', 'a move changes the order of others');
  }
}

function whyRefused({ task, units }: Before, event: Edit): string | null {
  if (event.baseRev !== null && event.baseRev !== task!.queueRev) return 'stale';
  if (event.type === 'queueClear') return null;
  if (new Set(event.unitIds).size < event.unitIds.length) return 'twice';
  if (event.unitIds.some((id) => units.get(id)?.removed !== false)) return 'unknown';
  if ('to' in event && event.to.kind === 'before' && !units.has(event.to.unitId)) return 'unknown';
  if (event.type === 'queueAdd' && !event.again && event.unitIds.some((id) => units.get(id)!.status === 'completed'))
    return 'completed';
  return null;
}

/** The list that an accepted edit must lead to, apart from the units that start by it; null = not laid down. */
function expected({ queue, units }: Before, event: Edit): UnitId[] | null {
  switch (event.type) {
    case 'queueClear':
      return [];
    case 'queueRemove':
      return queue.filter((id) => !event.unitIds.includes(id));
    case 'queueMove': {
      const block = event.unitIds.filter((id) => queue.includes(id));
      return block.length === 0 ? [...queue] : placed(queue, block, event.to);
    }
    case 'queueAdd': {
      const block = event.unitIds.filter((id) => units.get(id)!.status !== 'running' && !queue.includes(id));
      if (event.to.kind === 'up' || event.to.kind === 'down') return null;
      return block.length === 0 ? [...queue] : placed(queue, block, event.to);
    }
  }
}

function placed(queue: readonly UnitId[], block: readonly UnitId[], to: Place): UnitId[] | null {
  const rest = queue.filter((id) => !block.includes(id));
  const insert = (at: number) => [...rest.slice(0, at), ...block, ...rest.slice(at)];
  switch (to.kind) {
    case 'top':
      return insert(0);
    case 'bottom':
      return insert(rest.length);
    case 'before': {
      // What is no entry (any more) has started: before the head. The block itself: where that one stands.
      const at = queue.indexOf(to.unitId);
      return insert(at < 0 ? 0 : queue.slice(0, at).filter((id) => !block.includes(id)).length);
    }
    default: {
      const inOrder = queue.filter((id) => block.includes(id));
      const first = queue.indexOf(inOrder[0]!);
      if (inOrder.join() !== queue.slice(first, first + block.length).join()) return null;
      const insert = (at: number) => [...rest.slice(0, at), ...inOrder, ...rest.slice(at)];
      return insert(to.kind === 'up' ? Math.max(0, first - 1) : Math.min(rest.length, first + 1));
    }
  }
}

function checkAdded({ own, before, premise, fail }: TaskCheck, event: Extract<Edit, { type: 'queueAdd' }>): void {
  const run = unfinishedRunOf(own);
  for (const id of event.unitIds) {
    const was = before.units.get(id)!;
    const row = own.units.get(id)!;
    if (was.status === 'running' || before.queue.includes(id)) continue;
    const started = row.status === 'running';
    if (!started && !own.queue.has(id)) fail('queue', `${id} was added and stands in no queue`);
    if (own.task.runState === 'running' && run?.units && !run.units.includes(row.name))
      fail('queue', `${id} was added and is no part of the run`);
    if (was.status === 'completed') {
      premise('I2 "Run again" of one unit');
      if (row.checkpoint !== null || row.prepared !== null) fail('again', `${id} keeps its checkpoint`);
    }
    if (was.status === 'failed' || was.nextRetryAt !== null) {
      premise('queue: adding is a retry by a person');
      if (row.retriesUsed !== 0 || row.nextRetryAt !== null) fail('I11', `${id} was added and has its old budget`);
    }
  }
}
