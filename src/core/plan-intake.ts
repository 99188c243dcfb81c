/** Takes a plan in, slice by slice: new units, what is known better of others, and units that are gone. */
import { accept, refuse } from './decision.ts';
import type { Change, Decision, Event, UnitFields } from './events.ts';
import { NO_PARENTS, type PlannedUnit, type TaskId, UNSTARTED, type UnitRow } from './model.ts';
import { type CoreState, type TaskState, unitIdOf } from './state.ts';

/** Nothing is started by it; the `start` that follows makes it durable. O(units of the slice). */
export function decideTakePlan(state: CoreState, event: Extract<Event, { type: 'takePlan' }>): Decision {
  const task = state.tasks.get(event.taskId);
  if (!task) return refuse('unknownTask', { task: event.taskId });
  const { runState } = task.row;
  if (runState === 'running' || runState === 'pausing' || runState === 'stopping')
    return refuse('stopFirst', { task: task.row.name });
  const { at, from, units, gone, taskId } = event;
  const repeated = repeatedName(units);
  if (repeated !== undefined) return refuse('planRepeatsUnit', { unit: repeated });

  const changes: Change[] = [];
  const added: UnitRow[] = [];
  for (const [index, planned] of units.entries()) {
    const known = unitNamed(task, planned.name);
    if (known) {
      const set = newsOf(known, planned, from + index);
      if (set) changes.push({ kind: 'unit', taskId, unitId: known.id, set: { ...set, updatedAt: at } });
    } else {
      const id = unitIdOf(taskId, task.nextUnit + added.length);
      added.push(newUnit(taskId, id, planned, from + index, at));
    }
  }
  const left: string[] = [];
  for (const name of gone) {
    const known = unitNamed(task, name);
    if (!known || known.removed) continue;
    changes.push({ kind: 'unit', taskId, unitId: known.id, set: { removed: true, updatedAt: at } });
    if (task.units.get(known.id)?.queueOrder != null) left.push(known.id);
  }
  if (left.length > 0) changes.push({ kind: 'dequeue', taskId, unitIds: left });
  if (added.length > 0) changes.push({ kind: 'putUnits', taskId, units: added });
  return accept([{ changes, effects: [] }], null, 'committed');
}

function repeatedName(units: readonly PlannedUnit[]): string | undefined {
  const seen = new Set<string>();
  return units.find(({ name }) => seen.size === seen.add(name).size)?.name;
}

function unitNamed(task: TaskState, name: string): UnitRow | undefined {
  return task.units.get(task.idByName.get(name) ?? '')?.row;
}

/** What the plan knows better than the state; null = nothing. */
function newsOf(known: UnitRow, planned: PlannedUnit, planOrder: number): Partial<UnitFields> | null {
  // A total counted during the copy is better than the plan's estimate, until the unit begins anew.
  const takeTotal =
    known.status !== 'completed' &&
    !known.replay &&
    planned.total !== null &&
    (known.total === null || known.checkpoint === null);
  const news: Partial<UnitFields> = {
    ...(known.planOrder !== planOrder && { planOrder }),
    ...(known.removed && { removed: false }),
    ...(known.resume !== planned.resume && { resume: planned.resume }),
    ...(!sameNames(known.after, planned.after) && { after: planned.after }),
    ...(takeTotal && known.total !== planned.total && { total: planned.total }),
  };
  return Object.keys(news).length === 0 ? null : news;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

function newUnit(taskId: TaskId, id: string, planned: PlannedUnit, planOrder: number, at: number): UnitRow {
  return {
    id,
    taskId,
    name: planned.name,
    type: planned.type,
    planOrder,
    after: planned.after.length === 0 ? NO_PARENTS : planned.after,
    status: 'pending',
    total: planned.total,
    resume: planned.resume,
    ...UNSTARTED,
    updatedAt: at,
  };
}
