/**
 * Reads and writes the rows of a unit, in one range or in several at a time (lanes). A page is a batch. The order that
 * makes a copy durable: rows are committed in the target, then their checkpoint is reported, then - before the next batch
 * of that lane is committed - the host has recorded it. So a kill repeats at most one batch of each lane that runs.
 */
import type { Cursor, Page, PageData, Source, UnitSchema, Writer } from '../connectors/contract.ts';
import type { UnitJob } from '../core/ports.ts';
import { batchBytesOf } from './batch-size.ts';
import { type Checkpoint, encodeCheckpoint, type LanePosition, sumOf, withLateLane } from './checkpoint.ts';
import { refusal, requireAcknowledged } from './failure.ts';
import { laneStart } from './lanes.ts';
import { type Pages, readAhead } from './read-ahead.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { Rejecting } from './rejecting.ts';
import { repeated } from './repeat.ts';
import { allRecorded, isInterruption, type Run, recorded, report, Stopped, throwIfStopped } from './run.ts';
import { createThrottle, type Throttle } from './throttle.ts';

/**
 * Lanes beyond the first of each unit in one worker, so that many big units at a time do not cost many times their memory:
 * where units take them by themselves, and where somebody asked for more.
 */
const MOST_MORE_BY_ITSELF = 4;
const MOST_MORE_ASKED_FOR = 15;

export interface Rows {
  readonly schema: UnitSchema;
  readonly format: PageData['format'];
  /** Where each lane begins: the checkpoint that is gone on from, or nothing of new lanes. */
  readonly begin: Checkpoint;
  /** Most lanes at a time. */
  readonly atOnce: number;
  /** A checkpoint is kept after each batch. */
  readonly byRow: boolean;
  /** Batches may be there whose commit was never heard of. */
  readonly resumed: boolean;
  /** The target held nothing before this copy. */
  readonly clean: boolean;
  /** The verification will look whether the source's unit is what it was. */
  readonly confirmed: boolean;
  readonly rejecting: Rejecting;
}

/** What the lanes of one execution share. */
interface Copying {
  readonly run: Run;
  readonly rows: Rows;
  /** Where each of them stands now. */
  readonly lanes: LanePosition[];
  readonly source: Source;
  readonly recorder: Recorder;
  /** The task's, and the unit's own. */
  readonly throttles: readonly Throttle[];
  /** Aborted when the unit is to end, or when another lane failed. */
  readonly signal: AbortSignal;
}

/**
 * Copies every lane to its end. The first failure is the unit's; the other lanes end at their next batch border. All
 * readers and writers are closed when this settles.
 * @returns where each of them ended
 */
export async function copyRows(run: Run, rows: Rows): Promise<readonly LanePosition[]> {
  const { job, ports } = run;
  const { limits } = job.settings;
  const ending = new AbortController();
  const signal = AbortSignal.any([ports.signal, ending.signal]);
  const lanes = [...rows.begin.lanes];
  const copying: Copying = {
    ...{ run, rows, lanes, signal },
    source: run.source.within({ signal, wait: run.wait }),
    recorder: createRecorder(
      () => report(run, run.checkpoint ?? ''),
      () => recorded(ports),
    ),
    throttles: [ports.throttle, ...(limits === null ? [] : [createThrottle(limits, ports.now)])],
  };
  const waiting = lanes.flatMap((lane, at) => (lane.done ? [] : [at]));
  const failures: unknown[] = [];
  const working: Promise<void>[] = [];
  let busy = 0;
  const work = async (): Promise<void> => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
      await copyLane(copying, lane);
      beginMore();
    }
  };
  const beginMore = (): void => {
    while (waiting.length > 0 && busy < rows.atOnce && !signal.aborted) {
      const place = busy === 0 ? () => undefined : placeOf(run);
      if (place === null) return;
      busy += 1;
      const end = (): void => {
        busy -= 1;
        place();
      };
      const failed = (error: unknown): void => {
        failures.push(error);
        ending.abort();
      };
      working.push(work().catch(failed).finally(end));
    }
  };
  if (signal.aborted) throw new Stopped();
  beginMore();
  // More of them may come while it is waited for the first.
  for (let at = 0; at < working.length; at += 1) await working[at];
  // What ended because another lane did says nothing.
  if (failures.length > 0) throw failures.find((error) => !isInterruption(error)) ?? failures[0];
  return lanes;
}

/**
 * Copies every lane, then what has moved behind the bound before it was read (`Source.late`), until nothing has.
 * @returns what was copied in the end
 */
export async function copyLateRows(run: Run, rows: Rows): Promise<Checkpoint> {
  const { source, progress } = run;
  let { begin } = rows;
  for (;;) {
    const lanes = await copyRows(run, { ...rows, begin });
    throwIfStopped(run.ports);
    const late = begin.upTo === null ? null : ((await source.late?.(rows.schema, begin.upTo)) ?? null);
    if (late === null) return { ...begin, lanes };
    begin = withLateLane(begin, lanes, late);
    progress.total = Math.max(progress.rows, await source.count(rows.schema, run.job.settings.where, late.upTo));
  }
}

function placeOf({ job, ports }: Run): (() => void) | null {
  return ports.buffers.lane(job.settings.lanes === 'auto' ? MOST_MORE_BY_ITSELF : MOST_MORE_ASKED_FOR);
}

function throwIfEnded({ run, signal }: Copying): void {
  throwIfStopped(run.ports);
  if (signal.aborted) throw new Stopped();
}

