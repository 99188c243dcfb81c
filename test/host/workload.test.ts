import assert from 'node:assert/strict';
import fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { configFile, dataTrace, editConfig, task, until } from './support.ts';

type Delay = ReturnType<typeof monitorEventLoopDelay>;

/** Length of each measurement, ms. */
const MEASURED_MS = 5_000;

describe('the extension host', () => {
  it('listens on no TCP port for us', () => {
    const servers = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap');
    assert.deepEqual(servers, []);
  });

  it('stays responsive while units run: p99 of the event-loop delay within 15 ms of the idle one', async () => {
    const before = editConfig(({ tasks }) => {
      tasks.measured = {
        ...{ source: 'shop', target: 'copy', prefix: 'measured_', concurrency: 3, resume: 'row' },
        ...{ batchRows: 50, limits: { rowsPerSecond: 3_000 } },
      };
    });
    await until('the task is there', async () => (await dataTrace()).tasks().length === 2);
    const idle = await delayWhile(async () => pass(MEASURED_MS));
    const { id } = await task('measured');
    await vscode.commands.executeCommand('datatrace.openPanel', { taskId: id });
    const busy = await delayWhile(async () => {
      await vscode.commands.executeCommand('datatrace.start', { taskId: id });
      await until('the run has ended', async () => (await task('measured')).outcome === 'completed', 60_000);
    });
    console.log(`[host-test] event-loop delay, ms: idle ${figures(idle)}; while units run ${figures(busy)}`);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    fs.writeFileSync(configFile, before);
    const p99 = (histogram: Delay) => histogram.percentile(99) / 1e6;
    assert.ok(p99(busy) <= p99(idle) + 15, `idle ${figures(idle)}, while units run ${figures(busy)}`);
  });
});

async function delayWhile(work: () => Promise<void>): Promise<Delay> {
  const histogram = monitorEventLoopDelay({ resolution: 5 });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram;
}

function figures(histogram: Delay): string {
  const ms = (ns: number) => (ns / 1e6).toFixed(1);
  return `p50 ${ms(histogram.percentile(50))} p99 ${ms(histogram.percentile(99))} max ${ms(histogram.max)}`;
}

async function pass(ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
}
