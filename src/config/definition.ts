/** A task of the file in the forms that the core and the executor take. */
import { createHash } from 'node:crypto';
import type { Coded, TaskDefinition } from '../core/model.ts';
import type { PlanSettings } from '../core/ports.ts';
import type { UnitSettings } from '../core/settings.ts';
import { type ConfigModel, type TaskConfig, unitSettings } from './model.ts';

/**
 * What the core takes in. `config` is the definition as text (no secret in it), `configHash` changes with everything
 * that takes effect at the next start only: fields that are in force at once are left out of it.
 */
export function taskDefinition(task: TaskConfig, config: ConfigModel): TaskDefinition {
  const { concurrency, onError, description: _description, formerly: _formerly, settings, ...rest } = task;
  const { limits: _limits, retry: _retry, ...waiting } = settings;
  const connections = { source: config.connections.get(task.source), target: config.connections.get(task.target) };
  return {
    name: task.name,
    mode: task.mode,
    concurrency,
    onError,
    resumeOnStart: task.resumeOnStart,
    config: toText({ task, connections }),
    configHash: createHash('sha256')
      .update(toText({ ...rest, settings: waiting, connections }))
      .digest('hex')
      .slice(0, 16),
  };
}

/** JSON with members in alphabetical order, so that equal definitions have equal texts. */
function toText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Map) return sorted([...part]);
    if (part !== null && typeof part === 'object' && !Array.isArray(part)) return sorted(Object.entries(part));
    return part;
  });
}

function sorted(entries: [string, unknown][]): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) object[name] = value;
  return object;
}

/** Settings by unit name, for a plan. */
export function planSettings(task: TaskConfig): PlanSettings {
  const overrides: Record<string, UnitSettings> = Object.create(null);
  for (const unit of task.overrides.keys()) overrides[unit] = workerSettings(task, unit);
  // No unit has an empty name: the fallback holds no override.
  return { prefix: task.prefix, suffix: task.suffix, fallback: workerSettings(task, ''), overrides };
}

/** What a worker needs of the settings in force for a unit. */
export function workerSettings(task: TaskConfig, unit: string): UnitSettings {
  const { targetName, where, columns, key, batchRows, batchBytes, resume, write, verify, createTarget, checkpoint } =
    unitSettings(task, unit);
  return { targetName, where, columns, key, batchRows, batchBytes, resume, write, verify, createTarget, checkpoint };
}

export interface PlannedNamesCheck {
  /** The plan is refused. */
  readonly errors: readonly Coded[];
  readonly warnings: readonly Coded[];
}

/** What can be said of a task's definition only when the names of its units are known. */
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
