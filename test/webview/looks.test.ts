import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { UnitReason } from '../../src/protocol/panel.ts';
import { type FakeUnit, type SnapshotOptions, snapshot } from './messages.ts';
import { NARROW, openBrowser, openPanel, type Panel, THEMES, WIDE } from './panel-page.ts';
import { RETRY, SHOP_FAILURES, shop } from './shop.ts';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Look {
  readonly name: string;
  readonly units: FakeUnit[];
  readonly options: SnapshotOptions;
  readonly prepare?: (panel: Panel) => Promise<void>;
}

const done = shop().map((unit): FakeUnit => {
  const { reason: _, ...rest } = unit;
  return { ...rest, status: 'completed', processed: unit.total ?? 0, durationMs: 12_000 };
});

const REJECTED: UnitReason = {
  text: { code: 'rowsRejected', args: { rows: 617 } },
  detail: null,
  dueAt: null,
  severity: 'warning',
};

/** As in manual mode after a while: some run, some wait, most can be added. */
function few(): FakeUnit[] {
  return shop().map((unit, at): FakeUnit => {
    const { reason: _, ...rest } = unit;
    if (at === 4) return { ...rest, status: 'pending', processed: 71_400, reason: RETRY };
    if (at === 5) return { ...rest, status: 'pending', processed: 0 };
    if (at === 0 || (at > 5 && at < 8)) return unit.reason === RETRY ? { ...rest, status: 'pending' } : unit;
    if (at === 1 || at === 2 || at === 3) return unit;
    if (at > 87) return { ...rest, status: 'completed', processed: unit.total ?? 0, durationMs: 900 };
    return { ...rest, status: 'pending', processed: 0 };
  });
}

const LOOKS: readonly Look[] = [
  {
    name: 'running',
    units: shop(),
    options: { header: { failures: SHOP_FAILURES } },
    prepare: async (panel) => panel.page.locator('[data-unit="customers"]').click(),
  },
  {
    name: 'failure',
    units: shop(),
    options: { header: { runState: 'idle', outcome: 'completed_with_errors', failures: SHOP_FAILURES } },
    async prepare(panel) {
      await panel.page.locator('[data-unit="invoices"]').dblclick();
      await panel.id('action-more').click();
    },
  },
  {
    name: 'interrupted',
    units: shop(),
    options: {
      header: {
        runState: 'interrupted',
        blocked: { code: 'test.managed', args: {} },
        notices: [{ severity: 'info', text: { code: 'test.changed', args: {} }, action: 'openConfig' }],
      },
    },
  },
  {
    name: 'manual',
    units: few(),
    options: {
      header: { mode: 'manual', concurrency: 10, rowsTotal: null, percentBy: 'units', percent: 12 },
      queue: [6, 7, 5, 11, 9],
    },
    async prepare(panel) {
      await panel.page.locator('[data-unit="products"]').click();
      await panel.page.locator('[data-unit="categories"]').click({ modifiers: ['Shift'] });
      await panel.page.locator('[data-unit="carts"]').click();
      await panel.page.locator('[data-unit="shipments"]').click({ modifiers: ['Shift'] });
    },
  },
  {
    name: 'manual-empty',
    units: shop().map(({ name, total }): FakeUnit => ({ name, total: total ?? null, status: 'pending' })),
    options: { header: { mode: 'manual', runState: 'idle', startedAt: null, timeLeftMs: null }, samples: [] },
  },
  {
    name: 'manual-waits',
    units: few(),
    options: {
      header: {
        mode: 'manual',
        waitsForAdditions: true,
        managedBy: { code: 'folder.managed', args: { kind: 'VS Code', pid: 7, host: 'desk' } },
      },
    },
  },
  { name: 'switching', units: shop(), options: { header: { switchingTo: 'manual' } } },
  {
    name: 'switching-back',
    units: few(),
    options: { header: { mode: 'manual', switchingTo: 'auto' }, queue: [11, 13], locale: 'zh-cn' },
  },
  { name: 'empty', units: [], options: { header: { runState: 'idle', concurrency: 8 }, samples: [] } },
  {
    name: 'done',
    units: done,
    options: {
      header: { runState: 'idle', outcome: 'completed', endedAt: 1_700_000_400_000, timeLeftMs: null, slowSide: null },
    },
  },
  {
    name: 'rejected',
    units: done.map((unit, at): FakeUnit => (at === 1 || at === 4 ? { ...unit, reason: REJECTED } : unit)),
    options: {
      locale: 'zh-cn',
      header: {
        runState: 'idle',
        outcome: 'completed_with_errors',
        rejected: 1_234,
        endedAt: 1_700_000_400_000,
        timeLeftMs: null,
        slowSide: null,
      },
    },
    prepare: async (panel) => panel.page.locator('[data-unit="orders"]').click(),
  },
  {
    name: 'no-match',
    units: shop(),
    options: { locale: 'zh-cn' },
    async prepare(panel) {
      await panel.id('filter-text').locator('input').fill('nothing');
      await panel.id('no-match').waitFor();
    },
  },
];

describe('how the panel looks, and what assistive technology finds in it', () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());

  for (const theme of THEMES) {
    for (const [width, size] of [
      ['wide', WIDE],
      ['narrow', NARROW],
    ] as const) {
      test(`${theme}, ${width}: axe finds nothing in any state`, async () => {
        const panel = await openPanel(browser, { theme, size });
        try {
          for (const [at, { name, units, options, prepare }] of LOOKS.entries()) {
            await panel.post(snapshot(units, { ...options, epoch: `e${at}` }));
            await prepare?.(panel);
            await panel.screenshot(`${name}-${theme}-${width}`);
            const found = await violations(panel);
            assert.deepEqual(found, [], `${name}: ${found.join('\n')}`);
            await panel.page.keyboard.press('Escape');
            await panel.page.locator('.menu').waitFor({ state: 'detached' });
          }
          assert.deepEqual(panel.errors, []);
        } finally {
          await panel.close();
        }
      });
    }
  }

  test('nothing overflows to the side at 320 px', async () => {
    const panel = await openPanel(browser, { size: { width: 320, height: 800 } });
    await panel.post(
      snapshot(shop(), { header: { failures: SHOP_FAILURES, name: 'a-rather-long-name-of-a-task-to-wrap' } }),
    );
    const overflow = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await panel.screenshot('running-320');
    await panel.close();
    assert.ok(overflow <= 0, `${overflow} px too wide`);
  });
});

async function violations(panel: Panel): Promise<string[]> {
  await panel.page.evaluate(AXE);
  return panel.page.evaluate(async (tags) => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, { runOnly: tags });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
    );
  }, RULES);
}
