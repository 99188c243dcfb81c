/** When a failed execution is tried again by itself. */
import type { RetryPolicy, UnitError, UnitRow } from './model.ts';

/**
 * ms until the next execution, or null: the error will not go away by itself, or the budget is used up. Delays grow by
 * the policy's factor up to its longest; `random` (in [0, 1)) moves them by the share of the jitter to either side.
 */
export function retryDelay(
  unit: Pick<UnitRow, 'retriesUsed'>,
  error: Pick<UnitError, 'class'>,
  policy: RetryPolicy,
  random: number,
): number | null {
  if (error.class !== 'retryable' || unit.retriesUsed >= policy.attempts) return null;
  const delay = Math.min(policy.maxDelayMs, policy.delayMs * policy.factor ** unit.retriesUsed);
  const moved = delay * (1 + policy.jitter * (2 * random - 1));
  return Math.max(0, Math.round(Math.min(policy.maxDelayMs, moved)));
}
