/**
 * Copies one unit once: look, decide where to begin, prepare, read and write page by page, verify.
 * A page is a batch. The order that makes a copy durable: rows are committed in the target, then their checkpoint is
 * reported, then - before the next batch is committed - the host has recorded it. So a kill repeats at most one batch.
 */
import type { Cursor, Page, PageData, Scope, Source, Target, UnitSchema, Writer } from '../connectors/contract.ts';
import type { UnitOutcome } from '../core/events.ts';
import type { Coded, Prepared } from '../core/model.ts';
import type { UnitJob, UnitReport } from '../core/ports.ts';
import { type Beginning, chooseBeginning } from './beginning.ts';
import type { Buffers } from './buffers.ts';
import { committedFigures, copyIdentity, encodeCheckpoint, encodePreparedPlace, placeOf } from './checkpoint.ts';
import { refusal, toUnitError } from './failure.ts';
import { createProgress, type Progress } from './progress.ts';
import { type Pages, readAhead } from './read-ahead.ts';
import { resumeOf, seenBy } from './resume.ts';
import type { Throttle } from './throttle.ts';
import { type Copied, requireSums, VerificationFailed, verifyCount, verifySums } from './verify.ts';
import { createWait } from './waits.ts';

/** What an execution needs from the worker it runs in. */
export interface CopyPorts {
  report(report: UnitReport): void;
  /** Resolves when the host has recorded the last `prepared` or `checkpoint` report. */
  proceed(): Promise<void>;
  /** Whether the host asked for the end; looked at before every batch. */
  stopped(): boolean;
  /** Aborted some time after `stopped` became true, or with `cut`: ends waits and reads. */
  readonly signal: AbortSignal;
  /** Aborted with a DataError when the unit is not waited for any more: that error is its outcome. */
  readonly cut: AbortSignal;
  readonly throttle: Throttle;
  readonly buffers: Buffers;
  /** ms, monotonic. */
  now(): number;
}

/** A stop was asked for: no failure. */
class Stopped extends Error {
  override name = 'Stopped';
}

/** Never rejects: whatever happens is the outcome of exactly one `finished` report. */
export async function copyUnit(job: UnitJob, source: Source, target: Target, ports: CopyPorts): Promise<void> {
  const progress = createProgress(ports.report, ports.now);
  // Until it is known where to begin: whoever stops now stands where the last execution ended.
  Object.assign(progress, committedFigures(job.checkpoint));
  const wait = createWait(progress.flush, job.settings.stallMs);
  const run: Run = {
    job,
    // Reading ends with a pause; what changes the target, and its verification, ends in order.
    source: source.within({ signal: ports.signal, wait }),
    verified: source.within({ signal: ports.cut, wait }),
    target: target.within({ signal: ports.cut, wait }),
    ports,
    progress,
    wait,
    checkpoint: job.checkpoint,
  };
  const outcome = await execute(run).catch((error): UnitOutcome => {
    const figures = { processed: progress.rows, bytes: progress.bytes };
    if (ports.cut.aborted) return { kind: 'failed', error: toUnitError(ports.cut.reason), ...figures };
    if (ports.stopped() && isInterruption(error)) return { kind: 'stopped', ...figures, checkpoint: run.checkpoint };
    const forget = error instanceof VerificationFailed;
    return { kind: 'failed', error: toUnitError(error), ...figures, ...(forget ? { forget } : {}) };
  });
  progress.flush();
  ports.report({ type: 'finished', outcome });
}

interface Run {
  readonly job: UnitJob;
  readonly source: Source;
  /** The source for the verification. */
  readonly verified: Source;
  readonly target: Target;
  readonly ports: CopyPorts;
  readonly progress: Progress;
  readonly wait: Scope['wait'];
  /** What the unit goes on from when it ends now. */
  checkpoint: string | null;
}

function isInterruption(error: unknown): boolean {
  if (error instanceof Stopped) return true;
  const { name, code, error: coded } = error as { name?: unknown; code?: unknown; error?: { code?: unknown } };
  return name === 'AbortError' || code === 'ABORT_ERR' || String(coded?.code).endsWith('.stopped');
}

function throwIfStopped(ports: CopyPorts): void {
  if (ports.stopped()) throw new Stopped();
}

