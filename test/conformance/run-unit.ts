/** Runs one unit in this process, as a worker would, and lets a test act at every report. */
import type { Source, Target } from '../../src/connectors/contract.ts';
import type { UnitOutcome } from '../../src/core/events.ts';
import type { Prepared, UnitError } from '../../src/core/model.ts';
import { DataError, type UnitJob, type UnitReport } from '../../src/core/ports.ts';
import type { ResolvedConnection, UnitSettings } from '../../src/core/settings.ts';
import { createBuffers } from '../../src/pipeline/buffers.ts';
import { copyUnit } from '../../src/pipeline/copy.ts';
import type { BigUnit } from '../../src/pipeline/lanes.ts';
import { createThrottle } from '../../src/pipeline/throttle.ts';

export const SETTINGS: UnitSettings = {
  targetName: '',
  where: null,
  columns: ['*'],
  key: null,
  batchRows: 1000,
  batchBytes: 512 * 1024,
  resume: 'row',
  write: 'upsert',
  verify: 'count',
  createTarget: 'missing',
  indexesAfter: false,
  checkpoint: 'store',
  lanes: 1,
  snapshot: false,
  limits: null,
  onRowError: 'fail',
  deadLetterLimit: 1_000,
  after: [],
  stallMs: 0,
  timeoutMs: 0,
};

export interface Sides {
  readonly source: Source;
  readonly target: Target;
  readonly from: ResolvedConnection;
  readonly to: ResolvedConnection;
}

export interface Ran {
  readonly outcome: UnitOutcome;
  readonly reports: readonly UnitReport[];
  /** What the host would have recorded. */
  readonly checkpoint: string | null;
  readonly prepared: Prepared | null;
  /** Rows that this execution itself handed to the target. */
  readonly written: number;
}

export interface RunOptions {
  readonly settings?: Partial<UnitSettings>;
  readonly checkpoint?: string | null;
  readonly prepared?: Prepared | null;
  /** What is big enough for several lanes. */
  readonly lanesFrom?: BigUnit;
  /** The rest of the job. */
  readonly job?: Partial<Pick<UnitJob, 'deadLetters' | 'replay' | 'attempt'>>;
  /** Called when a batch is committed, before anybody hears of it; a promise is waited for. */
  readonly afterBatch?: (written: number, stop: () => void, end: Ends) => unknown;
  /** Called for each report before the host answers it; `stop` asks for the end as a pause does. */
  readonly at?: (report: UnitReport, stop: () => void, end: Ends) => unknown;
}

/** Ends that are no pause. */
export interface Ends {
  /** The unit is ended from outside, with an error. */
  abort(): void;
  /** The host dies: nothing that is reported from now on is recorded. */
  kill(): void;
}

export const ABORTED: UnitError = { code: 'aborted', args: {}, class: 'retryable', message: '' };

export async function runUnit(sides: Sides, unit: string, options: RunOptions = {}): Promise<Ran> {
  const limits = { rowsPerSecond: 0, bytesPerSecond: 0 };
  const now = () => performance.now();
  const reports: UnitReport[] = [];
  const abort = new AbortController();
  let stopped = false;
  let answered: Promise<unknown> = Promise.resolve();
  let checkpoint = options.checkpoint ?? null;
  let prepared = options.prepared ?? null;
  const cut = new AbortController();
  let dead = false;
  const stop = () => {
    stopped = true;
    setImmediate(() => abort.abort());
  };
  const end: Ends = {
    abort: () => {
      const reason = new DataError(ABORTED);
      cut.abort(reason);
      abort.abort(reason);
    },
    kill: () => {
      dead = true;
      end.abort();
    },
  };
  let written = 0;
  const counting = (target: Target): Target => ({
    ...target,
    within: (scope) => counting(target.within(scope)),
    write: async (schema, writeOptions) => {
      const writer = await target.write(schema, writeOptions);
      const write: typeof writer.write = async (page, kept) => {
        const rows = await writer.write(page, kept);
        written += rows;
        await options.afterBatch?.(written, stop, end);
        return rows;
      };
      return { ...writer, write };
    },
  });
  await copyUnit(
    {
      taskId: 'task',
      unitId: unit,
      attempt: 1,
      unitName: unit,
      unitType: 'table',
      source: sides.from,
      target: sides.to,
      settings: { ...SETTINGS, targetName: unit, ...options.settings },
      limits,
      checkpoint,
      prepared,
      ...options.job,
    },
    sides.source,
    counting(sides.target),
    {
      report: (report) => {
        reports.push(report);
        if (report.type === 'checkpoint' && !dead) checkpoint = report.checkpoint;
        if (report.type === 'prepared' && !dead) ({ prepared, place: checkpoint } = report);
        const done = options.at?.(report, stop, end);
        if (report.type === 'checkpoint' || report.type === 'prepared') answered = Promise.resolve(done);
      },
      proceed: async () => {
        await answered;
      },
      stopped: () => stopped,
      signal: abort.signal,
      cut: cut.signal,
      throttle: createThrottle(limits, now),
      buffers: createBuffers(1 << 24),
      ...(options.lanesFrom === undefined ? {} : { lanesFrom: options.lanesFrom }),
      now,
    },
  );
  const last = reports.at(-1);
  if (last?.type !== 'finished') throw new Error('a unit must end with its outcome');
  return { outcome: last.outcome, reports, checkpoint, prepared, written };
}
