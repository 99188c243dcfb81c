import type { Source, Target } from '../connectors/contract.ts';
import { openSource, openTarget } from '../connectors/registry.ts';
import type { TaskId } from '../core/model.ts';
import type { ResolvedConnection } from '../core/settings.ts';

/** What a task keeps open in this worker: all its units share one source and one target for each connection. */
export interface Connections {
  source(taskId: TaskId, connection: ResolvedConnection): Promise<Source>;
  target(taskId: TaskId, connection: ResolvedConnection): Promise<Target>;
  /** Closes everything of the task; later units open anew. */
  release(taskId: TaskId): Promise<void>;
}

interface Closable {
  close(): Promise<void>;
}

export function createConnections(): Connections {
  const open = new Map<TaskId, Map<string, Promise<Closable>>>();

  function share<T extends Closable>(
    taskId: TaskId,
    side: 'source' | 'target',
    connection: ResolvedConnection,
    call: (connection: ResolvedConnection) => Promise<T>,
  ): Promise<T> {
    const ofTask = open.get(taskId) ?? new Map<string, Promise<Closable>>();
    open.set(taskId, ofTask);
    // The whole address, secret included: a changed password is another connection.
    const key = JSON.stringify([side, connection]);
    const known = ofTask.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const opening = call(connection);
    ofTask.set(key, opening);
    // A failure is not kept: the next attempt tries again.
    opening.catch(() => {
      if (ofTask.get(key) === opening) ofTask.delete(key);
    });
    return opening;
  }

  return {
    source: (taskId, connection) => share(taskId, 'source', connection, openSource),
    target: (taskId, connection) => share(taskId, 'target', connection, openTarget),
    release: async (taskId) => {
      const ofTask = [...(open.get(taskId)?.values() ?? [])];
      open.delete(taskId);
      const opened = await Promise.allSettled(ofTask);
      await Promise.allSettled(
        opened.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)),
      );
    },
  };
}
