/** From a task's definition to what the core and the workers need of it. */
import { createHash } from 'node:crypto';
import type { ConfigModel, Connection, TaskConfig } from '../config/model.ts';
import { unitSettings } from '../config/model.ts';
import type { Coded, Limits, PlannedUnit, TaskDefinition, TaskId, UnitRow } from '../core/model.ts';
import type { PlanRequest, PlanResult, UnitJob } from '../core/ports.ts';
import { addressOf, type ResolvedConnection, type UnitNames, type UnitSettings } from '../core/settings.ts';
import { failureOf } from './failures.ts';

/** What a running task works with, whatever happens to the file meanwhile. */
export interface TaskRuntime {
  readonly config: TaskConfig;
  readonly model: ConfigModel;
  readonly source: ResolvedConnection;
  readonly target: ResolvedConnection;
}

/** What the store keeps of a definition (JSON text): no secret, but enough to see later where its units were copied. */
interface KeptDefinition {
  readonly task: {
    readonly prefix: string;
    readonly suffix: string;
    readonly overrides: Record<string, { as: string | null }>;
  };
  readonly source: Connection;
  readonly target: Connection;
  readonly place: Place;
}

/** Where a task's units really come from and go to. */
interface Place {
  readonly source: string;
  readonly target: string;
}

/** The definition as decisions see it. */
export function definitionOf({ config: task, model, source, target }: TaskRuntime): TaskDefinition {
  const place: Place = { source: placeOf(source), target: placeOf(target) };
  const ends = { source: model.connections.get(task.source), target: model.connections.get(task.target) };
  const config = JSON.stringify({ task, ...ends, place }, mapsAsObjects);
  return {
    name: task.name,
    mode: task.mode,
    concurrency: task.concurrency,
    onError: task.onError,
    retry: task.settings.retry,
    limits: task.settings.limits,
    resumeOnStart: task.resumeOnStart,
    config,
    configHash: createHash('sha256').update(config).digest('hex').slice(0, 16),
  };
}

function placeOf(connection: ResolvedConnection): string {
  return JSON.stringify(addressOf(connection));
}

/** The two connections of a definition that the store keeps; undefined when its text is damaged. */
export function keptEnds(config: string): { source: Connection; target: Connection } | undefined {
  try {
    const { source, target } = JSON.parse(config) as KeptDefinition;
    return { source, target };
  } catch {
    return undefined;
  }
}

/**
 * Units whose source or target is not the one their copy was made from and into: what is known of them (completed, a
 * checkpoint, how the target was found) speaks of another place.
 * @param names the units that the store knows
 */
export function movedUnits(kept: string, runtime: TaskRuntime, names: readonly string[]): 'all' | readonly string[] {
  let before: KeptDefinition;
  try {
    before = JSON.parse(kept) as KeptDefinition;
    if (before.place.source !== placeOf(runtime.source) || before.place.target !== placeOf(runtime.target))
      return 'all';
  } catch {
    return 'all';
  }
  const { prefix, suffix, overrides } = before.task;
  const targetBefore = (name: string) =>
    (Object.hasOwn(overrides, name) ? overrides[name]?.as : null) ?? `${prefix}${name}${suffix}`;
  return names.filter((name) => targetBefore(name) !== unitSettings(runtime.config, name).targetName);
}

