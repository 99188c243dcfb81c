/**
 * Writes the rejected rows of a unit again, as they were read, and nothing else.
 * The order that loses nothing and writes nothing twice: the rows that the target has taken are named in the file as
 * `sent`, then committed, then named as `written`. Those that were sent and not heard of are written over.
 */
import type { Page, PageData, UnitSchema } from '../connectors/contract.ts';
import { pageOf, sliceOf } from '../connectors/page-rows.ts';
import type { UnitOutcome } from '../core/events.ts';
import type { DataError } from '../core/ports.ts';
import { batchBytesOf } from './batch-size.ts';
import { rejectedFigure } from './checkpoint.ts';
import {
  type DeadLetter,
  type LetterFile,
  type Letters,
  type Located,
  openLetters,
  type Place,
  readLetters,
} from './dead-letters.ts';
import { refusal } from './failure.ts';
import { addGoodRows, letterOf, rowErrorsOf } from './rejecting.ts';
import { seenBy } from './resume.ts';
import { type Run, throwIfStopped } from './run.ts';

type Format = PageData['format'];

/**
 * @throws DataError `pipeline.rejectedSchemaChanged`, `pipeline.replayNotPossible`, `pipeline.rejectedMissing`,
 * `pipeline.rejectedTooMany`, `pipeline.deadLettersUnusable`
 */
export async function replayRejected(run: Run): Promise<UnitOutcome> {
  const { job, source, target, ports, progress } = run;
  const { deadLetters: file = '', unitName, settings } = job;
  const { processed = 0, bytes = 0 } = job.replay ?? {};
  Object.assign(progress, { rows: processed, bytes });
  throwIfStopped(ports);
  const there = await readLetters(file, unitName);
  const letters = openLetters(file);
  try {
    refuseChanged(there, run);
    if (there.open.length > 0 && (target.takesMore !== true || target.isRowError === undefined))
      throw refusal('pipeline.replayNotPossible', { unit: unitName }, 'the target takes no rows after its end');
    const schema = seenBy(target, await source.describe(unitName, settings));
    let rejected = there.open.length;
    for (const batch of batchesOf(there.open, settings.batchRows))
      rejected -= await writeBatch(run, schema, there, letters, batch);
    return { kind: 'completed', processed, bytes, rejected, verified: settings.verify, note: null };
  } finally {
    await letters.close();
    await there.close();
  }
}

/**
 * Nobody but us changes the file: it lists every row that the copy set aside, and as open no more than the store knows of.
 * They are fewer when a replay was interrupted that has written some.
 */
function refuseChanged({ counts, missing, open }: Letters, { job }: Run): void {
  const { deadLetters: file = '', unitName: unit, replay } = job;
  const expected = replay?.rejected ?? 0;
  const all = Math.max(expected, rejectedFigure(job.checkpoint));
  const found = counts.reduce<number>((sum, count = 0) => sum + count, 0) - missing;
  if (missing > 0 || found < all)
    throw refusal('pipeline.rejectedMissing', { unit, rows: all, found, file }, 'rejected rows are missing');
  if (open.length > expected)
    throw refusal(
      'pipeline.rejectedTooMany',
      { unit, rows: expected, found: open.length, file },
      'more rows are listed as rejected than there are',
    );
}

/** Rows that were sent before come first, in batches of their own. */
function* batchesOf(open: readonly Located[], most: number): Generator<readonly Located[], undefined> {
  for (const sent of [true, false]) {
    const some = open.filter((each) => each.sent === sent);
    for (let from = 0; from < some.length; from += most) yield some.slice(from, from + most);
  }
}

/** @returns how many of the rows are in the target now */
async function writeBatch(
  run: Run,
  schema: UnitSchema,
  there: Letters,
  letters: LetterFile,
  batch: readonly Located[],
): Promise<number> {
  let written = 0;
  for await (const some of pagesOf(run, schema, there, batch)) {
    throwIfStopped(run.ports);
    run.progress.enter('waiting');
    await run.wait(run.ports.throttle.take(some.page.rows, some.page.bytes, run.ports.signal));
    run.progress.enter('writing');
    written += await writePage(run, schema, letters, some, batch[0]?.sent === true);
    run.progress.flush();
  }
  return written;
}

