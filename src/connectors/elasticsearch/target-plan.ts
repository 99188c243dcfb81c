/** What a copy into an index would make, change and refuse. Nothing is changed by asking. */
import type { Coded } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { UnitSettings } from '../../core/settings.ts';
import type { TargetPlan, UnitSchema } from '../contract.ts';
import type { SearchClient } from './client.ts';
import { searchError } from './errors.ts';
import { type FoundIndex, findIndex } from './found-index.ts';
import { creationText, fieldTypes, type IndexDefinition, objectIn } from './index-definition.ts';
import { nameProblem } from './index-names.ts';
import { loadIn } from './load-settings.ts';
import { isBeingEmptied, withKnownSettings } from './make-index.ts';
import { searchNativeOf } from './native.ts';
import type { SearchServer } from './server.ts';
import { aliasOf, loadName, MOMENT_LENGTH } from './swap-alias.ts';

/** What the index of a unit is to be, whoever says so. */
export interface Wanted {
  readonly definition: IndexDefinition;
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
}

export interface PlanOf {
  readonly client: SearchClient;
  readonly server: SearchServer;
  /** Its name. */
  readonly connection: string;
  readonly schema: UnitSchema;
  readonly settings: UnitSettings;
  /** Has the server look at definitions. */
  readonly triesOut: boolean;
  /** @param there the index that is there and stays */
  wanted(there: FoundIndex | null): Wanted;
}

interface ComesBack {
  /** The index was removed in order to be emptied, and will be there again. */
  readonly comesBack?: boolean;
}

/** Refusals that no server needs to be asked for. */
export function settingsProblems({ unit, key }: UnitSchema, settings: UnitSettings): Coded[] {
  const { targetName, swapAlias } = settings;
  const found: Coded[] = [];
  const names = swapAlias ? [`${targetName}${'0'.repeat(MOMENT_LENGTH)}`, swapAlias] : [targetName];
  for (const name of names) {
    const problem = nameProblem(name);
    // What is added to it is no fault of the name.
    if (problem !== null) found.push({ ...problem, args: { index: name === swapAlias ? name : targetName } });
  }
  if (key.length === 0) found.push({ code: 'elasticsearch.plan.noKey', args: { unit } });
  if (settings.checkpoint === 'target') found.push({ code: 'elasticsearch.plan.checkpoint', args: { unit } });
  return found;
}

/** The plan of a unit whose settings have no problems. */
export async function planIndex(of: PlanOf): Promise<TargetPlan & ComesBack> {
  const { client, schema, settings } = of;
  const { targetName, createTarget, swapAlias } = settings;
  if (swapAlias) return planSwap(of, swapAlias);
  const found = await findIndex(client, targetName);
  if (found.kind === 'others') {
    const args = { index: targetName, names: found.names.join(', ') };
    return refused({ code: 'elasticsearch.plan.isAlias', args });
  }
  const there = found.kind === 'index' ? found.index : null;
  const own = there === null ? null : ownSource(schema, of.server, there);
  if (own !== null) return refused(own);
  if (there === null) {
    const comesBack = await isBeingEmptied(client, targetName);
    if (comesBack) return { create: null, comesBack, warnings: [], refusals: [] };
    const args = { connection: of.connection, index: targetName };
    return createTarget === 'never' ? refused({ code: 'elasticsearch.indexMissing', args }) : planNew(of, targetName);
  }
  if (createTarget === 'recreate') {
    const plan = await planNew(of, targetName);
    const warning = { code: 'elasticsearch.plan.willRecreate', args: { index: targetName } };
    return { ...plan, warnings: [warning, ...plan.warnings] };
  }
  return planExisting(of, there);
}

function refused(...refusals: readonly Coded[]): TargetPlan {
  return { create: null, warnings: [], refusals };
}

/** Whether the index is one of those that are read, under whatever address and name. */
export function ownSource(schema: UnitSchema, { cluster }: SearchServer, { name, uuid }: FoundIndex): Coded | null {
  const native = searchNativeOf(schema);
  if (native === null || cluster === '' || native.cluster !== cluster) return null;
  if (!native.indexes.some((index) => index.uuid === uuid)) return null;
  return { code: 'elasticsearch.plan.targetIsSource', args: { unit: schema.unit, index: name } };
}

