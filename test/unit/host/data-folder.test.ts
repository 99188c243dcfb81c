import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { dataFolder, prepareDataFolder } from '../../../src/host/data-folder.ts';
import { temporaryFolder } from './support.ts';

const root = temporaryFolder();
const workspace = join(root, 'workspace');
mkdirSync(workspace);
const key = createHash('sha256').update(workspace).digest('hex').slice(0, 16);

describe('data folder', () => {
  test('lies in the user’s data folder, keyed by the real path of the workspace folder', () => {
    const place = dataFolder({ workspaceFolder: workspace, env: {} });
    assert.equal(place.key, key);
    assert.ok(place.folder.endsWith(join(process.platform === 'win32' ? 'Data' : 'datatrace', key)), place.folder);
    assert.equal(place.database, join(place.folder, 'datatrace.db'));
  });

  test('two names of one workspace folder lead to one place', () => {
    const link = join(root, 'link');
    symlinkSync(workspace, link);
    assert.deepEqual(
      dataFolder({ workspaceFolder: link, env: {} }),
      dataFolder({ workspaceFolder: `${workspace}/`, env: {} }),
    );
  });

  test('DATATRACE_STORE places it elsewhere, and the option wins over it', () => {
    const env = { DATATRACE_STORE: join(root, 'from-env') };
    assert.equal(dataFolder({ workspaceFolder: workspace, env }).folder, join(root, 'from-env', key));
    const given = dataFolder({ workspaceFolder: workspace, env, storeFolder: join(root, 'given') });
    assert.equal(given.folder, join(root, 'given', key));
  });

  test('is made private, with a note for people', { skip: process.platform === 'win32' }, () => {
    const place = dataFolder({ workspaceFolder: workspace, env: {}, storeFolder: join(root, 'made') });
    prepareDataFolder(place);
    assert.equal(statSync(place.folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(place.folder, 'workspace.json')).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(readFileSync(join(place.folder, 'workspace.json'), 'utf8')), { workspace });
    chmodSync(place.folder, 0o755);
    prepareDataFolder(place);
    assert.equal(statSync(place.folder).mode & 0o777, 0o700);
  });

  test('a link in its place is refused', { skip: process.platform === 'win32' }, () => {
    const place = dataFolder({ workspaceFolder: workspace, env: {}, storeFolder: join(root, 'linked') });
    mkdirSync(join(root, 'linked'));
    mkdirSync(join(root, 'somewhere'));
    symlinkSync(join(root, 'somewhere'), place.folder);
    assert.throws(() => prepareDataFolder(place), { code: 'host.unsafeFolder' });
  });

  test('a place that cannot be made is said with its reason', () => {
    const place = dataFolder({ workspaceFolder: workspace, env: {}, storeFolder: join(root, 'file') });
    mkdirSync(join(root, 'file'));
    symlinkSync(join(root, 'nowhere', 'deeper'), join(root, 'file', place.key));
    assert.throws(() => prepareDataFolder(place), { name: 'HostError' });
  });
});
