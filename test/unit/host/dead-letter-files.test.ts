import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { deadLetterFiles } from '../../../src/host/dead-letter-files.ts';

test('files of rejected rows stay inside of the store, one for each run, and go when nothing speaks of them', (t) => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'dt-letter-files-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const files = deadLetterFiles(folder);
  assert.equal(files.path('0123/shop', 'r1'), path.join(folder, 'dead-letters', 'shop', 'r1.jsonl'));
  for (const name of ['..', '.', '../../x', 'a/b', 'a\\b', ''])
    assert.ok(files.path(`0123/${name}`, '../r').startsWith(path.join(folder, 'dead-letters') + path.sep), name);
  for (const [task, run] of [
    ['k/shop', 'r1'],
    ['k/shop', 'r2'],
    ['k/other', 'r1'],
  ] as const) {
    fs.mkdirSync(path.dirname(files.path(task, run)), { recursive: true });
    fs.writeFileSync(files.path(task, run), '');
  }
  files.keepOnly('k/shop', new Set(['r2', 'r3']));
  assert.deepEqual(fs.readdirSync(path.join(folder, 'dead-letters', 'shop')), ['r2.jsonl']);
  files.keepOnly('k/shop', new Set());
  assert.deepEqual(fs.readdirSync(path.join(folder, 'dead-letters')), ['other']);
  files.keepOnly('k/never', new Set());
});
