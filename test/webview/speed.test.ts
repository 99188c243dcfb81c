import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Mode } from '../../src/core/model.ts';
import { delta, type FakeUnit, header, snapshot } from './messages.ts';
import { openBrowser, openPanel } from './panel-page.ts';

const MANY = 100_000;
const TICKS = 60;
/** The best one counts: a busy machine spoils some, work per unit all. */
const BATCHES = 4;
const CHANGED = 500;

/** Wide of what a quiet machine needs (about 30 ms and 2 ms): the bound catches work per unit, not a busy machine. */
const FIRST_PAINT_MS = 800;
const TICK_MS = 20;
const SCRIPT_BYTES = 200 * 1024;

test('100,000 units are painted at once, and a tick costs little', (t) => measure(t, 'auto'));

test('the same in manual mode, with a queue of 50,000 whose head starts all the time', (t) => measure(t, 'manual'));

async function measure(t: TestContext, mode: Mode): Promise<void> {
  const queue = mode === 'manual' ? Array.from({ length: MANY / 2 }, (_, at) => MANY - 1 - at) : [];
  const browser = await openBrowser();
  const panel = await openPanel(browser);
  try {
    const units: FakeUnit[] = Array.from({ length: MANY }, (_, at) => ({
      name: `shop_${at % 977}.table_${at}`,
      status: at < 64 ? 'running' : 'pending',
      total: 1_000 + at,
    }));
    // Delivered and decoded beforehand: what is measured is from the message event to the painted frame.
    await panel.page.evaluate(() => {
      const times: number[] = [];
      Object.assign(window, { times });
      let started = 0;
      window.addEventListener(
        'message',
        () => {
          started = performance.now();
        },
        { capture: true },
      );
      window.addEventListener('message', () => {
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => times.push(performance.now() - started);
          channel.port2.postMessage(null);
        });
      });
    });
    for (const epoch of ['e3', 'e2', 'e1']) await panel.post(snapshot(units, { header: { mode }, queue, epoch }));
    const firstPaint = Math.min(...((await panel.page.evaluate('window.times')) as number[]));
    const client = await panel.page.context().newCDPSession(panel.page);
    await client.send('Performance.enable');
    const scriptMs = async () => {
      const { metrics } = await client.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? Number.NaN) * 1000;
    };
    const tickMessages = Array.from({ length: TICKS }, (_, tick) => {
      const changed = Array.from({ length: CHANGED }, (_, offset) => {
        const at = offset < 64 ? offset : (tick * 997 + offset * 13) % MANY;
        const unit: FakeUnit = {
          name: '',
          status: 'running',
          total: 1_000 + at,
          processed: tick * 10 + offset,
          rate: 100 + tick,
        };
        return [at, unit] as const;
      });
      return delta(header([], { mode, units: MANY, percent: tick }), { seq: tick + 2, changed, sample: tick * 100 });
    });
    const costs: number[] = [];
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const size = TICKS / BATCHES;
      const json = JSON.stringify(tickMessages.slice(batch * size, (batch + 1) * size));
      const before = await scriptMs();
      const idle = await panel.page.evaluate(async (text) => {
        const parse = performance.now();
        const messages = JSON.parse(text) as unknown[];
        const parsed = performance.now() - parse;
        for (const message of messages) {
          window.postMessage(message, '*');
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 34)));
        }
        return parsed;
      }, json);
      costs.push(((await scriptMs()) - before - idle) / size);
    }
    const perTick = Math.min(...costs);
    const bytes = fs.statSync(path.join(import.meta.dirname, '../../dist/webview/panel.js')).size;
    t.diagnostic(
      `${mode}: first paint of 100,000 units ${firstPaint.toFixed(1)} ms, ${perTick.toFixed(2)} ms script per tick of ${CHANGED} units, panel.js ${bytes} bytes`,
    );
    assert.deepEqual(
      (await panel.sent()).map((message) => message.type),
      ['ready'],
      'every tick was taken',
    );
    assert.ok(firstPaint < FIRST_PAINT_MS, `${firstPaint} ms`);
    assert.ok(perTick < TICK_MS, `${perTick} ms`);
    assert.ok(bytes < SCRIPT_BYTES, `${bytes} bytes`);
    assert.deepEqual(panel.errors, []);
  } finally {
    await browser.close();
  }
}
