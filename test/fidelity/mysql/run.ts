/** Makes the nasty tables on one server, copies each to another, and compares. */
import { mysqlConnector } from '../../../src/connectors/mysql/connector.ts';
import type { Coded } from '../../../src/core/model.ts';
import type { PlanResult, UnitPlan } from '../../../src/core/ports.ts';
import type { UnitSettings } from '../../../src/core/settings.ts';
import { planTask } from '../../../src/pipeline/plan.ts';
import { runUnit, SETTINGS, type Sides } from '../../conformance/run-unit.ts';
import { connectionTo } from '../../integration/mysql-copy.ts';
import type { ServerKind } from '../../servers/mysql/programs.ts';
import { sharedServer } from '../../servers/mysql/shared.ts';
import { checksum, isMariaDb, rowDifference, type Side, shapeDifferences, showCreate } from './compare.ts';
import { type NastyTable, quoted, TABLES } from './tables.ts';

export interface PairResult {
  readonly pair: string;
  readonly versions: readonly string[];
  units: number;
  exact: number;
  /** Copies in batches of particular sizes, besides. */
  batches: number;
  /** Tables by the code that the plan refused them with, before the run. */
  readonly refused: Record<string, string[]>;
  /** Tables with a value that the target cannot hold: the copy stopped, as the table says it has to. */
  readonly stopped: Record<string, string[]>;
  /** Tables with a value that the target holds otherwise, which the plan says with this warning. */
  readonly said: Record<string, string[]>;
  readonly different: string[];
}

export interface PairOptions {
  /** Only the tables marked for `npm test`. */
  readonly quick: boolean;
  /** Sizes of the batches that small tables with a key are copied in again; `n` is their number of rows. */
  sizes(n: number): readonly number[];
}

export const EVERY_SIZE: PairOptions['sizes'] = (n) => [1, 2, 3, 7, n - 1, n, n + 1];

/** Rows up to which a table is copied again in batches of many sizes. */
const SMALL = 60;

const SETUP =
  "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'; SET SESSION time_zone = '+00:00'; SET SESSION foreign_key_checks = 0";

const origins = new Map<string, Promise<Side>>();

/** The database with the tables that the kind of server knows, made once. */
export function originOn(kind: ServerKind, quick: boolean): Promise<Side> {
  const key = `${kind} ${quick}`;
  const made = origins.get(key) ?? makeOrigin(kind, quick);
  origins.set(key, made);
  return made;
}

async function makeOrigin(kind: ServerKind, quick: boolean): Promise<Side> {
  const server = await sharedServer(kind);
  const database = await server.freshDatabase('nasty');
  for (const table of tablesOf(kind, quick)) {
    await server.query(`USE ${quoted(database)}; ${SETUP}; ${table.sql}`);
  }
  return { server, database };
}

function tablesOf(kind: ServerKind, quick: boolean): NastyTable[] {
  return TABLES.filter((table) => (table.on?.includes(kind) ?? true) && (!quick || table.quick === true));
}

export async function copyBetween(from: ServerKind, to: ServerKind, options: PairOptions): Promise<PairResult> {
  const { quick } = options;
  const origin = await originOn(from, quick);
  const server = await sharedServer(to);
  const copy: Side = { server, database: await server.freshDatabase('copy') };
  const result: PairResult = {
    pair: `${from} -> ${to}`,
    versions: [origin.server.version, server.version],
    ...{ units: 0, exact: 0, batches: 0, refused: {}, stopped: {}, said: {}, different: [] },
  };
  const connections = {
    from: connectionTo(origin.server, origin.database),
    to: connectionTo(copy.server, copy.database),
  };
  const source = await mysqlConnector.openSource(connections.from);
  const target = await mysqlConnector.openTarget(connections.to);
  const work: Work = { sides: { source, target, ...connections }, origin, copy, to, options, result };
  try {
    const plan = await planOf(work, 'checksum');
    for (const unit of plan.units) {
      const table = tablesOf(from, quick).find((each) => each.name === unit.name);
      if (table !== undefined) await copyTable(work, table, unit);
    }
  } finally {
    await source.close();
    await target.close();
    await server.query(`DROP DATABASE ${quoted(copy.database)}`);
  }
  return result;
}

interface Work {
  readonly sides: Sides;
  readonly origin: Side;
  readonly copy: Side;
  readonly to: ServerKind;
  readonly options: PairOptions;
  readonly result: PairResult;
}

function planOf({ sides }: Work, verify: UnitSettings['verify'], units = ['*']): Promise<PlanResult> {
  return planTask(
    {
      ...{ taskId: 'task', source: sides.from, target: sides.to, units },
      settings: { prefix: '', suffix: '', fallback: { ...SETTINGS, verify }, overrides: {} },
    },
    sides.source,
    sides.target,
  );
}

