/** A host of the engine in a process of its own: does what its parent asks over the channel between them. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openHost } from './engine-host.ts';

const [path = '', storeFolder = ''] = process.argv.slice(2);
const host = await openHost({ path, storeFolder, write: () => undefined, remove: () => undefined }, 'first window');
const delay = monitorEventLoopDelay({ resolution: 1 });

const own: Record<string, (...args: never[]) => unknown> = {
  log: () => host.log,
  /** Longest time in which nothing else could run since the last question, ms. */
  longestBlock() {
    const longest = delay.max / 1e6;
    delay.reset();
    delay.enable();
    return longest;
  },
  /** Holds everything up, as a debugger or a busy extension does. */
  block(ms: number) {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
};

process.on('message', async ({ id, method, args }: { id: number; method: string; args: unknown[] }) => {
  const ask = own[method] ?? host.manager[method as keyof typeof host.manager];
  try {
    process.send?.({ id, value: (await (ask as (...all: unknown[]) => unknown)(...args)) ?? null });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, value: 'ready' });
