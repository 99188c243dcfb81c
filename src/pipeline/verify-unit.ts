import type { Source, Target } from '../connectors/contract.ts';
import type { Coded } from '../core/model.ts';
import type { PlanRequest, VerifyResult } from '../core/ports.ts';
import { refusal, toUnitError } from './failure.ts';
import { settingsOf } from './plan.ts';
import { seenBy } from './resume.ts';
import { firstDifference, type Sides } from './verify.ts';

/** Compares both sides of one unit without copying, as its settings ask for; a failure is part of the answer. */
export async function verifyUnit(
  request: PlanRequest,
  unit: string,
  source: Source,
  target: Target,
): Promise<VerifyResult> {
  const settings = settingsOf(request, unit);
  const by = settings.verify === 'checksum' ? 'checksum' : 'count';
  try {
    const schema = seenBy(target, await source.describe(unit, settings));
    const upTo = await source.upperBound(schema, settings.where);
    const sourceRows = await source.count(schema, settings.where, upTo);
    const targetRows = await target.count(schema, settings, null);
    const difference = await differenceOf({ unit, settings, schema, source, target });
    const equal = sourceRows === targetRows && difference === null;
    return { unit, sourceRows, targetRows, equal, by, difference, error: null };
  } catch (error) {
    return { unit, sourceRows: 0, targetRows: 0, equal: false, by, difference: null, error: toUnitError(error) };
  }
}

async function differenceOf(of: Sides): Promise<Coded | null> {
  if (of.settings.verify !== 'checksum') return null;
  // What the plan refuses (doubles of other products, coarser keys) would be told as a difference that there is not.
  const { refusals } = await of.target.plan(of.schema, of.settings);
  const [refused] = refusals;
  if (refused !== undefined) throw refusal(refused.code, refused.args, refused.code);
  return firstDifference(of, { upTo: null, othersAllowed: false });
}
