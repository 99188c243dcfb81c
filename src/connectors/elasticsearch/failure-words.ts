/** What servers say of a failure. */

/** Causes of causes that are asked for. */
const DEPTH = 5;

/** What a server says of a failure and of what has caused it. */
export function wordsOf(error: unknown, depth = DEPTH): { readonly type: string; readonly reason: string } {
  const {
    type,
    reason,
    caused_by: cause,
  } = (error ?? {}) as { readonly type?: unknown; readonly reason?: unknown; readonly caused_by?: unknown };
  const own = typeof reason === 'string' ? reason : '';
  const why = cause === undefined || cause === null || depth === 0 ? '' : wordsOf(cause, depth - 1).reason;
  const told = why === '' || own.includes(why) ? own : `${own} (${why})`;
  return { type: typeof type === 'string' ? type : '', reason: told };
}

/** The block that a server lays on the indexes of a node whose disk is full. */
export function isDiskFull(reason: string): boolean {
  return /flood-stage|\/12\//.test(reason);
}
