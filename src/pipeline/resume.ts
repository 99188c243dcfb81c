import type { Target, UnitSchema } from '../connectors/contract.ts';
import type { Coded, Prepared, Resume } from '../core/model.ts';
import type { UnitSettings } from '../core/settings.ts';

/** The unit as this target can tell its rows. */
export function seenBy(target: Target, schema: UnitSchema): UnitSchema {
  const { asRows } = schema;
  const seen = asRows === undefined || target.takesDocuments === true ? schema : { ...schema, ...asRows };
  return seen.keyIsPosition === true && target.keepsPositions !== true ? { ...seen, key: [] } : seen;
}

/**
 * What an interrupted unit really can do, and why it is less than the settings ask for. Plain inserts are not safe to
 * repeat: without the checkpoint in the target's own transaction the writer has to find the rows of the last batch, and
 * that only where all rows are the copy's own; else the unit starts again.
 * @param prepared how the target was found; null = not yet
 */
export function resumeOf(
  schema: UnitSchema,
  settings: UnitSettings,
  target: Pick<Target, 'findsOpenBatch'>,
  prepared: Prepared | null,
): { readonly resume: Resume; readonly warning: Coded | null } {
  const { unit } = schema;
  if (settings.snapshot) return { resume: 'unit', warning: { code: 'pipeline.snapshotUnit', args: { unit } } };
  if (settings.resume === 'unit') return { resume: 'unit', warning: null };
  // That it has no key, and what follows from it, the plan says anyway.
  if (schema.key.length === 0) return { resume: 'unit', warning: null };
  const finds = target.findsOpenBatch === true && prepared !== null && prepared !== 'rows';
  if (isPlainInsert(settings) && settings.checkpoint === 'store' && !finds)
    return {
      resume: 'unit',
      warning: { code: 'pipeline.resumeNeedsCheckpoint', args: { unit, write: settings.write } },
    };
  return { resume: 'row', warning: null };
}

/** Rows that are written again are not overwritten: the writer has to look for those of the last batch. */
export function needsOpenBatch(settings: UnitSettings): boolean {
  return isPlainInsert(settings) && settings.checkpoint === 'store';
}

function isPlainInsert({ write }: UnitSettings): boolean {
  return write === 'insert' || write === 'truncate';
}
