/** Takes a plan in: new units, units that are gone, and what the start makes of each of them. O(units). */

import type { Startable } from './dispatch.ts';
import type { Change, Event, UnitFields } from './events.ts';
import { isHeld } from './indexes.ts';
import { type PlannedUnit, type TaskId, UNSTARTED, type UnitRow, type UnitStatus } from './model.ts';
import { fresh, retried } from './resets.ts';
import { type TaskState, unitIdOf } from './state.ts';

/** What a start does with the units that it finds. */
export interface StartRules {
  readonly at: number;
  /** Names of a limited run; null = all. */
  readonly scope: ReadonlySet<string> | null;
  /** Units in scope begin anew, completed ones too. */
  readonly again: boolean;
  /** Failed units in scope are executed again. */
  readonly failedToo: boolean;
  /** The budget of retries is renewed. */
  readonly newBudget: boolean;
}

export interface Intake {
  /** What the plan itself changes; also taken in when there is nothing to do. */
  readonly planChanges: readonly Change[];
  /** What the start makes of the units; follows the plan's changes. */
  readonly startChanges: readonly Change[];
  /** In the order in which they start: paused ones first, each group in plan order. */
  readonly ready: readonly Startable[];
  /** Units in scope that stay failed. */
  readonly failed: number;
}

/** @returns the name that stands twice in a plan. */
export function repeatedName(plan: readonly PlannedUnit[]): string | undefined {
  const seen = new Set<string>();
  return plan.find(({ name }) => seen.size === seen.add(name).size)?.name;
}

export function takeIn(task: TaskState, plan: Extract<Event, { type: 'start' }>['plan'], rules: StartRules): Intake {
  const taskId = task.row.id;
  const { at, scope } = rules;
  const planChanges: Change[] = [];
  const startChanges: Change[] = [];
  const added: UnitRow[] = [];
  const paused: Startable[] = [];
  const pending: Startable[] = [];
  let failed = 0;
  let failedInPlan = false;
  const set = (list: Change[], unitId: string, fields: Partial<UnitFields>) => {
    list.push({ kind: 'unit', taskId, unitId, set: fields });
  };

  for (const [planOrder, planned] of plan.entries()) {
    const inScope = scope === null || scope.has(planned.name);
    const known = knownUnit(task, planned.name);
    if (!known) {
      const row = newUnit(taskId, unitIdOf(taskId, task.nextUnit + added.length), planned, planOrder, at);
      added.push(row);
      if (inScope) pending.push(row);
      continue;
    }
    const after = statusAfter(known, inScope, rules);
    const fromBeginning = known.checkpoint === null || (inScope && rules.again);
    const news = newsOf(known, planned, planOrder, after, fromBeginning);
    if (news) set(planChanges, known.id, { ...news, updatedAt: at });
    if (known.status === 'failed') failedInPlan = true;
    if (!inScope) continue;

    const startable = { id: known.id, attempt: known.attempt, resume: planned.resume };
    if (after === 'failed') failed++;
    if (after === 'paused') paused.push(startable);
    if (after === 'pending') pending.push(startable);

    if (rules.again) {
      if (scope !== null) set(startChanges, known.id, fresh(at));
    } else if (after === 'pending' && known.status === 'failed') {
      if (scope !== null) set(startChanges, known.id, retried(at));
    } else if (after === 'pending' || after === 'paused') {
      if (isHeld(known)) set(startChanges, known.id, { reason: null });
      if (rules.newBudget && (known.retriesUsed > 0 || known.nextRetryAt !== null))
        set(startChanges, known.id, { retriesUsed: 0, nextRetryAt: null });
    }
  }

  const planNames = new Set(plan.map(({ name }) => name));
  for (const { row } of task.order)
    if (!planNames.has(row.name)) set(planChanges, row.id, { removed: true, updatedAt: at });
  if (added.length > 0) planChanges.push({ kind: 'putUnits', taskId, units: added });
  if (scope === null && rules.again)
    startChanges.unshift({ kind: 'unitsWhere', taskId, statuses: ALL_STATUSES, set: fresh(at) });
  else if (scope === null && rules.failedToo && failedInPlan)
    startChanges.unshift({ kind: 'unitsWhere', taskId, statuses: ['failed'], set: retried(at) });
  return { planChanges, startChanges, ready: [...paused, ...pending], failed };
}

/** In statements of a store, `running` never stands beside a start: it is named for completeness. */
const ALL_STATUSES: readonly UnitStatus[] = ['pending', 'running', 'completed', 'failed', 'paused'];

function knownUnit(task: TaskState, name: string): UnitRow | undefined {
  const unitId = task.idByName.get(name);
  return unitId === undefined ? undefined : task.units.get(unitId)?.row;
}

function statusAfter(known: UnitRow, inScope: boolean, rules: StartRules): UnitStatus {
  if (!inScope) return known.status;
  if (rules.again) return 'pending';
  return known.status === 'failed' && rules.failedToo ? 'pending' : known.status;
}

/** What the plan knows better than the state; null = nothing. */
function newsOf(
  known: UnitRow,
  planned: PlannedUnit,
  planOrder: number,
  after: UnitStatus,
  fromBeginning: boolean,
): Partial<UnitFields> | null {
  // A total counted during the copy is better than the plan's estimate, until the unit begins anew.
  const takeTotal = after !== 'completed' && planned.total !== null && (known.total === null || fromBeginning);
  const news: Partial<UnitFields> = {
    ...(known.planOrder !== planOrder && { planOrder }),
    ...(known.removed && { removed: false }),
    ...(known.resume !== planned.resume && { resume: planned.resume }),
    ...(takeTotal && known.total !== planned.total && { total: planned.total }),
  };
  return Object.keys(news).length === 0 ? null : news;
}

function newUnit(taskId: TaskId, id: string, planned: PlannedUnit, planOrder: number, at: number): UnitRow {
  return {
    id,
    taskId,
    name: planned.name,
    type: planned.type,
    planOrder,
    status: 'pending',
    total: planned.total,
    resume: planned.resume,
    ...UNSTARTED,
    updatedAt: at,
  };
}
