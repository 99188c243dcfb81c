/**
 * What durability costs: a durable transition beside a bare append + fdatasync on the same disk in the same run, at 100 and
 * at 100,000 units; progress, which is not synced; taking units in; opening.
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
  beforeAnyRun: Readonly<Record<string, number>>;
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
    const taken: Span[] = [];
    for (let i = 0; i < Math.max(runs, 5); i++) {
      fs.rmSync(path, { force: true });
      taken.push(await fill(path, units));
    }
    const beforeAnyRun = {
      ...figures(`put_units_at_${units}`, taken),
      ...(await openings(path, units, runs, `open_planned_at_${units}`)),
    };
    const opened = await openStore({ path, key: 'k', wasm: readWasm(), disk });
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
      beforeAnyRun,
    });
  }
  const log = fs.openSync(join(folder, 'append.log'), 'a');
  const append: number[] = [];
  for (let run = 0; run <= runs; run++) {
    await turns(candidates, log, append, run > 0); // the first round only warms up
    for (const candidate of candidates) {
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
    await complete(candidate.opened);
    await candidate.opened.store.close();
    Object.assign(
      ours,
      candidate.beforeAnyRun,
      await openings(candidate.path, candidate.units, runs, `open_all_completed_${at}`),
    );
    ours[`transition_ms_p50_${at}`] = rounded(quantile(candidate.transition, 0.5));
    ours[`transition_ms_p95_${at}`] = rounded(quantile(candidate.transition, 0.95));
    ours[`transition_blocking_ms_p50_${at}`] = rounded(quantile(candidate.blocking, 0.5));
    ours[`transition_grouped_by_16_ms_p50_${at}`] = rounded(quantile(candidate.grouped, 0.5));
    ours[`tick_ms_p50_${at}`] = rounded(quantile(candidate.tick, 0.5));
    ours[`tick_fdatasyncs_${at}`] = candidate.syncsByTicks;
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

/** A new store with the units of a fresh plan; measures what taking them in blocks. */
async function fill(path: string, units: number): Promise<Span> {
  const { store } = await openStore({ path, key: 'k', wasm: readWasm() });
  const plan = Array.from({ length: units }, (_, i) => sampleUnit(i, TASK));
  const stop = measureSpan();
  const durable = store.transact([
    { kind: 'putTask', task: sampleTask(TASK) },
    { kind: 'putUnits', taskId: TASK, units: plan },
  ]);
  const span = stop();
  await durable;
  await store.close();
  return span;
}

interface Span {
  readonly ms: number;
  readonly cpuMs: number;
}

function measureSpan(): () => Span {
  const cpuBefore = process.cpuUsage();
  const from = performance.now();
  return () => {
    const ms = performance.now() - from;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { ms, cpuMs: (user + system) / 1000 };
  };
}

function figures(name: string, spans: readonly Span[]): Record<string, number> {
  const times = spans.map(({ ms }) => ms);
  const cpu = spans.map(({ cpuMs }) => cpuMs);
  return {
    [`${name}_ms_min`]: rounded(Math.min(...times)),
    [`${name}_ms_p50`]: rounded(quantile(times, 0.5)),
    [`${name}_ms_max`]: rounded(Math.max(...times)),
    [`${name}_cpu_ms_min`]: rounded(Math.min(...cpu)),
    [`${name}_cpu_ms_p50`]: rounded(quantile(cpu, 0.5)),
  };
}

/** Every unit as it is after a run: the most there is to load. */
async function complete({ store }: OpenedStore): Promise<void> {
  const at = 1_795_266_582_000;
  await store.transact([
    {
      kind: 'unitsWhere',
      taskId: TASK,
      statuses: ['pending', 'running', 'failed', 'paused'],
      set: {
        status: 'completed',
        processed: 15_000,
        bytes: 1_500_000,
        attempt: 1,
        prepared: 'created',
        verified: 'count',
      },
    },
    {
      kind: 'unitsWhere',
      taskId: TASK,
      statuses: ['completed'],
      set: { startedAt: at, completedAt: at, updatedAt: at },
    },
  ]);
}

/** One transition of each store and one append, in turns: what else the machine does hits all of them alike. */
async function turns(candidates: readonly Candidate[], log: number, append: number[], counted: boolean): Promise<void> {
  const page = Buffer.alloc(4096, 1); // what the smallest transaction would write
  for (let i = 0; i < PER_RUN; i++) {
    for (const candidate of candidates) {
      const changes = transition(++candidate.n, candidate.units, TASK);
      const from = performance.now();
      const durable = candidate.opened.store.transact(changes);
      const committed = performance.now();
      await durable;
      if (counted) candidate.blocking.push(committed - from);
      if (counted) candidate.transition.push(performance.now() - from);
    }
    const from = performance.now();
    fs.writeSync(log, page);
    await realDisk.datasync(log);
    if (counted) append.push(performance.now() - from);
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

/** Opens and loads everything: all that stands between a window and its first list. */
async function openings(path: string, units: number, runs: number, name: string): Promise<Record<string, number>> {
  const spans: Span[] = [];
  for (let i = 0; i < Math.max(runs, 5); i++) {
    const stop = measureSpan();
    const { store } = await openStore({ path, key: 'k', wasm: readWasm() });
    const loaded = store.load().units.length;
    spans.push(stop());
    if (loaded !== units) throw new Error(`loaded ${loaded} units instead of ${units}`);
    await store.close();
  }
  return figures(name, spans);
}

/** Syncing costs nothing on a disk in memory, so figures from there would say nothing. */
function realDiskFolder(): string {
  const TMPFS = 0x01021994;
  if (fs.statfsSync(tmpdir()).type !== TMPFS) return tmpdir();
  const folder = join(process.cwd(), 'node_modules', '.cache');
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}
