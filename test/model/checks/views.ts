/** What views are told, against the rows: the order of the queue, the next retry, a reason for every wait. */
import type { UnitRow } from '../../../src/core/model.ts';
import { nextDueAt, queueOf as toldQueue, whyWaiting } from '../../../src/core/select.ts';
import { rowsOf, type World } from '../world.ts';
import { type Fail, inRun, modeOf, queueOf, unfinishedRunOf, unitsOf } from './context.ts';

export function checkViews(world: World, fail: Fail): void {
  let nearest: number | null = null;
  for (const { id, store } of world.tasks) {
    const own = world.open.has(store) ? rowsOf(world, id) : undefined;
    if (!own) continue;
    const told = toldQueue(world.state, id);
    if (told.join() !== queueOf(own).join()) fail('I15', `the queue of ${id} is told as ${told}`);
    const run = unfinishedRunOf(own);
    if (own.task.runState !== 'running' || !run) continue;
    for (const row of unitsOf(own)) {
      const waits = row.status === 'pending' || row.status === 'paused';
      if (!waits || !inRun(row, run)) continue;
      const available = modeOf(own) === 'manual' && !own.queue.has(row.id) && row.nextRetryAt === null;
      if (!available && !isWorded(world, row)) fail('reason', `nobody is told why ${row.id} waits`);
      if (row.nextRetryAt === null || own.task.switchingTo !== null) continue;
      nearest = Math.min(nearest ?? row.nextRetryAt, row.nextRetryAt);
    }
  }
  const next = nextDueAt(world.state, null)?.at ?? null;
  if (next !== nearest) fail('I17', `the next retry is told for ${next}, and is due ${nearest}`);
}

function isWorded({ state, at }: World, row: UnitRow): boolean {
  const reason = whyWaiting(state, row.id, at);
  return reason !== null && reason.code !== '';
}
