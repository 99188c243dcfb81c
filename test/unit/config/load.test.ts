import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { loadFile, loadFolder } from '../../../src/config/load.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'datatrace-load-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: string | Uint8Array): void => writeFileSync(path.join(folder, name), content);

async function codes(): Promise<string[]> {
  return (await loadFolder(folder)).problems.map((problem) => problem.code);
}

describe('loading the configuration of a folder', () => {
  test('a good file, with or without a byte order mark, gives a model', async () => {
    for (const text of ['{"version": 1}', '\uFEFF{"version": 1}']) {
      put('datatrace.json', text);
      const loaded = await loadFolder(folder);
      assert.deepEqual(loaded.problems, []);
      assert.equal(loaded.model?.folder, folder);
    }
  });

  test('no file is said, and is not an unreadable one', async () => {
    const loaded = await loadFolder(folder);
    assert.deepEqual(
      [loaded.found, loaded.problems[0]?.code, loaded.problems[0]?.args.file],
      [false, 'config.missing', path.join(folder, 'datatrace.json')],
    );
    assert.equal((await loadFile(path.join(folder, 'datatrace.json', 'x'))).problems[0]?.code, 'config.missing');
  });

  test('two configuration files are an error, and the other kind alone is not available yet', async () => {
    put('datatrace.toml', 'version = 1');
    assert.deepEqual(await codes(), ['config.tomlNotYet']);
    put('datatrace.json', '{}');
    assert.deepEqual(await codes(), ['config.twoFiles']);
  });

  test('what is no text is refused', async () => {
    put('datatrace.json', new Uint8Array([0xff, 0xfe, 0x7b, 0x00]));
    assert.deepEqual(await codes(), ['config.notUtf8']);
    put('datatrace.json', Buffer.from('{"version": 1}', 'utf16le'));
    assert.deepEqual(
      (await codes()).every((code) => code === 'config.syntax' || code === 'config.notUtf8'),
      true,
    );
  });

  test('a huge file is not read, a folder is not a file', async () => {
    put('datatrace.json', new Uint8Array(5 * 1024 * 1024).fill(0x20));
    assert.deepEqual(await codes(), ['config.tooLarge']);
    rmSync(path.join(folder, 'datatrace.json'));
    mkdirSync(path.join(folder, 'datatrace.json'));
    assert.deepEqual(await codes(), ['config.unreadable']);
  });

  test('a named pipe is refused at once, not waited for', { skip: process.platform === 'win32' }, async () => {
    execFileSync('mkfifo', [path.join(folder, 'datatrace.json')]);
    assert.deepEqual(await codes(), ['config.unreadable']);
  });
});
