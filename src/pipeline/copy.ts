/** Copies one unit once: look, decide where to begin, prepare, copy the rows, verify. */
import type { Beginning, Cursor, Extent, PageData, Source, Target, UnitSchema } from '../connectors/contract.ts';
import type { UnitOutcome } from '../core/events.ts';
import type { Coded, Prepared } from '../core/model.ts';
import type { UnitJob } from '../core/ports.ts';
import { chooseBeginning, type Beginning as Start } from './beginning.ts';
import { type Checkpoint, committedFigures, copyIdentity, encodePreparedPlace, placeOf } from './checkpoint.ts';
import { copyLateRows } from './copy-rows.ts';
import { refusal, toUnitError } from './failure.ts';
import { isBig, lanesOf, newLanes } from './lanes.ts';
import { createProgress } from './progress.ts';
import { openRejecting } from './rejecting.ts';
import { replayRejected } from './replay.ts';
import { needsOpenBatch, resumeOf, seenBy } from './resume.ts';
import { allRecorded, type CopyPorts, isInterruption, type Run, recorded, report, throwIfStopped } from './run.ts';
import {
  type Copied,
  isConfirmed,
  requireComparable,
  requireUntouched,
  VerificationFailed,
  verifyCount,
  verifyValues,
} from './verify.ts';
import { createWait } from './waits.ts';

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
    unreported: false,
    record: null,
  };
  const outcome = await (job.replay ? replayRejected(run) : executeOver(run)).catch(
    async (error): Promise<UnitOutcome> => {
      // A completed unit has none, and a stopped one tells it itself.
      if (run.unreported && run.checkpoint !== null) report(run, run.checkpoint);
      await run.target.leave?.(job.settings).catch(() => undefined);
      const figures = { processed: progress.rows, bytes: progress.bytes };
      if (ports.cut.aborted) return { kind: 'failed', error: toUnitError(ports.cut.reason), ...figures };
      if (ports.stopped() && isInterruption(error)) return { kind: 'stopped', ...figures, checkpoint: run.checkpoint };
      const forget = error instanceof VerificationFailed;
      return { kind: 'failed', error: toUnitError(error), ...figures, ...(forget ? { forget } : {}) };
    },
  );
  progress.flush();
  ports.report({ type: 'finished', outcome });
}

/** With the source as it is asked for: live, or as it was in one moment. */
async function executeOver(run: Run): Promise<UnitOutcome> {
  const { job, ports, source } = run;
  if (!job.settings.snapshot) return execute(run);
  throwIfStopped(ports);
  if (source.snapshot === undefined)
    throw refusal('pipeline.snapshotNotAvailable', { unit: job.unitName }, 'this source has no snapshots');
  const frozen = await source.snapshot({ signal: ports.cut, wait: run.wait });
  run.source = frozen.within({ signal: ports.signal, wait: run.wait });
  run.verified = frozen;
  try {
    return await execute(run);
  } finally {
    await frozen.close();
  }
}

async function execute(run: Run): Promise<UnitOutcome> {
  const { job, source, target, ports, progress } = run;
  const { settings } = job;
  throwIfStopped(ports);
  const format = commonFormat(source, target);
  const looked = await lookAt(run, format);
  const schema = seenBy(target, looked.schema);
  const refused = schema.refusals[0];
  if (refused !== undefined) throw refusal(refused.code, refused.args, refused.code);
  if (settings.verify === 'checksum') requireComparable({ unit: job.unitName, source, target });

  const identity = copyIdentity(job, schema);
  const begin = await chooseBeginning(job, schema, identity, target);
  const { upTo, rows: total } = looked.extent ?? (await extentOf(run, schema, begin));
  progress.rows = begin.kind === 'continue' ? begin.checkpoint.rows : 0;
  progress.bytes = begin.kind === 'continue' ? begin.checkpoint.bytes : 0;
  if (begin.kind !== 'continue') run.checkpoint = null;
  const empty = schema.key.length > 0 && upTo === null;
  progress.total = total;
  throwIfStopped(ports);

  const prepared = await prepareTarget(run, schema, begin);
  const kept = begin.kind === 'continue' ? begin.checkpoint.lanes.map((lane) => lane.rejected) : [];
  // What was copied before an interruption may have been changed until then.
  if (begin.kind === 'continue')
    await requireUntouched(target, settings).catch((error) => distrust(run, schema, error));
  const rejecting = await openRejecting({ job, schema, target, kept, alive: progress.flush });
  let bound = upTo;
  let reread = false;
  try {
    if (!empty) {
      const byRow = resumeOf(schema, settings, target, prepared).resume === 'row';
      const resumed = begin.kind === 'continue' && needsOpenBatch(settings);
      const { lanes: atOnce } = lanesOf({ schema, settings, source, target, cores: ports.cores ?? 1 });
      const from =
        begin.kind === 'continue' ? begin.checkpoint : await beginAnew(run, { schema, identity, upTo, atOnce });
      const confirmed = isConfirmed(settings, schema, run.verified);
      const clean = prepared !== 'rows';
      const rows = { schema, format, begin: from, atOnce, byRow, resumed, clean, rejecting, confirmed };
      const { upTo: last, lanes } = await copyLateRows(run, rows);
      bound = last;
      reread = source.rereads === true && (begin.kind === 'continue' || lanes.some(({ late }) => late));
    }
  } finally {
    await rejecting.close();
  }
  const rejected = rejecting.rejected();
  progress.enter('verifying');
  const overOldRows = begin.kind === 'restart' && !begin.emptyFirst;
  const figures = { before: reread ? null : progress.total, read: progress.rows, rejected, reread };
  const copied = { job, schema, source: run.verified, target, upTo: bound, prepared, overOldRows, ...figures };
  const note = await verify(run, copied).catch((error) => distrust(run, schema, error));
  await allRecorded(run);
  await keepLastCheckpoint(run, rejected);
  await target.finish(schema, settings);
  return {
    kind: 'completed',
    processed: progress.rows,
    bytes: progress.bytes,
    rejected,
    verified: settings.verify,
    note,
  };
}

