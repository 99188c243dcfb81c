/** The engine in another process: asked over a channel, ended or stopped as a whole. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TaskManager } from '../../src/engine/api.ts';
import type { TestFolder } from './engine-host.ts';

type Methods = Omit<TaskManager, 'subscribe' | 'verify'> & {
  log(): unknown;
  longestBlock(): number;
  block(ms: number): void;
};

export interface HostProcess {
  readonly child: ChildProcess;
  /** Calls a method of the process' TaskManager. */
  ask<M extends keyof Methods>(method: M, ...args: Parameters<Methods[M]>): Promise<Awaited<ReturnType<Methods[M]>>>;
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>;
}

export async function forkHost(folder: Pick<TestFolder, 'path' | 'storeFolder'>): Promise<HostProcess> {
  const script = fileURLToPath(new URL('host-process-child.ts', import.meta.url));
  const child = fork(script, [folder.path, folder.storeFolder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, (answer: { value?: unknown; error?: string }) => void>();
  let lastId = 0;
  const ready = new Promise((resolve) => waiting.set(0, resolve));
  child.on('message', (answer: { id: number; value?: unknown; error?: string }) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.on('exit', () => {
    for (const answer of waiting.values()) answer({ error: 'the process has ended' });
    waiting.clear();
  });
  await ready;
  return {
    child,
    ask: (method, ...args) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, ({ value, error }) =>
          error === undefined ? resolve(value as never) : reject(new Error(error)),
        );
        child.send({ id, method, args });
      }),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
