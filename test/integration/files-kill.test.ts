import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { FilesConnection, ResolvedConnection, UnitSettings } from '../../src/core/settings.ts';
import { copied, makePlace, type Place } from './files-copy.ts';
import { execute, type State } from './killed-copy.ts';

const ROWS = 2_000;
const BATCH = 50;
/** Kills for each way; more of them with DATATRACE_FILE_KILLS. */
const KILLS = Number(process.env.DATATRACE_FILE_KILLS ?? 5);

let place: Place;

before(() => {
  place = makePlace();
  const db = new DatabaseSync(place.sqlite('from').file);
  db.exec(`CREATE TABLE items (id INTEGER PRIMARY KEY, v TEXT, b BLOB);
    INSERT INTO items WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
      SELECT i * 3, 'row "' || i || char(10), x'00ff' FROM n`);
  db.close();
});
after(() => place.remove());

function content({ folder, format, compress }: FilesConnection): Buffer {
  const file = path.join(folder, `items.${format}${compress === 'gzip' ? '.gz' : ''}`);
  const bytes = fs.readFileSync(file);
  return compress === 'gzip' ? gunzipSync(bytes) : bytes;
}

const WAYS: readonly (readonly [Partial<FilesConnection>, Partial<UnitSettings>])[] = [
  [{ format: 'jsonl' }, { checkpoint: 'store' }],
  [
    { format: 'csv', compress: 'gzip' },
    { checkpoint: 'target', write: 'truncate' },
  ],
  [{ format: 'jsonl' }, { resume: 'unit', write: 'insert' }],
];

for (const [kind, settings] of WAYS) {
  const what = JSON.stringify({ ...kind, ...settings });
  test(`a copy into a file that is killed again and again ends equal (${what})`, async () => {
    const from = place.sqlite('from');
    const whole = place.files(`whole ${what.replaceAll(/\W/g, '')}`, kind);
    await copied(from, whole, 'items', { ...settings, batchRows: BATCH });
    const to = place.files(`to ${what.replaceAll(/\W/g, '')}`, kind);
    const order = { from, to, unit: 'items', settings: { ...settings, batchRows: BATCH } };
    for (let kill = 0, round = 0; kill < KILLS; round++) {
      fs.rmSync(to.folder, { recursive: true });
      const state: State = { checkpoint: null, prepared: null, completed: false };
      for (let step = 1; !state.completed && kill < KILLS; step++, kill++)
        await execute(order, state, 1 + ((7 * step + 5 * round) % 23));
      if (!state.completed) await execute(order, state, Number.POSITIVE_INFINITY);
      assert.ok(content(to).equals(content(whole)), `after ${kill} kills`);
      assert.deepEqual(fs.readdirSync(to.folder).sort(), fs.readdirSync(whole.folder).sort());
    }
  });
}

test('a copy out of a file that is killed ends equal', async () => {
  const files = place.files('source', { format: 'csv' });
  await copied(place.sqlite('from'), files, 'items', { batchRows: BATCH });
  const to: ResolvedConnection = place.sqlite('killed');
  const state: State = { checkpoint: null, prepared: null, completed: false };
  const order = { from: files, to, unit: 'items', settings: { batchRows: BATCH } };
  for (let kill = 0; kill < KILLS && !state.completed; kill++) await execute(order, state, 3 + kill);
  if (!state.completed) await execute(order, state, Number.POSITIVE_INFINITY);
  const [left, right] = [place.files('left'), place.files('right')];
  await copied(place.sqlite('from'), left, 'items');
  await copied(to, right, 'items');
  assert.ok(content(right).equals(content(left)));
});
