/** What servers say of a failure. */

/** Causes of causes that are asked for. */
const DEPTH = 5;

interface Told {
  readonly type?: unknown;
  readonly reason?: unknown;
  readonly caused_by?: unknown;
  readonly root_cause?: unknown;
}

/** What a server says of a failure and of what has caused it. */
export function wordsOf(error: unknown, depth = DEPTH): { readonly type: string; readonly reason: string } {
  const { type, reason, caused_by, root_cause } = (error ?? {}) as Told;
  const own = typeof reason === 'string' ? reason : '';
  // "all shards failed" says nothing: why they did stands beside it.
  const cause = caused_by ?? (Array.isArray(root_cause) ? root_cause[0] : null);
  const why = cause === undefined || cause === null || depth === 0 ? '' : wordsOf(cause, depth - 1).reason;
  const told = why === '' || own.includes(why) ? own : `${own} (${why})`;
  return { type: typeof type === 'string' ? type : '', reason: told };
}

/** The block that a server lays on the indexes of a node whose disk is full. */
export function isDiskFull(reason: string): boolean {
  return /flood-stage|\/12\//.test(reason);
}
