/** 1,000,000 reports of progress through the core, the engine's event loop and the real store: how often it writes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createState, loadStore } from '../../src/core/state.ts';
import { createEventLoop } from '../../src/engine/event-loop.ts';
import { realDisk } from '../../src/store/disk.ts';
import { openStore } from '../../src/store/store.ts';
import { systemClock } from '../../src/workspace/system-clock.ts';
import { readWasm } from '../store/wasm.ts';
import { sampleTask, sampleUnit } from '../store/workload.ts';
import { type BenchOptions, type BenchResult, rounded } from './result.ts';

const TASK = 'shop-to-copy';
const UNITS = 64;

export async function bench(options: BenchOptions): Promise<BenchResult> {
  const events = options.rows ?? 1_000_000;
  const folder = mkdtempSync(join(tmpdir(), 'datatrace-bench-'));
  try {
    return await measure(join(folder, 'datatrace.db'), events);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(path: string, events: number): Promise<BenchResult> {
  let [bytes, syncs] = [0, 0];
  const disk: typeof realDisk = {
    ...realDisk,
    write(fd, from, at) {
      bytes += from.length;
      return realDisk.write(fd, from, at);
    },
    datasync(fd) {
      syncs++;
      return realDisk.datasync(fd);
    },
  };
  let commits = 0;
  const { store } = await openStore({ path, key: 'k', wasm: readWasm(), disk, mayWrite: () => void commits++ });
  const units = Array.from({ length: UNITS }, (_, i) => sampleUnit(i, TASK, { status: 'running', attempt: 1 }));
  await store.transact([
    { kind: 'putTask', task: sampleTask(TASK) },
    { kind: 'putUnits', taskId: TASK, units },
  ]);
  const state = createState(UNITS);
  loadStore(state, 'k', store.load());
  const loop = createEventLoop({
    state,
    clock: systemClock,
    keyOf: () => 'k',
    storeOf: () => store,
    perform: () => undefined,
    changed: () => undefined,
    allDurable: () => undefined,
    viewsLateMs: () => 0,
    stalledChanged: () => undefined,
    impossible: (_event, error) => {
      throw error;
    },
  });
  [commits, bytes, syncs] = [0, 0, 0];
  const from = performance.now();
  for (let n = 1; n <= events; n++) {
    const unitId = units[n % UNITS]?.id ?? '';
    const processed = Math.ceil(n / UNITS);
    loop.report({ type: 'progress', at: n, unitId, attempt: 1, processed, bytes: processed * 100, total: null });
    if (n % 2_000 === 0) await new Promise(setImmediate); // workers' messages come in turns
  }
  const seconds = (performance.now() - from) / 1000;
  const figures = { commits, bytes, syncs };
  loop.dispose();
  await store.close();
  const again = await openStore({ path, key: 'k', wasm: readWasm() });
  const exact = again.store
    .load()
    .units.every(({ processed }, i) => processed === Math.ceil(lastOf(i, events) / UNITS));
  await again.store.close();
  return {
    bench: 'progress',
    runs: 1,
    ours: {
      events,
      seconds: rounded(seconds),
      store_writes: figures.commits,
      store_writes_per_second: rounded(figures.commits / seconds),
      kilobytes_written: rounded(figures.bytes / 1024),
      fdatasyncs: figures.syncs,
    },
    peers: {},
    ratios: {},
    exact,
  };
}

/** The last report that was about the unit with this number. */
function lastOf(unit: number, events: number): number {
  return events - (((((events % UNITS) - unit) % UNITS) + UNITS) % UNITS);
}
