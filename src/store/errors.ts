import { CodedError, errnoOf } from '../core/coded-error.ts';

/** What can go wrong with the store, as a code that the edge words and translates. */
export type StoreErrorCode =
  /** A sync failed: nobody knows what is on the disk. Final until the store is opened again. */
  | 'store.failed'
  /** The main file was deleted, replaced or cut off while it was open. Final. */
  | 'store.gone'
  /** The daily backup was not made; the one before it is still there. */
  | 'store.backup'
  /** The disk is full or a quota is used up. The change was refused, nothing was altered. */
  | 'store.full'
  /** The folder or the file may not be written. The change was refused, nothing was altered. */
  | 'store.readOnly'
  /** Any other refusal of the disk. The change was refused, nothing was altered. */
  | 'store.io'
  /** The file is not a database or is damaged. Final when it is met while the store is open. */
  | 'store.damaged'
  /** The file was written by a newer DataTrace; it can be looked at, not changed. */
  | 'store.newer'
  /** This process no longer owns the store. */
  | 'store.notOwner'
  /** The store was closed. */
  | 'store.closed'
  /** The bundled sql.js does not have the imports that the file shim replaces. */
  | 'store.contract'
  /** A programming error: work inside a transaction must not be asynchronous. */
  | 'store.asyncWork';

/** An error of the store: a code with arguments for the edge, and an English sentence for logs. */
export class StoreError extends CodedError<StoreErrorCode> {
  override readonly name = 'StoreError';
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const READ_ONLY = new Set(['EROFS', 'EACCES', 'EPERM']);

/** Words a refused write by what the disk said: full, read-only or something else. */
export function refusedWrite(path: string, cause: unknown): StoreError {
  const errno = errnoOf(cause) ?? '';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const args = { path, reason };
  if (FULL.has(errno)) return new StoreError('store.full', `The disk of ${path} is full: free some space`, args, cause);
  if (READ_ONLY.has(errno))
    return new StoreError('store.readOnly', `${path} cannot be written: ${reason}`, args, cause);
  return new StoreError('store.io', `${path} cannot be written: ${reason}`, args, cause);
}
