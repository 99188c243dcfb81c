import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Disk, realDisk } from '../../../src/store/disk.ts';
import { type OpenedStore, openStore, type StoreOptions } from '../../../src/store/store.ts';
import { readWasm } from '../../store/wasm.ts';

export const wasm = readWasm();

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'datatrace-')));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function open(path: string, more: Partial<StoreOptions> = {}): Promise<OpenedStore> {
  return openStore({ path, key: 'k', wasm, backupIntervalMs: Number.POSITIVE_INFINITY, ...more });
}

export function failing(code: string): never {
  throw Object.assign(new Error(`${code}: simulated`), { code });
}

export function diskWith(over: Partial<Disk>): Disk {
  return { ...realDisk, ...over };
}

/** Polls until the condition holds; fails after `limitMs`. */
export async function until(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in time');
    await delay(5);
  }
}
