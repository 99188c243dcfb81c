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
  /** Since the profile began, ms. */
  readonly at: number;
  /** Where it spent its time, the most first: `function (file:line:column) ms`. */
  readonly places: readonly string[];
}

/** What a thread did: its stack every millisecond, and how long it had waited for a processor by then. */
export interface ThreadRecord {
  readonly profile: Profiler.Profile;
  /** Moments and the wait until then, both in microseconds; empty where the system does not say (it is Linux that does). */
  readonly waits: readonly (readonly [at: number, waited: number])[];
}

/** Records this thread while `work` runs. Starting and stopping block by themselves: measure inside. */
export async function recordWhile(work: () => Promise<void>): Promise<ThreadRecord> {
  const session = new Session();
  session.connect();
  const watcher = new Worker(WATCHER, { eval: true, workerData: { statistics, everyMs: 2 } });
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
    const waited = Number(readFileSync(workerData.statistics, 'latin1').split(' ')[1]) / 1000;
    waits.push([Number(process.hrtime.bigint()) / 1000, waited]);
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
  let gaps = 0;
  let self = new Map<number, number>();
  const end = () => {
    if (begun === undefined) return;
    const us = last - begun + INTERVAL_US;
    // Samples are missing while the thread waits for a processor, and in system calls: those are ours.
    const waited = Math.min(gaps, waitedBetween(waits, begun, last));
    const places = placesOf(self, nodes);
    tasks.push({ ms: (us - waited) / 1000, wallMs: us / 1000, at: (begun - profile.startTime) / 1000, places });
    begun = undefined;
    gaps = 0;
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
    if (begun !== undefined && delta > GAP_US) gaps += delta - INTERVAL_US;
    self.set(id, (self.get(id) ?? 0) + (begun === undefined ? INTERVAL_US : delta));
    begun ??= at;
    last = at;
  }
  end();
  return tasks.sort((a, b) => b.ms - a.ms);
}

/** By the last look before and the first one after. */
function waitedBetween(waits: ThreadRecord['waits'], from: number, to: number): number {
  const before = waits.findLast(([at]) => at <= from)?.[1];
  const after = waits.find(([at]) => at >= to)?.[1];
  return before === undefined || after === undefined ? 0 : after - before;
}

function placesOf(self: ReadonlyMap<number, number>, nodes: ReadonlyMap<number, Profiler.ProfileNode>): string[] {
  return [...self]
    .sort(([, a], [, b]) => b - a)
    .slice(0, PLACES)
    .map(([id, us]) => {
      const { functionName, url = '', lineNumber = 0, columnNumber = 0 } = nodes.get(id)?.callFrame ?? {};
      const file = url.split('/').at(-1) || 'native';
      return `${functionName || '(anonymous)'} (${file}:${lineNumber + 1}:${columnNumber + 1}) ${(us / 1000).toFixed(1)}`;
    });
}
