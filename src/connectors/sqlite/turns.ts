/** One writer at a time for a file: SQLite has one write lock, and waiting for it would stop the whole thread. */
const queues = new Map<string, Promise<void>>();

/**
 * Waits until nobody in this thread writes to the file.
 * @param file real path
 * @returns call it when done; calling it twice does no harm
 */
export async function takeTurn(file: string): Promise<() => void> {
  const before = queues.get(file);
  const { promise: mine, resolve } = Promise.withResolvers<void>();
  queues.set(file, mine);
  await before;
  return () => {
    if (queues.get(file) === mine) queues.delete(file);
    resolve();
  };
}
