import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { tooOld } from '../../../scripts/setup/node-version.mjs';
import { root } from '../../../scripts/setup/paths.mjs';
import { chooseHost } from '../../../scripts/start/choose-host.mjs';

describe('the Node that starts the set-up', () => {
  test('is refused in one sentence when it is older than 20.19', () => {
    assert.equal(tooOld('18.20.8'), 'Node 18.20.8 is too old: 20.19 or newer, please.');
    assert.equal(tooOld('20.18.3'), 'Node 20.18.3 is too old: 20.19 or newer, please.');
    for (const version of ['20.19.0', '22.0.0', '24.21.0']) assert.equal(tooOld(version), undefined);
  });

  test('reads nothing but the version check before it is asked for its version', () => {
    const entries = fs.readdirSync(path.join(root, 'scripts')).filter((file) => file.endsWith('.mjs'));
    for (const entry of entries) {
      const text = fs.readFileSync(path.join(root, 'scripts', entry), 'utf8');
      const imported = [...text.matchAll(/^import .*from '(.+)';$/gm)].map((match) => match[1]);
      const own = imported.filter((name) => !name?.startsWith('node:'));
      assert.deepEqual(own, ['./setup/node-version.mjs'], entry);
    }
    const check = fs.readFileSync(path.join(root, 'scripts/setup/node-version.mjs'), 'utf8');
    assert.doesNotMatch(check, /^import /m);
  });
});

describe('the host of the demo', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-hosts-'));
  const editor = path.join(folder, process.platform === 'win32' ? 'codium.cmd' : 'codium');
  fs.writeFileSync(editor, '');
  test.after(() => fs.rmSync(folder, { recursive: true }));
  const screen = { DISPLAY: ':0', PATH: folder };

  test('is the web host when somebody asks for it', () => {
    assert.equal(chooseHost({ ...screen, DATATRACE_HOST: 'web' }).host, 'web');
  });

  test('is the web host without a screen', {
    skip: process.platform !== 'linux' && 'every other system has one',
  }, () => {
    assert.deepEqual(chooseHost({ PATH: folder }), { host: 'web', why: 'no screen' });
  });

  test('is the web host in the terminal of a remote VS Code', () => {
    assert.equal(chooseHost({ ...screen, VSCODE_IPC_HOOK_CLI: '/run/x.sock' }).host, 'web');
  });

  test('is an editor that is on the PATH', () => {
    assert.deepEqual(chooseHost(screen), { host: 'desktop', command: editor, why: 'codium is on the PATH' });
  });

  test('is a download when there is a screen but no editor', () => {
    assert.equal(chooseHost({ DISPLAY: ':0', PATH: '' }).host, 'download');
  });
});
