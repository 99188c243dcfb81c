import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ambientUses } from '../../../scripts/check/ambient.mjs';
import { wallBreaches } from '../../../scripts/check/walls.mjs';
import { root } from '../../../scripts/setup/paths.mjs';

// A small house with one breach of every wall: a rule that no longer bites would pass silently in the real one.

/** file, its import, the rule that forbids it, words of its lesson. */
const PLANTED: readonly (readonly [string, string, string, string])[] = [
  ['src/core/a.ts', "import '../engine/plain.ts';", 'room-core', 'behind a port'],
  ['src/core/b.ts', "import 'node:fs';", 'core-is-pure', 'src/core only decides'],
  ['src/core/c.ts', "import 'mysql2';", 'core-is-pure', 'src/core only decides'],
  ['src/config/a.ts', "import '../engine/plain.ts';", 'room-config', 'src/engine'],
  ['src/store/a.ts', "import '../host/plain.ts';", 'room-store', 'src/core'],
  ['src/connectors/mysql/a.ts', "import '../../pipeline/plain.ts';", 'room-connectors', 'src/pipeline'],
  ['src/connectors/mysql/b.ts', "import '../sqlite/plain.ts';", 'one-folder-per-system', 'contract.ts'],
  ['src/pipeline/a.ts', "import '../connectors/sqlite/plain.ts';", 'room-pipeline', 'src/connectors'],
  ['src/host/a.ts', "import '../engine/plain.ts';", 'room-host', 'composition root'],
  ['src/worker/a.ts', "import '../store/plain.ts';", 'room-worker', 'protocol.ts'],
  ['src/engine/a.ts', "import '../store/plain.ts';", 'room-engine', 'composition root'],
  ['src/engine/b.ts', "import '../worker/plain.ts';", 'room-engine', 'src/worker/protocol.ts'],
  ['src/engine/c.ts', "import 'node:fs';", 'engine-uses-ports', 'src/core/ports.ts'],
  ['src/engine/e.ts', "import 'vscode';", 'one-room-knows-the-editor', 'src/extension'],
  ['src/protocol/a.ts', "import '../core/plain.ts';", 'only-types-of-the-core', 'import type'],
  ['src/wording/a.ts', "import '../core/plain.ts';", 'only-types-of-the-core', 'import type'],
  ['src/wording/b.ts', "import '../engine/plain.ts';", 'room-wording', 'where the code arises'],
  ['src/workspace/a.ts', "import '../engine/plain.ts';", 'room-workspace', 'src/engine/api.ts'],
  ['src/cli/a.ts', "import '../extension/plain.ts';", 'headless-without-editor', 'without an editor'],
  ['src/extension/a.ts', "import '../cli/plain.ts';", 'extension-ships-alone', 'another host'],
  ['webview/a.ts', "import '../src/engine/plain.ts';", 'room-webview', 'behind a message'],
  ['webview/b.ts', "import '../src/core/plain.ts';", 'webview-has-no-behaviour-of-the-core', 'import type'],
  ['webview/c.ts', "import 'node:path';", 'webview-is-browser-code', 'no Node in a webview'],
  ['webview/d.ts', "import '@vscode/webview-ui-toolkit';", 'one-folder-knows-the-toolkit', 'webview/controls'],
  ['src/store/b.ts', "import './c.ts';", 'no-cycle', 'hide a third'],
  ['src/store/d.ts', "import './gone.ts';", 'nothing-unresolved', 'no file and no package'],
];

/** What every room may do. */
const ALLOWED: readonly (readonly [string, string])[] = [
  ['src/engine/f.ts', "import '../protocol/plain.ts';\nimport '../core/plain.ts';"],
  ['src/worker/b.ts', "import '../connectors/mysql/plain.ts';\nimport '../pipeline/plain.ts';\nimport 'node:fs';"],
  ['src/extension/b.ts', "import 'vscode';\nimport '../engine/plain.ts';\nimport '../store/plain.ts';"],
  ['webview/controls/a.ts', "import '@vscode/webview-ui-toolkit';"],
  [
    'webview/e.ts',
    "import type { plain } from '../src/core/plain.ts';\nimport '../src/protocol/plain.ts';\nimport '../src/wording/plain.ts';",
  ],
];

const ROOMS = ['core', 'config', 'store', 'connectors/mysql', 'connectors/sqlite', 'pipeline', 'host', 'worker'];
const MORE_ROOMS = ['engine', 'protocol', 'wording', 'workspace', 'extension', 'cli'];

let house = '';
before(() => {
  house = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-walls-'));
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(house, 'node_modules'), 'junction');
  for (const file of ['tsconfig.json', 'package.json']) fs.copyFileSync(path.join(root, file), path.join(house, file));
});
after(() => fs.rmSync(house, { recursive: true, force: true }));

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
  fs.writeFileSync(path.join(house, file), `${text}\n`);
}

describe('the walls between the rooms', () => {
  test('a check that saw no module fails', async () => {
    for (const folder of ['src', 'webview']) fs.mkdirSync(path.join(house, folder), { recursive: true });
    write('scripts/other.ts', 'export const other = 1;');
    await assert.rejects(wallBreaches(house), /no module or no import was seen/);
  });

  test('each breach is found, and its message says where the code belongs', async () => {
    for (const room of [...ROOMS, ...MORE_ROOMS]) write(`src/${room}/plain.ts`, 'export const plain = 1;');
    for (const [file, text] of [...PLANTED, ...ALLOWED]) write(file, text);
    write('src/store/c.ts', "import './b.ts';");
    const breaches = await wallBreaches(house);
    for (const [file, , rule, lesson] of PLANTED) {
      const message = breaches.find((text) => text.startsWith(`${file} imports `) && text.includes(`(${rule})`));
      assert.ok(message, `${file} breaks ${rule}, but only this was found:\n${breaches.join('\n')}`);
      assert.match(message, new RegExp(lesson.replaceAll('.', '\\.')));
    }
    for (const [file] of ALLOWED) assert.ok(!breaches.some((text) => text.startsWith(file)), breaches.join('\n'));
  });
});

describe('time and randomness in core and engine', () => {
  test('each use of the machine is found with its line, dates made from given times are not', () => {
    const uses = ['Date.now()', 'Math.random()', 'performance.now()', 'new Date()', 'setTimeout(() => {}, 1)'];
    write('src/core/time.ts', uses.map((use) => `${use};`).join('\n'));
    write('src/engine/time.ts', 'export const fine = (at: number) => new Date(at).toISOString();');
    const found = ambientUses(house);
    assert.deepEqual(
      found.map((text) => text.split('\n')[0]),
      ['1 uses Date.now', '2 uses Math.random', '3 uses performance.now', '4 uses new Date()', '5 uses setTimeout'].map(
        (text) => `${path.join('src', 'core', 'time.ts')}:${text}`,
      ),
    );
    assert.match(found[0] ?? '', /ports/);
  });
});
