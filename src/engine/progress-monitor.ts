/**
 * Progress between workers and the core: the newest report per unit wins, at most one flush per 100 ms, rates by the
 * second. A terminal event takes the last progress of its execution along, so no figure is ever lost to coalescing.
 */
import type { Event } from '../core/events.ts';
import type { TaskId, UnitId } from '../core/model.ts';
import type { Clock, Disposable, Phase } from '../core/ports.ts';

const FLUSH_MS = 100;
const SAMPLE_MS = 1000;
/** Samples kept for the chart: two minutes. */
const SAMPLES = 120;
/** Samples a unit's rate is measured over. */
const WINDOW = 10;

type ProgressEvent = Extract<Event, { type: 'progress' }>;

interface Meter {
  readonly taskId: TaskId;
  readonly attempt: number;
  readonly startedAt: number;
  processed: number;
  bytes: number;
  total: number | null;
  phase: Phase;
  /** [monotonic ms, rows] once a second, oldest first. */
  readonly window: [number, number][];
  dirty: boolean;
}

interface TaskMeter {
  readonly units: Set<UnitId>;
  rows: number;
  bytes: number;
  /** Rows per second, one a second. */
  readonly samples: number[];
  readonly byteSamples: number[];
  sampledAt: number;
  sampledRows: number;
  sampledBytes: number;
  readonly waits: { source: number; target: number; limits: number };
}

export interface ProgressMonitor {
  /** An execution begins at `processed` rows (more than 0 when it goes on after a checkpoint). */
  begin(taskId: TaskId, unitId: UnitId, attempt: number, processed: number, bytes: number): void;
  /** @param total null = as before. */
  record(unitId: UnitId, attempt: number, processed: number, bytes: number, total: number | null, phase: Phase): void;
  /** The target was prepared: the execution copies from the beginning, whatever was copied before it. */
  prepared(unitId: UnitId, attempt: number): void;
  /** Ends an execution and answers its progress that was not flushed yet. */
  end(unitId: UnitId, attempt: number): ProgressEvent | undefined;
  /** Rows/s over the last seconds; 0 before the first second is over. */
  unitRate(unitId: UnitId): number;
  taskRates(taskId: TaskId): { rows: number; bytes: number };
  samples(taskId: TaskId): readonly number[];
  slowSide(taskId: TaskId): 'source' | 'target' | 'limits' | null;
  runningMs(unitId: UnitId): number;
  forget(taskId: TaskId): void;
  dispose(): void;
}

