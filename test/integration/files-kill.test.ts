import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Prepared } from '../../src/core/model.ts';
import type { FilesConnection, ResolvedConnection, UnitSettings } from '../../src/core/settings.ts';
import { copied, makePlace, type Place } from './files-copy.ts';

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

interface State {
  checkpoint: string | null;
  prepared: Prepared | null;
  completed: boolean;
}

/** Runs the child until it has said so many lines, then kills it. What it said before is what the host has recorded. */
async function execute(order: object, state: State, lines: number): Promise<void> {
  const script = fileURLToPath(new URL('files-kill-child.ts', import.meta.url));
  const argument = JSON.stringify({ ...order, checkpoint: state.checkpoint, prepared: state.prepared });
  const child = spawn(process.execPath, [script, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let left = lines;
  for await (const line of createInterface({ input: child.stdout })) {
    // A host that dies records nothing more, whatever its worker still says.
    if (left-- <= 0) continue;
    const said = JSON.parse(line) as { prepared?: Prepared; checkpoint?: string; outcome?: { kind: string } };
    state.prepared = said.prepared ?? state.prepared;
    state.checkpoint = said.checkpoint ?? state.checkpoint;
    if (said.outcome) {
      assert.equal(said.outcome.kind, 'completed', line);
      state.completed = true;
    }
    if (left <= 0) child.kill('SIGKILL');
  }
  await exit;
}

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
