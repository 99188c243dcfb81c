/**
 * The engine's place: views are registered at once, the engine (SQLite, validation, workers) is loaded when the first
 * folder or command needs it.
 */

import type { Disposable } from '../core/ports.ts';
import type { TaskManager, ViewChange } from '../engine/api.ts';

export interface EngineSlot {
  /** The engine, when it is there. */
  current(): TaskManager | undefined;
  /** Loads it on the first call; on the next one when that failed. */
  get(): Promise<TaskManager>;
  /** Resolves when the folders of the window have been looked at: views then know whether there are tasks. */
  ready(): Promise<void>;
  /** Call once, with the promise of having looked at the folders. */
  setReady(ready: Promise<void>): void;
  onChange(listener: (change: ViewChange) => void): Disposable;
  /** Tells views about a change that is not the engine's: folders, trust. */
  announce(change: ViewChange): void;
  dispose(): Promise<void>;
}

/** @param load called once; again by the next `get` when it rejected, which `get` then does with the same reason. */
export function createEngineSlot(load: () => Promise<TaskManager>): EngineSlot {
  const listeners = new Set<(change: ViewChange) => void>();
  let loading: Promise<TaskManager> | undefined;
  let manager: TaskManager | undefined;
  let subscription: Disposable | undefined;
  let markReady: (value: Promise<void>) => void = () => {};
  const readiness = new Promise<void>((resolve) => {
    markReady = resolve;
  });

  const announce = (change: ViewChange): void => {
    for (const listener of [...listeners]) listener(change);
  };
  async function loadOnce(): Promise<TaskManager> {
    const loaded = await load();
    manager = loaded;
    subscription = loaded.subscribe(announce);
    return loaded;
  }

  return {
    current: () => manager,
    get() {
      loading ??= loadOnce().catch((error: unknown) => {
        loading = undefined; // the next one tries again
        throw error;
      });
      return loading;
    },
    ready: () => readiness,
    setReady: (ready) => markReady(ready.catch(() => {})),
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    announce,
    async dispose() {
      listeners.clear();
      subscription?.dispose();
      await (await loading?.catch(() => undefined))?.dispose();
    },
  };
}
