import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, describe, test } from 'node:test';
import { startTestHost, type TestHost } from './driver.ts';
import { eventually } from './eventually.ts';
import { type TestWindow, THEMES, type Theme } from './window.ts';

// The way of a person who sees the product for the first time, one step after another on one window.
describe('a person who opens the demo', () => {
  let host: TestHost;
  let window: TestWindow;
  before(async () => {
    host = await startTestHost({ name: 'demo', builtins: ['json', 'json-language-features'] });
    window = await host.openWindow();
  });
  afterEach((t) => host.keepEvidence(t as { name: string; passed?: boolean }));
  after(() => host.close());

  /** A step needs the ones before it. */
  let broken = false;
  const step = (name: string, walk: () => unknown) =>
    test(name, async () => {
      assert.ok(!broken, 'an earlier step failed');
      broken = true;
      await walk();
      broken = false;
    });

  const button = (name: string) => window.panel().getByTestId(`action-${name}`);
  const inState = (state: string) =>
    window.panel().locator(`[data-testid="task-state"][data-state="${state}"]`).waitFor();
  const percent = async () => Number(await window.panel().getByTestId('overall-bar').getAttribute('aria-valuenow'));

  step('is told what to do in an empty folder', async () => {
    await window.container('DataTrace').click();
    await window.page.getByRole('button', { name: 'Create Sync Task' }).waitFor();
    await window.screenshot('demo welcome');
  });

  step('gets a task and its panel by one command', async () => {
    await window.runCommand('DataTrace: Open the Demo');
    await window.pick('In this folder');
    await button('start').waitFor();
    await window.row(/demo-shop/).waitFor();
    await window.screenshot('demo ready');
  });

  step('starts it and sees bars move in the panel, the tree and the status bar', async () => {
    await button('start').click();
    await inState('running');
    await window.row(/^Running/).waitFor();
    await window.statusItem('DataTrace').waitFor();
    const first = await percent();
    await eventually('the bar has moved', async () => (await percent()) > first);
    const bars = window.panel().locator('[data-testid="unit-bar"]');
    await eventually('a bar is on its way', async () => {
      const values = await bars.evaluateAll((all) => all.map((bar) => Number(bar.getAttribute('data-percent'))));
      return values.some((value) => value > 0 && value < 100);
    });
  });

  for (const theme of Object.keys(THEMES) as Theme[]) {
    step(`sees it in the theme ${theme}, wide and narrow`, async () => {
      await window.useTheme(theme);
      await window.screenshot(`demo ${theme} wide`);
      await window.page.setViewportSize({ width: 760, height: 800 });
      await window.panel().getByTestId('task-state').waitFor();
      await window.screenshot(`demo ${theme} narrow`);
      await window.page.setViewportSize({ width: 1280, height: 800 });
    });
  }

  step('pauses it, and finds it paused after a reload of the window', async () => {
    await button('pause').click();
    await inState('paused');
    const before = await percent();
    await window.row(/demo-shop, paused/).waitFor();
    await window.reload();
    await inState('paused');
    assert.equal(await percent(), before);
    await window.screenshot('demo paused');
  });

  step('resumes it, and finds it interrupted when the extension host dies', async () => {
    await button('resume').click();
    await inState('running');
    const before = await percent();
    await eventually('it goes on', async () => (await percent()) > before);
    await host.crashExtensionHost();
    await window.row(/demo-shop, interrupted/).waitFor();
    await inState('interrupted');
    await window.screenshot('demo interrupted');
  });

  step('resumes it from the tree, and is told when all is completed', async () => {
    await window.pressRowAction(/demo-shop/, 'Resume Task');
    await inState('running');
    await window.notification('40 completed').waitFor({ timeout: 90_000 });
    await window.row(/demo-shop, completed/).waitFor();
    await window.panel().locator('[data-testid="task-state"][data-outcome="completed"]').waitFor();
    await window.screenshot('demo completed');
  });

  step('has a target that equals the source', () => {
    const shop = new DatabaseSync(path.join(host.workspace, 'demo', 'shop.db'), { readOnly: true });
    try {
      shop.prepare('ATTACH ? AS copy').run(path.join(host.workspace, 'demo', 'copy.db'));
      const tables = shop.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name").all();
      assert.equal(tables.length, 40);
      for (const { name } of tables) {
        const difference = shop
          .prepare(
            `SELECT (SELECT count(*) FROM main."${name}") - (SELECT count(*) FROM copy."${name}") AS rows,
              (SELECT count(*) FROM (SELECT * FROM main."${name}" EXCEPT SELECT * FROM copy."${name}")) AS lost`,
          )
          .get();
        assert.deepEqual({ ...difference }, { rows: 0, lost: 0 }, String(name));
      }
    } finally {
      shop.close();
    }
  });

  step('is asked before everything is copied again', async () => {
    await button('run-again').click();
    await window.dialog().getByText('Copy all units of demo-shop to copy (SQLite) again?').waitFor();
    await window.screenshot('demo run again');
    await window.dialog().getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await window.panel().getByTestId('task-state').getAttribute('data-state'), 'idle');
  });
});
