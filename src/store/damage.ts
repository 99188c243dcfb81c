import { StoreError } from './errors.ts';

/** The file cannot be used as it is; `reason` completes "{path} cannot be used: ..". */
export function damaged(path: string, reason: string, cause?: unknown): StoreError {
  return new StoreError('store.damaged', `${path} cannot be used: ${reason}`, { path, reason }, cause);
}

/** A row that SQLite can read and nobody can act on: somebody has edited it. */
export class UnreadableRow extends Error {}

/** What SQLite says of bytes that it can read and not make sense of; everything else is passed through. */
export function damagedOr(error: unknown, path: string): unknown {
  if (error instanceof StoreError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const unreadable = error instanceof SyntaxError || error instanceof UnreadableRow;
  const isDamage = unreadable || /malformed|not a database|unsupported file format/i.test(reason);
  return isDamage ? damaged(path, reason, error) : error; // JSON that does not parse is damage as well
}
