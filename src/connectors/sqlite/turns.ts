import { unlessAborted } from '../aborting.ts';
import type { Scope } from '../contract.ts';

/** One writer at a time for a file: SQLite has one write lock, and waiting for it would stop the whole thread. */
const queues = new Map<string, Promise<void>>();

/**
 * Waits until nobody in this thread writes to the file. An aborted scope gives its place up.
 * @param file real path
 * @returns call it when done; calling it twice does no harm
 */
export async function takeTurn(file: string, scope?: Scope): Promise<() => void> {
  const before = queues.get(file);
  const { promise: mine, resolve } = Promise.withResolvers<void>();
  queues.set(file, mine);
  const leave = () => {
    if (queues.get(file) === mine) queues.delete(file);
    resolve();
  };
  if (before === undefined) return leave;
  if (scope === undefined) {
    await before;
    return leave;
  }
  try {
    await scope.wait(unlessAborted(before, scope.signal));
  } catch (error) {
    void before.then(leave);
    throw error;
  }
  return leave;
}
