import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Target, UnitSchema } from '../../../src/connectors/contract.ts';
import { DataError, type UnitJob } from '../../../src/core/ports.ts';
import type { UnitSettings } from '../../../src/core/settings.ts';
import { chooseBeginning } from '../../../src/pipeline/beginning.ts';
import { copyIdentity, encodeCheckpoint, encodePreparedPlace, placeOf } from '../../../src/pipeline/checkpoint.ts';
import { SETTINGS } from '../../conformance/run-unit.ts';

const SCHEMA: UnitSchema = {
  engine: 'sqlite',
  unit: 'orders',
  columns: [{ name: 'id', type: 'INTEGER', nullable: false }],
  key: ['id'],
  fingerprint: 'f1',
  native: null,
  warnings: [],
  refusals: [],
};

const sqlite = (file: string) => ({ type: 'sqlite', name: file, file }) as const;

function jobWith(more: Partial<UnitJob> = {}, settings: Partial<UnitSettings> = {}): UnitJob {
  return {
    ...{ taskId: 't', unitId: 'u', attempt: 2, unitName: 'orders', unitType: 'table' },
    ...{ source: sqlite('/a.db'), target: sqlite('/b.db'), limits: { rowsPerSecond: 0, bytesPerSecond: 0 } },
    settings: { ...SETTINGS, targetName: 'orders', ...settings },
    checkpoint: null,
    prepared: 'created',
    ...more,
  };
}

/** A checkpoint of the copy that `job` describes. */
function checkpointOf(job: UnitJob, schema = SCHEMA): string {
  const [identity, place] = [copyIdentity(job, schema), placeOf(job)];
  const lane = { end: '[9]', cursor: '[7]', rows: 7, bytes: 70, done: false };
  const { fingerprint } = schema;
  return encodeCheckpoint({ rows: 7, bytes: 70, upTo: '[9]', lanes: [lane], fingerprint, identity, place });
}

function targetWith(more: Partial<Target> = {}): Target {
  const plan = async () => ({ create: null, warnings: [], refusals: [] });
  return { plan, readCheckpoints: async () => [], ...more } as Target;
}

const begin = (job: UnitJob, target = targetWith(), schema = SCHEMA) =>
  chooseBeginning(job, schema, copyIdentity(job, schema), target);

const lost = async () => {
  throw new DataError({ code: 'mysql.connectionLost', args: {}, class: 'retryable', message: '' });
};

describe('a checkpoint', () => {
  test('is gone on from while nothing speaks against it', async () => {
    const job = jobWith();
    const found = await begin({ ...job, checkpoint: checkpointOf(job) });
    assert.equal(found.kind === 'continue' && found.checkpoint.lanes[0]?.cursor, '[7]');
  });

  const changes: readonly [string, Partial<UnitJob>, Partial<UnitSettings>, Partial<UnitSchema>][] = [
    ['columns or their types', {}, {}, { fingerprint: 'f2' }],
    ['the key', {}, {}, { key: ['other'] }],
    ['the condition', {}, { where: 'id > 3' }, {}],
    ['the source', { source: sqlite('/other.db') }, {}, {}],
  ];
  for (const [what, job, settings, schema] of changes) {
    test(`is proven unusable by another one of these: ${what}`, async () => {
      const checkpoint = checkpointOf(jobWith());
      const found = await begin(jobWith({ ...job, checkpoint }, settings), targetWith(), { ...SCHEMA, ...schema });
      assert.equal(found.kind, 'restart');
    });
  }

  test('says nothing of another target, nor of one that is gone: that one is prepared', async () => {
    const checkpoint = checkpointOf(jobWith());
    assert.equal((await begin(jobWith({ checkpoint, target: sqlite('/c.db') }))).kind, 'fresh');
    assert.equal((await begin(jobWith({ checkpoint }, { targetName: 'elsewhere' }))).kind, 'fresh');
    const gone = targetWith({ plan: async () => ({ create: 'CREATE TABLE', warnings: [], refusals: [] }) });
    assert.equal((await begin(jobWith({ checkpoint }), gone)).kind, 'fresh');
  });

  test('of another version or none of ours begins again', async () => {
    for (const checkpoint of ['{}', 'null', '[]', '7', 'not JSON', '{"v":2,"cursor":"[7]"}', ''])
      assert.equal((await begin(jobWith({ checkpoint }))).kind, 'restart', checkpoint);
  });

  test('is not doubted because a server cannot be asked: that fails, loudly and for now', async () => {
    const checkpoint = checkpointOf(jobWith());
    await assert.rejects(begin(jobWith({ checkpoint }), targetWith({ plan: lost })), DataError);
    const inTarget = jobWith({ checkpoint }, { checkpoint: 'target' });
    await assert.rejects(begin(inTarget, targetWith({ readCheckpoints: lost })), DataError);
  });

  test('that the target keeps is the newest; the store has the last one when the target has forgotten it', async () => {
    const job = jobWith({}, { checkpoint: 'target' });
    const newer = checkpointOf(job).replace('[7]', '[8]');
    const kept = await begin(
      { ...job, checkpoint: checkpointOf(job) },
      targetWith({ readCheckpoints: async () => [newer] }),
    );
    assert.equal(kept.kind === 'continue' && kept.checkpoint.lanes[0]?.cursor, '[8]');
    const forgotten = await begin({ ...job, checkpoint: checkpointOf(job) });
    assert.equal(forgotten.kind === 'continue' && forgotten.checkpoint.lanes[0]?.cursor, '[7]');
  });
});