function mapsAsObjects(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

export function planRequest(taskId: TaskId, runtime: TaskRuntime): PlanRequest {
  const { config } = runtime;
  const overrides: Record<string, UnitSettings> = Object.create(null);
  const names = namesOf(config);
  for (const name of config.overrides.keys()) overrides[name] = workerSettings(config, name, names);
  return {
    taskId,
    source: runtime.source,
    target: runtime.target,
    units: config.units,
    settings: {
      prefix: config.prefix,
      suffix: config.suffix,
      fallback: workerSettings(config, '', names),
      overrides,
    },
  };
}

/** A planned unit's rows are an estimate: the exact total comes with the unit's preparation. */
export function plannedUnits(plan: PlanResult): PlannedUnit[] {
  return plan.units.map(({ name, type, rows, resume, after }) => ({ name, type, total: rows, resume, after }));
}

/** @param deadLetters the file that takes its rejected rows */
export function jobOf(
  unit: Readonly<UnitRow>,
  attempt: number,
  runtime: TaskRuntime,
  limits: Limits,
  deadLetters: string | null,
): UnitJob {
  const { processed, bytes, rejected } = unit;
  return {
    taskId: unit.taskId,
    unitId: unit.id,
    attempt,
    unitName: unit.name,
    unitType: unit.type,
    source: runtime.source,
    target: runtime.target,
    settings: workerSettings(runtime.config, unit.name, namesOf(runtime.config)),
    limits,
    checkpoint: unit.checkpoint,
    prepared: unit.prepared,
    ...(deadLetters !== null && { deadLetters }),
    ...(unit.replay && { replay: { processed, bytes, rejected } }),
  };
}

/** Only what workers know today: plain data that survives a structured clone. */
function workerSettings(config: TaskConfig, unit: string, names: UnitNames | null): UnitSettings {
  const settings = unitSettings(config, unit);
  return {
    targetName: settings.targetName,
    where: settings.where,
    columns: settings.columns,
    key: settings.key,
    ...(settings.query === null ? {} : { query: settings.query as Readonly<Record<string, unknown>> }),
    ...(settings.sort === null ? {} : { sort: settings.sort }),
    batchRows: settings.batchRows,
    batchBytes: settings.batchBytes,
    resume: settings.resume,
    write: settings.write,
    verify: settings.verify,
    createTarget: settings.createTarget,
    indexesAfter: settings.indexesAfter,
    ...(names === null ? {} : { names }),
    checkpoint: settings.checkpoint,
    ...(config.swapAlias === '' ? {} : { swapAlias: config.swapAlias }),
    ...(settings.fields.size === 0 ? {} : { fields: Object.fromEntries(settings.fields) }),
    lanes: settings.slices ?? settings.lanes,
    snapshot: settings.snapshot,
    // The task's are shared by all of its units.
    limits: config.overrides.get(unit)?.settings.limits ?? null,
    onRowError: settings.onRowError,
    deadLetterLimit: settings.deadLetterLimit,
    after: settings.after,
    stallMs: settings.stallMs,
    timeoutMs: settings.timeoutMs,
  };
}

/** Every job carries the names along: so many at most. */
const MOST_NAMES = 1_000;

/** null where no unit is renamed. */
function namesOf({ units, prefix, suffix, overrides }: TaskConfig): UnitNames | null {
  const as: Record<string, string> = Object.create(null);
  let renamed = 0;
  for (const [name, override] of overrides) {
    if (override.as === null) continue;
    as[name] = override.as;
    renamed += 1;
  }
  if (prefix === '' && suffix === '' && renamed === 0) return null;
  return units.length + renamed > MOST_NAMES ? null : { units, prefix, suffix, as };
}

/** Says how many connections the task opens on each side at most: of files there are none. */
export function withConnections(plan: PlanResult, { source, target }: TaskRuntime, concurrency: number): PlanResult {
  if (source.type !== 'mysql' && target.type !== 'mysql') return plan;
  const lanes = plan.units.map((unit) => unit.lanes).sort((a, b) => b - a);
  const connections = lanes.slice(0, concurrency).reduce((sum, each) => sum + each, 0);
  const note = { code: 'plan.connections', args: { connections, concurrency } };
  return { ...plan, notes: [...(plan.notes ?? []), note] };
}

/** Throws where the task cannot begin; single units that cannot be copied fail by themselves. */
export function refuseHopelessPlan(plan: PlanResult, task: string): void {
  const reason = refusalOfTask(plan);
  if (reason !== undefined) throw failureOf(reason);
  if (plan.units.length === 0) throw failureOf({ code: 'plan.empty', args: { task } });
}

/** Why no unit may run: none could, or two of them would mix their rows in one table, whichever came first. */
export function refusalOfTask({ units }: PlanResult): Coded | undefined {
  const mixed = units.flatMap((unit) => unit.refusals).find(({ code }) => code === 'pipeline.targetShared');
  return mixed ?? (units.every((unit) => unit.refusals.length > 0) ? units[0]?.refusals[0] : undefined);
}
