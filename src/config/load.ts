/** Finds and reads the configuration of a folder. */
import { constants, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { createReporter, MAX_BYTES } from './document.ts';
import { type Parsed, parse } from './parse.ts';

export const CONFIG_FILE = 'datatrace.json';
export const TOML_FILE = 'datatrace.toml';

export interface Loaded extends Parsed {
  /** Absolute path of the file that was looked for. */
  readonly file: string;
  /** False when there is no such file (one problem says so). */
  readonly found: boolean;
  /** Its text, null when it could not be read. */
  readonly text: string | null;
}

/** Reads `datatrace.json` of a folder; two configuration files, or only one of the other kind, are an error. */
export async function loadFolder(folder: string): Promise<Loaded> {
  const file = path.resolve(folder, CONFIG_FILE);
  const [json, toml] = await Promise.all([exists(file), exists(path.resolve(folder, TOML_FILE))]);
  if (toml) return refused(file, json, json ? 'config.twoFiles' : 'config.tomlNotYet');
  return loadFile(file);
}

/** Reads one file. Never rejects: what goes wrong is a problem at its first line. */
export async function loadFile(name: string): Promise<Loaded> {
  const file = path.resolve(name);
  if (file.endsWith('.toml')) return refused(file, true, 'config.tomlNotYet');
  let bytes: Uint8Array;
  try {
    bytes = await readAtMost(file, MAX_BYTES + 1);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (reason === 'ENOENT' || reason === 'ENOTDIR') return refused(file, false, 'config.missing');
    return refused(file, true, 'config.unreadable', { reason });
  }
  if (bytes.length > MAX_BYTES) return refused(file, true, 'config.tooLarge', { limit: MAX_BYTES });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refused(file, true, 'config.notUtf8');
  }
  return { ...parse(text, file), file, found: true, text };
}

async function readAtMost(file: string, limit: number): Promise<Uint8Array> {
  // Without O_NONBLOCK a named pipe would wait for somebody to write into it.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await handle.stat()).isFile()) throw Object.assign(new Error('not a file'), { code: 'not a file' });
    const buffer = new Uint8Array(limit);
    let length = 0;
    while (length < limit) {
      const { bytesRead } = await handle.read(buffer, length, limit - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function refused(file: string, found: boolean, code: string, args: Record<string, string | number> = {}): Loaded {
  const reporter = createReporter('', file);
  reporter.error({ offset: 0, length: 0 }, [], { code, args: { file, ...args } });
  return { model: undefined, problems: reporter.problems, file, found, text: null };
}
