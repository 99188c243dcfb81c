/** From a task's definition to what the core and the workers need of it. */
import { createHash } from 'node:crypto';
import type { ConfigModel, UnitSettings as ConfigUnitSettings, TaskConfig } from '../config/model.ts';
import { unitSettings } from '../config/model.ts';
import type { PlannedUnit, TaskDefinition, TaskId, UnitRow } from '../core/model.ts';
import type { PlanRequest, PlanResult, UnitJob } from '../core/ports.ts';
import type { Limits, ResolvedConnection, UnitSettings } from '../core/settings.ts';
import { failureOf } from './failures.ts';

/** What a running task works with, whatever happens to the file meanwhile. */
export interface TaskRuntime {
  readonly config: TaskConfig;
  readonly source: ResolvedConnection;
  readonly target: ResolvedConnection;
}

const definitions = new WeakMap<TaskConfig, TaskDefinition>();

/** The definition as decisions see it; its text holds the task with its two connections and no secret. */
export function definitionOf(task: TaskConfig, model: ConfigModel): TaskDefinition {
  let definition = definitions.get(task);
  if (!definition) {
    definition = describe(task, model);
    definitions.set(task, definition); // a task belongs to one model for good
  }
  return definition;
}

function describe(task: TaskConfig, model: ConfigModel): TaskDefinition {
  const config = JSON.stringify(
    { task, source: model.connections.get(task.source), target: model.connections.get(task.target) },
    mapsAsObjects,
  );
  return {
    name: task.name,
    mode: task.mode,
    concurrency: task.concurrency,
    onError: task.onError,
    resumeOnStart: task.resumeOnStart,
    config,
    configHash: createHash('sha256').update(config).digest('hex').slice(0, 16),
  };
}

function mapsAsObjects(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

export function planRequest(taskId: TaskId, runtime: TaskRuntime): PlanRequest {
  const { config } = runtime;
  const overrides: Record<string, UnitSettings> = Object.create(null);
  for (const name of config.overrides.keys()) overrides[name] = workerSettings(unitSettings(config, name));
  return {
    taskId,
    source: runtime.source,
    target: runtime.target,
    units: config.units,
    settings: {
      prefix: config.prefix,
      suffix: config.suffix,
      fallback: workerSettings(unitSettings(config, '')),
      overrides,
    },
  };
}

/** A planned unit's rows are an estimate: the exact total comes with the unit's preparation. */
export function plannedUnits(plan: PlanResult): PlannedUnit[] {
  return plan.units.map(({ name, type, rows, resume }) => ({ name, type, total: rows, resume }));
}

export function jobOf(unit: Readonly<UnitRow>, attempt: number, runtime: TaskRuntime, limits: Limits): UnitJob {
  return {
    taskId: unit.taskId,
    unitId: unit.id,
    attempt,
    unitName: unit.name,
    unitType: unit.type,
    source: runtime.source,
    target: runtime.target,
    settings: workerSettings(unitSettings(runtime.config, unit.name)),
    limits,
    checkpoint: unit.checkpoint,
    prepared: unit.prepared,
  };
}

/** Only what workers know today: plain data that survives a structured clone. */
function workerSettings(settings: ConfigUnitSettings): UnitSettings {
  return {
    targetName: settings.targetName,
    where: settings.where,
    columns: settings.columns,
    key: settings.key,
    batchRows: settings.batchRows,
    batchBytes: settings.batchBytes,
    resume: settings.resume,
    write: settings.write,
    verify: settings.verify,
    createTarget: settings.createTarget,
    checkpoint: settings.checkpoint,
  };
}

/** A plan in which nothing can be executed does not begin; single units that cannot be copied fail by themselves. */
export function refuseHopelessPlan(plan: PlanResult, task: string): void {
  const refused = plan.units.filter((unit) => unit.refusals.length > 0);
  const reason = refused[0]?.refusals[0];
  if (reason && refused.length === plan.units.length) throw failureOf(reason);
  if (plan.units.length === 0) throw failureOf({ code: 'plan.empty', args: { task } });
}
