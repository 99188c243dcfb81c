import { basename, dirname, join } from 'node:path';
import type { Disk } from './disk.ts';

/** Renames a file that cannot be used, and then its WAL, to `store.corrupt-<UTC>`; answers where it is kept. */
export function setAside(
  { disk, now }: { readonly disk: Disk; readonly now: () => number },
  path: string,
): { readonly aside: string; readonly file: string } {
  const folder = dirname(path);
  const stamp = new Date(now()).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  let aside = join(folder, `store.corrupt-${stamp}`);
  for (let n = 2; disk.exists(aside) || disk.exists(`${aside}-wal`); n++)
    aside = join(folder, `store.corrupt-${stamp}-${n}`);
  for (const suffix of ['', '-wal', '-journal']) {
    if (disk.exists(path + suffix)) disk.rename(path + suffix, aside + suffix);
  }
  disk.syncFolder(folder);
  return { aside, file: basename(aside) };
}
