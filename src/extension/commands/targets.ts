/** Which units a command is about: the selected rows, those of a clicked row, the named ones, or the chosen ones. */
import type { TaskId, UnitId, UnitRow } from '../../core/model.ts';
import type { TaskManager } from '../../engine/api.ts';
import type { GroupName } from '../tree/looks.ts';

/** Units of one task. */
export interface UnitChoice {
  readonly taskId: TaskId;
  readonly units: readonly Readonly<UnitRow>[];
}

/** What the tree passes, as far as commands read it. */
type Row =
  | { readonly kind: 'unit'; readonly taskId: TaskId; readonly unit: Readonly<UnitRow> }
  | { readonly kind: 'group'; readonly taskId: TaskId; readonly group: GroupName };

/** A key of the view passes this: what is selected there is meant. */
const FROM_TREE = 'tree';

const PAGE = 10_000;

/**
 * @param target what the editor passed: a row of the tree, `{taskId, units: names}`, `{from: 'tree'}`, or nothing
 * @param selected the rows that are selected, of which the clicked one may be one
 * @param selection the rows selected in the tree now
 * @returns one choice for each task; undefined = nothing was passed that says which units
 */
export function givenUnits(
  target: unknown,
  selected: unknown,
  selection: () => readonly unknown[],
  manager: TaskManager,
): readonly UnitChoice[] | undefined {
  if (isFromTree(target)) {
    const chosen = choices(selection(), manager);
    return chosen.length === 0 ? undefined : chosen;
  }
  if (isNamed(target)) return [{ taskId: target.taskId, units: named(target, manager) }];
  if (!isRow(target)) return undefined;
  // A click beside the selection is about the clicked row alone.
  const rows = Array.isArray(selected) && selected.includes(target) ? selected : [target];
  return choices(rows, manager);
}

/** Rows of several tasks are told apart; a unit that is chosen twice counts once. */
function choices(rows: readonly unknown[], manager: TaskManager): UnitChoice[] {
  const byTask = new Map<TaskId, Map<UnitId, Readonly<UnitRow>>>();
  for (const row of rows.filter(isRow)) {
    const units = byTask.get(row.taskId) ?? new Map<UnitId, Readonly<UnitRow>>();
    byTask.set(row.taskId, units);
    const chosen = row.kind === 'unit' ? [row.unit] : unitsOfGroup(row.taskId, row.group, manager);
    for (const unit of chosen) units.set(unit.id, unit);
  }
  return [...byTask].map(([taskId, units]) => ({ taskId, units: [...units.values()] }));
}

function unitsOfGroup(taskId: TaskId, group: GroupName, manager: TaskManager): Readonly<UnitRow>[] {
  if (group === 'queue') return queueOf(taskId, manager);
  const units = allUnits(taskId, group, manager);
  if (group !== 'pending' && group !== 'paused') return units;
  const queued = new Set(manager.queue(taskId).unitIds);
  return units.filter(({ id }) => !queued.has(id));
}

/** The waiting units in the order of the queue. */
export function queueOf(taskId: TaskId, manager: TaskManager, limit = Number.MAX_SAFE_INTEGER): Readonly<UnitRow>[] {
  const indexes = manager.delta(taskId, new Set(), true).queue ?? [];
  return indexes.slice(0, limit).flatMap((index) => manager.unitAt(taskId, index) ?? []);
}

/** In plan order; removed ones are not among them. */
export function allUnits(taskId: TaskId, status: UnitRow['status'] | null, manager: TaskManager): Readonly<UnitRow>[] {
  const units: Readonly<UnitRow>[] = [];
  for (let after = -1, more = true; more; ) {
    const page = manager.units(taskId, status, after, PAGE);
    units.push(...page.units);
    after = page.units.at(-1)?.planOrder ?? after;
    more = page.more;
  }
  return units;
}

interface Named {
  readonly taskId: TaskId;
  readonly units: readonly string[];
}

function named({ taskId, units }: Named, manager: TaskManager): Readonly<UnitRow>[] {
  const byName = new Map(allUnits(taskId, null, manager).map((unit) => [unit.name, unit]));
  return units.flatMap((name) => byName.get(name) ?? []);
}

function isNamed(target: unknown): target is Named {
  return hasTask(target) && 'units' in target && Array.isArray(target.units);
}

function isRow(target: unknown): target is Row {
  if (!hasTask(target) || !('kind' in target)) return false;
  return (target.kind === 'unit' && 'unit' in target) || (target.kind === 'group' && 'group' in target);
}

export function hasTask(target: unknown): target is { readonly taskId: TaskId } {
  return typeof target === 'object' && target !== null && 'taskId' in target && typeof target.taskId === 'string';
}

function isFromTree(target: unknown): boolean {
  return typeof target === 'object' && target !== null && 'from' in target && target.from === FROM_TREE;
}
