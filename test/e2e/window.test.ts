import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { fillWorkspace } from '../host/workspace.ts';
import { startTestHost, type TestHost } from './driver.ts';
import { eventually } from './eventually.ts';
import type { TestWindow } from './window.ts';

describe('a window of a real VS Code', () => {
  let host: TestHost;
  let window: TestWindow;
  before(async () => {
    host = await startTestHost({ name: 'window', fill: fillWorkspace });
    window = await host.openWindow();
  });
  afterEach((t) => host.keepEvidence(t as { name: string; passed?: boolean }));
  after(() => host.close());

  test('shows the workspace with its configuration', async () => {
    await window.row('datatrace.json').waitFor();
  });

  test('takes over another theme while it is open', async () => {
    await window.useTheme('Default High Contrast');
    await window.useTheme('Light 2026');
  });

  test('gets a new extension host when its own is killed', async () => {
    const [first] = await eventually(
      'an extension host',
      () => host.extensionHosts().length > 0 && host.extensionHosts(),
    );
    const next = await host.crashExtensionHost(first);
    assert.notEqual(next, first);
  });

  test('has an extension host of its own beside another window', async () => {
    const second = await host.openWindow();
    await eventually('two extension hosts', () => host.extensionHosts().length === 2);
    await second.close();
    await eventually('one extension host', () => host.extensionHosts().length === 1);
  });

  test('opens again on the same workspace after the whole editor was killed', async () => {
    await host.kill();
    await host.restart();
    await window.reload();
    await window.row('datatrace.json').waitFor();
  });
});
