import type { Coded, ErrorClass } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';

/** What a failing call was about: enough for a person to find the place. */
export interface Place {
  readonly connection: string;
  readonly file: string;
}

/** A permanent failure of our own making. */
export function refuse(code: string, args: Coded['args'], message: string, cause?: unknown): DataError {
  return new DataError({ code, args, class: 'permanent', message }, { cause });
}

/**
 * Codes of the system and whether they may go away by themselves; what is not here is a disk error that may. A full disk
 * does not empty itself within the seconds of a retry.
 */
const KNOWN: ReadonlyMap<string, readonly [code: string, cls: ErrorClass]> = new Map([
  ['ENOENT', ['files.fileMissing', 'permanent']],
  ['ENOTDIR', ['files.notAFolder', 'permanent']],
  ['EISDIR', ['files.notAFile', 'permanent']],
  ['ELOOP', ['files.notAFile', 'permanent']],
  ['EACCES', ['files.accessDenied', 'permanent']],
  ['EPERM', ['files.accessDenied', 'permanent']],
  ['EROFS', ['files.accessDenied', 'permanent']],
  ['ENOSPC', ['files.diskFull', 'permanent']],
  ['EDQUOT', ['files.diskFull', 'permanent']],
  ['EFBIG', ['files.diskFull', 'permanent']],
  ['EMFILE', ['files.diskError', 'retryable']],
  ['ENAMETOOLONG', ['files.diskError', 'permanent']],
]);

/** Turns what the file system and zlib throw into a coded failure; everything else stays as it is. */
export function fileError(error: unknown, place: Place): unknown {
  const { code: found, message } = error as NodeJS.ErrnoException;
  if (error instanceof DataError || typeof found !== 'string') return error;
  const args = { connection: place.connection, file: place.file, detail: found };
  if (found.startsWith('Z_')) return refuse('files.gzipBroken', { file: place.file, detail: message }, message, error);
  const [code, cls] = KNOWN.get(found) ?? (['files.diskError', 'retryable'] as const);
  return new DataError({ code, args, class: cls, message }, { cause: error });
}
