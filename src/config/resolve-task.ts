/** From a checked task of the file to the model: defaults applied, overrides as what they change. */
import type { Limits, RetryPolicy } from '../core/model.ts';
import { COPY_DEFAULTS, TASK_DEFAULTS as defaults } from './defaults.ts';
import { type DocNode, flagOf, member, membersOf, numberOf, textOf, textsOf, toJson } from './document.ts';
import type { CopySettings, TaskConfig, UnitOverride } from './model.ts';
import { copyFields } from './schema-task.ts';

/** `node` has no errors. */
export function resolveTask(name: string, node: DocNode): TaskConfig {
  const settings = { ...COPY_DEFAULTS, ...writtenSettings(node, COPY_DEFAULTS) };
  const overrides = new Map<string, UnitOverride>();
  for (const [unit, override] of membersOf(member(node, 'overrides'))) {
    overrides.set(unit, resolveOverride(override, settings));
  }
  return {
    name,
    description: textOf(member(node, 'description')) ?? defaults.description,
    source: textOf(member(node, 'source')) ?? '',
    target: textOf(member(node, 'target')) ?? '',
    units: textsOf(member(node, 'units')) ?? defaults.units,
    prefix: textOf(member(node, 'prefix')) ?? defaults.prefix,
    suffix: textOf(member(node, 'suffix')) ?? defaults.suffix,
    overrides,
    mode: textOf(member(node, 'mode')) === 'manual' ? 'manual' : defaults.mode,
    concurrency: numberOf(member(node, 'concurrency')) ?? defaults.concurrency,
    resumeOnStart: flagOf(member(node, 'resumeOnStart')) ?? defaults.resumeOnStart,
    swapAlias: textOf(member(node, 'swapAlias')) ?? defaults.swapAlias,
    onError: textOf(member(node, 'onError')) === 'pause' ? 'pause' : defaults.onError,
    after: textsOf(member(node, 'after')) ?? [],
    formerly: textsOf(member(node, 'formerly')) ?? [],
    settings,
  };
}

function resolveOverride(node: DocNode, task: CopySettings): UnitOverride {
  const fields = member(node, 'fields');
  const query = member(node, 'query');
  return {
    as: textOf(member(node, 'as')) ?? null,
    after: textsOf(member(node, 'after')) ?? [],
    where: textOf(member(node, 'where')) ?? null,
    columns: textsOf(member(node, 'columns')) ?? ['*'],
    fields: new Map([...membersOf(fields)].map(([name, value]) => [name, toJson(value)])),
    key: textsOf(member(node, 'key')) ?? null,
    query: query === undefined ? null : toJson(query),
    sort: textsOf(member(node, 'sort')) ?? null,
    slices: numberOf(member(node, 'slices')) ?? null,
    settings: writtenSettings(node, task),
  };
}

/** The settings that stand in `node`; objects (retry, limits) are completed from `base`. */
function writtenSettings(node: DocNode, base: CopySettings): Partial<CopySettings> {
  const written: Record<string, unknown> = {};
  for (const name of Object.keys(copyFields)) {
    const value = member(node, name);
    if (value === undefined) continue;
    if (name === 'retry') written[name] = { ...base.retry, ...(toJson(value) as Partial<RetryPolicy>) };
    else if (name === 'limits') written[name] = { ...base.limits, ...(toJson(value) as Partial<Limits>) };
    else written[name] = toJson(value);
  }
  return written as Partial<CopySettings>;
}