async function copyTable(work: Work, table: NastyTable, planned: UnitPlan): Promise<void> {
  const { result } = work;
  result.units += 1;
  const notBySum = planned.refusals.some((each) => NOT_BY_SUM.has(each.code));
  // What the plan warns of, a checksum finds.
  const verify = notBySum || table.says !== undefined ? 'count' : 'checksum';
  const plan = (notBySum ? (await planOf(work, verify, [table.name])).units[0] : undefined) ?? planned;
  const refusal = plan.refusals[0];
  if (refusal !== undefined) {
    note(result.refused, refusal.code, table.name);
    return;
  }
  const difference = await copyOnce(work, table, { verify }, plan.warnings);
  if (difference === null) {
    result.exact += 1;
    await copyBySizes(work, table, plan.warnings);
  } else if (difference !== STOPPED && difference !== SAID)
    result.different.push(`${result.pair} ${table.name}: ${difference}`);
}

/** Refusals of verification by checksum only: such a table is copied with the rows counted. */
const NOT_BY_SUM = new Set(['mysql.plan.keyCollation', 'mysql.plan.floatSums']);

const STOPPED = 'stopped';
const SAID = 'said';

/** The same table in batches of every size around its own; the definition was compared before. */
async function copyBySizes(work: Work, table: NastyTable, warnings: readonly Coded[]): Promise<void> {
  const { sides, result } = work;
  const schema = await sides.source.describe(table.name, { ...SETTINGS, targetName: table.name });
  if (schema.key.length === 0) return;
  const n = await sides.source.count(schema, null, null);
  if (n > SMALL) return;
  for (const batchRows of new Set(work.options.sizes(n).filter((size) => size > 0))) {
    const difference = await copyOnce(work, table, { batchRows, write: 'truncate' }, warnings);
    if (difference === null) result.batches += 1;
    else result.different.push(`${result.pair} ${table.name} in batches of ${batchRows}: ${difference}`);
  }
}

/** What is different, null when nothing is. */
async function copyOnce(
  work: Work,
  table: NastyTable,
  settings: Partial<UnitSettings>,
  warnings: readonly Coded[],
): Promise<string | null> {
  const { sides, origin, copy, result } = work;
  const ran = await runUnit(sides, table.name, { settings });
  if (ran.outcome.kind !== 'completed') {
    const code = ran.outcome.kind === 'failed' ? ran.outcome.error.code : ran.outcome.kind;
    const expected = table.stops?.on.includes(work.to) && table.stops.code === code;
    if (!expected) return JSON.stringify(ran.outcome).slice(0, 600);
    note(result.stopped, code, table.name);
    return STOPPED;
  }
  const rows = await rowDifference(origin, copy, table.name, table.name);
  const said = JSON.stringify(warnings);
  const { says } = table;
  if (rows !== null) {
    if (says === undefined || !says.on.includes(work.to) || !said.includes(says.code)) return rows;
    note(result.said, says.code, table.name);
    return SAID;
  }
  if (isMariaDb(origin) === isMariaDb(copy)) {
    const sums = await Promise.all([checksum(origin, table.name), checksum(copy, table.name)]);
    if (sums[0] !== sums[1] && table.checksum !== false && isComparable(table, origin, copy))
      return `checksum ${sums[0]} became ${sums[1]}`;
  }
  if (origin.server.version === copy.server.version) {
    const texts = await Promise.all([showCreate(origin, table.name), showCreate(copy, table.name)]);
    const [was, is] = texts.map(withoutRepeatedCharset);
    return was === is ? null : `definition ${was} became ${is}`;
  }
  const shape = await shapeDifferences(origin, copy, table.name, table.name);
  const unsaid = shape.filter((each) => !isSaid(each, said));
  return unsaid.length === 0 ? null : `not said in the plan: ${unsaid.join('; ')}`;
}

/** Versions of MariaDB sum up generated columns in different ways. */
function isComparable(table: NastyTable, origin: Side, copy: Side): boolean {
  return origin.server.version === copy.server.version || !table.sql.includes(' GENERATED ALWAYS ');
}

/** MySQL says a column's character set beside its collation only where the statement that made it did. */
function withoutRepeatedCharset(definition: string): string {
  return definition.replaceAll(/ CHARACTER SET \w+(?= COLLATE )/g, '');
}

/** Whether a warning of the plan names the part that is different. */
function isSaid(difference: string, warnings: string): boolean {
  const name = /"([^"]*)"/.exec(difference)?.[1] ?? '';
  return warnings.includes(JSON.stringify(name).slice(1, -1));
}

function note(kinds: Record<string, string[]>, code: string, table: string): void {
  kinds[code] = [...(kinds[code] ?? []), table];
}
