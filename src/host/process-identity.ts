/** Who a process is, beyond its number: numbers are used again. */
import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errnoOf } from '../core/coded-error.ts';

/** The machine, and on Linux the process-number space in it: two containers with one name are two hosts. */
export function hostIdentity(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** No process has this number (or it has ended and only waits to be collected). */
export const GONE = '';

/**
 * A text that differs for two processes with the same number, {@link GONE}, or null where the system does not tell
 * (Windows: there a live process with the number counts as the same one).
 */
export async function processStart(pid: number): Promise<string | null> {
  if (process.platform === 'linux') return linuxStart(pid);
  if (process.platform === 'win32') return null;
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'lstart=', '-p', String(pid)], { timeout: 2_000 }, (error, stdout) => {
      const noSuchProcess = error !== null && error.code === 1;
      resolve(noSuchProcess ? GONE : error === null && stdout.trim() !== '' ? stdout.trim() : null);
    });
  });
}

/** A stopped process (in a debugger, say) is alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM'; // it exists and belongs to another user
  }
}

function linuxStart(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before it may hold spaces
    if (fields[0] === 'Z' || fields[0] === 'X') return GONE;
    const ticks = fields[19]; // field 22 of proc(5), counted from the one after the name
    return ticks === undefined ? null : `${boot} ${ticks}`;
  } catch (error) {
    return errnoOf(error) === 'ENOENT' && !isAlive(pid) ? GONE : null;
  }
}
