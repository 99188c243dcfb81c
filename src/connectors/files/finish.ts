import fs from 'node:fs';
import path from 'node:path';
import type { UnitFiles } from './places.ts';
import { type Sidecar, sidecarText } from './sidecar.ts';

/** Writes a schema file by one step of the file system. */
export function writeSidecar(file: string, sidecar: Sidecar): void {
  const part = `${file}.part`;
  fs.rmSync(part, { force: true });
  fs.writeFileSync(part, sidecarText(sidecar), { flag: 'wx' });
  flush(part);
  fs.renameSync(part, file);
}

/**
 * Gives a complete part its name: first its schema file, then the rows, each by one step of the file system. Somebody
 * who looks in between finds a schema file of another size than the rows, and is refused.
 */
export function putInPlace(files: UnitFiles, described: Omit<Sidecar, 'bytes'>): void {
  const bytes = flush(files.part);
  writeSidecar(files.schema, { ...described, bytes });
  fs.renameSync(files.part, files.data);
  flushFolder(path.dirname(files.data));
  fs.rmSync(files.journal, { force: true });
}

/** @returns size, bytes */
function flush(file: string): number {
  const handle = fs.openSync(file, 'r+');
  try {
    fs.fsyncSync(handle);
    return fs.fstatSync(handle).size;
  } finally {
    fs.closeSync(handle);
  }
}

/** Makes the names in a folder outlive a power cut, where the system can. */
function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