async function planSwap(of: PlanOf, alias: string): Promise<TargetPlan> {
  const { client, settings } = of;
  const found = await findIndex(client, alias);
  if (found.kind === 'index') return refused({ code: 'elasticsearch.plan.aliasIsIndex', args: { alias } });
  const now = [...(await aliasOf(client, alias)).keys()];
  // A data stream is found by its name, too, and has no alias of it.
  if (found.kind === 'others' && now.length === 0)
    return refused({ code: 'elasticsearch.plan.aliasIsIndex', args: { alias } });
  const plan = await planNew(of, `${settings.targetName}-YYYYMMDDhhmmss`);
  const from = now.length === 0 ? '' : ` (now: ${now.join(', ')})`;
  return { ...plan, create: `${plan.create}\n\nalias ${alias}${from}` };
}

async function planNew(of: PlanOf, shown: string): Promise<TargetPlan> {
  const { unit } = of.schema;
  const { definition, warnings, refusals } = of.wanted(null);
  const all = { warnings: [...warnings], refusals: [...refusals] };
  let known = definition;
  if (refusals.length === 0 && of.triesOut) {
    const tried = await tryOut(of, definition);
    const args = { unit, server: of.server.title };
    if (tried.refused !== null)
      all.refusals.push({ code: 'elasticsearch.plan.definitionRefused', args: { ...args, detail: tried.refused } });
    if (tried.leftOut.length > 0) {
      const settings = tried.leftOut.join(', ');
      all.warnings.push({ code: 'elasticsearch.plan.settingsUnknown', args: { ...args, settings } });
      const left = [...definition.settings].filter(([name]) => !tried.leftOut.includes(name));
      known = { ...definition, settings: new Map(left) };
    }
  }
  return { create: creationText(shown, known), ...all };
}

interface Tried {
  readonly leftOut: readonly string[];
  /** What the server has against it. */
  readonly refused: string | null;
}

/** Has the server look at a definition as one of a template that is never stored. Who may not ask that is not told. */
async function tryOut({ client }: PlanOf, { settings, mappings }: IndexDefinition): Promise<Tried> {
  const attempt = (known: IndexDefinition): Promise<unknown> => {
    const template = { settings: Object.fromEntries(known.settings), mappings: known.mappings };
    const body = JSON.stringify({ index_patterns: ['datatrace-dry-run-*'], priority: 1_000_000, template });
    return client.send({ method: 'POST', path: ['_index_template', '_simulate'], body });
  };
  try {
    return { leftOut: await withKnownSettings({ settings, mappings }, attempt), refused: null };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const { code, args } = error.error;
    if (code === 'elasticsearch.permission') return { leftOut: [], refused: null };
    if (code !== 'elasticsearch.requestFailed' || Number(args.status) !== 400) throw error;
    // Its name for the template says nothing.
    const detail = String(args.detail).replace(/^.*template after composition is invalid \((.*)\)$/s, '$1');
    return { leftOut: [], refused: detail };
  }
}

async function planExisting(of: PlanOf, there: FoundIndex): Promise<TargetPlan> {
  const { client, settings, schema } = of;
  const { name: index } = there;
  const { definition, ...wanted } = of.wanted(there);
  const warnings = [...wanted.warnings, ...differences(index, definition, there).warnings];
  const refusals = [
    ...wanted.refusals,
    ...stateProblems(of.connection, there),
    ...differences(index, definition, there).refusals,
  ];
  if (refusals.length > 0) return { create: null, warnings, refusals };
  const load = loadIn(there.mappings);
  if (load?.relaxed) {
    const owed = Object.keys(load.owed).join(', ');
    warnings.push({ code: 'elasticsearch.plan.loadSettings', args: { index, settings: owed } });
  }
  const rows = await countDocuments(client, of.connection, index);
  if (rows > 0 && settings.write === 'truncate')
    warnings.push({ code: 'elasticsearch.plan.willEmpty', args: { index, rows } });
  if (rows > 0 && settings.write === 'upsert') {
    warnings.push({ code: 'elasticsearch.plan.merges', args: { unit: schema.unit, index, rows } });
    // A request cannot pass it by for documents that are merged.
    const pipeline = pipelineOf(there, 'default');
    if (pipeline !== null) warnings.push({ code: 'elasticsearch.plan.defaultPipeline', args: { index, pipeline } });
  }
  return { create: null, warnings, refusals };
}

/**
 * Documents that are searchable now.
 * @param connection its name
 * @throws DataError `elasticsearch.shardsUnavailable` where not all shards were counted: the server tells a part, too
 */
