/** What people type for settings, as values; undefined = not understood. */
import type { RetryPolicy } from '../../core/model.ts';

const MOST_RETRIES = 100;
const MOST_DELAY_MS = 24 * 60 * 60_000;
const MOST_AMOUNT = 1e12;

const SCALES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
const DELAYS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** Rows or bytes: `5000`, `20k`, `1.5M`. */
export function parseAmount(text: string): number | undefined {
  const [, digits, scale = ''] = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([kmg]?)\s*$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const amount = Math.round(Number(digits) * (SCALES[scale.toLowerCase()] ?? 1));
  return amount <= MOST_AMOUNT ? amount : undefined;
}

/** `3 1s`; without a delay the one of `base` is kept, which also says how delays grow. */
export function parseRetry(text: string, base: RetryPolicy): RetryPolicy | undefined {
  const match = /^\s*(\d{1,3})(?:\s+(\d{1,9})\s*(ms|s|m))?\s*$/i.exec(text);
  if (!match) return undefined;
  const attempts = Number(match[1]);
  const delayMs =
    match[2] === undefined ? base.delayMs : Number(match[2]) * (DELAYS[match[3]?.toLowerCase() ?? ''] ?? 1);
  if (attempts > MOST_RETRIES || delayMs > MOST_DELAY_MS) return undefined;
  return { ...base, attempts, delayMs, maxDelayMs: Math.max(base.maxDelayMs, delayMs) };
}

/** What `parseRetry` reads. */
export function retryText({ attempts, delayMs }: RetryPolicy): string {
  const unit = delayMs % 60_000 === 0 && delayMs > 0 ? 'm' : delayMs % 1_000 === 0 ? 's' : 'ms';
  return `${attempts} ${delayMs / (DELAYS[unit] ?? 1)}${unit}`;
}
