import { unlessAborted } from '../connectors/aborting.ts';
import type { Source, Target } from '../connectors/contract.ts';
import { openSource, openTarget } from '../connectors/registry.ts';
import type { TaskId } from '../core/model.ts';
import type { ResolvedConnection } from '../core/settings.ts';

/** What a task keeps open in this worker: all its units share one source and one target for each connection. */
export interface Connections {
  /** Rejects with the signal's reason when it is aborted before the connection is open. */
  source(taskId: TaskId, connection: ResolvedConnection, signal: AbortSignal): Promise<Source>;
  target(taskId: TaskId, connection: ResolvedConnection, signal: AbortSignal): Promise<Target>;
  /** Closes everything of the task; later units open anew. */
  release(taskId: TaskId): Promise<void>;
}

interface Closable {
  close(): Promise<void>;
}

interface Shared {
  readonly opening: Promise<Closable>;
  readonly abort: AbortController;
  /** Who waits for it to be open. */
  waiting: number;
}

type Open<T> = (connection: ResolvedConnection, signal: AbortSignal) => Promise<T>;

export function createConnections(): Connections {
  const open = new Map<TaskId, Map<string, Shared>>();

  async function share<T extends Closable>(
    taskId: TaskId,
    side: 'source' | 'target',
    connection: ResolvedConnection,
    signal: AbortSignal,
    call: Open<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const ofTask = open.get(taskId) ?? new Map<string, Shared>();
    open.set(taskId, ofTask);
    // The whole address, secret included: a changed password is another connection.
    const key = JSON.stringify([side, connection]);
    const shared = ofTask.get(key) ?? begin(ofTask, key, connection, call);
    shared.waiting += 1;
    try {
      return (await unlessAborted(shared.opening, signal)) as T;
    } finally {
      shared.waiting -= 1;
      // A server that never answers would be waited for by everybody who comes later, too.
      if (signal.aborted && shared.waiting === 0) shared.abort.abort(signal.reason);
    }
  }

  function begin<T extends Closable>(
    ofTask: Map<string, Shared>,
    key: string,
    connection: ResolvedConnection,
    call: Open<T>,
  ): Shared {
    const abort = new AbortController();
    const opening = call(connection, abort.signal);
    const shared: Shared = { opening, abort, waiting: 0 };
    ofTask.set(key, shared);
    const forget = () => {
      if (ofTask.get(key) === shared) ofTask.delete(key);
    };
    abort.signal.addEventListener('abort', forget);
    // A failure is not kept: the next attempt tries again. What is open is not aborted any more.
    opening.then(() => abort.signal.removeEventListener('abort', forget), forget);
    return shared;
  }

  return {
    source: (taskId, connection, signal) => share(taskId, 'source', connection, signal, openSource),
    target: (taskId, connection, signal) => share(taskId, 'target', connection, signal, openTarget),
    release: async (taskId) => {
      const ofTask = [...(open.get(taskId)?.values() ?? [])];
      open.delete(taskId);
      for (const { abort } of ofTask) abort.abort();
      const opened = await Promise.allSettled(ofTask.map((shared) => shared.opening));
      await Promise.allSettled(
        opened.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)),
      );
    },
  };
}