interface Some {
  readonly page: Page;
  readonly rows: readonly DeadLetter[];
}

/** Pages of one format each, of about as many bytes as a batch has. */
async function* pagesOf(run: Run, schema: UnitSchema, there: Letters, batch: readonly Located[]): AsyncGenerator<Some> {
  const { unitName, settings } = run.job;
  const most = batchBytesOf(settings, schema, run.target);
  let rows: DeadLetter[] = [];
  let bytes = 0;
  const cut = (): Some => {
    const some = { rows, page: pageOf(rows.map(({ stored }) => stored)) };
    rows = [];
    bytes = 0;
    return some;
  };
  for (const located of batch) {
    const letter = await there.read(located);
    if (letter.fingerprint !== schema.fingerprint)
      throw refusal(
        'pipeline.rejectedSchemaChanged',
        { unit: unitName },
        'the columns are others than those of the rows',
      );
    const other = rows[0] !== undefined && rows[0].stored.format !== letter.stored.format;
    if (other || bytes >= most) yield cut();
    // The place of the line that was read last may be an older one's.
    rows.push({ ...letter, place: located.place });
    bytes += located.length / 2;
  }
  if (rows.length > 0) yield cut();
}

async function writePage(
  { job, target }: Run,
  schema: UnitSchema,
  letters: LetterFile,
  { page, rows }: Some,
  sentBefore: boolean,
): Promise<number> {
  const format: Format = page.data.format;
  // Rows that may be there are ours: they are written over in every mode.
  const over = target.takesDocuments ? ('replace' as const) : ('upsert' as const);
  const settings = sentBefore && job.settings.write !== 'replace' ? { ...job.settings, write: over } : job.settings;
  // Others may have added rows since: an insert must meet theirs.
  const clean = job.prepared !== null && job.prepared !== 'rows' && settings.write !== 'insert';
  const writer = await target.write(schema, { settings, format, atomic: false, clean });
  try {
    const isRow = rowErrorsOf(target);
    const refused = new Map<number, DataError>();
    if (writer.writeGood !== undefined) {
      // It does not wait for a word of ours: whatever it takes is written.
      await letters.append(job.unitName, [{ sent: rows.map(({ place }) => place) }]);
      for (const { row, error } of await writer.writeGood(page, null)) refused.set(row, error);
      const written: Place[] = rows.flatMap(({ place }, row) => (refused.has(row) ? [] : [place]));
      const lines = againOf(schema, page, refused, rows);
      await letters.append(job.unitName, written.length === 0 ? lines : [...lines, { written }]);
      return written.length;
    }
    const found = (row: number, error: DataError): void => void refused.set(row, error);
    await addGoodRows(writer, page, { unit: job.unitName, isRow, failed: null, refused: found });
    const again = againOf(schema, page, refused, rows);
    const sent: Place[] = rows.flatMap(({ place }, row) => (refused.has(row) ? [] : [place]));
    await letters.append(job.unitName, sent.length === 0 ? again : [...again, { sent }]);
    await writer.write(sliceOf(page, 0, 0), null);
    if (sent.length > 0) await letters.append(job.unitName, [{ written: sent }]);
    return sent.length;
  } finally {
    await writer.close();
  }
}

/** The lines of rows that were refused again. */
function againOf(
  schema: UnitSchema,
  page: Page,
  refused: ReadonlyMap<number, DataError>,
  rows: readonly DeadLetter[],
): (DeadLetter & { readonly again: true })[] {
  return [...refused].map(([row, error]) => ({
    ...letterOf(schema, page, row, error, rows[row]?.place ?? [0, 0]),
    again: true as const,
  }));
}
