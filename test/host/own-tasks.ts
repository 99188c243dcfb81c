/** Which tasks of a busy thread were ours: read from a CPU profile, so nothing has to be wrapped or instrumented. */
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { Worker } from 'node:worker_threads';

/** Time between two samples, microseconds. */
const INTERVAL_US = 1_000;
/** A longer time between two samples is a gap, microseconds. */
const GAP_US = 3_000;
/** How many of a task's places are named. */
const PLACES = 12;

export interface OwnTask {
  /** Without the time it waited for a processor that other programs had, ms. */
  readonly ms: number;
  /** From its first sample to its last one, ms. */
  readonly wallMs: number;
  /** On a processor, by the scheduler's figures around it, ms; NaN where the system does not say. */
  readonly ranMs: number;
  /** Since the profile began, ms. */
  readonly at: number;
  /** Where it spent its time, the most first: `function (file:line:column) ms in samples`. */
  readonly places: readonly string[];
}

/** What a thread did: its stack every millisecond, and how long it had waited for a processor by then. */
export interface ThreadRecord {
  readonly profile: Profiler.Profile;
  /** What the thread had got until a moment, all in microseconds; empty where the system does not say (Linux does). */
  readonly waits: readonly (readonly [at: number, waited: number, ran: number])[];
}

/** Records this thread while `work` runs. Starting and stopping block by themselves: measure inside. */
export async function recordWhile(work: () => Promise<void>): Promise<ThreadRecord> {
  const session = new Session();
  session.connect();
  const watcher = new Worker(WATCHER, { eval: true, workerData: { statistics, everyMs: 3 } });
  const saidWaits = new Promise<ThreadRecord['waits']>((resolve, reject) => {
    watcher.once('message', resolve);
    watcher.once('error', reject);
  });
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await session.post('Profiler.start');
    await work();
    const { profile } = await session.post('Profiler.stop');
    watcher.postMessage('stop');
    return { profile, waits: await saidWaits };
  } finally {
    session.disconnect();
    await watcher.terminate();
  }
}

/** The scheduler's figures of this process's first thread, where extensions live: ns on a processor, ns waiting for one. */
const statistics = `/proc/${process.pid}/task/${process.pid}/schedstat`;

/** A thread of its own, because the watched one cannot see itself wait. */
const WATCHER = `
const { readFileSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const waits = [];
const look = () => {
  try {
    const [ran, waited] = readFileSync(workerData.statistics, 'latin1').split(' ').map((ns) => Number(ns) / 1000);
    // Of a virtual machine: what its host gave to others, in hundredths of a second, all processors together.
    const stolen = Number(/^cpu +(?:\\d+ ){7}(\\d+)/.exec(readFileSync('/proc/stat', 'latin1'))[1]) * 10_000;
    waits.push([Number(process.hrtime.bigint()) / 1000, waited + stolen, ran]);
  } catch {
    clearInterval(timer);
  }
};
const timer = setInterval(look, workerData.everyMs);
parentPort.once('message', () => {
  clearInterval(timer);
  parentPort.postMessage(waits);
});`;

/**
 * The stretches in which a frame of one of the scripts was on the stack without a pause, longest first. Tasks that
 * follow each other without an idle sample in between count as one: the figure is rather too high.
 */
export function ownTasks({ profile, waits }: ThreadRecord, isOurs: (url: string) => boolean): OwnTask[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const ours = new Map<number, boolean>();
  const belongs = (id: number): boolean => {
    const known = ours.get(id);
    if (known !== undefined) return known;
    const parent = parents.get(id);
    const answer = isOurs(nodes.get(id)?.callFrame.url ?? '') || (parent !== undefined && belongs(parent));
    ours.set(id, answer);
    return answer;
  };
  const tasks: OwnTask[] = [];
  let begun: number | undefined;
  let last = 0;
  let away = 0;
  let self = new Map<number, Spent>();
  const end = () => {
    if (begun === undefined) return;
    const us = last - begun + INTERVAL_US;
    const { ran } = between(waits, begun, last);
    tasks.push({
      ms: (us - away) / 1000,
      wallMs: us / 1000,
      ranMs: ran / 1000,
      at: (begun - profile.startTime) / 1000,
      places: placesOf(self, nodes),
    });
    begun = undefined;
    away = 0;
    self = new Map();
  };
  let at = profile.startTime;
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const delta = profile.timeDeltas?.[index] ?? 0;
    at += delta;
    const collecting = begun !== undefined && nodes.get(id)?.callFrame.functionName === '(garbage collector)';
    if (!belongs(id) && !collecting) {
      end();
      continue;
    }
    if (begun !== undefined && delta > GAP_US) away += awayIn(waits, last, at, nodes.get(id)?.callFrame.url !== '');
    const { us, samples } = self.get(id) ?? { us: 0, samples: 0 };
    self.set(id, { us: us + (begun === undefined ? INTERVAL_US : delta), samples: samples + 1 });
    begun ??= at;
    last = at;
  }
  end();
  return tasks.sort((a, b) => b.ms - a.ms);
}

interface Spent {
  readonly us: number;
  readonly samples: number;
}

/**
 * How much of a time without samples the thread was not given a processor. Script cannot block: what it did not run, it
 * was kept from. A native call can: of that only what the scheduler calls waiting is not ours.
 */
function awayIn(waits: ThreadRecord['waits'], from: number, to: number, inScript: boolean): number {
  const { waited, ran } = between(waits, from, to);
  const most = Math.max(0, to - from - INTERVAL_US);
  return inScript && !Number.isNaN(ran) ? Math.max(0, most - ran) : Math.min(most, waited);
}

/** By the last look before and the first one after. */
function between(waits: ThreadRecord['waits'], from: number, to: number): { waited: number; ran: number } {
  const before = waits.findLast(([at]) => at <= from);
  const after = waits.find(([at]) => at >= to);
  if (before === undefined || after === undefined) return { waited: 0, ran: Number.NaN };
  return { waited: after[1] - before[1], ran: after[2] - before[2] };
}

function placesOf(self: ReadonlyMap<number, Spent>, nodes: ReadonlyMap<number, Profiler.ProfileNode>): string[] {
  return [...self]
    .sort(([, a], [, b]) => b.us - a.us)
    .slice(0, PLACES)
    .map(([id, { us, samples }]) => {
      const { functionName, url = '', lineNumber = 0, columnNumber = 0 } = nodes.get(id)?.callFrame ?? {};
      const file = url.split('/').at(-1) || 'native';
      return `${functionName || '(anonymous)'} (${file}:${lineNumber + 1}:${columnNumber + 1}) ${(us / 1000).toFixed(1)} in ${samples}`;
    });
}
