import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import { openPoolCount } from '../../src/connectors/mysql/session.ts';
import type { UnitSettings } from '../../src/core/settings.ts';
import { type Ran, type RunOptions, runUnit, type Sides } from '../conformance/run-unit.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { checksum, connectionTo } from './mysql-copy.ts';

const ROWS = 2000;
const LANES = 4;
const ALWAYS = { rows: 1, bytes: 1 };

interface KeptLane {
  readonly end: string | null;
  readonly cursor: string | null;
  readonly rows: number;
  readonly done: boolean;
}

function lanesIn(checkpoint: string | null): readonly KeptLane[] {
  return (JSON.parse(checkpoint ?? '{}') as { lanes?: readonly KeptLane[] }).lanes ?? [];
}

describe('the lanes of a big MySQL table', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin: string;
  let copy: string;
  let sides: Sides;

  before(async () => {
    [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
    origin = await from.freshDatabase('origin');
    copy = await to.freshDatabase('copy');
    await make('items', 'id BIGINT PRIMARY KEY, v VARCHAR(50)', `seq * 3, MD5(seq) FROM seq_1_to_${ROWS}`);
    const ends = { from: connectionTo(from, origin), to: connectionTo(to, copy) };
    sides = {
      ...ends,
      source: await mysqlConnector.openSource(ends.from),
      target: await mysqlConnector.openTarget(ends.to),
    };
  });
  after(async () => {
    await sides?.source.close();
    await sides?.target.close();
    await from?.stop();
    await to?.stop();
    assert.equal(openPoolCount(), 0);
  });

  async function make(table: string, columns: string, select: string): Promise<void> {
    await from.query(`USE \`${origin}\`; CREATE TABLE ${table} (${columns}); INSERT INTO ${table} SELECT ${select}`);
    await from.query(`ANALYZE TABLE \`${origin}\`.${table}`);
  }
  const run = (unit: string, settings: Partial<UnitSettings>, options: RunOptions = {}): Promise<Ran> =>
    runUnit(sides, unit, {
      lanesFrom: ALWAYS,
      ...options,
      settings: { lanes: LANES, batchRows: 50, createTarget: 'recreate', ...settings },
    });
  const completed = ({ outcome }: Ran, rows = ROWS): void => {
    assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
    assert.equal(outcome.processed, rows);
    assert.equal(outcome.kind === 'completed' && outcome.note, null);
  };
  const equal = async (unit: string): Promise<void> =>
    assert.equal(await checksum(to, copy, unit), await checksum(from, origin, unit), unit);

  for (const checkpoint of ['store', 'target'] as const) {
    test(`copy it at the same time, each from a border of its own (checkpoint in the ${checkpoint})`, async () => {
      const ran = await run('items', { checkpoint });
      completed(ran);
      await equal('items');
      const lanes = lanesIn(ran.checkpoint);
      assert.equal(lanes.length, LANES);
      for (const lane of lanes)
        assert.ok(lane.rows >= ROWS / LANES / 2 && lane.rows <= (2 * ROWS) / LANES, `${lane.rows}`);
    });
  }
});