/** A unit that begins with its first row has no bound yet: the source may tell it at once. */
async function lookAt({ job, source }: Run, format: PageData['format']): Promise<Beginning> {
  const { unitName, settings } = job;
  const fresh = job.prepared === null && !settings.snapshot;
  if (fresh && source.begin !== undefined) return source.begin(unitName, settings, format);
  return { schema: await source.describe(unitName, settings), extent: null };
}

/** What there is to be copied; a unit that goes on keeps its bound. */
async function extentOf({ job, source }: Run, schema: UnitSchema, begin: Start): Promise<Extent> {
  const { where } = job.settings;
  if (begin.kind !== 'continue' && source.extent !== undefined) return source.extent(schema, where);
  const upTo = begin.kind === 'continue' ? begin.checkpoint.upTo : await source.upperBound(schema, where);
  const empty = schema.key.length > 0 && upTo === null;
  return { upTo, rows: empty ? 0 : await source.count(schema, where, upTo) };
}

interface Whole {
  readonly schema: UnitSchema;
  readonly identity: string;
  readonly upTo: Cursor | null;
  readonly atOnce: number;
}

/** Nothing is copied yet: a big unit is cut into as many ranges as are copied at a time. */
async function beginAnew({ job, source, ports, progress }: Run, whole: Whole): Promise<Checkpoint> {
  const { schema, identity, upTo, atOnce } = whole;
  const { where } = job.settings;
  const rows = progress.total ?? 0;
  const divided = upTo !== null && atOnce > 1 && isBig(schema, rows, ports.lanesFrom);
  const borders = divided ? await source.borders?.(schema, { where, upTo, rows, parts: atOnce }) : undefined;
  const { fingerprint } = schema;
  const about = { rows: 0, bytes: 0, fingerprint, identity, place: placeOf(job), upTo };
  return { ...about, lanes: newLanes(borders ?? [], upTo) };
}

async function verify({ job, progress }: Run, copied: Copied): Promise<Coded | null> {
  const note = await verifyCount(copied);
  if (job.settings.verify === 'checksum') await verifyValues(copied, progress.flush);
  else await requireUntouched(copied.target, job.settings);
  return note;
}

/**
 * A failed verification proves that what was copied is not to be trusted: no checkpoint, wherever it is kept, may lead
 * back into it. The next execution starts from the first row, in an empty target where that is allowed.
 */
async function distrust(run: Run, schema: UnitSchema, error: unknown): Promise<never> {
  const { job, target, ports } = run;
  if (error instanceof VerificationFailed) {
    await allRecorded(run);
    run.checkpoint = encodePreparedPlace(job, { distrusted: true });
    report(run, run.checkpoint);
    await run.wait(recorded(ports));
    await target.forgetCheckpoint(schema, job.settings);
  }
  throw error;
}

/**
 * The target forgets its checkpoint at the end. Whoever is killed between that and the record of the completion goes on
 * from the store's, instead of from the first row. How many rows were set aside is kept also where nobody goes on: the
 * file of these rows is compared with it.
 */
async function keepLastCheckpoint(run: Run, rejected: number): Promise<void> {
  const { job, ports } = run;
  const last = run.checkpoint ?? (rejected > 0 ? encodePreparedPlace(job, { distrusted: false, rejected }) : null);
  if (last === null || (last === run.checkpoint && job.settings.checkpoint !== 'target')) return;
  report(run, last);
  await run.wait(recorded(ports));
}

/** The first form of values that both sides know. */
export function commonFormat(source: Source, target: Target): PageData['format'] {
  const common = source.formats.find((format) => target.formats.includes(format));
  if (common !== undefined) return common;
  const args = { source: source.formats.join(', '), target: target.formats.join(', ') };
  throw refusal('pipeline.pairNotSupported', args, 'no common form of values');
}

/** Once for each fresh checkpoint, recorded before the first batch; a unit that begins again only needs it empty. */
async function prepareTarget(run: Run, schema: UnitSchema, begin: Start): Promise<Prepared> {
  const { job, target, ports } = run;
  if (begin.kind === 'continue') return begin.prepared;
  if (begin.kind === 'restart') {
    // Recorded first: an older checkpoint, wherever it is kept, must not outlive the rows it speaks of.
    reportPrepared(run, begin.prepared, { distrusted: begin.emptyFirst });
    await run.wait(recorded(ports));
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
  reportPrepared(run, prepared, { distrusted: false });
  // The first page may be read meanwhile: whoever writes waits for the record.
  run.record = recorded(ports);
  throwIfStopped(ports);
  return prepared;
}

/** An interrupted unit may be resumed with other settings: what was prepared here must not be believed of there. */
function reportPrepared(
  { job, ports, progress }: Run,
  prepared: Prepared,
  trust: { readonly distrusted: boolean },
): void {
  const place = encodePreparedPlace(job, trust);
  ports.report({ type: 'prepared', prepared, total: progress.total, place });
}
