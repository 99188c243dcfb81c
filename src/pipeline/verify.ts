import type { Cursor, Source, Target, UnitSchema } from '../connectors/contract.ts';
import type { Coded, Prepared } from '../core/model.ts';
import { DataError, type UnitJob } from '../core/ports.ts';
import type { UnitSettings } from '../core/settings.ts';
import { compareSums } from './checksum.ts';
import { compareRows } from './compare-rows.ts';
import { refusal } from './failure.ts';

export interface Copied {
  readonly job: UnitJob;
  readonly schema: UnitSchema;
  readonly source: Source;
  readonly target: Target;
  /** Upper bound taken at the start. */
  readonly upTo: Cursor | null;
  readonly prepared: Prepared;
  /** Over what an earlier execution had written: from the first row, and the target was not emptied for it. */
  readonly overOldRows: boolean;
  /** Rows up to the bound when this execution began; null = nobody counted. */
  readonly before: number | null;
  /** Rows read, and acknowledged by the target, over all attempts that count. */
  readonly read: number;
  /** Rows among them that the target refused. */
  readonly rejected: number;
  /** Some of them may have been read twice, at the places that they had at different times. Absent: none were. */
  readonly reread?: boolean;
}

/** The target does not hold what was read: proof, where an error on the way to it would be none. */
export class VerificationFailed extends DataError {
  override name = 'DataError';
}

/**
 * Compares the rows of both sides up to the bound. The target must hold what was read; exactly that when it was empty
 * before. A difference that the source itself caused is a note.
 * @returns the note of a completed unit, or null
 * @throws VerificationFailed `pipeline.verifyFailed`
 */
export async function verifyCount(copied: Copied): Promise<Coded | null> {
  const { job, schema, source, target, upTo, read } = copied;
  const taken = read - copied.rejected;
  if (job.settings.verify === 'none') return null;
  const nothing = schema.key.length > 0 && upTo === null;
  const countSource = isConfirmed(job.settings, schema, source) ? source.confirm : source.count;
  const [targetRows, sourceRows] = nothing
    ? [0, 0]
    : await Promise.all([target.count(schema, job.settings, upTo), countSource(schema, job.settings.where, upTo)]);
  const changed = sourceRows !== read;
  const note: Coded = { code: 'pipeline.sourceChanged', args: { unit: job.unitName, read, source: sourceRows } };
  const { snapshot } = job.settings;
  if (snapshot && changed)
    throw new VerificationFailed({
      code: 'pipeline.snapshotCount',
      args: { unit: job.unitName, read, source: sourceRows },
      class: 'permanent',
      message: `${read} rows were read, the snapshot holds ${sourceRows}`,
    });
  const expected = copied.reread === true ? Math.min(read, sourceRows) - copied.rejected : taken;
  const tooFew = targetRows < expected;
  // A restarted unit may have written rows that are gone from the source meanwhile.
  const tooMany = copied.prepared !== 'rows' && targetRows > taken && (snapshot || (!copied.overOldRows && !changed));
  if (tooFew || tooMany)
    throw new VerificationFailed({
      code: 'pipeline.verifyFailed',
      args: { unit: job.unitName, read: taken, target: targetRows },
      class: 'permanent',
      message: `${taken} rows were read and taken, ${targetRows} are in the target`,
    });
  const leftOver = copied.prepared !== 'rows' && targetRows > taken;
  if (changed || leftOver) return note;
  if (copied.before === null || copied.before === read) return null;
  // As many came as went since, perhaps: which ones, nobody knows.
  return { code: 'pipeline.sourceMoved', args: { unit: job.unitName, before: copied.before, read } };
}

/** @throws VerificationFailed where something came to the target that may have changed rows on their way */
export async function requireUntouched(target: Target, settings: UnitSettings): Promise<void> {
  const touched = (await target.touchedBy?.(settings)) ?? null;
  if (touched === null) return;
  const { code, args } = touched;
  throw new VerificationFailed({ code, args, class: 'permanent', message: 'rows may have been changed on their way' });
}

/** Whether the count of the source also tells that its unit is what it was when the copy began. */
export function isConfirmed<S extends Pick<Source, 'confirm'>>(
  { verify }: UnitSettings,
  { key }: UnitSchema,
  source: S,
): source is S & Required<Pick<Source, 'confirm'>> {
  // Without a key the rows are committed at the end of the reader.
  return verify !== 'none' && key.length > 0 && source.confirm !== undefined;
}

/**
 * Compares the values of both sides up to the bound, and names the first row that is not the same.
 * @param alive called while it goes on
 * @throws VerificationFailed `pipeline.checksum*`
 */
export async function verifyValues(copied: Copied, alive: () => void): Promise<void> {
  const { job, schema, upTo } = copied;
  if (schema.key.length > 0 && upTo === null) return;
  // Rows that were there before, or that an earlier execution wrote and the source has lost since.
  const othersAllowed = copied.prepared === 'rows' || copied.overOldRows;
  const sides = { ...copied, unit: job.unitName, settings: job.settings };
  const difference = await firstDifference(sides, { upTo, othersAllowed, compared: alive });
  if (difference === null) return;
  const { code, args } = difference;
  throw new VerificationFailed({ code, args, class: 'permanent', message: 'the rows differ' });
}

/** Two sides of a unit whose values are compared. */
export interface Sides {
  readonly unit: string;
  readonly settings: UnitSettings;
  readonly schema: UnitSchema;
  readonly source: Source;
  readonly target: Target;
}

/** Which rows are compared. */
export interface Comparison {
  /** Rows of the source after it are not; null = all are. */
  readonly upTo: Cursor | null;
  /** The target may hold rows that the source does not have. */
  readonly othersAllowed: boolean;
  compared?(): void;
}

/** By sums where both sides have them, else by reading both. @throws DataError `pipeline.checksumNotAvailable` */
export async function firstDifference(sides: Sides, comparison: Comparison): Promise<Coded | null> {
  requireComparable(sides);
  const { unit, settings, schema, source, target } = sides;
  const { where } = settings;
  const ours = target.sums && source.sums?.(schema, where);
  const theirs = ours && target.sums?.(schema, settings);
  const keyed = schema.key.length > 0;
  if (ours && theirs) return compareSums({ unit, source: ours, target: theirs, keyed, ...comparison });
  const stored = await target.stored?.(schema, settings);
  return stored ? compareRows({ unit, source, schema, where, stored, ...comparison }) : null;
}

/** Whether the values of this pair can be compared. */
export function isComparable(source: Pick<Source, 'sums'>, target: Pick<Target, 'sums' | 'stored'>): boolean {
  return target.stored !== undefined || (source.sums !== undefined && target.sums !== undefined);
}

/** @throws DataError `pipeline.checksumNotAvailable` */
export function requireComparable({ unit, source, target }: Pick<Sides, 'unit' | 'source' | 'target'>): void {
  if (isComparable(source, target)) return;
  throw refusal('pipeline.checksumNotAvailable', { unit }, 'verification by checksum');
}
