import type { Target, UnitSchema } from '../connectors/contract.ts';
import type { Prepared } from '../core/model.ts';
import type { UnitJob } from '../core/ports.ts';
import type { UnitSettings } from '../core/settings.ts';
import { type Checkpoint, isCheckpoint, isDistrusted, isOfAnotherTarget, usableCheckpoint } from './checkpoint.ts';
import { refusal } from './failure.ts';
import { resumeOf } from './resume.ts';

/** Where an execution begins. */
export type Beginning =
  /** Nothing was done yet: the target has to be prepared. */
  | { readonly kind: 'fresh' }
  /** From the first row, over what an earlier execution may have written. */
  | { readonly kind: 'restart'; readonly prepared: Prepared; readonly emptyFirst: boolean }
  | { readonly kind: 'continue'; readonly prepared: Prepared; readonly checkpoint: Checkpoint };

/**
 * Decides where to begin. Only proof makes a checkpoint unusable (another key, schema, condition, source or target, a
 * target that is gone, a failed verification); whatever merely fails here is an error, and the checkpoint stays.
 * @throws DataError `pipeline.restartWouldRepeat` when the rows of an earlier execution can neither be told from
 * others nor removed
 */
export async function chooseBeginning(
  job: UnitJob,
  schema: UnitSchema,
  identity: string,
  target: Target,
): Promise<Beginning> {
  const { prepared, settings } = job;
  if (prepared === null || isOfAnotherTarget(job.checkpoint, job)) return { kind: 'fresh' };
  if (await isGone(schema, settings, target)) return { kind: 'fresh' };
  const distrusted = isDistrusted(job.checkpoint);
  let ofAnotherCopy = false;
  if (!distrusted && resumeOf(schema, settings, target, prepared).resume === 'row') {
    const kept = await keptCheckpoints(job, schema, target);
    const checkpoint = usableCheckpoint(kept, schema.fingerprint, identity);
    if (checkpoint !== null) return { kind: 'continue', prepared, checkpoint };
    ofAnotherCopy = kept.some(isCheckpoint);
  }
  const repeatable =
    (settings.write === 'upsert' || settings.write === 'replace') && schema.key.length > 0 && !schema.keyIsPosition;
  // What an older snapshot, condition or definition of the table held and the one of now does not must not stay.
  const anew = (distrusted || settings.snapshot || ofAnotherCopy) && prepared !== 'rows';
  if (repeatable && !anew) return { kind: 'restart', prepared, emptyFirst: false };
  if (prepared !== 'rows') return { kind: 'restart', prepared, emptyFirst: true };
  throw refusal(
    'pipeline.restartWouldRepeat',
    { unit: job.unitName, write: settings.write },
    'rows would be written twice, and the target held rows of its own before',
  );
}

/** The target's own records are the newest; the store has the last one of a copy whose target has forgotten them. */
async function keptCheckpoints(job: UnitJob, schema: UnitSchema, target: Target): Promise<readonly string[]> {
  const inStore = job.checkpoint === null ? [] : [job.checkpoint];
  if (job.settings.checkpoint !== 'target') return inStore;
  const inTarget = await target.readCheckpoints(schema, job.settings);
  return inTarget.length > 0 ? inTarget : inStore;
}

/** The prepared table was dropped, or its file removed: there is nothing to go on with. */
async function isGone(schema: UnitSchema, settings: UnitSettings, target: Target): Promise<boolean> {
  if (target.holds !== undefined) return !(await target.holds(schema, settings));
  const { create } = await target.plan(schema, { ...settings, createTarget: 'missing' });
  return create !== null;
}
