import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { delta, type FakeUnit, header, snapshot } from './messages.ts';
import { openBrowser, openPanel, type Panel, type PanelOptions } from './panel-page.ts';
import { shop } from './shop.ts';

const MANY = 100_000;

describe('the list of units', () => {
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

  /** Names of the rows inside the list's box, from top to bottom. */
  const visible = (panel: Panel): Promise<string[]> =>
    panel.page.evaluate(() => {
      const box = document.querySelector('.list')?.getBoundingClientRect();
      return [...document.querySelectorAll<HTMLElement>('[data-testid="unit-row"]')]
        .map((row) => ({ row, top: row.getBoundingClientRect().top }))
        .filter(({ row, top }) => !row.hidden && box && top >= box.top - 1 && top < box.bottom)
        .sort((a, b) => a.top - b.top)
        .map(({ row }) => row.dataset.unit ?? '');
    });
  /** Waits until the first rows in sight are these. */
  async function shows(panel: Panel, names: readonly string[]): Promise<void> {
    const deadline = Date.now() + 5_000;
    for (;;) {
      const found = (await visible(panel)).slice(0, names.length);
      if (found.join('\n') === names.join('\n')) return;
      if (Date.now() > deadline) assert.deepEqual(found, names);
    }
  }
  /** Waits until this unit is the list's active descendant. */
  async function becomesActive(panel: Panel, name: string): Promise<void> {
    await panel.page.waitForFunction((wanted) => {
      const id = document.querySelector('.list')?.getAttribute('aria-activedescendant');
      return id != null && document.getElementById(id)?.dataset.unit === wanted;
    }, name);
  }
  const many = (): FakeUnit[] =>
    Array.from({ length: MANY }, (_, at) => ({
      name: `shop_${at}`,
      status: at < 10 ? 'running' : 'pending',
      total: 1_000,
    }));

  test('100,000 units are a few dozen rows, and every one of them can be reached', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(many()));
      assert.ok((await panel.id('unit-row').count()) < 60);
      await shows(panel, ['shop_0', 'shop_1', 'shop_2']);
      await panel.page.locator('.list').evaluate((list) => {
        list.scrollTop = list.scrollHeight;
      });
      await panel.page.locator('[data-unit="shop_99999"]').waitFor();
      const rows = await visible(panel);
      assert.equal(rows.at(-1), 'shop_99999');
      assert.ok(rows.length > 8);
      const last = panel.page.locator('[data-unit="shop_99999"]');
      assert.equal(await last.getAttribute('aria-posinset'), '100000');
      assert.equal(await last.getAttribute('aria-setsize'), '100000');
    }));

  test('rows stay in plan order and in place whatever progress does', () =>
    withPanel(async (panel) => {
      const units = shop();
      await panel.post(snapshot(units));
      const before = await visible(panel);
      const changed = [0, 3, 8].map((at) => {
        const unit: FakeUnit = { name: units[at]?.name ?? '', status: 'running', total: 100, processed: 5, rate: 3 };
        units[at] = unit;
        return [at, unit] as const;
      });
      await panel.post(delta(header(units), { seq: 2, changed }));
      assert.deepEqual(await visible(panel), before);
    }));

  test('a count filters by its status, and pressing it again shows all', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop()));
      const failed = panel.id('filter-failed');
      await failed.click();
      await shows(panel, ['invoices', 'archive_2054', 'archive_2055']);
      assert.equal(await failed.getAttribute('aria-pressed'), 'true');
      assert.equal(await panel.id('filter-total').getAttribute('aria-pressed'), 'false');
      await failed.click();
      await shows(panel, ['invoices', 'orders']);
    }));

  test('text filters by a part of the name in any case; no match offers the way back', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop()));
      const field = panel.id('filter-text').locator('input');
      await field.fill('ORDER');
      await panel.page.locator('[data-unit="customers"]').waitFor({ state: 'hidden' });
      await shows(panel, ['orders', 'order_items']);
      await field.fill('nothing like it');
      await panel.id('no-match').waitFor();
      await panel.id('clear-filter').click();
      await shows(panel, ['invoices']);
      await panel.page.waitForFunction(
        (input) => input instanceof HTMLInputElement && input.value === '',
        await field.elementHandle(),
      );
    }));

  test('under a filter rows leave after a second, and not while a hand moves over them', () =>
    withPanel(async (panel) => {
      await panel.page.clock.install();
      await panel.page.reload();
      const units = shop();
      await panel.post(snapshot(units));
      await panel.id('filter-running').click();
      await shows(panel, ['orders']);
      await panel.page.locator('.list').hover();
      units[1] = { name: 'orders', status: 'completed', total: 10, processed: 10 };
      await panel.post(delta(header(units), { seq: 2, changed: [[1, units[1]]] }));
      await panel.page.clock.runFor(1_500);
      await shows(panel, ['orders']);
      await panel.page.clock.runFor(4_000);
      await shows(panel, ['order_items']);
    }));

  test('the keyboard selects, scrolls, opens details and closes them', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(many()));
      const press = (key: string) => panel.page.keyboard.press(key);
      await panel.page.locator('.list').focus();
      await press('ArrowDown');
      await becomesActive(panel, 'shop_0');
      await press('ArrowDown');
      await press('ArrowDown');
      await press('ArrowUp');
      await becomesActive(panel, 'shop_1');
      await press('End');
      await panel.page.locator('[data-unit="shop_99999"][aria-selected="true"]').waitFor();
      await becomesActive(panel, 'shop_99999');
      await press('PageUp');
      await press('Home');
      await panel.page.locator('[data-unit="shop_0"][aria-selected="true"]').waitFor();
      await becomesActive(panel, 'shop_0');
      await press('Enter');
      assert.match(await panel.id('unit-details').innerText(), /Running/);
      await press('Escape');
      await panel.gone('unit-details');
    }));

  test('handled keys do not reach the editor, others do', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop()));
      await panel.page.evaluate(() => {
        const seen: string[] = [];
        Object.assign(window, { seen });
        window.addEventListener('keydown', (event) => seen.push(event.key));
      });
      await panel.page.locator('.list').focus();
      for (const key of ['ArrowDown', 'Enter', 'Escape', 'F1']) await panel.page.keyboard.press(key);
      assert.deepEqual(await panel.page.evaluate('window.seen'), ['F1']);
    }));

  test('the arrow key goes from the filter field into the list', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop()));
      await panel.id('filter-text').locator('input').focus();
      await panel.page.keyboard.press('ArrowDown');
      await panel.page.keyboard.press('ArrowDown');
      await becomesActive(panel, 'invoices');
    }));

  test('a failed unit shows the words of the system on demand and can be retried alone', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop()));
      await panel.page.locator('[data-unit="invoices"]').dblclick();
      assert.match(await panel.id('unit-details').innerText(), /Duplicate entry '8812'/);
      await panel.id('retry-unit').click();
      assert.deepEqual((await panel.sent()).at(-1), {
        type: 'command',
        v: 1,
        id: 1,
        epoch: 'e1',
        command: 'retryFailed',
        args: { units: [0] },
      });
    }));

  test('a completed unit says which rows were rejected and offers to write them again', () =>
    withPanel(async (panel) => {
      const text = { code: 'rowsRejected', args: { rows: 3 } };
      const reason = { text, detail: null, dueAt: null, severity: 'warning' } as const;
      const units = [
        { name: 'whole', status: 'completed' },
        { name: 'bad', status: 'completed', reason },
      ] as const;
      await panel.post(snapshot(units));
      await panel.page.locator('[data-unit="whole"]').click();
      assert.equal(await panel.id('retry-rejected-rows').count(), 0);
      await panel.page.locator('[data-unit="bad"]').click();
      await panel.id('retry-rejected-rows').click();
      const sent = (await panel.sent()).at(-1);
      assert.ok(sent?.type === 'command');
      assert.deepEqual([sent.command, sent.args], ['retryRejected', { units: [1] }]);
    }));

  test('names of any kind are shown as text', () =>
    withPanel(async (panel) => {
      const names = [
        '<img src=x onerror=alert(1)>',
        'we``ird "x\'; --',
        '__proto__',
        'заказы',
        '订单',
        'مرحبا',
        '👩‍💻',
      ];
      await panel.post(snapshot(names.map((name) => ({ name, status: 'pending' }))));
      await shows(panel, names);
      await panel.id('filter-text').locator('input').fill('订');
      await panel.page.locator('[data-unit="__proto__"]').waitFor({ state: 'hidden' });
      await shows(panel, ['订单']);
    }));

  test('the selection survives a new snapshot by name', () =>
    withPanel(async (panel) => {
      const units = shop();
      await panel.post(snapshot(units));
      await panel.page.locator('[data-unit="customers"]').click();
      await panel.post(snapshot([{ name: 'added', status: 'pending' }, ...units], { epoch: 'e2' }));
      const selected = panel.page.locator('[aria-selected="true"]');
      assert.equal(await selected.getAttribute('data-unit'), 'customers');
    }));
});