export async function countDocuments(client: SearchClient, connection: string, index: string): Promise<number> {
  const { body } = await client.send({ method: 'GET', path: [index, '_count'] });
  const { count, _shards: shards } = objectIn(JSON.parse(body.toString()));
  const { total, successful, failed } = objectIn(shards);
  if (typeof count === 'number' && failed === 0 && total === successful) return count;
  throw shardsUnavailable(connection, index, `${String(successful)} of ${String(total)} shards`);
}

/**
 * Makes what was written searchable. Replicas that are nowhere are no failure.
 * @throws DataError `elasticsearch.shardsUnavailable` where a shard did not do it: what is counted next would lack its documents
 */
export async function refreshIndex(client: SearchClient, connection: string, index: string): Promise<void> {
  const { body } = await client.send({ method: 'POST', path: [index, '_refresh'] });
  const { total, failed } = objectIn(objectIn(JSON.parse(body.toString()))._shards);
  if (failed === 0) return;
  throw shardsUnavailable(connection, index, `${String(failed)} of ${String(total)} shards`);
}

function shardsUnavailable(connection: string, index: string, detail: string): DataError {
  return searchError('elasticsearch.shardsUnavailable', { connection, index, detail }, detail);
}

const BLOCKS = ['index.blocks.write', 'index.blocks.read_only', 'index.blocks.read_only_allow_delete'];

function stateProblems(connection: string, { name: index, closed, settings, mappings }: FoundIndex): Coded[] {
  const found: Coded[] = [];
  if (closed) found.push({ code: 'elasticsearch.indexClosed', args: { connection, index } });
  const blocks = BLOCKS.filter((block) => String(settings.get(block)) === 'true');
  if (blocks.length > 0)
    found.push({ code: 'elasticsearch.plan.readOnly', args: { index, blocks: blocks.join(', ') } });
  const source = objectIn(mappings._source);
  const mode = String(source.mode ?? settings.get('index.mapping.source.mode') ?? '').toLowerCase();
  const isPartial =
    String(source.enabled) === 'false' || source.includes !== undefined || source.excludes !== undefined;
  if (isPartial || mode === 'synthetic' || mode === 'disabled')
    found.push({ code: 'elasticsearch.plan.keepsNoSource', args: { index } });
  return found;
}

const FIELDS_SHOWN = 10;

/** What documents of the wanted mapping meet in an index that is there. */
function differences(index: string, wanted: IndexDefinition, there: FoundIndex): Omit<TargetPlan, 'create'> {
  const has = fieldTypes(there.mappings);
  const conflicts: string[] = [];
  const others: string[] = [];
  const missing: string[] = [];
  for (const [field, type] of fieldTypes(wanted.mappings)) {
    const present = has.get(field);
    if (present === undefined) missing.push(field);
    else if (present === type) continue;
    else if (isNesting(present) !== isNesting(type)) conflicts.push(`${field} (${type}, ${present})`);
    else others.push(`${field} (${type}, ${present})`);
  }
  const warnings: Coded[] = [];
  const refusals: Coded[] = [];
  if (conflicts.length > 0)
    refusals.push({ code: 'elasticsearch.plan.fieldConflict', args: { index, fields: shown(conflicts) } });
  if (others.length > 0)
    warnings.push({ code: 'elasticsearch.plan.otherTypes', args: { index, fields: shown(others) } });
  if (missing.length > 0 && String(there.mappings.dynamic) === 'strict')
    warnings.push({ code: 'elasticsearch.plan.strict', args: { index, fields: shown(missing) } });
  const pipeline = pipelineOf(there, 'final');
  if (pipeline !== null) warnings.push({ code: 'elasticsearch.plan.finalPipeline', args: { index, pipeline } });
  return { warnings, refusals };
}

function pipelineOf({ settings }: FoundIndex, kind: 'default' | 'final'): string | null {
  const pipeline = String(settings.get(`index.${kind}_pipeline`) ?? '_none');
  return pipeline === '_none' ? null : pipeline;
}

function isNesting(type: string): boolean {
  return type === 'object' || type === 'nested';
}

function shown(fields: readonly string[]): string {
  const more = fields.length - FIELDS_SHOWN;
  return `${fields.slice(0, FIELDS_SHOWN).join(', ')}${more > 0 ? ` … +${more}` : ''}`;
}

/** The index of a new load. */
export function newLoadName({ targetName }: UnitSettings): string {
  return loadName(targetName, new Date());
}
