/** A reorder of 1,000 entries in a queue of 10,000, durable, beside a bare append + fdatasync on the same disk in the same run. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apply } from '../../src/core/apply.ts';
import { decide } from '../../src/core/decide.ts';
import type { Event } from '../../src/core/events.ts';
import { createState, loadStore } from '../../src/core/state.ts';
import { realDisk } from '../../src/store/disk.ts';
import { openStore } from '../../src/store/store.ts';
import { readWasm } from '../store/wasm.ts';
import { sampleTask, sampleUnit } from '../store/workload.ts';
import { type BenchOptions, type BenchResult, quantile, rounded } from './result.ts';

const TASK = 'shop-to-copy';
const QUEUED = 10_000;
const MOVED = 1_000;

export async function bench(options: BenchOptions): Promise<BenchResult> {
  const runs = options.runs ?? 20;
  const folder = fs.mkdtempSync(join(tmpdir(), 'datatrace-bench-'));
  try {
    return await measure(folder, runs);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, runs: number): Promise<BenchResult> {
  const path = join(folder, 'datatrace.db');
  const { store } = await openStore({ path, key: 'k', wasm: readWasm() });
  const units = Array.from({ length: QUEUED }, (_, i) => sampleUnit(i, TASK));
  const entries = units.map(({ id }, i) => ({ unitId: id, order: i * 1024, addedAt: 1 }));
  await store.transact([
    { kind: 'putTask', task: { ...sampleTask(TASK), mode: 'manual', runState: 'idle' } },
    { kind: 'putUnits', taskId: TASK, units },
    { kind: 'enqueue', taskId: TASK, entries },
  ]);
  const state = createState(64);
  loadStore(state, 'k', store.load());
  const log = fs.openSync(join(folder, 'append.log'), 'a');
  const [reorders, single, appends]: [number[], number[], number[]] = [[], [], []];
  for (let run = 0; run <= runs; run++) {
    const block = Array.from({ length: MOVED }, (_, i) => units[(run * 37 + i * 7) % QUEUED]?.id ?? '');
    const spans = [await happen(moveOf([...new Set(block)])), await happen(moveOf(block.slice(0, 1)))];
    const from = performance.now();
    fs.writeSync(log, Buffer.alloc(4096, 1));
    await realDisk.datasync(log);
    if (run === 0) continue; // warms up
    appends.push(performance.now() - from);
    reorders.push(spans[0] ?? 0);
    single.push(spans[1] ?? 0);
  }
  fs.closeSync(log);
  await store.close();
  const again = await openStore({ path, key: 'k', wasm: readWasm() });
  const stored = new Map(again.store.load().queue.map(({ unitId, order }) => [unitId, order]));
  const queued = [...(state.tasks.get(TASK)?.units ?? [])];
  const exact = queued.every(([unitId, { queueOrder }]) => stored.get(unitId) === queueOrder) && stored.size === QUEUED;
  await again.store.close();
  const append = quantile(appends, 0.5);
  return {
    bench: 'queue',
    runs,
    ours: {
      reorder_1000_ms_p50: rounded(quantile(reorders, 0.5)),
      reorder_1000_ms_p95: rounded(quantile(reorders, 0.95)),
      move_one_ms_p50: rounded(quantile(single, 0.5)),
    },
    peers: { append_fdatasync_ms_p50: rounded(append) },
    ratios: {
      reorder_1000_vs_append_fdatasync: rounded(quantile(reorders, 0.5) / append),
      move_one_vs_append_fdatasync: rounded(quantile(single, 0.5) / append),
    },
    exact,
  };

  /** Decided, committed, in memory and durable. */
  async function happen(event: Event): Promise<number> {
    const from = performance.now();
    const { changes, answer } = decide(state, event);
    if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer.refusal)}`);
    const durable = store.transact(changes);
    apply(state, changes);
    await durable;
    return performance.now() - from;
  }
}

function moveOf(unitIds: readonly string[]): Event {
  return { type: 'queueMove', at: 1, taskId: TASK, unitIds, to: { kind: 'top' }, baseRev: null };
}
