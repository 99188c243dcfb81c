import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { CommandArgs, TaskHeader } from '../../src/protocol/panel.ts';
import { delta, type FakeUnit, header, snapshot } from './messages.ts';
import { openBrowser, openPanel, type Panel, type PanelOptions } from './panel-page.ts';
import { RETRY, shop } from './shop.ts';

const MANUAL: Partial<TaskHeader> = { mode: 'manual', queueRev: 5 };
/** shipments, stock, archive_2056, archive_2057, archive_2058 */
const QUEUE = [13, 14, 56, 57, 58];

describe('manual mode', () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());

  async function withPanel(use: (panel: Panel) => Promise<void>, options: PanelOptions = {}): Promise<void> {
    const panel = await openPanel(browser, options);
    try {
      await use(panel);
      assert.deepEqual(panel.errors, []);
    } finally {
      await panel.close();
    }
  }

  /** Names in one of the lists, from top to bottom. */
  const rows = (panel: Panel, list: string): Promise<string[]> =>
    panel.page.evaluate((kind) => {
      const box = document.querySelector(`[data-list="${kind}"]`)?.getBoundingClientRect();
      return [...document.querySelectorAll<HTMLElement>(`[data-list="${kind}"] .unit`)]
        .map((row) => ({ row, top: row.getBoundingClientRect().top }))
        .filter(({ row, top }) => !row.hidden && box && top >= box.top - 1 && top < box.bottom)
        .sort((a, b) => a.top - b.top)
        .map(({ row }) => row.dataset.unit ?? '');
    }, list);
  const row = (panel: Panel, list: string, name: string) =>
    panel.page.locator(`[data-list="${list}"] [data-unit="${name}"]`);
  const commands = async (panel: Panel): Promise<[string, CommandArgs][]> =>
    (await panel.sent()).flatMap((message) =>
      message.type === 'command' ? [[message.command, message.args] as [string, CommandArgs]] : [],
    );
  const said = (panel: Panel): Promise<string> => panel.id('announcement').innerText();

  let seq = 1;
  async function start(panel: Panel, units: FakeUnit[] = shop(), queue = QUEUE, more = {}): Promise<FakeUnit[]> {
    seq = 1;
    await panel.post(snapshot(units, { header: { ...MANUAL, ...more }, queue }));
    return units;
  }
  /** The host takes the command with this id: the news first, then the answer. */
  async function take(panel: Panel, id: number, units: FakeUnit[], queue: number[], queueRev: number): Promise<void> {
    seq += 1;
    await panel.post(delta(header(units, { ...MANUAL, queueRev }), { seq, queue }));
    await panel.post({ type: 'ack', v: 1, id, ok: true, message: null });
  }

  test('each unit has one place: available, pinned above the queue, or in the queue in its order', () =>
    withPanel(async (panel) => {
      await start(panel, shop(), [14, 13, 7]);
      assert.deepEqual(await rows(panel, 'queue'), ['stock', 'shipments', 'refunds']);
      assert.deepEqual((await rows(panel, 'pinned')).slice(0, 3), ['orders', 'order_items', 'customers']);
      assert.deepEqual((await rows(panel, 'available')).slice(0, 2), ['invoices', 'archive_2052']);
      assert.equal(await panel.id('queue-count').innerText(), '9 running · 1 waiting to retry · 3 waiting');
      assert.equal(await panel.id('available-count').innerText(), '49');
      assert.match(await row(panel, 'queue', 'refunds').innerText(), /^3\s+refunds\s+test\.waiting_for/);
      assert.equal(await row(panel, 'queue', 'refunds').getAttribute('aria-posinset'), '3');
      const list = panel.page.locator('[data-list="queue"]');
      assert.deepEqual(
        [await list.getAttribute('role'), await list.getAttribute('aria-multiselectable')],
        ['listbox', 'true'],
      );
      assert.match(await panel.id('queued').innerText(), /3 waiting in the queue/);
    }));

  test('a unit that starts leaves the queue though the queue was not told again', () =>
    withPanel(async (panel) => {
      const units = await start(panel);
      units[13] = { name: 'shipments', status: 'running', total: 10, processed: 1 };
      await panel.post(delta(header(units, MANUAL), { seq: 2, changed: [[13, units[13]]] }));
      await row(panel, 'pinned', 'shipments').waitFor();
      assert.deepEqual((await rows(panel, 'queue'))[0], 'stock');
    }));

  test('adds what is selected, everything that the filter shows, and to the top', () =>
    withPanel(async (panel) => {
      const units = await start(panel, shop(), []);
      await row(panel, 'available', 'shipments').click();
      await row(panel, 'available', 'archive_2056').click({ modifiers: ['Shift'] });
      await row(panel, 'available', 'archive_2052').locator('.check').click();
      await panel.id('action-add').getByText('Add 6', { exact: true }).waitFor();
      await panel.id('action-add').click();
      await take(panel, 1, units, [13, 14, 53, 54, 55, 56], 6);
      assert.equal(await said(panel), '6 units added to the queue');
      await panel.id('action-add').getByText('Add', { exact: true }).waitFor();
      await panel.id('filter-text').locator('input').fill('2099');
      await panel.id('action-add-all').getByText('Add all 1').waitFor();
      await panel.id('action-add-all').click();
      await take(panel, 2, units, [13, 14, 53, 54, 55, 56, 99], 7);
      await panel.id('no-match').waitFor();
      await panel.id('clear-filter').click();
      await row(panel, 'available', 'archive_2057').click();
      await panel.page.keyboard.press('Shift+Enter');
      assert.deepEqual(await commands(panel), [
        ['queueAdd', { units: [13, 14, 53, 54, 55, 56], place: 'bottom', queueRev: 5 }],
        ['queueAdd', { units: [99], place: 'bottom', queueRev: 6 }],
        ['queueAdd', { units: [57], place: 'top', queueRev: 7 }],
      ]);
    }));

  test('Enter and a double click add; Space, Ctrl+A and Shift+arrows select', () =>
    withPanel(async (panel) => {
      const units = await start(panel, shop(), []);
      const press = (key: string) => panel.page.keyboard.press(key);
      await panel.page.locator('[data-list="available"]').focus();
      await press('ArrowDown');
      await press('Shift+ArrowDown');
      await press('Control+ArrowDown');
      await press('Control+ArrowDown');
      await press('Space');
      await panel.id('action-add').getByText('Add 3').waitFor();
      await press('Enter');
      await take(panel, 1, units, [0, 7, 14], 6);
      await press('ControlOrMeta+a');
      await panel.id('action-add').getByText('Add 49').waitFor();
      await press('Escape');
      await panel.page.locator('[data-testid="action-add"][disabled]').waitFor();
      await row(panel, 'available', 'shipments').dblclick();
      assert.deepEqual(await commands(panel), [
        ['queueAdd', { units: [0, 7, 14], place: 'bottom', queueRev: 5 }],
        ['queueAdd', { units: [13], place: 'bottom', queueRev: 6 }],
      ]);
    }));

  test('completed units are shown when asked for, and run again only by that word', () =>
    withPanel(async (panel) => {
      await start(panel);
      assert.equal(await row(panel, 'available', 'carts').count(), 0);
      await panel.id('filter-completed').click();
      await row(panel, 'available', 'carts').click();
      await panel.id('action-add').getByText('Run 1 again', { exact: true }).waitFor();
      assert.equal(await panel.id('action-add-all').count(), 0);
      await panel.id('action-add').click();
      assert.deepEqual(await commands(panel), [
        ['queueAdd', { units: [10], place: 'bottom', again: true, queueRev: 5 }],
      ]);
    }));

  test('keys move, remove and select in the queue, and reach no editor', () =>
    withPanel(async (panel) => {
      const units = await start(panel);
      await panel.page.evaluate(() => {
        const seen: string[] = [];
        Object.assign(window, { seen });
        window.addEventListener('keydown', (event) => {
          if (event.key !== 'Alt' && event.key !== 'Shift') seen.push(event.key);
        });
      });
      const press = (key: string) => panel.page.keyboard.press(key);
      await row(panel, 'queue', 'archive_2057').click();
      await press('Alt+ArrowUp');
      await take(panel, 1, units, [13, 14, 57, 56, 58], 6);
      assert.equal(await said(panel), 'archive_2057: position 3 of 5');
      assert.deepEqual(await rows(panel, 'queue'), [
        'shipments',
        'stock',
        'archive_2057',
        'archive_2056',
        'archive_2058',
      ]);
      await press('Alt+Home');
      await take(panel, 2, units, [57, 13, 14, 56, 58], 7);
      await press('Alt+ArrowDown');
      await take(panel, 3, units, [13, 57, 14, 56, 58], 8);
      await press('Shift+ArrowDown');
      await press('Alt+End');
      await take(panel, 4, units, [13, 56, 58, 57, 14], 9);
      assert.equal(await said(panel), '2 units: positions 4 to 5 of 5');
      await panel.id('queue-remove').getByText('Remove 2', { exact: true }).waitFor();
      await press('Delete');
      await take(panel, 5, units, [13, 56, 58], 10);
      assert.equal(await said(panel), '2 units removed from the queue');
      // The keyboard goes on from the same place.
      await press('ArrowUp');
      await panel.page.locator('[data-list="queue"] [data-unit="archive_2056"][aria-selected="true"]').waitFor();
      assert.deepEqual(await commands(panel), [
        ['queueMove', { units: [57], place: 'up', queueRev: 5 }],
        ['queueMove', { units: [57], place: 'top', queueRev: 6 }],
        ['queueMove', { units: [57], place: 'down', queueRev: 7 }],
        ['queueMove', { units: [57, 14], place: 'bottom', queueRev: 8 }],
        ['queueRemove', { units: [57, 14], queueRev: 9 }],
      ]);
      assert.deepEqual(await panel.page.evaluate('window.seen'), []);
    }));

  test('keys pressed faster than the host answers become one move, based on the newest revision', () =>
    withPanel(async (panel) => {
      const units = await start(panel);
      await row(panel, 'queue', 'archive_2058').click();
      for (let time = 0; time < 4; time += 1) await panel.page.keyboard.press('Alt+ArrowUp');
      assert.equal((await commands(panel)).length, 1);
      await take(panel, 1, units, [13, 14, 56, 58, 57], 6);
      assert.deepEqual((await commands(panel)).slice(1), [['queueMove', { units: [58], place: 'top', queueRev: 6 }]]);
      await panel.page.keyboard.press('Alt+ArrowDown');
      await panel.page.keyboard.press('Alt+ArrowDown');
      await take(panel, 2, units, [58, 13, 14, 56, 57], 7);
      assert.deepEqual((await commands(panel)).slice(2), [
        ['queueMove', { units: [58], place: 'before', before: 56, queueRev: 7 }],
      ]);
    }));

  test('buttons move, remove and clear', () =>
    withPanel(async (panel) => {
      const units = await start(panel);
      assert.equal(await panel.id('queue-up').isDisabled(), true);
      await row(panel, 'queue', 'stock').click();
      let queue = QUEUE;
      for (const [at, to] of (['up', 'down', 'top', 'bottom', 'remove', 'clear'] as const).entries()) {
        await panel.id(`queue-${to}`).click();
        if (to === 'remove') queue = [13, 56, 57, 58];
        await take(panel, at + 1, units, queue, 6 + at);
      }
      assert.deepEqual(
        (await commands(panel)).map(([command, { place }]) => place ?? command),
        ['up', 'down', 'top', 'bottom', 'queueRemove', 'queueClear'],
      );
    }));

  test('a refusal says so in one line, shows the new truth and gives up what was still to be asked', () =>
    withPanel(async (panel) => {
      const units = await start(panel);
      await row(panel, 'queue', 'archive_2058').click();
      await panel.page.keyboard.press('Alt+ArrowUp');
      await panel.page.keyboard.press('Delete');
      await panel.post(delta(header(units, { ...MANUAL, queueRev: 9 }), { seq: 2, queue: [58, 57] }));
      await panel.post({ type: 'ack', v: 1, id: 1, ok: false, message: { code: 'test.stale', args: {} } });
      assert.match(await panel.id('refusal').innerText(), /Move in the queue was refused\s+test\.stale/);
      assert.deepEqual(await rows(panel, 'queue'), ['archive_2058', 'archive_2057']);
      assert.equal((await commands(panel)).length, 1);
      await panel.page.keyboard.press('Alt+ArrowDown');
      assert.deepEqual((await commands(panel)).at(-1), ['queueMove', { units: [58], place: 'down', queueRev: 9 }]);
    }));

  test('an empty queue says what to do; a task that waits for units says so', () =>
    withPanel(async (panel) => {
      const idle = shop().map((unit): FakeUnit => ({ name: unit.name, status: 'pending', total: 10 }));
      await start(panel, idle, [], { runState: 'idle' });
      assert.match(await panel.id('queue-empty').innerText(), /The queue is empty\s+Add units in the order/);
      await panel.id('queue-add-all').click();
      assert.deepEqual((await commands(panel)).at(-1)?.[1].units?.length, 100);
      await panel.post(snapshot(idle, { epoch: 'e2', header: { ...MANUAL, waitsForAdditions: true } }));
      assert.match(await panel.id('task-state').innerText(), /Waiting for units: add some to the queue/);
    }));

  test('while a switch is pending nobody edits the queue', () =>
    withPanel(async (panel) => {
      await start(panel, shop(), QUEUE, { switchingTo: 'auto' });
      await row(panel, 'queue', 'stock').click();
      for (const id of ['queue-up', 'queue-remove', 'queue-clear', 'action-add-all'])
        assert.notEqual(await panel.id(id).getAttribute('disabled'), null, id);
      assert.match(await panel.id('switching').innerText(), /Switching to Auto: 9 units still running/);
    }));

  test('rows do not come under a hand; what a person adds leaves at once', () =>
    withPanel(async (panel) => {
      await panel.page.clock.install();
      await panel.page.reload();
      const units = await start(panel);
      await panel.page.locator('[data-list="available"]').hover();
      units[1] = { name: 'orders', status: 'failed', total: 10, processed: 5 };
      await panel.post(delta(header(units, MANUAL), { seq: 2, changed: [[1, units[1]]] }));
      assert.deepEqual((await rows(panel, 'available')).slice(0, 2), ['invoices', 'refunds']);
      await panel.page.clock.runFor(4_000);
      await row(panel, 'available', 'orders').waitFor();
      await panel.page.locator('[data-list="available"]').hover({ position: { x: 30, y: 30 } });
      await panel.post(delta(header(units, { ...MANUAL, queueRev: 6 }), { seq: 3, queue: [0, ...QUEUE] }));
      assert.deepEqual((await rows(panel, 'available')).slice(0, 2), ['orders', 'refunds']);
    }));

  test('only what can be added is counted and sent, also where rows stay under a hand', () =>
    withPanel(async (panel) => {
      const idle = shop().map((unit): FakeUnit => ({ name: unit.name, status: 'pending', total: 10 }));
      await start(panel, idle, []);
      await row(panel, 'available', 'invoices').click();
      await row(panel, 'available', 'order_items').click({ modifiers: ['Shift'] });
      await panel.id('action-add').getByText('Add 3').waitFor();
      await panel.page.locator('[data-list="available"]').hover();
      // Another window added four of them; two are done already.
      const state = (at: number): FakeUnit['status'] => (at < 2 ? 'completed' : 'running');
      const changed = [0, 1, 2, 3].map((at) => [at, { ...idle[at], status: state(at) } as FakeUnit] as const);
      for (const [at, unit] of changed) idle[at] = unit;
      await panel.post(delta(header(idle, MANUAL), { seq: 2, changed }));
      await panel.id('action-add-all').getByText('Add all 96').waitFor();
      assert.equal(await panel.id('available-count').innerText(), '96');
      await panel.id('action-add').getByText('Add', { exact: true }).waitFor();
      await panel.page.locator('[data-list="available"]').focus();
      await panel.page.keyboard.press('Shift+Enter');
      await panel.id('remark').getByText('Nothing was added: what you selected has started').waitFor();
      assert.match(await panel.id('announcement').innerText(), /^Nothing was added/);
      assert.equal((await rows(panel, 'available'))[0], 'events_2024');
      await panel.id('action-add-all').click();
      const sent = await commands(panel);
      assert.deepEqual([sent.length, sent[0]?.[1].units?.length, sent[0]?.[1].units?.[0]], [1, 96, 4]);
    }));

  test('a name that is found among what runs, waits or is completed is not said to be unknown', () =>
    withPanel(async (panel) => {
      await start(panel);
      await panel.id('filter-text').locator('input').fill('order');
      assert.match(
        await panel.id('no-match').innerText(),
        /No available unit matches\s+The 2 that match run, wait in the queue or are completed\./,
      );
      await panel.id('filter-text').locator('input').fill('nowhere');
      await panel.id('no-match').getByText('No name contains').waitFor();
    }));

  test('however many units run, the queue is in sight', () =>
    withPanel(async (panel) => {
      const units = shop().map((unit, at): FakeUnit => (at < 64 ? { ...unit, status: 'running' } : unit));
      await start(panel, units, [70, 71, 72]);
      assert.deepEqual(await rows(panel, 'queue'), ['archive_2070', 'archive_2071', 'archive_2072']);
    }));

  test('the selection of each list survives a new snapshot by name', () =>
    withPanel(async (panel) => {
      const units = await start(panel);
      await row(panel, 'available', 'invoices').click();
      await row(panel, 'queue', 'stock').click();
      const added: FakeUnit = { name: 'added', status: 'pending' };
      const queue = QUEUE.map((index) => index + 1);
      await panel.post(snapshot([added, ...units], { epoch: 'e2', header: MANUAL, queue }));
      const selected = await panel.page
        .locator('[aria-selected="true"]')
        .evaluateAll((found) => found.map((each) => (each instanceof HTMLElement ? each.dataset.unit : '')));
      assert.deepEqual(selected, ['invoices', 'stock']);
    }));

  test('a unit that waits for a retry counts down above the queue, and can be added to end its wait', () =>
    withPanel(async (panel) => {
      const units = shop().map((unit): FakeUnit => (unit.status === 'running' ? { ...unit, status: 'paused' } : unit));
      await start(panel, units, []);
      assert.deepEqual(await rows(panel, 'pinned'), ['payments']);
      assert.match(await row(panel, 'pinned', 'payments').innerText(), /retry 2 of 3 in \d s: test\.connection_lost/i);
      await panel.post(delta(header(units, MANUAL), { seq: 2, reasons: [[6, { ...RETRY, dueAt: null }]] }));
      await row(panel, 'available', 'payments').waitFor();
    }));
});
