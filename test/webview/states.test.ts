import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { MOST_CONCURRENCY } from '../../src/core/live-settings.ts';
import type { TaskHeader } from '../../src/protocol/panel.ts';
import { delta, type FakeUnit, header, snapshot } from './messages.ts';
import { openBrowser, openPanel, type Panel, type PanelOptions } from './panel-page.ts';
import { SHOP_FAILURES, shop } from './shop.ts';

const BUTTONS = ['start', 'pause', 'resume', 'stop', 'run-again'];

describe('what the panel offers in each state of a task', () => {
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

  test('each side says on hovering how many network connections are open to it', () =>
    withPanel(async (panel) => {
      const ends = async () =>
        Promise.all((await panel.page.locator('.end').all()).map((each) => each.getAttribute('title')));
      await panel.post(snapshot(shop(), { header: { connections: { source: 1, target: 4 } } }));
      assert.deepEqual(await ends(), ['1 network connection open', '4 network connections open']);
      await panel.post(snapshot(shop(), { epoch: 'e2', header: { connections: { source: 0, target: 0 } } }));
      assert.deepEqual(await ends(), [null, null]);
    }));

  /** Header buttons as `pause! stop`: `!` = the filled one, `-` = not possible now. */
  async function buttons(panel: Panel): Promise<string> {
    const found: string[] = [];
    for (const name of BUTTONS) {
      const button = panel.id(`action-${name}`);
      if ((await button.count()) === 0) continue;
      const mark = (await button.getAttribute('appearance')) === 'primary' ? '!' : '';
      found.push(name + mark + ((await button.getAttribute('disabled')) === null ? '' : '-'));
    }
    return found.join(' ');
  }

  const done = (): FakeUnit[] => shop().map((unit) => ({ ...unit, status: 'completed', processed: unit.total ?? 0 }));
  const fresh = (): FakeUnit[] => shop().map(({ name, total }) => ({ name, total: total ?? 0, status: 'pending' }));
  const cases: readonly (readonly [string, FakeUnit[], Partial<TaskHeader>, string, RegExp])[] = [
    ['ready', fresh(), { runState: 'idle' }, 'start!', /^Ready$/],
    ['planning', shop(), { runState: 'idle', planning: true }, 'start!-', /Planning/],
    ['running', shop(), {}, 'pause! stop', /Running/],
    ['pausing', shop(), { runState: 'pausing' }, 'pause!- stop', /Pausing/],
    ['paused', shop(), { runState: 'paused' }, 'resume! stop', /Paused/],
    ['stopping', shop(), { runState: 'stopping' }, 'stop!-', /Stopping/],
    ['interrupted', shop(), { runState: 'interrupted' }, 'resume! stop', /^Interrupted$/],
    ['completed', done(), { runState: 'idle', outcome: 'completed' }, 'run-again!', /Completed/],
    ['completed with errors', shop(), { runState: 'idle', outcome: 'completed_with_errors' }, 'start!', /with errors/],
    ['stopped', shop(), { runState: 'idle' }, 'start!', /^Stopped$/],
    ['could not start', shop(), { runState: 'idle', outcome: 'failed' }, 'start!', /Could not start/],
  ];
  for (const [name, units, more, expected, words] of cases) {
    test(`${name}: ${expected}`, () =>
      withPanel(async (panel) => {
        await panel.post(snapshot(units, { header: more }));
        assert.equal(await buttons(panel), expected);
        const state = panel.id('task-state');
        assert.match(await state.innerText(), words);
        assert.equal(await state.getAttribute('data-state'), more.runState ?? 'running');
      }));
  }

  test('a task with units left is not called completed, and not said to have taken its time', () =>
    withPanel(async (panel) => {
      const ended = { runState: 'idle', outcome: 'completed', endedAt: 1_700_000_182_000, timeLeftMs: null } as const;
      await panel.post(snapshot(done(), { header: ended }));
      assert.match(await panel.id('time').innerText(), /took 3 min 2 s/);
      // Reset progress: the last run keeps its outcome.
      await panel.post(snapshot(fresh(), { epoch: 'e2', header: ended }));
      assert.equal(await panel.id('task-state').innerText(), 'Ready');
      assert.equal(await panel.id('time').innerText(), '');
      assert.equal(await panel.id('announcement').innerText(), 'Ready');
      // Sync now of one unit.
      const one = fresh().map((unit, at): FakeUnit => (at === 3 ? { ...unit, status: 'completed' } : unit));
      await panel.post(snapshot(one, { epoch: 'e3', header: { ...ended, percent: 3 } }));
      assert.equal(await panel.id('task-state').innerText(), 'Ready');
    }));

  test('while nothing runs nothing is called slow, and no time is estimated', () =>
    withPanel(async (panel) => {
      const waits = { slowSide: 'limits', estimating: true, timeLeftMs: null } as const;
      await panel.post(snapshot(shop(), { header: waits }));
      assert.match(await panel.id('slow-side').innerText(), /limits/);
      assert.match(await panel.id('time').innerText(), /estimating/);
      await panel.post(
        snapshot(fresh(), { epoch: 'e2', header: { ...waits, mode: 'manual', waitsForAdditions: true } }),
      );
      await panel.gone('slow-side');
      assert.equal(await panel.id('time').innerText(), '');
    }));

  test('what was said about one state of the task is not said in the next one', () =>
    withPanel(async (panel) => {
      const units = shop();
      await panel.post(snapshot(units));
      await panel.page.getByRole('radio', { name: 'Manual' }).click();
      await panel.post(delta(header(units, { switchingTo: 'manual' }), { seq: 2 }));
      const message = { code: 'test.switching', args: {} };
      await panel.post({ type: 'ack', v: 1, id: 1, ok: true, message });
      assert.match(await panel.id('remark').innerText(), /test\.switching/);
      await panel.post(delta(header(units, { switchingTo: 'manual', percent: 50 }), { seq: 3 }));
      assert.match(await panel.id('remark').innerText(), /test\.switching/);
      await panel.post(delta(header(units, { mode: 'manual' }), { seq: 4 }));
      await panel.gone('remark');
      assert.equal(await panel.id('announcement').innerText(), 'Manual mode is in force');
    }));

  test('a unit that was begun keeps its bar while it waits; one that was not has none', () =>
    withPanel(async (panel) => {
      const units = fresh();
      units[1] = { name: 'orders', status: 'pending', total: 100, processed: 83 };
      await panel.post(snapshot(units, { header: { runState: 'interrupted' } }));
      const bar = (name: string) => panel.page.locator(`[data-unit="${name}"] [data-testid="unit-bar"]`);
      assert.equal(await bar('orders').isVisible(), true);
      assert.equal(await bar('orders').getAttribute('data-percent'), '83');
      assert.equal(await bar('customers').isVisible(), false);
    }));

  test('each button sends its command', () =>
    withPanel(async (panel) => {
      const clicks = [
        ['idle', 'action-start', 'start'],
        ['running', 'action-pause', 'pause'],
        ['paused', 'action-resume', 'resume'],
        ['paused', 'action-stop', 'stop'],
        ['running', 'action-retry-failed', 'retryFailed'],
      ] as const;
      let epoch = 0;
      for (const [runState, testId, command] of clicks) {
        epoch += 1;
        await panel.post(snapshot(shop(), { epoch: `e${epoch}`, header: { runState } }));
        await panel.id(testId).click();
        const sent = (await panel.sent()).at(-1);
        assert.equal(sent?.type === 'command' && sent.command, command);
        await panel.post({ type: 'ack', v: 1, id: epoch, ok: true, message: null });
      }
    }));

  test('rejected rows are said, opened in the editor and written again', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop(), { header: { rejected: 1_234 } }));
      assert.match(await panel.id('rejected').innerText(), /1,234 rows were rejected and set aside/);
      for (const [testId, command] of [
        ['action-open-rejected', 'openRejected'],
        ['action-retry-rejected', 'retryRejected'],
      ] as const) {
        await panel.id(testId).click();
        const sent = (await panel.sent()).at(-1);
        assert.equal(sent?.type === 'command' && sent.command, command);
      }
      const reason = { text: { code: 'rowsRejected', args: { rows: 20 } }, detail: null, dueAt: null } as const;
      const units = shop().map((unit, at) =>
        at === 9 ? { ...unit, reason: { ...reason, severity: 'warning' as const } } : unit,
      );
      await panel.post(snapshot(units, { epoch: 'e2', header: { rejected: 0 } }));
      await panel.gone('rejected');
      const marked = panel.page.locator('.unit[data-rejected]');
      assert.deepEqual(await marked.evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.unit)), [
        'brands',
      ]);
      const shape = (unit: string) => panel.page.locator(`[data-unit="${unit}"] .icon path`).getAttribute('d');
      assert.notEqual(await shape('brands'), await shape('carts'), 'drawn otherwise than one that is whole');
    }));

  test('the counts are worded as agreed and follow the header', () =>
    withPanel(async (panel) => {
      const counts = { pending: 80, running: 10, completed: 8, failed: 2, paused: 0 };
      await panel.post(snapshot(shop(), { header: { counts } }));
      const chips = await panel.page.locator('.chip').allInnerTexts();
      assert.equal(chips.join(', '), 'Total 100, Pending 80, Running 10, Completed 8, Failed 2, Paused 0');
    }));

  test('failures are grouped by cause, shown on demand and retried together', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop(), { header: { failures: SHOP_FAILURES } }));
      assert.match(
        await panel.id('failures').innerText(),
        /3 units failed\s+test\.connection_lost \(2\) · test\.duplicate .*\(1\)/,
      );
      assert.equal(await panel.id('action-retry-failed').innerText(), 'Retry 3 failed');
      await panel.id('action-show-failed').click();
      await panel.page.locator('[data-testid="filter-failed"][aria-pressed="true"]').waitFor();
    }));

  test('more units at a time than the engine takes cannot be asked for', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop(), { header: { concurrency: MOST_CONCURRENCY } }));
      await panel.id('concurrency').getByText(String(MOST_CONCURRENCY), { exact: true }).waitFor();
      assert.equal(await panel.id('concurrency-more').isDisabled(), true);
      assert.equal(await panel.id('concurrency-less').isDisabled(), false);
    }));

  test('units at a time are changed while it runs, also by quick clicks', () =>
    withPanel(async (panel) => {
      const units = shop();
      await panel.post(snapshot(units));
      await panel.id('concurrency-more').click();
      await panel.id('concurrency-more').click();
      await panel.id('concurrency-less').click();
      const asked = (await panel.sent()).flatMap((message) =>
        message.type === 'command' && message.command === 'setConcurrency' ? [message.args.concurrency] : [],
      );
      assert.deepEqual(asked, [11, 12, 11]);
      await panel.id('concurrency').getByText('11', { exact: true }).waitFor();
      await panel.post(delta(header(units, { concurrency: 11 }), { seq: 2 }));
      assert.equal(await panel.id('concurrency').innerText(), '11');
    }));

  test('no units yet: says what Start does', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot([], { header: { runState: 'idle' }, samples: [] }));
      assert.match(await panel.id('empty').innerText(), /Start reads the list of tables from shop/);
      assert.equal(await panel.id('task-state').getAttribute('data-state'), 'idle');
      assert.equal(await buttons(panel), 'start!');
    }));

  test('a blocked task says why and takes no command but looking', () =>
    withPanel(async (panel) => {
      const blocked = { code: 'test.untrusted', args: {} };
      await panel.post(snapshot(shop(), { header: { blocked, runState: 'idle' } }));
      assert.match(await panel.id('blocked').innerText(), /test\.untrusted/);
      assert.equal(await buttons(panel), 'start!-');
      await panel.id('action-more').click();
      assert.equal(await panel.id('menu-open-config').getAttribute('aria-disabled'), 'false');
      assert.equal(await panel.id('menu-reset').getAttribute('aria-disabled'), 'true');
    }));

  test('the mode is asked for by its switch, and stays until the host says otherwise', () =>
    withPanel(async (panel) => {
      const units = shop();
      await panel.post(snapshot(units));
      assert.equal(await panel.id('mode-auto').isChecked(), true);
      await panel.page.getByRole('radio', { name: 'Manual' }).click();
      const sent = (await panel.sent()).at(-1);
      assert.deepEqual(sent?.type === 'command' && [sent.command, sent.args], ['setMode', { mode: 'manual' }]);
      assert.equal(await panel.id('mode-manual').isChecked(), true);
      await panel.post({ type: 'ack', v: 1, id: 1, ok: false, message: { code: 'test.no', args: {} } });
      assert.equal(await panel.id('mode-auto').isChecked(), true);
      assert.match(await panel.id('refusal').innerText(), /Switch of the mode was refused/);
    }));

  test('a pending switch says what it waits for; cancelling asks for the mode in force', () =>
    withPanel(async (panel) => {
      const units = shop();
      await panel.post(snapshot(units, { header: { switchingTo: 'manual' } }));
      assert.match(
        await panel.id('switching').innerText(),
        /Switching to Manual: 9 units still running\s+Nothing new starts until then\. The queue will be empty\./,
      );
      assert.equal(await panel.id('mode-auto').isChecked(), true);
      assert.equal(await buttons(panel), 'pause! stop');
      await panel.id('action-show-running').click();
      await panel.page.locator('[data-testid="filter-running"][aria-pressed="true"]').waitFor();
      await panel.id('action-cancel-switch').click();
      const sent = (await panel.sent()).at(-1);
      assert.deepEqual(sent?.type === 'command' && [sent.command, sent.args], ['setMode', { mode: 'auto' }]);
      await panel.post(delta(header(units), { seq: 2 }));
      await panel.gone('switching');
    }));

  test('where the mode cannot be changed, the switch says why', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop(), { header: { blocked: { code: 'test.untrusted', args: {} } } }));
      for (const mode of ['auto', 'manual']) assert.equal(await panel.id(`mode-${mode}`).isDisabled(), true);
      assert.match(await panel.id('no-mode').innerText(), /cannot be changed now\. test\.untrusted/);
      assert.equal(await panel.id('mode-manual').getAttribute('aria-describedby'), 'no-mode');
    }));

  test('a task of another window is acted on through it, or taken over', () =>
    withPanel(async (panel) => {
      const managedBy = { code: 'folder.managed', args: { kind: 'VS Code', pid: 7, host: 'here' } };
      await panel.post(snapshot(shop(), { header: { managedBy } }));
      assert.match(await panel.id('managed').innerText(), /VS Code, process 7 on here/);
      assert.equal(await buttons(panel), 'pause! stop');
      await panel.id('action-take-over').click();
      const sent = (await panel.sent()).at(-1);
      assert.equal(sent?.type === 'command' && sent.command, 'takeOver');
    }));

  test('the report of a run can be copied once there was one', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop(), { header: { runState: 'idle', startedAt: null } }));
      await panel.id('action-more').click();
      assert.equal(await panel.id('menu-copy-report').getAttribute('aria-disabled'), 'true');
      await panel.page.keyboard.press('Escape');
      await panel.post(snapshot(shop(), { epoch: 'e2' }));
      await panel.id('action-more').click();
      await panel.id('menu-copy-report').click();
      const sent = (await panel.sent()).at(-1);
      assert.equal(sent?.type === 'command' && sent.command, 'copyReport');
    }));

  test('what is selected offers what makes sense for it', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop()));
      const row = (name: string) => panel.page.locator(`[data-unit="${name}"]`);
      const offers = (labels: string) =>
        panel.page.waitForFunction(
          (wanted) =>
            [...document.querySelectorAll<HTMLElement>('.foot dt-button')]
              .map((each) => each.innerText.trim())
              .join(', ') === wanted,
          labels,
        );
      await row('orders').click();
      await offers('Restart, Abort, Details');
      await row('customers').click({ modifiers: ['ControlOrMeta'] });
      assert.match(await panel.id('selection').innerText(), /2 units selected/);
      await offers('Restart, Abort');
      await row('invoices').click({ modifiers: ['ControlOrMeta'] });
      await row('carts').click({ modifiers: ['ControlOrMeta'] });
      await row('stock').click({ modifiers: ['ControlOrMeta'] });
      await offers('Retry 1, Run again 1, Restart 3, Abort 2, Sync now 1');
      await panel.id('abort-unit').click();
      await panel.id('run-unit-again').click();
      const sent = (await panel.sent()).slice(-2).map((each) => each.type === 'command' && [each.command, each.args]);
      assert.deepEqual(sent, [
        ['abort', { units: [1, 3] }],
        ['runAgain', { units: [10] }],
      ]);
      await row('payments').click();
      // It waits for a retry: now instead.
      await offers('Retry, Details');
    }));

  test('a wait for a retry counts down without the host, in one timer, and none when nothing counts', () =>
    withPanel(async (panel) => {
      await panel.page.clock.install();
      await panel.page.reload();
      const units = shop();
      await panel.post(snapshot(units));
      const reason = panel.page.locator('[data-unit="payments"] .unit-reason');
      await panel.page.clock.pauseAt(Date.now() + 60_000);
      await panel.page.evaluate((message) => window.postMessage(message, '*'), { ...delta(header(units), { seq: 2 }) });
      await panel.page.clock.runFor(100);
      const seen: string[] = [];
      for (let step = 0; step < 6; step += 1) {
        seen.push(/in (\d) s: test.connection_lost$/.exec(await reason.innerText())?.[1] ?? '');
        await panel.page.clock.runFor(1_000);
      }
      assert.deepEqual(seen, ['4', '3', '2', '1', '0', '0']);
      const timers = async (): Promise<number> => {
        await panel.page.evaluate(() => {
          const real = window.setTimeout;
          const count = { made: 0 };
          const counting = (...args: Parameters<typeof real>) => {
            count.made += 1;
            return real(...args);
          };
          Object.assign(window, { count, setTimeout: counting });
        });
        await panel.page.clock.runFor(3_000);
        return panel.page.evaluate('window.count.made');
      };
      assert.equal(await timers(), 0);
    }));

  test('the menu works by keyboard and gives the focus back', () =>
    withPanel(async (panel) => {
      await panel.post(snapshot(shop()));
      await panel.id('action-more').focus();
      await panel.page.keyboard.press('ArrowDown');
      await panel.page.keyboard.press('ArrowDown');
      await panel.page.keyboard.press('Enter');
      const sent = (await panel.sent()).at(-1);
      assert.equal(sent?.type === 'command' && sent.command, 'openLog');
      await panel.page.locator('.menu').waitFor({ state: 'detached' });
      assert.equal(await panel.page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'action-more');
      await panel.page.keyboard.press('ArrowDown');
      await panel.page.keyboard.press('Escape');
      await panel.page.locator('.menu').waitFor({ state: 'detached' });
    }));

  test('a notice offers its action unless the same button is there already', () =>
    withPanel(async (panel) => {
      const text = { code: 'test.notice', args: {} };
      const notices = [
        { severity: 'warning', text, action: 'resume' },
        { severity: 'info', text, action: 'openConfig' },
      ] as const;
      await panel.post(snapshot(shop(), { header: { runState: 'interrupted', notices } }));
      assert.equal(await panel.id('notice').count(), 2);
      assert.equal(await panel.id('notice-resume').count(), 0);
      await panel.id('notice-openConfig').click();
      const sent = (await panel.sent()).at(-1);
      assert.equal(sent?.type === 'command' && sent.command, 'openConfig');
    }));

  test('the overall bar is told to assistive technology once a second only', () =>
    withPanel(async (panel) => {
      await panel.page.clock.install();
      await panel.page.reload();
      const units = shop();
      await panel.post(snapshot(units));
      await panel.page.clock.pauseAt(Date.now() + 60_000);
      const bar = panel.id('overall-bar');
      const at = await bar.getAttribute('aria-valuenow');
      await panel.page.evaluate((message) => window.postMessage(message, '*'), {
        ...delta(header(units, { percent: 55 }), { seq: 2 }),
      });
      await panel.page.clock.runFor(100);
      assert.equal(await bar.getAttribute('data-percent'), '55');
      assert.equal(await bar.getAttribute('aria-valuenow'), at);
      await panel.page.clock.runFor(1_100);
      assert.equal(await bar.getAttribute('aria-valuenow'), '55');
    }));

  test('Chinese from the first word', () =>
    withPanel(
      async (panel) => {
        await panel.post(snapshot(shop(), { locale: 'zh-cn' }));
        assert.equal(await panel.id('action-pause').innerText(), '暂停');
        assert.match(await panel.id('filter-total').innerText(), /总计 100/);
        assert.equal(await panel.page.evaluate(() => document.documentElement.lang), 'zh-cn');
      },
      { locale: 'zh-cn' },
    ));
});
