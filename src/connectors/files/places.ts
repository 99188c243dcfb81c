/** Where the files of a unit lie, and which units a folder has. */
import fs from 'node:fs';
import path from 'node:path';
import type { FilesConnection } from '../../core/settings.ts';
import { fileError, refuse } from './errors.ts';
import { decodeName, encodeName } from './names.ts';

export interface UnitFiles {
  /** The rows. */
  readonly data: string;
  /** Columns, types and key of what we wrote. */
  readonly schema: string;
  /** The rows while they are written: renamed to `data` at the end. */
  readonly part: string;
  /** Which rows end where in `part`. */
  readonly journal: string;
}

export function endingOf({ format, compress }: FilesConnection): string {
  return `.${format}${compress === 'gzip' ? '.gz' : ''}`;
}

/** The files of a unit under the name that we would give them; null when no file can have it. */
export function filesOf(connection: FilesConnection, unit: string): UnitFiles | null {
  const name = encodeName(unit);
  return name === null ? null : around(path.join(connection.folder, name + endingOf(connection)));
}

function around(data: string): UnitFiles {
  return { data, schema: schemaFileOf(data), part: `${data}.part`, journal: `${data}.part.journal` };
}

export function schemaFileOf(data: string): string {
  return `${data}.schema.json`;
}

export interface FoundUnit {
  readonly unit: string;
  readonly files: UnitFiles;
  /** A link that leads out of the folder: nobody agreed to read there. */
  readonly outside: boolean;
}

/**
 * The units of a folder, by name; of two files that would be one unit only ours is.
 * @throws DataError when the folder cannot be read
 */
export function findUnits(connection: FilesConnection): FoundUnit[] {
  const ending = endingOf(connection);
  const found = new Map<string, FoundUnit>();
  for (const name of readFolder(connection)) {
    if (!name.endsWith(ending) || name.length === ending.length) continue;
    const base = name.slice(0, -ending.length);
    const unit = decodeName(base);
    if (found.has(unit) && encodeName(unit) !== base) continue;
    const data = path.join(connection.folder, name);
    const kind = kindOf(connection.folder, data);
    if (kind !== 'other') found.set(unit, { unit, files: around(data), outside: kind === 'outside' });
  }
  return [...found.values()].sort((a, b) => (a.unit < b.unit ? -1 : 1));
}

/** The file of one unit; null when there is none. */
export function findUnit(connection: FilesConnection, unit: string): FoundUnit | null {
  const candidates = [filesOf(connection, unit), asItStands(connection, unit)];
  for (const files of candidates) {
    if (files === null || !fs.existsSync(files.data)) continue;
    const kind = kindOf(connection.folder, files.data);
    if (kind !== 'other') return { unit, files, outside: kind === 'outside' };
  }
  return null;
}

/** A name that holds a percent sign for no reason of ours. */
function asItStands(connection: FilesConnection, unit: string): UnitFiles | null {
  if (unit === '' || /[/\\\0]/.test(unit) || decodeName(unit) !== unit) return null;
  return around(path.join(connection.folder, unit + endingOf(connection)));
}

function readFolder(connection: FilesConnection): string[] {
  checkFolder(connection);
  try {
    return fs.readdirSync(connection.folder);
  } catch (error) {
    throw fileError(error, { connection: connection.name, file: connection.folder });
  }
}

/** @throws DataError unless there is a folder */
export function checkFolder(connection: FilesConnection): void {
  const args = { connection: connection.name, folder: connection.folder, file: connection.folder };
  let stat: fs.Stats | undefined;
  try {
    stat = fs.statSync(connection.folder, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError(error, { connection: connection.name, file: connection.folder });
  }
  if (stat === undefined) throw refuse('files.folderMissing', args, `folder not found: ${connection.folder}`);
  if (!stat.isDirectory()) throw refuse('files.notAFolder', args, `not a folder: ${connection.folder}`);
}

function kindOf(folder: string, file: string): 'file' | 'outside' | 'other' {
  try {
    if (!fs.statSync(file).isFile()) return 'other';
    const inside = path.relative(fs.realpathSync(folder), fs.realpathSync(file));
    return inside.startsWith('..') || path.isAbsolute(inside) ? 'outside' : 'file';
  } catch {
    return 'other';
  }
}

/** Changes with every change of a file. */
export interface FileState {
  readonly size: string;
  readonly mtime: string;
  /** Device and inode: the file itself, whatever links lead to it. */
  readonly identity: string;
}

/** null when there is no such file. */
export function stateOf(file: string): FileState | null {
  const stat = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return null;
  return { size: String(stat.size), mtime: String(stat.mtimeNs), identity: `${stat.dev}:${stat.ino}` };
}

export function sameState(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.identity === b.identity;
}
