import pLimit from 'p-limit';
import type { ListedUnit, Source, Target, UnitSchema } from '../connectors/contract.ts';
import type { Coded, Prepared } from '../core/model.ts';
import { DataError, type PlanRequest, type PlanResult, type UnitPlan } from '../core/ports.ts';
import { addressOf, type UnitSettings } from '../core/settings.ts';
import { selectUnits, unknownUnits } from '../core/unit-selection.ts';
import { commonFormat } from './copy.ts';
import { refusal, toUnitError } from './failure.ts';
import { isBig, lanesOf } from './lanes.ts';
import { parentsFirst } from './order.ts';
import { resumeOf, seenBy } from './resume.ts';
import { isComparable } from './verify.ts';

/** Queries at a time on one connection while planning and verifying. */
const QUERIES = 4;

/**
 * What a start of the task would do; nothing is changed by asking.
 * @param cores of the machine that will carry it out
 * @throws DataError when a side cannot be asked or the pair cannot be copied at all
 */
export async function planTask(request: PlanRequest, source: Source, target: Target, cores = 1): Promise<PlanResult> {
  const format = commonFormat(source, target);
  const way = await target.way?.(format);
  const offered = await source.listUnits();
  const listed = selectUnits(offered, request.units);
  const wanted = listed.filter((unit) => unit.leftOut === undefined);
  const limit = pLimit(source.describesAtOnce ?? QUERIES);
  const planned = await Promise.all(
    wanted.map((unit) => limit(() => planUnit(request, unit, { source, target, cores }))),
  );
  const leftOut = [...unknownIn(offered, request), ...listed.flatMap((unit) => unit.leftOut ?? [])];
  const fold = targetFold(request, target);
  const units = refuseSharedTargets(
    fold,
    refuseSharedAlias(
      request,
      planned.map((each) => each.plan),
    ),
  );
  refuseUnknownParents(units);
  const told = units.map(withoutParents(units, planned)).map(withPartsOfParents(request, fold, units, planned));
  const { snapshots, rest } = withoutSnapshots(inOrder(fold, told, planned));
  return { units: rest, warnings: [...leftOut, ...snapshots], ...(way === undefined ? {} : { notes: [way] }) };
}

/** Names that are misspelled would otherwise be missing in silence. */
function unknownIn(offered: readonly ListedUnit[], { units }: PlanRequest): Coded[] {
  const names = unknownUnits(offered, units);
  if (names.length === 0) return [];
  const more = names.length - NAMES_SHOWN;
  const shown = `${names.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` … +${more}` : ''}`;
  return [{ code: 'pipeline.unknownUnits', args: { units: shown, count: names.length } }];
}

const NAMES_SHOWN = 10;

/** The settings of a unit: its own, or the task's with the computed target name. */
export function settingsOf(request: PlanRequest, unit: string): UnitSettings {
  const { overrides, fallback, prefix, suffix } = request.settings;
  const own = Object.hasOwn(overrides, unit) ? overrides[unit] : undefined;
  return own ?? { ...fallback, targetName: `${prefix}${unit}${suffix}` };
}

interface Planned {
  readonly plan: UnitPlan;
  /** What foreign keys point at: units of the source, and target names. */
  readonly parents: readonly string[];
  readonly targetParents: readonly string[];
}

interface Sides {
  readonly source: Source;
  readonly target: Target;
  readonly cores: number;
}

