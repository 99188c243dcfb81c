/** The smallest copy there is: source to target directly, without the pipeline. For tests of the connector alone. */
import assert from 'node:assert/strict';
import type { Connector, Page, Source, Target, UnitSchema } from '../../src/connectors/contract.ts';
import { connectorWith, type MysqlWays } from '../../src/connectors/mysql/connector.ts';
import type { MysqlConnection, UnitSettings } from '../../src/core/settings.ts';
import { batchBytesOf } from '../../src/pipeline/batch-size.ts';
import { commonFormat } from '../../src/pipeline/copy.ts';
import type { MariaDb } from '../servers/mysql/instance.ts';

/** Every way of reading and writing, by a name for the tests. */
export const WAYS: Readonly<Record<string, MysqlWays>> = {
  'raw rows in bulk': { read: ['mysql-rows'], write: { path: 'bulk', preparesFrom: 0 } },
  'raw rows as placeholders': { read: ['mysql-rows'], write: { path: 'prepared', preparesFrom: 0 } },
  'raw rows as text': { read: ['mysql-rows'], write: { path: 'text', preparesFrom: 0 } },
  'values apart as text': { read: ['mysql-text'], write: { path: 'text', preparesFrom: 0 } },
};

export function connectors(): [string, Connector<MysqlConnection>][] {
  return Object.entries(WAYS).map(([name, ways]) => [name, connectorWith(ways)]);
}

export function connectionTo(server: MariaDb, database: string, more: Partial<MysqlConnection> = {}): MysqlConnection {
  return {
    type: 'mysql',
    name: server.name,
    host: server.host,
    port: server.port,
    socket: null,
    user: server.user,
    password: server.password,
    database,
    tls: 'off',
    tlsCa: null,
    tlsCert: null,
    tlsKey: null,
    connectTimeoutMs: 5_000,
    queryTimeoutMs: 30_000,
    ...more,
  };
}

export function settingsFor(targetName: string, more: Partial<UnitSettings> = {}): UnitSettings {
  return {
    targetName,
    where: null,
    columns: ['*'],
    key: null,
    batchRows: 5_000,
    batchBytes: 1_048_576,
    resume: 'row',
    write: 'upsert',
    verify: 'count',
    createTarget: 'missing',
    indexesAfter: false,
    checkpoint: 'store',
    lanes: 1,
    snapshot: false,
    limits: null,
    onRowError: 'fail',
    deadLetterLimit: 1_000,
    after: [],
    stallMs: 0,
    timeoutMs: 0,
    ...more,
  };
}

export type Part = {
  readonly after: string | null;
  /** Pages to copy before the copy is given up; Infinity = to the end. */
  readonly pages: number;
  readonly prepare: boolean;
  /** A batch may be there whose commit was not heard of; by default where it goes on after a key. */
  readonly resumed?: boolean;
};

export type Copied = {
  readonly rows: number;
  readonly last: string | null;
  readonly ended: boolean;
  readonly pages: number;
};

/** Copies a unit, or a part of it, page after page. */
export async function copyPart(
  source: Source,
  target: Target,
  schema: UnitSchema,
  settings: UnitSettings,
  part: Part,
): Promise<Copied> {
  const upTo = await source.upperBound(schema, settings.where);
  if (part.prepare) await target.prepare(schema, settings);
  const format = commonFormat(source, target);
  const reader = await source.read(schema, {
    where: settings.where,
    after: part.after,
    upTo,
    pageRows: settings.batchRows,
    pageBytes: batchBytesOf(settings, schema),
    format,
  });
  const atomic = schema.key.length === 0;
  const resumed = part.resumed ?? part.after !== null;
  const writer = await target.write(schema, { settings, format, atomic, resumed });
  let rows = 0;
  let pages = 0;
  let last = part.after;
  let page: Page | null = null;
  try {
    while (pages < part.pages) {
      page = await reader.next();
      if (page === null) break;
      assert.ok(page.rows >= 1 && page.rows <= settings.batchRows);
      assert.equal(await writer.write(page, page.last), page.rows);
      rows += page.rows;
      pages += 1;
      last = page.last;
    }
    if (page === null) await writer.commit();
    return { rows, last, ended: page === null, pages };
  } finally {
    await reader.close();
    await writer.close();
  }
}

export async function copyWhole(source: Source, target: Target, unit: string, settings: UnitSettings): Promise<Copied> {
  const schema = await source.describe(unit, settings);
  assert.deepEqual(schema.refusals, []);
  assert.deepEqual((await target.plan(schema, settings)).refusals, []);
  const copied = await copyPart(source, target, schema, settings, {
    after: null,
    pages: Number.POSITIVE_INFINITY,
    prepare: true,
  });
  await target.finish(schema, settings);
  return copied;
}

/** CHECKSUM TABLE, the servers' own judgement of equality. */
export async function checksum(server: MariaDb, database: string, table: string): Promise<string | null> {
  const rows = await server.query(`CHECKSUM TABLE \`${database}\`.\`${table.replaceAll('`', '``')}\` EXTENDED`);
  return rows[0]?.Checksum ?? null;
}
