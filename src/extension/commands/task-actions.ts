/**
 * What people can do with a task, whether they ask by the palette, the tree or the panel. Each answers as the engine
 * does; `cancelled` = the person gave up, which is no error.
 */
import * as vscode from 'vscode';
import type { Answer } from '../../core/events.ts';
import type { TaskId, UnitId } from '../../core/model.ts';
import type { TaskManager } from '../../engine/api.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Folders } from '../folders.ts';
import { confirmReset, confirmRunAgain, confirmStart } from './confirmations.ts';

export type ActionAnswer = Answer | 'cancelled';

export interface TaskActions {
  start(taskId: TaskId): Promise<ActionAnswer>;
  pause(taskId: TaskId): Promise<ActionAnswer>;
  resume(taskId: TaskId): Promise<ActionAnswer>;
  stop(taskId: TaskId): Promise<ActionAnswer>;
  runAgain(taskId: TaskId): Promise<ActionAnswer>;
  /** @param unitIds only these; all failed ones by default */
  retryFailed(taskId: TaskId, unitIds?: readonly UnitId[]): Promise<ActionAnswer>;
  reset(taskId: TaskId): Promise<ActionAnswer>;
  /** @param concurrency asked for when it is not given. */
  setConcurrency(taskId: TaskId, concurrency?: number): Promise<ActionAnswer>;
}

export interface TaskActionsPorts {
  readonly slot: EngineSlot;
  readonly folders: Folders;
  /** Where consents are kept. */
  readonly state: vscode.Memento;
}

export function createTaskActions(ports: TaskActionsPorts): TaskActions {
  const { slot, folders, state } = ports;

  const nameOf = (manager: TaskManager, taskId: TaskId): string =>
    manager.list().find(({ id }) => id === taskId)?.name ?? taskId;

  /** Asks what a start needs, then starts. */
  async function begin(
    taskId: TaskId,
    go: (manager: TaskManager, agreed: Parameters<TaskManager['start']>[1]) => Promise<Answer>,
  ): Promise<ActionAnswer> {
    const manager = await slot.get();
    const agreed = await confirmStart(folders.ofTask(taskId), nameOf(manager, taskId), state);
    return agreed === undefined ? 'cancelled' : go(manager, { by: 'person', ...agreed });
  }

  return {
    start: (taskId) => begin(taskId, (manager, options) => manager.start(taskId, options)),
    pause: async (taskId) => (await slot.get()).pause(taskId),
    resume: (taskId) => begin(taskId, (manager, options) => manager.resume(taskId, options)),
    stop: async (taskId) => (await slot.get()).stop(taskId),
    async runAgain(taskId) {
      const manager = await slot.get();
      const header = manager.header(taskId);
      if (!header) return manager.start(taskId, { by: 'person', again: true });
      const target = `${header.target.name} (${header.target.system})`;
      if (!(await confirmRunAgain(header.name, target))) return 'cancelled';
      return begin(taskId, (engine, options) => engine.start(taskId, { ...options, again: true }));
    },
    retryFailed: (taskId, unitIds) =>
      begin(taskId, (manager, options) => manager.retryFailed(taskId, options, unitIds ?? null)),
    async reset(taskId) {
      const manager = await slot.get();
      if (!(await confirmReset(nameOf(manager, taskId)))) return 'cancelled';
      return manager.reset(taskId);
    },
    async setConcurrency(taskId, given) {
      const manager = await slot.get();
      const concurrency = given ?? (await askForConcurrency(manager.header(taskId)?.concurrency ?? 1));
      return concurrency === undefined ? 'cancelled' : manager.setConcurrency(taskId, concurrency);
    },
  };
}

async function askForConcurrency(current: number): Promise<number | undefined> {
  const valid = (value: string): boolean => /^\d{1,2}$/.test(value) && Number(value) >= 1 && Number(value) <= 64;
  const value = await vscode.window.showInputBox({
    title: vscode.l10n.t('Units at a time'),
    prompt: vscode.l10n.t('A whole number from 1 to 64. Running units are not stopped.'),
    value: String(current),
    validateInput: (text) => (valid(text) ? undefined : vscode.l10n.t('A whole number from 1 to 64, please.')),
  });
  return value === undefined || !valid(value) ? undefined : Number(value);
}
