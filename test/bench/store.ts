/**
 * What durability costs: a durable transition beside a bare append + fdatasync on the same disk in the same run, at 100 and
 * at 100,000 units; progress, which is not synced; opening.
 */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Disk, realDisk } from '../../src/store/disk.ts';
import { type OpenedStore, openStore } from '../../src/store/store.ts';
import { readWasm } from '../store/wasm.ts';
import { progress, sampleTask, sampleUnit, transition } from '../store/workload.ts';
import { type BenchOptions, type BenchResult, quantile, rounded } from './result.ts';

const TASK = 'shop-to-copy';
const SIZES = [100, 100_000] as const;
const PER_RUN = 60;
const WARM_UP = 20;

interface Candidate {
  readonly units: number;
  readonly path: string;
  opened: OpenedStore;
  n: number;
  readonly transition: number[];
  readonly blocking: number[];
  readonly tick: number[];
  readonly grouped: number[];
  syncsByTicks: number;
}

export async function bench(options: BenchOptions): Promise<BenchResult> {
  const runs = options.runs ?? 8;
  const folder = fs.mkdtempSync(join(realDiskFolder(), 'datatrace-bench-'));
  try {
    return await measure(folder, runs);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, runs: number): Promise<BenchResult> {
  let syncs = 0;
  const disk: Disk = {
    ...realDisk,
    datasync(fd) {
      syncs++;
      return realDisk.datasync(fd);
    },
  };
  const candidates: Candidate[] = [];
  for (const units of SIZES) {
    const path = join(folder, `${units}.db`);
    const opened = await openStore({ path, key: 'k', wasm: readWasm(), disk });
    await fill(opened, units);
    candidates.push({
      units,
      path,
      opened,
      n: 0,
      transition: [],
      blocking: [],
      tick: [],
      grouped: [],
      syncsByTicks: 0,
    });
  }
  const log = fs.openSync(join(folder, 'append.log'), 'a');
  const append: number[] = [];
  for (let run = 0; run < runs; run++) {
    for (const candidate of candidates) {
      await transitions(candidate, run === 0 ? WARM_UP : PER_RUN, run > 0);
      await appends(log, append);
      const before = syncs;
      ticks(candidate);
      candidate.syncsByTicks += syncs - before;
      await groups(candidate);
    }
  }
  fs.closeSync(log);

  const ours: Record<string, number> = {};
  const ratios: Record<string, number> = {};
  const appendMs = quantile(append, 0.5);
  let exact = true;
  for (const candidate of candidates) {
    const at = `at_${candidate.units}`;
    const state = candidate.opened.store.load();
    exact &&= state.units.length === candidate.units && state.tasks[0]?.queueRev === candidate.n;
    exact &&= candidate.syncsByTicks === 0;
    await candidate.opened.store.close();
    ours[`transition_ms_p50_${at}`] = rounded(quantile(candidate.transition, 0.5));
    ours[`transition_ms_p95_${at}`] = rounded(quantile(candidate.transition, 0.95));
    ours[`transition_blocking_ms_p50_${at}`] = rounded(quantile(candidate.blocking, 0.5));
    ours[`transition_grouped_by_16_ms_p50_${at}`] = rounded(quantile(candidate.grouped, 0.5));
    ours[`tick_ms_p50_${at}`] = rounded(quantile(candidate.tick, 0.5));
    ours[`tick_fdatasyncs_${at}`] = candidate.syncsByTicks;
    const opens = await openings(candidate, runs);
    ours[`open_and_load_ms_min_${at}`] = rounded(Math.min(...opens));
    ours[`open_and_load_ms_p50_${at}`] = rounded(quantile(opens, 0.5));
    ours[`open_and_load_ms_max_${at}`] = rounded(Math.max(...opens));
    ratios[`transition_vs_append_fdatasync_${at}`] = rounded(quantile(candidate.transition, 0.5) / appendMs);
  }
  const [small, large] = candidates;
  if (small !== undefined && large !== undefined) {
    const ratio = quantile(large.transition, 0.5) / quantile(small.transition, 0.5);
    ratios[`transition_${large.units}_vs_${small.units}_units`] = rounded(ratio);
  }
  const peers = {
    append_fdatasync_ms_p50: rounded(appendMs),
    append_fdatasync_ms_p95: rounded(quantile(append, 0.95)),
  };
  return { bench: 'store', runs, ours, peers, ratios, exact };
}

async function fill({ store, checkpoint }: OpenedStore, units: number): Promise<void> {
  const changes = Array.from({ length: units }, (_, i) => sampleUnit(i, TASK));
  await store.transact([
    { kind: 'putTask', task: sampleTask(TASK) },
    { kind: 'putUnits', taskId: TASK, units: changes },
  ]);
  checkpoint();
}

async function transitions(candidate: Candidate, count: number, counted: boolean): Promise<void> {
  for (let i = 0; i < count; i++) {
    const changes = transition(++candidate.n, candidate.units, TASK);
    const from = performance.now();
    const durable = candidate.opened.store.transact(changes);
    const committed = performance.now();
    await durable;
    if (!counted) continue;
    candidate.blocking.push(committed - from);
    candidate.transition.push(performance.now() - from);
  }
}

/** A page as large as what the smallest transaction writes. */
async function appends(log: number, into: number[]): Promise<void> {
  const page = Buffer.alloc(4096, 1);
  for (let i = 0; i < PER_RUN; i++) {
    const from = performance.now();
    fs.writeSync(log, page);
    await realDisk.datasync(log);
    into.push(performance.now() - from);
  }
}

/** One flush of ten running units. */
function ticks(candidate: Candidate): void {
  for (let i = 0; i < PER_RUN; i++) {
    const changes = Array.from({ length: 10 }, (_, k) => progress(candidate.n + i + k, candidate.units, TASK)).flat();
    const from = performance.now();
    candidate.opened.store.commit(changes);
    candidate.tick.push(performance.now() - from);
  }
}

async function groups(candidate: Candidate): Promise<void> {
  for (let i = 0; i < 4; i++) {
    const all = Array.from({ length: 16 }, () => transition(++candidate.n, candidate.units, TASK));
    const from = performance.now();
    await Promise.all(all.map((changes) => candidate.opened.store.transact(changes)));
    candidate.grouped.push((performance.now() - from) / 16);
  }
}

async function openings(candidate: Candidate, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < Math.max(runs, 5); i++) {
    const from = performance.now();
    const { store } = await openStore({ path: candidate.path, key: 'k', wasm: readWasm() });
    const { units } = store.load();
    times.push(performance.now() - from);
    if (units.length !== candidate.units) throw new Error(`loaded ${units.length} units`);
    await store.close();
  }
  return times;
}

/** Syncing costs nothing on a disk in memory, so figures from there would say nothing. */
function realDiskFolder(): string {
  const TMPFS = 0x01021994;
  if (fs.statfsSync(tmpdir()).type !== TMPFS) return tmpdir();
  const folder = join(process.cwd(), 'node_modules', '.cache');
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}