describe('an execution from the first row', () => {
  const distrusted = encodePreparedPlace(jobWith(), { distrusted: true });

  test('writes over what is there where rows can be told by their key', async () => {
    for (const write of ['upsert', 'replace'] as const)
      for (const prepared of ['created', 'rows'] as const)
        assert.deepEqual(await begin(jobWith({ prepared }, { write, resume: 'unit' })), {
          ...{ kind: 'restart', prepared },
          emptyFirst: false,
        });
  });

  test('empties the target first for plain inserts, positions and copies that failed their verification', async () => {
    const emptied = { kind: 'restart', prepared: 'empty', emptyFirst: true };
    const prepared = 'empty';
    for (const write of ['insert', 'truncate'] as const)
      assert.deepEqual(await begin(jobWith({ prepared }, { write, resume: 'unit' })), emptied);
    const byPosition = { ...SCHEMA, keyIsPosition: true };
    assert.deepEqual(await begin(jobWith({ prepared }, { resume: 'unit' }), targetWith(), byPosition), emptied);
    assert.deepEqual(await begin(jobWith({ prepared, checkpoint: distrusted })), emptied);
    const inTarget = jobWith({ prepared, checkpoint: distrusted }, { checkpoint: 'target' });
    const stale = targetWith({ readCheckpoints: async () => [checkpointOf(jobWith())] });
    assert.deepEqual(await begin(inTarget, stale), emptied);
  });

  test('empties it, too, where rows of another copy lie: of columns that are gone, of a wider condition', async () => {
    const checkpoint = checkpointOf(jobWith());
    const changed = { ...SCHEMA, fingerprint: 'f2' };
    const emptied = { kind: 'restart', prepared: 'created', emptyFirst: true };
    assert.deepEqual(await begin(jobWith({ checkpoint }), targetWith(), changed), emptied);
    assert.deepEqual(await begin(jobWith({ checkpoint }, { where: 'id > 3' })), emptied);
    const over = await begin(jobWith({ checkpoint, prepared: 'rows' }), targetWith(), changed);
    assert.deepEqual(over, { kind: 'restart', prepared: 'rows', emptyFirst: false });
  });

  test('leaves rows that were there before, and says so where it cannot go on over them', async () => {
    const over = await begin(jobWith({ prepared: 'rows', checkpoint: distrusted }));
    assert.deepEqual(over, { kind: 'restart', prepared: 'rows', emptyFirst: false });
    await assert.rejects(begin(jobWith({ prepared: 'rows' }, { write: 'insert' })), /held rows of its own/);
  });
});
