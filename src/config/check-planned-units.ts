/** What can be said of a task's definition only when the names of its units are known. */
import type { Coded } from '../core/model.ts';
import { type TaskConfig, unitSettings } from './model.ts';

export interface PlannedNamesCheck {
  /** The plan is refused. */
  readonly errors: readonly Coded[];
  readonly warnings: readonly Coded[];
}

/** Checks target names and order among the planned units; part of every plan. */
export function checkPlannedUnits(task: TaskConfig, units: readonly string[]): PlannedNamesCheck {
  const errors: Coded[] = [];
  const warnings: Coded[] = [];
  const planned = new Set(units);
  const takenBy = new Map<string, string>();
  for (const unit of units) {
    const target = unitSettings(task, unit).targetName;
    const other = takenBy.get(target);
    if (other === undefined) takenBy.set(target, unit);
    else errors.push({ code: 'units.sameTarget', args: { unit, other, target } });
  }
  for (const [unit, override] of task.overrides) {
    if (!planned.has(unit)) warnings.push({ code: 'units.overrideUnused', args: { unit } });
    for (const parent of planned.has(unit) ? override.after : []) {
      if (!planned.has(parent)) errors.push({ code: 'after.unknownUnit', args: { unit, parent } });
    }
  }
  return { errors, warnings };
}
