import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { root } from '../../../scripts/setup/paths.mjs';

/** Runs the test command as a person does, on a file of its own, and returns its last line and exit code. */
describe('the last line of the test command', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-command-'));
  after(() => fs.rmSync(folder, { recursive: true }));

  function run(text: string): [string | undefined, number | null] {
    const file = path.join(folder, 'sample.test.mjs');
    fs.writeFileSync(file, `import { test } from 'node:test';\n${text}\n`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = [path.join(root, 'scripts/test.mjs'), 'unit', file];
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
    return [stdout.trim().split('\n').at(-1), status];
  }

  test('adds up and ends with 0 when none failed', () => {
    assert.deepEqual(run("test('a', () => {}); test('b', () => {});"), ['2 passed, 0 failed', 0]);
  });

  test('names failures and ends with 1', () => {
    assert.deepEqual(run("test('a', () => {}); test('b', () => { throw new Error('no'); });"), [
      '1 passed, 1 failed',
      1,
    ]);
  });

  test('counts a file that cannot be loaded as a failure', () => {
    assert.deepEqual(run("import './gone.mjs';"), ['0 passed, 1 failed', 1]);
  });

  test('counts a process that ends in the middle as a failure', () => {
    const [line, status] = run("test('a', () => process.exit(0)); test('b', async () => {});");
    assert.match(line ?? '', /^\d+ passed, [1-9]\d* failed$/);
    assert.equal(status, 1);
  });
});
