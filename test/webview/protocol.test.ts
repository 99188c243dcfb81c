import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { HostMessage } from '../../src/protocol/panel.ts';
import { delta, header, snapshot } from './messages.ts';
import { openBrowser, openPanel, type Panel, type PanelOptions } from './panel-page.ts';
import { shop } from './shop.ts';

describe('the panel as a client of the protocol', () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());

  async function withPanel(options: PanelOptions, use: (panel: Panel) => Promise<void>): Promise<void> {
    const panel = await openPanel(browser, options);
    try {
      await use(panel);
      assert.deepEqual(panel.errors, []);
    } finally {
      await panel.close();
    }
  }

  const types = async (panel: Panel) => (await panel.sent()).map((message) => message.type);

  test('says ready once it can be seen, and keeps which task it shows', () =>
    withPanel({}, async (panel) => {
      assert.deepEqual(await types(panel), ['ready']);
      const kept = { taskId: 'shop-to-search', folderUri: 'file:///shop', status: null, text: '' };
      assert.deepEqual(await panel.kept(), kept);
      assert.equal(await panel.id('waiting').isVisible(), true);
    }));

  test('shows a snapshot and then what deltas change', () =>
    withPanel({}, async (panel) => {
      const units = shop();
      await panel.post(snapshot(units));
      const orders = panel.page.locator('[data-unit="orders"]');
      assert.match(await orders.innerText(), /52%|51%/);
      units[1] = { name: 'orders', status: 'completed', total: 936_770, processed: 936_770, durationMs: 83_000 };
      await panel.post(delta(header(units), { seq: 2, changed: [[1, units[1]]] }));
      assert.equal(await orders.getAttribute('data-status'), 'completed');
      assert.equal(await orders.getByTestId('unit-bar').getAttribute('data-percent'), '100');
      assert.match(await orders.innerText(), /100%\s+936,770 rows\s+1 min 23 s/);
    }));

  test('a unit whose total is unknown has rows but no percentage', () =>
    withPanel({}, async (panel) => {
      await panel.post(snapshot([{ name: 'events', status: 'running', total: null, processed: 71_400, rate: 12 }]));
      const row = panel.id('unit-row').first();
      assert.match(await row.innerText(), /^events\s+Running\s+71,400 rows\s+12 rows\/s/);
      assert.equal(await row.getByTestId('unit-bar').getAttribute('data-percent'), '0');
    }));

  test('a reason comes with a delta and goes with another', () =>
    withPanel({}, async (panel) => {
      const units = shop();
      await panel.post(snapshot(units));
      const reason = { text: { code: 'test.slow', args: {} }, detail: null, dueAt: null, severity: 'warning' } as const;
      await panel.post(delta(header(units), { seq: 2, reasons: [[2, reason]] }));
      const row = panel.page.locator('[data-unit="order_items"]');
      assert.match(await row.innerText(), /test\.slow/);
      await panel.post(delta(header(units), { seq: 3, reasons: [[2, null]] }));
      assert.match(await row.innerText(), /1:24 left/);
    }));

  test('a gap in the sequence causes exactly one resync, and nothing is believed until the next snapshot', () =>
    withPanel({}, async (panel) => {
      const units = shop();
      await panel.post(snapshot(units));
      await panel.post(delta(header(units, { percent: 50 }), { seq: 3 }));
      await panel.post(delta(header(units, { percent: 60 }), { seq: 4 }));
      await panel.post(delta(header(units, { percent: 70 }), { seq: 2 }));
      assert.deepEqual(await types(panel), ['ready', 'resync']);
      assert.equal(await panel.id('overall-bar').getAttribute('data-percent'), '37');
      await panel.post(snapshot(units, { epoch: 'e2', header: { percent: 80 } }));
      await panel.post(delta(header(units, { percent: 81 }), { seq: 2, epoch: 'e2' }));
      assert.equal(await panel.id('overall-bar').getAttribute('data-percent'), '81');
      assert.deepEqual(await types(panel), ['ready', 'resync']);
    }));

  for (const [what, message] of [
    ['a delta of an unknown epoch', delta(header(shop()), { seq: 2, epoch: 'e9' })],
    ['a heartbeat of an unknown epoch', { type: 'heartbeat', v: 1, epoch: 'e9' }],
    ['a delta that is malformed', { ...delta(header(shop()), { seq: 2 }), units: [1, 2, 3] }],
  ] as const satisfies readonly (readonly [string, HostMessage])[]) {
    test(`${what} causes one resync`, () =>
      withPanel({}, async (panel) => {
        await panel.post(snapshot(shop()));
        await panel.post(message);
        await panel.post(message);
        assert.deepEqual(await types(panel), ['ready', 'resync']);
      }));
  }

  test('messages of others are ignored, one of another version is said', () =>
    withPanel({}, async (panel) => {
      await panel.post({ hello: 'world' } as unknown as HostMessage);
      assert.equal(await panel.id('version-mismatch').count(), 0);
      await panel.post({ type: 'heartbeat', v: 2, epoch: 'e1' });
      assert.equal(await panel.id('version-mismatch').isVisible(), true);
    }));

  test('a host that falls silent is said after 13 s, asked again, and believed when it is back', () =>
    withPanel({}, async (panel) => {
      await panel.page.clock.install();
      const units = shop();
      await panel.page.reload();
      await panel.post(snapshot(units));
      await panel.page.clock.runFor(6_000);
      assert.match(await panel.id('stale').innerText(), /no update for [56] s/);
      await panel.post({ type: 'heartbeat', v: 1, epoch: 'e1' });
      await panel.page.clock.runFor(11_000);
      assert.equal(await panel.id('connection-lost').count(), 0);
      await panel.page.clock.runFor(4_000);
      assert.equal(await panel.id('connection-lost').isVisible(), true);
      assert.equal(await panel.id('action-pause').getAttribute('disabled'), '');
      await panel.page.clock.runFor(6_000);
      assert.deepEqual(await types(panel), ['ready', 'ready']);
      await panel.id('action-try-now').click();
      assert.deepEqual(await types(panel), ['ready', 'ready', 'ready']);
      await panel.post(snapshot(units, { epoch: 'e2' }));
      await panel.gone('connection-lost');
      await panel.gone('stale');
    }));

  test('a refused command is said with its reason and can be dismissed', () =>
    withPanel({}, async (panel) => {
      await panel.post(snapshot(shop()));
      await panel.id('action-pause').dblclick();
      await panel.page.locator('[data-testid="action-pause"][disabled]').waitFor();
      const sent = (await panel.sent()).slice(1);
      assert.equal(sent.length, 1, 'one double click, one command');
      assert.deepEqual(sent[0], { type: 'command', v: 1, id: 1, epoch: 'e1', command: 'pause', args: {} });
      await panel.post({ type: 'ack', v: 1, id: 1, ok: false, message: { code: 'test.managed', args: {} } });
      assert.match(await panel.id('refusal').innerText(), /Pause was refused\s+test\.managed/);
      await panel.id('dismiss-refusal').click();
      await panel.gone('refusal');
      await panel.page.locator('[data-testid="action-pause"]:not([disabled])').waitFor();
    }));

  test('an answer that never comes leaves no button disabled: after 10 s it is said, and can be asked again', () =>
    withPanel({}, async (panel) => {
      await panel.page.clock.install();
      await panel.page.reload();
      await panel.post(snapshot(shop()));
      await panel.id('action-pause').click();
      await panel.page.locator('[data-testid="action-pause"][disabled]').waitFor();
      await panel.page.clock.runFor(5_000);
      await panel.post({ type: 'heartbeat', v: 1, epoch: 'e1' });
      await panel.page.clock.runFor(4_000);
      assert.equal(await panel.id('action-pause').getAttribute('disabled'), '');
      await panel.page.clock.runFor(2_500);
      await panel.page.locator('[data-testid="action-pause"]:not([disabled])').waitFor({ timeout: 5_000 });
      assert.match(await panel.id('unanswered').innerText(), /Pause: no answer/);
      // It comes late, after all.
      await panel.post({ type: 'ack', v: 1, id: 1, ok: false, message: { code: 'test.managed', args: {} } });
      await panel.gone('unanswered');
      assert.match(await panel.id('refusal').innerText(), /Pause was refused\s+test\.managed/);
    }));

  test('what the host remarks when it takes a command is said until the next one', () =>
    withPanel({}, async (panel) => {
      await panel.post(snapshot(shop(), { header: { runState: 'idle' } }));
      await panel.id('action-start').click();
      await panel.post({ type: 'ack', v: 1, id: 1, ok: true, message: { code: 'test.auto', args: {} } });
      await panel.id('remark').getByText('test.auto').waitFor();
      await panel.id('action-start').click();
      await panel.gone('remark');
    }));

  test('filter and text survive a reload of the view', () =>
    withPanel({ kept: { taskId: 'shop-to-search', status: 'completed', text: 'car' } }, async (panel) => {
      await panel.post(snapshot(shop()));
      assert.deepEqual(await panel.id('unit-row').locator('visible=true').count(), 1);
      assert.equal(await panel.id('unit-row').first().getAttribute('data-unit'), 'carts');
    }));
});
