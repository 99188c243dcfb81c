/** Those who wait until a task rests, here or where another host runs it. */
import type { Coded, TaskId } from '../core/model.ts';
import type { RunSummary } from './api.ts';
import { failureOf } from './failures.ts';

export interface Settling {
  /** Rejects with a DataError when the task's store fails. */
  settled(taskId: TaskId): Promise<RunSummary>;
  /** Call when the task may have come to rest. */
  look(taskId: TaskId): void;
  /** The same for all tasks that are waited for, or those of which `concerns` is true. */
  lookAt(concerns?: (taskId: TaskId) => boolean): void;
  /** Nobody will know any more how they came to rest: those who wait for them are told so. */
  giveUp(reason: Coded, concerns?: (taskId: TaskId) => boolean): void;
}

export interface SettlingPorts {
  /** How the task rests; undefined = it does not, or nobody knows. */
  rest(taskId: TaskId): { readonly summary: RunSummary } | { readonly failure: Coded } | undefined;
}

interface Waiting {
  resolve(summary: RunSummary): void;
  reject(error: Error): void;
}

export function createSettling({ rest }: SettlingPorts): Settling {
  const waiting = new Map<TaskId, Waiting[]>();

  function look(taskId: TaskId): void {
    const found = waiting.has(taskId) ? rest(taskId) : undefined;
    if (!found) return;
    const all = waiting.get(taskId) ?? [];
    waiting.delete(taskId);
    for (const { resolve, reject } of all) {
      if ('failure' in found) reject(failureOf(found.failure));
      else resolve(found.summary);
    }
  }

  return {
    settled: (taskId) =>
      new Promise((resolve, reject) => {
        waiting.set(taskId, [...(waiting.get(taskId) ?? []), { resolve, reject }]);
        look(taskId);
      }),
    look,
    giveUp(reason, concerns = () => true) {
      for (const [taskId, all] of [...waiting]) {
        if (!concerns(taskId)) continue;
        waiting.delete(taskId);
        for (const { reject } of all) reject(failureOf(reason));
      }
    },
    lookAt(concerns = () => true) {
      for (const taskId of [...waiting.keys()]) if (concerns(taskId)) look(taskId);
    },
  };
}