async function planUnit(request: PlanRequest, unit: ListedUnit, sides: Sides): Promise<Planned> {
  const { source, target } = sides;
  const settings = settingsOf(request, unit.name);
  const { targetName, after } = settings;
  const base = { name: unit.name, type: unit.type, targetName, after };
  try {
    const schema = seenBy(target, await source.describe(unit.name, settings));
    const planned = await target.plan(schema, settings);
    const refusals = [...schema.refusals, ...planned.refusals, ...ownTarget(request, unit.name, settings)];
    if (settings.verify === 'checksum' && !isComparable(source, target))
      refusals.push({ code: 'pipeline.checksumNotAvailable', args: { unit: unit.name } });
    if (settings.snapshot && source.snapshot === undefined)
      refusals.push({ code: 'pipeline.snapshotNotAvailable', args: { unit: unit.name } });
    if (settings.verify === 'checksum' && settings.onRowError === 'deadLetter')
      refusals.push({ code: 'pipeline.deadLettersChecksum', args: { unit: unit.name } });
    // A table that cannot be copied need not be counted, and perhaps cannot be.
    const rows = refusals.length > 0 ? unit.rows : (unit.rows ?? (await source.count(schema, settings.where, null)));
    const { resume, warning } = resumeOf(schema, settings, target, willBe(planned.create, settings));
    const divided = lanesOf({ schema, settings, ...sides });
    const big = divided.lanes > 1 && isBig(schema, rows);
    const whole = big && source.divides?.(schema, rows ?? 0) === false;
    const lanes = big && !whole ? divided.lanes : 1;
    const undivided = whole ? { code: 'pipeline.lanesNoBorders', args: { unit: unit.name } } : null;
    const notes = [warning, divided.warning, undivided].filter((note) => note !== null);
    const warnings = [...schema.warnings, ...planned.warnings, ...keyWarnings(schema, settings), ...notes];
    const plan = {
      ...base,
      rows,
      key: schema.readBy ?? schema.key,
      resume,
      lanes,
      create: planned.create,
      warnings,
      refusals,
    };
    return { plan, parents: schema.parents ?? [], targetParents: planned.parents ?? [] };
  } catch (error) {
    // One table that cannot be described is that table's matter; a lost connection is everybody's.
    const { code, args, class: errorClass } = toUnitError(error);
    if (!(error instanceof DataError) || errorClass === 'retryable') throw error;
    const nothing = { rows: null, key: [], resume: 'unit', lanes: 1, create: null, warnings: [] } as const;
    return { plan: { ...base, ...nothing, refusals: [{ code, args }] }, parents: [], targetParents: [] };
  }
}

/** A name that was not chosen, or is not there, would be waited for in vain. */
function refuseUnknownParents(units: readonly UnitPlan[]): void {
  const known = new Set(units.map((unit) => unit.name));
  for (const { name: unit, after } of units) {
    const parent = after.find((each) => !known.has(each));
    if (parent !== undefined)
      throw refusal('after.unknownUnit', { unit, parent }, `${unit} waits for ${parent}, which is not in the plan`);
  }
}

/** Parents first: those of foreign keys where that is possible, those of `after` in any case. */
function inOrder(fold: Fold, units: readonly UnitPlan[], planned: readonly Planned[]): UnitPlan[] {
  const byTarget = new Map(units.map((unit) => [fold(unit.targetName), unit.name]));
  const parents = new Map(
    planned.map((each) => [
      each.plan.name,
      [...each.parents, ...each.targetParents.flatMap((target) => byTarget.get(fold(target)) ?? [])],
    ]),
  );
  const byKeys = parentsFirst(units, (unit) => parents.get(unit.name) ?? []);
  return parentsFirst(byKeys, (unit) => unit.after);
}

type Fold = (name: string) => string;

/** A table that is created with foreign keys whose parents nobody copies takes no new rows where they are missing. */
function withoutParents(units: readonly UnitPlan[], planned: readonly Planned[]): (unit: UnitPlan) => UnitPlan {
  const known = new Set(units.map((unit) => unit.name));
  const parentsOf = new Map(planned.map((each) => [each.plan.name, each.parents]));
  return (unit) => {
    const missing = (parentsOf.get(unit.name) ?? []).filter((parent) => !known.has(parent));
    if (unit.create === null || unit.name !== unit.targetName || missing.length === 0) return unit;
    const args = { unit: unit.name, parents: missing.join(', ') };
    return { ...unit, warnings: [...unit.warnings, { code: 'pipeline.parentNotCopied', args }] };
  };
}

