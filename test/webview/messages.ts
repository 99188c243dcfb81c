/** Builds protocol messages as a host sends them: buffers for units, JSON for the rest (NaN becomes null on the way). */
import type { UnitStatus } from '../../src/core/model.ts';
import {
  type HostMessage,
  PROTOCOL_VERSION,
  STATUS_ORDER,
  type TaskHeader,
  type UnitReason,
} from '../../src/protocol/panel.ts';

export interface FakeUnit {
  readonly name: string;
  readonly status: UnitStatus;
  readonly processed?: number;
  readonly total?: number | null;
  /** Rows per second. */
  readonly rate?: number;
  readonly timeLeftMs?: number;
  readonly durationMs?: number;
  readonly reason?: UnitReason;
}

type Snapshot = Extract<HostMessage, { type: 'snapshot' }>;
type Delta = Extract<HostMessage, { type: 'delta' }>;

export function header(units: readonly FakeUnit[], more: Partial<TaskHeader> = {}): TaskHeader {
  const counts = { pending: 0, running: 0, completed: 0, failed: 0, paused: 0 };
  let rowsProcessed = 0;
  let rowsTotal: number | null = 0;
  for (const unit of units) {
    counts[unit.status] += 1;
    rowsProcessed += unit.processed ?? 0;
    rowsTotal = rowsTotal === null || unit.total == null ? null : rowsTotal + unit.total;
  }
  const byRows = rowsTotal !== null && rowsTotal > 0;
  const done = byRows ? rowsProcessed / (rowsTotal ?? 1) : counts.completed / Math.max(1, units.length);
  return {
    taskId: 'shop-to-search',
    name: 'shop-to-search',
    description: '',
    source: { name: 'shop', system: 'MySQL', environment: null },
    target: { name: 'search', system: 'Elasticsearch', environment: 'production' },
    connections: { source: 0, target: 0 },
    mode: 'auto',
    switchingTo: null,
    queueRev: 1,
    waitsForAdditions: false,
    runState: 'running',
    outcome: null,
    planning: false,
    concurrency: 10,
    counts,
    rowsProcessed,
    rowsTotal,
    bytesProcessed: rowsProcessed * 211,
    rejected: 0,
    percent: done * 100,
    percentBy: byRows ? 'rows' : 'units',
    rowsPerSecond: 18_412,
    bytesPerSecond: 3_884_932,
    timeLeftMs: 241_000,
    estimating: false,
    startedAt: 1_700_000_000_000,
    endedAt: null,
    slowSide: 'target',
    failures: [],
    notices: [],
    blocked: null,
    managedBy: null,
    units: units.length,
    now: 1_700_000_060_000,
    ...more,
  };
}

export interface SnapshotOptions {
  readonly header?: Partial<TaskHeader>;
  readonly epoch?: string;
  readonly locale?: string;
  readonly samples?: readonly number[];
  /** Indexes of the waiting units in the order of the queue. */
  readonly queue?: readonly number[];
}

export function snapshot(units: readonly FakeUnit[], options: SnapshotOptions = {}): Snapshot {
  const names = units.map((unit) => new TextEncoder().encode(unit.name));
  const bytes = new Uint8Array(names.reduce((sum, name) => sum + name.length, 0));
  const nameEnds = new Uint32Array(units.length);
  let end = 0;
  names.forEach((name, index) => {
    bytes.set(name, end);
    end += name.length;
    nameEnds[index] = end;
  });
  const running = units.flatMap((unit, index) => (unit.status === 'running' ? numbers(index, unit) : []));
  return {
    type: 'snapshot',
    v: PROTOCOL_VERSION,
    epoch: options.epoch ?? 'e1',
    seq: 1,
    locale: options.locale ?? 'en',
    header: header(units, options.header),
    units: {
      count: units.length,
      names: bytes.buffer,
      nameEnds: nameEnds.buffer,
      status: Uint8Array.from(units, (unit) => STATUS_ORDER.indexOf(unit.status)).buffer,
      processed: Float64Array.from(units, (unit) => unit.processed ?? 0).buffer,
      total: Float64Array.from(units, (unit) => unit.total ?? Number.NaN).buffer,
      duration: Float64Array.from(units, (unit) => unit.durationMs ?? Number.NaN).buffer,
      reasons: units.flatMap((unit, index) => (unit.reason ? [[index, unit.reason] as const] : [])),
      queue: Uint32Array.from(options.queue ?? []).buffer,
    },
    samples: options.samples ?? wave(120),
    running,
  };
}

export interface DeltaOptions {
  readonly seq: number;
  readonly epoch?: string;
  /** Changed units by index. */
  readonly changed?: readonly (readonly [number, FakeUnit])[];
  readonly reasons?: Delta['reasons'];
  readonly queue?: readonly number[];
  readonly sample?: number | null;
}

export function delta(newHeader: TaskHeader, options: DeltaOptions): Delta {
  return {
    type: 'delta',
    v: PROTOCOL_VERSION,
    epoch: options.epoch ?? 'e1',
    seq: options.seq,
    header: newHeader,
    units: (options.changed ?? []).flatMap(([index, unit]) => numbers(index, unit)),
    reasons: options.reasons ?? [],
    queue: options.queue === undefined ? null : Uint32Array.from(options.queue).buffer,
    sample: options.sample ?? null,
  };
}

function numbers(index: number, unit: FakeUnit): number[] {
  const { processed = 0, total = null } = unit;
  const percent =
    unit.status === 'completed' ? 100 : total === null || total === 0 ? Number.NaN : (processed / total) * 100;
  return [
    index,
    STATUS_ORDER.indexOf(unit.status),
    processed,
    total ?? Number.NaN,
    unit.rate ?? 0,
    unit.timeLeftMs ?? Number.NaN,
    unit.durationMs ?? Number.NaN,
    percent,
  ];
}

/** Samples of a run that goes up and down and once stalls. */
export function wave(count: number): number[] {
  return Array.from({ length: count }, (_, at) =>
    at > 88 && at < 94 ? 700 : Math.round(14_000 + 4_500 * Math.sin(at / 9) + 1_800 * Math.sin(at / 2.3)),
  );
}
