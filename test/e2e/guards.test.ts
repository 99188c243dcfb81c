import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { fillWorkspace } from '../host/workspace.ts';
import { startTestHost, type TestHost } from './driver.ts';
import { eventually } from './eventually.ts';
import type { TestWindow } from './window.ts';

describe('what a person is asked, and what two windows do', () => {
  let host: TestHost;
  let window: TestWindow;
  const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-elsewhere-'));
  before(async () => {
    host = await startTestHost({ name: 'guards', fill });
    window = await host.openWindow();
    await window.container('DataTrace').click();
    await window.row(/shop-copy, ready/).waitFor();
  });
  afterEach((t) => host.keepEvidence(t as { name: string; passed?: boolean }));
  after(async () => {
    await host.close();
    fs.rmSync(elsewhere, { recursive: true, force: true });
  });

  function fill(folder: string): void {
    fillWorkspace(folder);
    const file = path.join(folder, 'datatrace.json');
    const config = JSON.parse(fs.readFileSync(file, 'utf8'));
    config.connections.live = { type: 'sqlite', file: 'live.db', environment: 'production' };
    config.connections.outside = { type: 'sqlite', file: path.join(elsewhere, 'outside.db') };
    config.tasks['to-live'] = { source: 'shop', target: 'live', units: ['customers'] };
    config.tasks['to-outside'] = { source: 'shop', target: 'outside', units: ['customers'] };
    Object.assign(config.tasks['shop-copy'], { batchRows: 50, limits: { rowsPerSecond: 500 } });
    fs.writeFileSync(file, JSON.stringify(config, null, 2));
  }

  const input = () => window.page.locator('.quick-input-widget .quick-input-box input');

  test('a production target wants its name typed', async () => {
    await window.pressRowAction(/to-live/, 'Start Task');
    await input().waitFor();
    await window.screenshot('guards production');
    await input().press('Escape');
    await window.row(/to-live, ready/).waitFor();
    assert.equal(fs.existsSync(path.join(host.workspace, 'live.db')), false);
    await window.pressRowAction(/to-live/, 'Start Task');
    await input().fill('live');
    await input().press('Enter');
    await window.row(/to-live, completed/).waitFor();
  });

  test('a file outside of the folder wants a consent, once', async () => {
    await window.pressRowAction(/to-outside/, 'Start Task');
    await window.dialog().getByText('uses files outside of the workspace folder').waitFor();
    await window.screenshot('guards outside');
    await window.dialog().getByRole('button', { name: 'Cancel' }).click();
    await window.row(/to-outside, ready/).waitFor();
    await window.pressRowAction(/to-outside/, 'Start Task');
    await window.dialog().getByRole('button', { name: 'Use these files' }).click();
    await window.row(/to-outside, completed/).waitFor();
    assert.ok(fs.existsSync(path.join(elsewhere, 'outside.db')));
  });

  test('a second window watches while the first one runs a task', async () => {
    await window.pressRowAction(/shop-copy/, 'Start Task');
    await window.row(/shop-copy, running/).waitFor();
    const second = await host.openWindow();
    await second.container('DataTrace').click();
    await second.row(/shop-copy, running/).waitFor();
    await second.screenshot('guards second window');
    await second.close();
    await window.row(/shop-copy, running/).waitFor();
  });

  test('a task that was running when the whole editor was killed goes on where it was', async () => {
    await host.kill();
    await host.restart();
    await window.reload();
    await window.row(/shop-copy, interrupted/).waitFor();
    await window.pressRowAction(/shop-copy/, 'Resume Task');
    await window.row(/shop-copy, running/).waitFor();
    await window.pressRowAction(/shop-copy/, 'Stop Task');
    await eventually('it rests', async () => (await window.row(/shop-copy, stopped/).count()) > 0);
  });
});