async function execute(run: Run): Promise<UnitOutcome> {
  const { job, source, target, ports, progress } = run;
  const { settings } = job;
  throwIfStopped(ports);
  const format = commonFormat(source, target);
  const schema = seenBy(target, await source.describe(job.unitName, settings));
  const refused = schema.refusals[0];
  if (refused !== undefined) throw refusal(refused.code, refused.args, refused.code);
  if (settings.verify === 'checksum') requireSums({ unit: job.unitName, settings, schema, source, target });

  const identity = copyIdentity(job, schema);
  const begin = await chooseBeginning(job, schema, identity, target);
  const upTo = begin.kind === 'continue' ? begin.checkpoint.upTo : await source.upperBound(schema, settings.where);
  progress.rows = begin.kind === 'continue' ? begin.checkpoint.rows : 0;
  progress.bytes = begin.kind === 'continue' ? begin.checkpoint.bytes : 0;
  if (begin.kind !== 'continue') run.checkpoint = null;
  const empty = schema.key.length > 0 && upTo === null;
  progress.total = empty ? 0 : await source.count(schema, settings.where, upTo);
  throwIfStopped(ports);

  const prepared = await prepareTarget(run, schema, begin);
  if (!empty) await copyRows(run, { schema, begin, format, identity, place: placeOf(job), upTo });
  progress.enter('verifying');
  const overOldRows = begin.kind === 'restart' && !begin.emptyFirst;
  const copied = { job, schema, source: run.verified, target, upTo, prepared, overOldRows, read: progress.rows };
  const note = await verify(run, copied).catch((error) => distrust(run, schema, error));
  await keepLastCheckpoint(run);
  await target.finish(schema, settings);
  return {
    kind: 'completed',
    processed: progress.rows,
    bytes: progress.bytes,
    rejected: 0,
    verified: settings.verify,
    note,
  };
}

async function verify({ job, progress }: Run, copied: Copied): Promise<Coded | null> {
  const note = await verifyCount(copied);
  if (job.settings.verify === 'checksum') await verifySums(copied, progress.flush);
  return note;
}

/**
 * A failed verification proves that what was copied is not to be trusted: no checkpoint, wherever it is kept, may lead
 * back into it. The next execution starts from the first row, in an empty target where that is allowed.
 */
async function distrust(run: Run, schema: UnitSchema, error: unknown): Promise<never> {
  const { job, target, ports } = run;
  if (error instanceof VerificationFailed) {
    run.checkpoint = encodePreparedPlace(job, { distrusted: true });
    report(run, run.checkpoint);
    await run.wait(recorded(ports));
    await target.forgetCheckpoint(schema, job.settings);
  }
  throw error;
}

/**
 * The target forgets its checkpoint at the end. Whoever is killed between that and the record of the completion goes on
 * from the store's, instead of from the first row.
 */
async function keepLastCheckpoint(run: Run): Promise<void> {
  const { job, ports } = run;
  if (job.settings.checkpoint !== 'target' || run.checkpoint === null) return;
  report(run, run.checkpoint);
  await run.wait(recorded(ports));
}

/** Has the host keep a checkpoint with the figures of now. */
function report({ ports, progress }: Run, checkpoint: string): void {
  const { rows: processed, bytes } = progress;
  ports.report({ type: 'checkpoint', checkpoint, processed, bytes, phase: progress.reported() });
}

/** The first form of values that both sides know. */
export function commonFormat(source: Source, target: Target): PageData['format'] {
  const common = source.formats.find((format) => target.formats.includes(format));
  if (common !== undefined) return common;
  const args = { source: source.formats.join(', '), target: target.formats.join(', ') };
  throw refusal('pipeline.pairNotSupported', args, 'no common form of values');
}

/** Once for each fresh checkpoint, recorded before the first batch; a unit that begins again only needs it empty. */
async function prepareTarget(run: Run, schema: UnitSchema, begin: Beginning): Promise<Prepared> {
  const { job, target, ports, progress } = run;
  if (begin.kind === 'continue') return begin.prepared;
  if (begin.kind === 'restart') {
    // Recorded first: an older checkpoint, wherever it is kept, must not outlive the rows it speaks of.
    ports.report({ type: 'prepared', prepared: begin.prepared, total: progress.total });
    await run.wait(recorded(ports));
    await keepPreparedPlace(run, { distrusted: begin.emptyFirst });
    await target.forgetCheckpoint(schema, job.settings);
    throwIfStopped(ports);
    if (begin.emptyFirst) await target.empty(schema, job.settings);
    return begin.prepared;
  }
  let prepared = await target.prepare(schema, job.settings);
  if (prepared === 'rows' && schema.key.length === 0) {
    await target.empty(schema, job.settings);
    prepared = 'emptied';
  }
  ports.report({ type: 'prepared', prepared, total: progress.total });
  await run.wait(recorded(ports));
  await keepPreparedPlace(run, { distrusted: false });
  throwIfStopped(ports);
  return prepared;
}