/** Rows of a table whose foreign keys point at one that is copied in part may point at rows that the target never gets. */
function withPartsOfParents(
  request: PlanRequest,
  fold: Fold,
  units: readonly UnitPlan[],
  planned: readonly Planned[],
): (unit: UnitPlan) => UnitPlan {
  const inPart = units.filter(({ name }) => settingsOf(request, name).where !== null).map(({ name }) => name);
  if (inPart.length === 0) return (unit) => unit;
  const parts = new Set(inPart);
  const byTarget = new Map(units.map((unit) => [fold(unit.targetName), unit.name]));
  const of = new Map(planned.map((each) => [each.plan.name, each]));
  return (unit) => {
    const { parents = [], targetParents = [] } = of.get(unit.name) ?? {};
    // Of a table that is there its own foreign keys count; one that is made gets those of the source.
    const made = unit.create !== null && request.source.type === request.target.type ? parents : [];
    const pointedAt = [...made, ...targetParents.flatMap((target) => byTarget.get(fold(target)) ?? [])];
    const found = [...new Set(pointedAt)].filter((parent) => parts.has(parent));
    if (found.length === 0) return unit;
    const args = { unit: unit.name, parents: found.join(', ') };
    return { ...unit, warnings: [...unit.warnings, { code: 'pipeline.parentInPart', args }] };
  };
}

/** What a snapshot means is told once, not with each unit. */
function withoutSnapshots(units: readonly UnitPlan[]): {
  readonly snapshots: readonly Coded[];
  readonly rest: readonly UnitPlan[];
} {
  const isSnapshot = ({ code }: Coded): boolean => code === 'pipeline.snapshotUnit';
  const count = units.filter(({ warnings }) => warnings.some(isSnapshot)).length;
  if (count === 0) return { snapshots: [], rest: units };
  const rest = units.map((unit) => ({ ...unit, warnings: unit.warnings.filter((each) => !isSnapshot(each)) }));
  return { snapshots: [{ code: 'pipeline.snapshotUnits', args: { units: count } }], rest };
}

/** SQLite's names do not differ by case alone, and those of files must not where another system could not keep both. */
function targetFold(request: PlanRequest, target: Target): Fold {
  const folds = request.target.type !== 'mysql' || target.foldsNames === true;
  return folds ? (name) => name.toLowerCase() : (name) => name;
}

/** An alias points at one copy. */
function refuseSharedAlias({ settings }: PlanRequest, units: readonly UnitPlan[]): readonly UnitPlan[] {
  const { swapAlias: alias } = settings.fallback;
  if (!alias || units.length < 2) return units;
  return units.map((unit) => {
    const refusal = { code: 'pipeline.aliasOfOneUnit', args: { unit: unit.name, alias } };
    return { ...unit, refusals: [...unit.refusals, refusal] };
  });
}

/** How the target will be found; a table that is there may hold rows. */
function willBe(create: string | null, { write }: UnitSettings): Prepared {
  if (create !== null) return 'created';
  return write === 'truncate' ? 'emptied' : 'rows';
}

function keyWarnings({ key, unit }: UnitSchema, { onRowError }: UnitSettings): Coded[] {
  if (key.length > 0) return [];
  const warnings: Coded[] = [{ code: 'pipeline.oneTransaction', args: { unit } }];
  if (onRowError === 'deadLetter') warnings.push({ code: 'pipeline.deadLettersNeedKey', args: { unit } });
  return warnings;
}

function ownTarget(request: PlanRequest, unit: string, settings: UnitSettings): Coded[] {
  const sameSystem = JSON.stringify(addressOf(request.source)) === JSON.stringify(addressOf(request.target));
  return sameSystem && unit === settings.targetName ? [{ code: 'pipeline.targetIsSource', args: { unit } }] : [];
}

function refuseSharedTargets(fold: Fold, units: readonly UnitPlan[]): UnitPlan[] {
  const by = Map.groupBy(units, (unit) => fold(unit.targetName));
  return units.map((unit) => {
    const other = by.get(fold(unit.targetName))?.find((candidate) => candidate !== unit);
    if (other === undefined) return unit;
    const args = { unit: unit.name, other: other.name, target: unit.targetName };
    return { ...unit, refusals: [...unit.refusals, { code: 'pipeline.targetShared', args }] };
  });
}
