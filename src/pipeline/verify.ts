import type { Cursor, Source, Target, UnitSchema } from '../connectors/contract.ts';
import type { Coded, Prepared } from '../core/model.ts';
import { DataError, type UnitJob } from '../core/ports.ts';

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
  /** Rows read, and acknowledged by the target, over all attempts that count. */
  readonly read: number;
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
  if (job.settings.verify === 'none') return null;
  const nothing = schema.key.length > 0 && upTo === null;
  const targetRows = nothing ? 0 : await target.count(schema, job.settings, upTo);
  const sourceRows = nothing ? 0 : await source.count(schema, job.settings.where, upTo);
  const changed = sourceRows !== read;
  const note: Coded = { code: 'pipeline.sourceChanged', args: { unit: job.unitName, read, source: sourceRows } };
  const tooFew = targetRows < read;
  // A restarted unit may have written rows that are gone from the source meanwhile.
  const tooMany = copied.prepared !== 'rows' && targetRows > read && !copied.overOldRows && !changed;
  if (tooFew || tooMany)
    throw new VerificationFailed({
      code: 'pipeline.verifyFailed',
      args: { unit: job.unitName, read, target: targetRows },
      class: 'permanent',
      message: `${read} rows were read, ${targetRows} are in the target`,
    });
  const leftOver = copied.prepared !== 'rows' && targetRows > read;
  return changed || leftOver ? note : null;
}
