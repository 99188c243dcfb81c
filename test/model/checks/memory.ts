/** Memory against the rows that a decision has touched, and against counts of all rows. */
import { isDeepStrictEqual } from 'node:util';
import type { UnitRow } from '../../../src/core/model.ts';
import { percentOf } from '../../../src/core/progress.ts';
import { countsOf, sumsOf } from '../../../src/core/select.ts';
import { rowsOf } from '../world.ts';
import type { Check, TaskCheck } from './context.ts';
import { unitsOf } from './context.ts';

export function checkTouched({ world, decision, fail }: Check): void {
  for (const change of decision.changes) {
    if (change.kind !== 'unit') continue;
    const memory = world.state.tasks.get(change.taskId)?.units.get(change.unitId)?.row;
    const stored = rowsOf(world, change.taskId)?.units.get(change.unitId);
    if (!memory || !stored) {
      if (memory !== stored) fail('memory', `${change.unitId} is only in one of memory and store`);
      continue;
    }
    for (const key of Object.keys(stored) as (keyof UnitRow)[])
      if (memory[key] !== stored[key] && !isDeepStrictEqual(memory[key], stored[key]))
        fail('memory', `${change.unitId}.${key}: ${memory[key]} is not ${stored[key]}`);
    if (percentOf(memory) === 100 && memory.status !== 'completed') fail('percent', `${change.unitId} shows 100 %`);
  }
}

/** The counts of views, added up from the rows. */
export function checkCounts({ world, own, fail }: TaskCheck): void {
  const counts = { pending: 0, running: 0, completed: 0, failed: 0, paused: 0 };
  let [processed, bytes] = [0, 0];
  for (const row of unitsOf(own)) {
    counts[row.status]++;
    processed += row.processed;
    bytes += row.bytes;
  }
  const said = countsOf(world.state, own.task.id);
  for (const status of Object.keys(counts) as (keyof typeof counts)[])
    if (said[status] !== counts[status]) fail('counts', `${said[status]} ${status} instead of ${counts[status]}`);
  const sums = sumsOf(world.state, own.task.id);
  if (sums.processed !== processed || sums.bytes !== bytes) fail('counts', `${sums.processed} rows, not ${processed}`);
}
