/** Waits between repetitions: longer each time, and random, so that those who were turned away do not come back together. */
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_MS = 50;
const MOST_MS = 8_000;

/** @param tries so many were made; @param random in [0, 1) */
export function waitAfter(tries: number, random: number): number {
  const longest = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(tries, 16));
  return longest / 2 + (longest / 2) * random;
}

/** Rejects with the reason of a signal that is aborted meanwhile. */
export async function backOff(tries: number, signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  any.throwIfAborted();
  try {
    await delay(waitAfter(tries, Math.random()), undefined, { signal: any });
  } catch (error) {
    throw any.aborted ? any.reason : error;
  }
}
