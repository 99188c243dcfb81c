import type { Target, UnitSchema } from '../connectors/contract.ts';
import type { Coded, Resume } from '../core/model.ts';
import type { UnitSettings } from '../core/settings.ts';

/** The unit as this target can tell its rows. */
export function seenBy(target: Target, schema: UnitSchema): UnitSchema {
  return schema.keyIsPosition === true && target.keepsPositions !== true ? { ...schema, key: [] } : schema;
}

/**
 * What an interrupted unit really can do, and why it is less than the settings ask for.
 * Plain inserts are not safe to repeat: without the checkpoint in the target's own transaction the unit starts again.
 */
export function resumeOf(
  schema: UnitSchema,
  settings: UnitSettings,
): { readonly resume: Resume; readonly warning: Coded | null } {
  if (settings.resume === 'unit') return { resume: 'unit', warning: null };
  const { unit } = schema;
  if (schema.key.length === 0) return { resume: 'unit', warning: { code: 'pipeline.resumeNeedsKey', args: { unit } } };
  const plainInsert = settings.write === 'insert' || settings.write === 'truncate';
  if (plainInsert && settings.checkpoint === 'store')
    return {
      resume: 'unit',
      warning: { code: 'pipeline.resumeNeedsCheckpoint', args: { unit, write: settings.write } },
    };
  return { resume: 'row', warning: null };
}