export function createProgressMonitor(
  clock: Clock,
  flush: (events: readonly ProgressEvent[]) => void,
  sampled: (taskIds: readonly TaskId[]) => void,
): ProgressMonitor {
  const meters = new Map<UnitId, Meter>();
  const tasks = new Map<TaskId, TaskMeter>();
  const dirty = new Set<UnitId>();
  let flushTimer: Disposable | undefined;
  let sampleTimer: Disposable | undefined;
  let flushedAt = Number.NEGATIVE_INFINITY;

  const eventOf = (unitId: UnitId, meter: Meter): ProgressEvent => ({
    type: 'progress',
    at: clock.now(),
    unitId,
    attempt: meter.attempt,
    processed: meter.processed,
    bytes: meter.bytes,
    total: meter.total,
  });

  function flushNow(): void {
    flushTimer = undefined;
    flushedAt = clock.monotonic();
    const events: ProgressEvent[] = [];
    for (const unitId of dirty) {
      const meter = meters.get(unitId);
      if (meter) events.push(eventOf(unitId, meter));
    }
    dirty.clear();
    if (events.length > 0) flush(events);
  }

  function scheduleFlush(): void {
    if (flushTimer) return;
    const wait = Math.max(0, FLUSH_MS - (clock.monotonic() - flushedAt));
    flushTimer = clock.timer(wait, flushNow);
  }

  function taskMeter(taskId: TaskId): TaskMeter {
    let meter = tasks.get(taskId);
    if (!meter) {
      meter = {
        units: new Set(),
        rows: 0,
        bytes: 0,
        samples: [],
        byteSamples: [],
        sampledAt: clock.monotonic(),
        sampledRows: 0,
        sampledBytes: 0,
        waits: { source: 0, target: 0, limits: 0 },
      };
      tasks.set(taskId, meter);
    }
    return meter;
  }

  function sample(): void {
    sampleTimer = undefined;
    const now = clock.monotonic();
    const live: TaskId[] = [];
    for (const [taskId, task] of tasks) {
      if (task.units.size === 0) continue;
      live.push(taskId);
      const seconds = Math.max(0.001, (now - task.sampledAt) / 1000);
      push(task.samples, (task.rows - task.sampledRows) / seconds, SAMPLES);
      push(task.byteSamples, (task.bytes - task.sampledBytes) / seconds, WINDOW);
      task.sampledAt = now;
      task.sampledRows = task.rows;
      task.sampledBytes = task.bytes;
      decay(task.waits);
      for (const unitId of task.units) {
        const meter = meters.get(unitId);
        if (!meter) continue;
        push(meter.window, [now, meter.processed] as [number, number], WINDOW + 1);
        if (meter.phase === 'reading') task.waits.source++;
        if (meter.phase === 'writing') task.waits.target++;
        if (meter.phase === 'waiting') task.waits.limits++;
      }
    }
    if (live.length > 0) {
      sampled(live);
      sampleTimer = clock.timer(SAMPLE_MS, sample);
    }
  }

  return {
    begin(taskId, unitId, attempt, processed, bytes) {
      const now = clock.monotonic();
      const task = taskMeter(taskId);
      if (task.units.size === 0) {
        // A rest (pause, night) is no part of any rate.
        task.sampledAt = now;
        task.sampledRows = task.rows;
        task.sampledBytes = task.bytes;
      }
      task.units.add(unitId);
      meters.set(unitId, {
        taskId,
        attempt,
        startedAt: now,
        processed,
        bytes,
        total: null,
        phase: 'preparing',
        window: [[now, processed]],
        dirty: false,
      });
      sampleTimer ??= clock.timer(SAMPLE_MS, sample);
    },
    record(unitId, attempt, processed, bytes, total, phase) {
      const meter = meters.get(unitId);
      if (!meter || meter.attempt !== attempt) return;
      const task = taskMeter(meter.taskId);
      task.rows += Math.max(0, processed - meter.processed);
      task.bytes += Math.max(0, bytes - meter.bytes);
      meter.processed = Math.max(meter.processed, processed);
      meter.bytes = Math.max(meter.bytes, bytes);
      if (total !== null) meter.total = total;
      meter.phase = phase;
      dirty.add(unitId);
      scheduleFlush();
    },
    prepared(unitId, attempt) {
      const meter = meters.get(unitId);
      if (!meter || meter.attempt !== attempt) return;
      meter.processed = 0;
      meter.bytes = 0;
      meter.window.splice(0, meter.window.length, [clock.monotonic(), 0]);
    },
    end(unitId, attempt) {
      const meter = meters.get(unitId);
      if (!meter || meter.attempt !== attempt) return undefined;
      meters.delete(unitId);
      tasks.get(meter.taskId)?.units.delete(unitId);
      return dirty.delete(unitId) ? eventOf(unitId, meter) : undefined;
    },
    unitRate(unitId) {
      const window = meters.get(unitId)?.window;
      const first = window?.[0];
      const last = window?.at(-1);
      if (!first || !last || last[0] <= first[0]) return 0;
      return ((last[1] - first[1]) * 1000) / (last[0] - first[0]);
    },
    taskRates(taskId) {
      const task = tasks.get(taskId);
      if (!task || task.units.size === 0) return { rows: 0, bytes: 0 };
      return { rows: mean(task.samples.slice(-WINDOW)), bytes: mean(task.byteSamples) };
    },
    samples: (taskId) => tasks.get(taskId)?.samples ?? [],
    slowSide(taskId) {
      const waits = tasks.get(taskId)?.waits;
      if (!waits) return null;
      const all = waits.source + waits.target + waits.limits;
      if (all < 3) return null;
      for (const side of ['source', 'target', 'limits'] as const) if (waits[side] > all * 0.6) return side;
      return null;
    },
    runningMs(unitId) {
      const meter = meters.get(unitId);
      return meter ? clock.monotonic() - meter.startedAt : Number.NaN;
    },
    forget(taskId) {
      for (const unitId of tasks.get(taskId)?.units ?? []) meters.delete(unitId);
      tasks.delete(taskId);
    },
    dispose() {
      flushTimer?.dispose();
      sampleTimer?.dispose();
      meters.clear();
      tasks.clear();
    },
  };
}

function push<T>(list: T[], value: T, most: number): void {
  list.push(value);
  if (list.length > most) list.shift();
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Older seconds count less, so that the answer follows what happens now. */
function decay(waits: { source: number; target: number; limits: number }): void {
  waits.source *= 0.8;
  waits.target *= 0.8;
  waits.limits *= 0.8;
}
