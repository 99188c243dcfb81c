/** CPU seconds of processes, from /proc (Linux). */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Clock ticks a second of /proc: 100 on every Linux that people run. */
const TICKS = 100;
/** A server that does nothing for so long has done what belongs to the work before, ms. */
const QUIET_MS = 400;
const PATIENCE_MS = 15_000;

function fields(pid: number | 'self'): number[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program may hold spaces and parentheses.
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

/** User and system time of a process, s. */
export function cpuOf(pid: number): number {
  const stat = fields(pid);
  return ((stat[11] ?? 0) + (stat[12] ?? 0)) / TICKS;
}

/** User and system time of all children of this process that have ended, s. */
export function cpuOfEndedChildren(): number {
  const stat = fields('self');
  return ((stat[13] ?? 0) + (stat[14] ?? 0)) / TICKS;
}

/** Resolves when the processes rest: what they still write belongs to the work before. */
export async function untilQuiet(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  let before = Number.NaN;
  while (performance.now() < deadline) {
    const now = pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
    if (now - before <= 1 / TICKS) return;
    before = now;
    await delay(QUIET_MS);
  }
}