/** The next page is read while the last one is written. */
async function copyLane(copying: Copying, lane: number): Promise<void> {
  const { run, rows, lanes, source } = copying;
  const { schema, format, resumed, clean } = rows;
  const { settings } = run.job;
  throwIfEnded(copying);
  const reader = await source.read(schema, {
    where: settings.where,
    after: laneStart(lanes, lane),
    upTo: lanes[lane]?.end ?? null,
    ...pageSize(copying),
    format,
    // Of several lanes each looks for itself: nobody waits for the last one's end to hear of it.
    confirmed: rows.confirmed && lanes.length === 1,
  });
  const pages = readAhead(reader, run.ports.buffers);
  let writer: Writer | null = null;
  try {
    const copy = { identity: rows.begin.identity, rows: rows.begin.rows };
    const atomic = schema.key.length === 0;
    // Rows that were read before are there, and are this copy's own.
    const again = lanes[lane]?.late === true && clean && settings.write !== 'replace';
    const written = again ? { ...settings, write: 'upsert' as const } : settings;
    // What has changed while it was read is read once more when all lanes are done.
    const lastCounts = source.late !== undefined;
    const about = { atomic, resumed, clean, lastCounts, lane, copy };
    const options = { settings: written, format, stop: copying.signal, ...about };
    writer = rows.rejecting.writer(await run.target.write(schema, options), lane);
    await writePages(copying, lane, pages, writer);
    throwIfEnded(copying);
    await writer.commit();
  } finally {
    await pages.close();
    await writer?.close();
  }
  if (lanes.length > 1) await endLane(copying, lane);
}

/** Its range need not be looked at again. */
async function endLane({ run, rows, lanes, recorder }: Copying, lane: number): Promise<void> {
  lanes[lane] = { ...(lanes[lane] as LanePosition), done: true };
  if (!rows.byRow) return;
  run.checkpoint = positionOf(rows, lanes);
  if (run.job.settings.checkpoint === 'store') await run.wait(recorder.record());
}

/** A batch must not be more than the limits let through in a second. */
function pageSize({ run, rows, throttles }: Copying): { readonly pageRows: number; readonly pageBytes: number } {
  const { settings } = run.job;
  const size = { pageRows: settings.batchRows, pageBytes: batchBytesOf(settings, rows.schema, run.target) };
  const cap = (size: number, rate: number) => (rate > 0 ? Math.max(1, Math.min(size, Math.ceil(rate))) : size);
  for (const throttle of throttles) {
    const { rowsPerSecond, bytesPerSecond } = throttle.limits();
    size.pageRows = cap(size.pageRows, rowsPerSecond);
    size.pageBytes = cap(size.pageBytes, bytesPerSecond);
  }
  return size;
}

async function writePages(copying: Copying, lane: number, pages: Pages, writer: Writer): Promise<void> {
  const { run, rows, lanes, recorder } = copying;
  const { job, progress } = run;
  const inTarget = job.settings.checkpoint === 'target';
  let record: Promise<void> | null = null;
  let cursor = laneStart(lanes, lane);
  for (;;) {
    throwIfEnded(copying);
    progress.enter('reading');
    const page = await pages.next();
    if (page === null) break;
    throwIfStuck(job, page, cursor);
    cursor = page.last;
    pages.ahead();
    progress.enter('waiting');
    for (const throttle of copying.throttles) await run.wait(throttle.take(page.rows, page.bytes, copying.signal));
    await (record === null ? allRecorded(run) : run.wait(record));
    throwIfEnded(copying);
    const after = rows.byRow ? positionAfter(page, lanes[lane] as LanePosition) : null;
    const kept = after === null || !inTarget ? null : positionOf(rows, lanes.with(lane, after), lane);
    progress.enter('writing');
    await writeBatch(copying, writer, page, kept);
    pages.written(page);
    progress.rows += page.rows;
    progress.bytes += page.bytes;
    record = null;
    if (after === null) continue;
    lanes[lane] = rows.rejecting.counted(after, lane);
    run.checkpoint = positionOf(rows, lanes);
    if (inTarget) continue;
    // A unit of one batch is recorded once, with its outcome: whoever is killed meanwhile repeats that batch, as before it.
    const only = lanes.length === 1 && page.rows === progress.rows && pages.ended();
    if (only && rows.rejecting.rejected() === 0) run.unreported = true;
    else record = recorder.record();
  }
  // The verification may go on meanwhile: a kill repeats this one batch at most.
  if (lanes.length === 1) run.record = record ?? run.record;
  else await (record === null ? allRecorded(run) : run.wait(record));
}

async function writeBatch(copying: Copying, writer: Writer, page: Page, checkpoint: string | null): Promise<void> {
  const { run, signal } = copying;
  const mayRepeat = (error: unknown) => writer.mayRepeat?.(error) === true;
  const again = { mayRepeat, signal, throwIfEnded: () => throwIfEnded(copying), now: run.ports.now };
  const acknowledged = await repeated(() => writer.write(page, checkpoint), again);
  requireAcknowledged(run.job.unitName, page.rows, acknowledged);
}

/** A key that does not compare as it was read would be copied for ever. */
function throwIfStuck(job: UnitJob, page: Page, cursor: Cursor | null): void {
  if (page.last === null || page.last !== cursor) return;
  throw refusal('pipeline.keyStuck', { unit: job.unitName }, 'a page ended where the one before it ended');
}

function positionAfter(page: Page, before: LanePosition): LanePosition | null {
  if (page.last === null) return null;
  return { ...before, cursor: page.last, rows: before.rows + page.rows, bytes: before.bytes + page.bytes };
}

/** @param only the lane that keeps it for itself */
function positionOf({ begin }: Rows, lanes: readonly LanePosition[], only?: number): string {
  return encodeCheckpoint({ ...begin, ...sumOf(lanes), lanes }, only);
}
