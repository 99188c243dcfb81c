/**
 * Rows that a target refuses for what they hold: found by halving their batch, set aside in the file of rejected rows,
 * and left out of the batch, whose other rows are written in one transaction.
 * The order that loses nothing and lists nothing twice: the rows are on the disk in the file, then the batch is committed
 * with a checkpoint that counts them. What was killed in between is repeated, and takes the same places in the file.
 */
import type { Page, RefusedRow, Target, UnitSchema, Writer } from '../connectors/contract.ts';
import { readableCell, readableKey, rowOf, sliceOf, storedRow } from '../connectors/page-rows.ts';
import type { UnitError } from '../core/model.ts';
import { DataError, type UnitJob } from '../core/ports.ts';
import type { LanePosition } from './checkpoint.ts';
import { type Counts, type DeadLetter, openLetters, type Place, readLetters } from './dead-letters.ts';
import { refusal, requireAcknowledged, toUnitError } from './failure.ts';

/** The rejected rows of one execution. */
export interface Rejecting {
  /**
   * The writer, but that rows which the target refuses are set aside: they count as acknowledged.
   * @param lane of the unit, where several are written at the same time
   */
  writer(inner: Writer, lane: number): Writer;
  /** The position of a lane with what was rejected before it. */
  counted(position: LanePosition, lane: number): LanePosition;
  /** Over all executions of this copy. */
  rejected(): number;
  close(): Promise<void>;
}

export interface RejectingOf {
  readonly job: UnitJob;
  readonly schema: UnitSchema;
  readonly target: Target;
  /** Of the checkpoint that the execution goes on after; none when it begins with the first row. */
  readonly kept: Counts;
  /** Called when a row was rejected. */
  readonly alive: () => void;
}

/** Tells errors that a row has by what it holds, as the target says. */
export function rowErrorsOf(target: Pick<Target, 'isRowError'>): (error: unknown) => error is DataError {
  return (error): error is DataError => error instanceof DataError && target.isRowError?.(error) === true;
}

/** A unit without a key has none to tell its rows by: its first bad row fails it. */
export function rejectsRows({ settings }: Pick<UnitJob, 'settings'>, schema: UnitSchema): boolean {
  return settings.onRowError === 'deadLetter' && schema.key.length > 0;
}

/** @throws DataError `pipeline.deadLettersUnusable` */
export async function openRejecting({ job, schema, target, kept, alive }: RejectingOf): Promise<Rejecting> {
  const rejects = rejectsRows(job, schema);
  const file = job.deadLetters;
  if (rejects && file === undefined)
    throw refusal(
      'pipeline.deadLettersUnusable',
      { file: '', detail: 'no folder' },
      'there is no place for rejected rows',
    );
  await takeBack(job, kept);
  const letters = openLetters(file ?? '');
  const counts = [...kept];
  const total = () => counts.reduce<number>((sum, count = 0) => sum + count, 0);
  const isRow = rowErrorsOf(target);
  /** Highest numbers in the file: more than counted where a batch was given up and is repeated. */
  const listed = [...counts];
  /** Found in batches that are not committed yet, in all lanes. */
  let open = 0;
  let first: UnitError | null = null;

  const setAside = async (refused: readonly RefusedRow[], page: Page, lane: number): Promise<void> => {
    const before = counts[lane] ?? 0;
    const lines = refused.map(({ row, error }, at) => letterOf(schema, page, row, error, [lane, before + at + 1]));
    // Before they are in the file: what another lane takes back meanwhile are none of these.
    listed[lane] = Math.max(listed[lane] ?? 0, before + refused.length);
    await letters.append(job.unitName, lines);
  };
  /** What a batch that was repeated does not refuse any more. */
  const trim = async (lane: number): Promise<void> => {
    const count = counts[lane] ?? 0;
    if ((listed[lane] ?? 0) <= count) return;
    listed[lane] = count;
    await letters.append(job.unitName, [{ kept: listed }]);
  };

  /** The batch without its bad rows. */
  const writeGood = async (inner: Writer, page: Page, checkpoint: string | null, error: DataError, lane: number) => {
    const refused: RefusedRow[] = [];
    try {
      const found = (row: number, reason: DataError): void => {
        first ??= reason.error;
        refused.push({ row, error: reason });
        open += 1;
        alive();
        if (total() + open > job.settings.deadLetterLimit) throw new LimitReached(first);
      };
      await addGoodRows(inner, page, { unit: job.unitName, isRow, failed: error, refused: found });
      await setAside(refused, page, lane);
      const count = (counts[lane] ?? 0) + refused.length;
      await inner.write(sliceOf(page, 0, 0), checkpoint === null ? null : sealed(checkpoint, lane, count));
      counts[lane] = count;
      return page.rows;
    } catch (thrown) {
      if (!(thrown instanceof LimitReached)) throw thrown;
      // For people who look for the cause; the next execution takes them back.
      await setAside(refused, page, lane).catch(() => undefined);
      throw limitError(job, thrown.first);
    } finally {
      open -= refused.length;
    }
  };

  /** Where the target answers for each row: the others of the batch are written already. */
  const writeOthers = async (
    writeAll: NonNullable<Writer['writeGood']>,
    page: Page,
    checkpoint: string | null,
    lane: number,
  ): Promise<number> => {
    const refused = await writeAll(page, checkpoint);
    const [{ error } = { error: null }] = refused;
    if (error === null) return page.rows;
    first ??= error.error;
    alive();
    await setAside(refused, page, lane);
    // They are in the file for people who look for the cause; the next execution takes them back.
    if (total() + open + refused.length > job.settings.deadLetterLimit) throw limitError(job, first);
    counts[lane] = (counts[lane] ?? 0) + refused.length;
    return page.rows;
  };

  return {
    writer: (inner, lane) => ({
      ...inner,
      write: async (page, checkpoint) => {
        if (rejects && inner.writeGood !== undefined) {
          const written = await writeOthers(inner.writeGood, page, checkpoint, lane);
          await trim(lane);
          return written;
        }
        const written = await inner
          .write(page, checkpoint === null ? null : sealed(checkpoint, lane, counts[lane] ?? 0))
          .catch((error: unknown) => {
            if (!rejects || inner.add === undefined || !isRow(error)) throw error;
            return writeGood(inner, page, checkpoint, error, lane);
          });
        await trim(lane);
        return written;
      },
    }),
    counted: (position, lane) => (counts[lane] ? { ...position, rejected: counts[lane] } : position),
    rejected: total,
    close: () => letters.close(),
  };
}

