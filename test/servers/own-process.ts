import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/** Makes sure that no server outlives this process, and returns the orderly way to end it: SIGTERM, SIGKILL after 10 s. */
export function endWithThisProcess(own: { readonly child: ChildProcess }, folder: string): () => Promise<void> {
  const atExit = (): void => {
    own.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const atSignal = (signal: NodeJS.Signals): void => {
    atExit();
    process.kill(process.pid, signal);
  };
  process.once('exit', atExit);
  process.once('SIGTERM', atSignal);
  process.once('SIGINT', atSignal);
  own.child.unref();
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    const { child } = own;
    const gone = once(child, 'exit');
    child.ref();
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
    if (child.exitCode === null && child.signalCode === null) await gone;
    clearTimeout(hard);
    process.removeListener('exit', atExit);
    process.removeListener('SIGTERM', atSignal);
    process.removeListener('SIGINT', atSignal);
    await rm(folder, { recursive: true, force: true });
  };
  return () => {
    ended ??= end();
    return ended;
  };
}

/** SIGKILL, as a crash would, and waits for its end. */
export async function killHard(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.ref();
  child.kill('SIGKILL');
  await gone;
}
