/** What a panel may ask for. Its messages were checked for shape; here its indexes are held against the state. */
import * as vscode from 'vscode';
import type { Answer } from '../../core/events.ts';
import { assertNever, type TaskId } from '../../core/model.ts';
import type { ViewMessage } from '../../protocol/panel.ts';
import type { TaskActions } from '../commands/task-actions.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Log } from '../log.ts';

type Command = Extract<ViewMessage, { type: 'command' }>;

const DONE: Answer = { ok: true, note: null };

export function createPanelCommands(
  slot: EngineSlot,
  actions: TaskActions,
  log: Log,
): (taskId: TaskId, command: Command) => Promise<Answer> {
  const other = async (name: string, taskId: TaskId): Promise<Answer> => {
    await vscode.commands.executeCommand(`datatrace.${name}`, { taskId });
    return DONE;
  };

  async function run(taskId: TaskId, { command, args }: Command): Promise<Answer | 'cancelled'> {
    switch (command) {
      case 'start':
      case 'pause':
      case 'resume':
      case 'stop':
      case 'runAgain':
      case 'reset':
        return actions[command](taskId);
      case 'retryFailed':
        return actions.retryFailed(taskId, args.units && unitIds(taskId, args.units));
      case 'setConcurrency':
        return actions.setConcurrency(taskId, args.concurrency);
      case 'openConfig':
      case 'plan':
        return other(command, taskId);
      case 'openLog':
        return other('showLog', taskId);
      case 'showUnitDetails':
        return showUnits(taskId, args.units ?? []);
      default:
        return assertNever(command);
    }
  }

  function unitIds(taskId: TaskId, indexes: readonly number[]): string[] {
    return indexes.flatMap((index) => slot.current()?.unitAt(taskId, index)?.id ?? []);
  }

  /** Units in the log: for a person who wants to copy a long message. */
  function showUnits(taskId: TaskId, indexes: readonly number[]): Answer {
    for (const index of indexes.slice(0, 100)) {
      const unit = slot.current()?.unitAt(taskId, index);
      if (!unit) continue;
      const { name, status, processed, total, attempt, error, reason } = unit;
      log.info(`Unit ${name}`, { status, processed, total, attempt, error, reason });
    }
    log.show();
    return DONE;
  }

  return async (taskId, command) => {
    const answer = await run(taskId, command);
    return answer === 'cancelled' ? DONE : answer;
  };
}