/** A checkpoint of one lane says it of itself, one of several of each. */
function sealed(checkpoint: string, lane: number, rejected: number): string {
  if (rejected === 0) return checkpoint;
  const { lanes, ...rest } = JSON.parse(checkpoint) as { readonly lanes?: readonly object[] };
  if (lanes === undefined) return JSON.stringify({ ...rest, rejected });
  return JSON.stringify({ ...rest, lanes: lanes.map((each, at) => (at === lane ? { ...each, rejected } : each)) });
}

/** More rows are bad than may be. */
class LimitReached extends Error {
  override name = 'LimitReached';
  readonly first: UnitError;
  constructor(first: UnitError) {
    super('limit reached');
    this.first = first;
  }
}

function limitError({ unitName, settings, deadLetters: file = '' }: UnitJob, first: UnitError): DataError {
  const { code, args, message } = first;
  const own = { code: 'pipeline.deadLetterLimit', args: { unit: unitName, limit: settings.deadLetterLimit, file } };
  return new DataError({ ...own, cause: { code, args }, class: 'permanent', message });
}

interface Adding {
  readonly unit: string;
  isRow(error: unknown): error is DataError;
  /** Why the page as a whole was refused; null = it was not tried yet. */
  readonly failed: DataError | null;
  refused(row: number, error: DataError): void;
}

/**
 * Adds the rows of a page that the target takes; the others are told, each after it was tried alone. Nothing is
 * committed. A bad row costs about two statements for each halving of the page.
 */
export async function addGoodRows(writer: Writer, page: Page, adding: Adding): Promise<void> {
  const { unit, failed, refused } = adding;
  const add = async (first: number, last: number): Promise<void> => {
    try {
      const acknowledged = (await writer.add?.(sliceOf(page, first, last))) ?? 0;
      requireAcknowledged(unit, last - first, acknowledged);
    } catch (error) {
      if (!adding.isRow(error)) throw error;
      await halve(first, last, error);
    }
  };
  const halve = async (first: number, last: number, error: DataError): Promise<void> => {
    if (last - first === 1) {
      refused(first, error);
      return;
    }
    const middle = first + Math.ceil((last - first) / 2);
    await add(first, middle);
    await add(middle, last);
  };
  if (failed === null) await add(0, page.rows);
  else await halve(0, page.rows, failed);
}

/** The line of a rejected row. */
export function letterOf(schema: UnitSchema, page: Page, row: number, error: unknown, place: Place): DeadLetter {
  const { code, message } = toUnitError(error);
  const cells = rowOf(page, row).map(readableCell);
  // The position of a row without a key stands before its values.
  const before = cells.length - schema.columns.length;
  const names = [...(before > 0 ? ['#'] : []), ...schema.columns.map(({ name }) => name)];
  const readable = new Map(names.map((name, at) => [name, cells[at] ?? null]));
  const keyed = schema.keyIsPosition ? cells.slice(0, before) : schema.key.map((name) => readable.get(name) ?? null);
  const key = readableKey(keyed);
  return {
    place,
    key: key === '' ? null : key,
    error: { code, message },
    at: new Date().toISOString(),
    row: Object.fromEntries(readable),
    stored: storedRow(page, row),
    fingerprint: schema.fingerprint,
  };
}

/** What an earlier execution set aside and this one does not go on from. The first one finds nothing of its own. */
async function takeBack({ deadLetters: file, attempt, unitName }: UnitJob, kept: Counts): Promise<void> {
  if (file === undefined || attempt === 1) return;
  const there = await readLetters(file, unitName);
  await there.close();
  if (there.counts.every((count = 0, lane) => count <= (kept[lane] ?? 0))) return;
  const letters = openLetters(file);
  try {
    await letters.append(unitName, [{ kept }]);
  } finally {
    await letters.close();
  }
}