/** An interrupted unit may be resumed with other settings: what was prepared here must not be believed of there. */
async function keepPreparedPlace(run: Run, trust: { readonly distrusted: boolean }): Promise<void> {
  const { job, ports } = run;
  const checkpoint = encodePreparedPlace(job, trust);
  ports.report({ type: 'checkpoint', checkpoint, processed: 0, bytes: 0, phase: 'preparing' });
  await run.wait(recorded(ports));
}

/** Waits for the host's record of the last report; a stop ends the wait, too. */
async function recorded(ports: CopyPorts): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const abort = () => resolve();
  if (ports.signal.aborted) resolve();
  ports.signal.addEventListener('abort', abort);
  await Promise.race([ports.proceed(), aborted]);
  ports.signal.removeEventListener('abort', abort);
}

interface Plan {
  readonly schema: UnitSchema;
  readonly begin: Beginning;
  readonly format: PageData['format'];
  readonly identity: string;
  readonly place: string;
  readonly upTo: Cursor | null;
}

/** Reads and writes until the end; the next page is read while the last one is written. */
async function copyRows(run: Run, plan: Plan): Promise<void> {
  const { job, source, target, ports } = run;
  const { schema, begin } = plan;
  const { settings } = job;
  const reader = await source.read(schema, {
    where: settings.where,
    after: begin.kind === 'continue' ? begin.checkpoint.cursor : null,
    upTo: plan.upTo,
    ...pageSize(run),
    format: plan.format,
  });
  const pages = readAhead(reader, ports.buffers);
  let writer: Writer | null = null;
  try {
    const copy = { identity: plan.identity, rows: begin.kind === 'continue' ? begin.checkpoint.rows : 0 };
    writer = await target.write(schema, { settings, format: plan.format, atomic: schema.key.length === 0, copy });
    await writePages(run, plan, pages, writer);
    throwIfStopped(ports);
    await writer.commit();
  } finally {
    await pages.close();
    await writer?.close();
  }
}

/** A batch must not be more than the limits let through in a second. */
function pageSize(run: Run): { readonly pageRows: number; readonly pageBytes: number } {
  const { batchRows, batchBytes } = run.job.settings;
  const { rowsPerSecond, bytesPerSecond } = run.ports.throttle.limits();
  const cap = (size: number, rate: number) => (rate > 0 ? Math.max(1, Math.min(size, Math.ceil(rate))) : size);
  return { pageRows: cap(batchRows, rowsPerSecond), pageBytes: cap(batchBytes, bytesPerSecond) };
}

async function writePages(run: Run, plan: Plan, pages: Pages, writer: Writer): Promise<void> {
  const { job, ports, progress } = run;
  const granularity = resumeOf(plan.schema, job.settings).resume;
  const inTarget = job.settings.checkpoint === 'target';
  let record: Promise<void> | null = null;
  let cursor = plan.begin.kind === 'continue' ? plan.begin.checkpoint.cursor : null;
  for (;;) {
    throwIfStopped(ports);
    progress.enter('reading');
    const page = await pages.next();
    if (page === null) break;
    throwIfStuck(job, page, cursor);
    cursor = page.last;
    pages.ahead();
    progress.enter('waiting');
    await run.wait(ports.throttle.take(page.rows, page.bytes, ports.signal));
    if (record !== null) await run.wait(record);
    throwIfStopped(ports);
    const rows = progress.rows + page.rows;
    const bytes = progress.bytes + page.bytes;
    const checkpoint = granularity === 'row' ? checkpointAfter(page, plan, rows, bytes) : null;
    progress.enter('writing');
    const acknowledged = await writer.write(page, inTarget ? checkpoint : null);
    pages.written(page);
    if (acknowledged !== page.rows)
      throw refusal(
        'pipeline.notAcknowledged',
        { unit: job.unitName, rows: page.rows, acknowledged },
        'the target did not acknowledge every row',
      );
    progress.rows = rows;
    progress.bytes = bytes;
    record = null;
    if (checkpoint !== null) run.checkpoint = checkpoint;
    if (checkpoint !== null && !inTarget) {
      report(run, checkpoint);
      record = recorded(ports);
    }
  }
  if (record !== null) await run.wait(record);
}

/** A key that does not compare as it was read would be copied for ever. */
function throwIfStuck(job: UnitJob, page: Page, cursor: Cursor | null): void {
  if (page.last === null || page.last !== cursor) return;
  throw refusal('pipeline.keyStuck', { unit: job.unitName }, 'a page ended where the one before it ended');
}

function checkpointAfter(page: Page, plan: Plan, rows: number, bytes: number): string | null {
  if (page.last === null) return null;
  const { identity, upTo } = plan;
  return encodeCheckpoint({
    v: 1,
    cursor: page.last,
    rows,
    bytes,
    fingerprint: plan.schema.fingerprint,
    identity,
    place: plan.place,
    upTo,
  });
}
