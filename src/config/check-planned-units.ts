/** What can be said of a task's definition only when the names of its units are known. */
import type { Coded } from '../core/model.ts';
import type { TaskConfig } from './model.ts';

export interface PlannedNamesCheck {
  /** The plan is refused. */
  readonly errors: readonly Coded[];
  readonly warnings: readonly Coded[];
}

/** Checks overrides and order against the planned units. (That no two share a target is the plan's own business.) */
export function checkPlannedUnits(task: TaskConfig, units: readonly string[]): PlannedNamesCheck {
  const errors: Coded[] = [];
  const warnings: Coded[] = [];
  const planned = new Set(units);
  for (const [unit, override] of task.overrides) {
    if (!planned.has(unit)) warnings.push({ code: 'units.overrideUnused', args: { unit } });
    for (const parent of planned.has(unit) ? override.after : []) {
      if (!planned.has(parent)) errors.push({ code: 'after.unknownUnit', args: { unit, parent } });
    }
  }
  return { errors, warnings };
}
