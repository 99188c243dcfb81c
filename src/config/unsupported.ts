/**
 * Features that the file can already ask for but this version does not have. They never pass silently: a task that uses
 * one is refused when it starts, with one sentence for each. A release that brings a feature deletes its line.
 */
import type { Coded } from '../core/model.ts';
import type { ConfigModel, Connection, TaskConfig, UnitOverride } from './model.ts';

type Used = string | number | boolean | null;

/** Fields of a task: the value that cannot be had yet, or null. */
const TASK_FIELDS: Readonly<Record<string, (task: TaskConfig, target: Connection['type'] | undefined) => Used>> = {
  swapAlias: (task, target) => (target === 'elasticsearch' ? null : task.swapAlias || null),
  formerly: (task) => task.formerly.join(', ') || null,
};

/** Settings of single units. */
type UnitFields = Readonly<Record<string, (override: UnitOverride) => Used>>;

/** Those that only a search server understands, on either side. */
const MAPPING_FIELDS: UnitFields = {
  fields: (override) => (override.fields.size > 0 ? [...override.fields.keys()].join(', ') : null),
};

/** Those that only a search server understands as a source. */
const SEARCH_FIELDS: UnitFields = {
  query: (override) => (override.query === null ? null : JSON.stringify(override.query)),
  sort: (override) => override.sort?.join(', ') ?? null,
  slices: (override) => override.slices,
};

/**
 * Why this version cannot run `task`: empty when it can.
 * Codes: `unsupported.field`, `unsupported.unitField`.
 */
export function unsupported(task: TaskConfig, config: ConfigModel): Coded[] {
  const found: Coded[] = [];
  const source = config.connections.get(task.source);
  const target = config.connections.get(task.target);
  const add = (field: string, value: Used): void => {
    if (value !== null) found.push({ code: 'unsupported.field', args: { field, value: shown(value) } });
  };
  for (const [field, used] of Object.entries(TASK_FIELDS)) add(field, used(task, target?.type));
  const reads = source?.type === 'elasticsearch';
  const writes = target?.type === 'elasticsearch';
  const fields = { ...(reads ? {} : SEARCH_FIELDS), ...(reads || writes ? {} : MAPPING_FIELDS) };
  return [...found, ...unsupportedUnits(task, fields)];
}

/** One sentence for each field, naming the first unit that uses it. */
function unsupportedUnits(task: TaskConfig, fields: UnitFields): Coded[] {
  const found = new Map<string, Coded>();
  const add = (unit: string, field: string, value: Used): void => {
    if (value === null || found.has(field)) return;
    found.set(field, { code: 'unsupported.unitField', args: { unit, field, value: shown(value) } });
  };
  for (const [unit, override] of task.overrides) {
    for (const [field, used] of Object.entries(fields)) add(unit, field, used(override));
  }
  return [...found.values()];
}

/** A notice for the whole file: its schedules are kept but do not run yet. */
export function scheduleNotice(config: ConfigModel): Coded | null {
  const enabled = [...config.schedules.values()].filter((schedule) => schedule.enabled);
  return enabled.length === 0 ? null : { code: 'unsupported.schedules', args: { count: enabled.length } };
}

/** Name of the target connection when it is marked as production: its name has to be typed before anything is written. */
export function productionTarget(task: TaskConfig, config: ConfigModel): string | null {
  return config.connections.get(task.target)?.environment === 'production' ? task.target : null;
}

function shown(value: string | number | boolean): string | number {
  return typeof value === 'boolean' ? String(value) : value;
}
