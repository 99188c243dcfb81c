/** Commands about a whole task: of the clicked row, the only one, or the chosen one. */
import * as vscode from 'vscode';
import type { TaskId } from '../../core/model.ts';
import type { TaskSummary } from '../../engine/api.ts';
import { pickTask } from './picks.ts';
import type { CommandRooms } from './rooms.ts';
import type { ActionAnswer, TaskActions } from './task-actions.ts';
import { tell } from './tell.ts';

export type TaskCommandName =
  | 'start'
  | 'pause'
  | 'resume'
  | 'stop'
  | 'runAgain'
  | 'retryFailed'
  | 'retryRejected'
  | 'reset'
  | 'setMode'
  | 'clearQueue'
  | 'setConcurrency'
  | 'setErrorPolicy'
  | 'setRetry'
  | 'setLimits'
  | 'deleteStoredData'
  | 'takeOver'
  | 'copyReport'
  | 'copyReportJson';

interface TaskCommand {
  readonly question: string;
  /** Tasks that it makes sense for. */
  readonly fits: (task: TaskSummary) => boolean;
  readonly run: (taskId: TaskId, actions: TaskActions) => Promise<ActionAnswer>;
}

type TaskCommandMap = Readonly<Record<TaskCommandName, (target?: unknown) => Promise<ActionAnswer | undefined>>>;

export function createTaskCommands(rooms: CommandRooms): TaskCommandMap {
  const { slot, folders, actions, log, words } = rooms;
  const run = async (target: unknown, command: TaskCommand): Promise<ActionAnswer | undefined> => {
    const taskId = await pickTask(target, { slot, folders }, command.fits, command.question);
    if (taskId === undefined) return undefined;
    const answer = await command.run(taskId, actions);
    tell(answer, log, words);
    return answer;
  };
  const entries = Object.entries(taskCommands()).map(([name, command]) => [
    name,
    (target?: unknown) => run(target, command),
  ]);
  return Object.fromEntries(entries) as TaskCommandMap;
}

function taskCommands(): Readonly<Record<TaskCommandName, TaskCommand>> {
  const rests = ({ runState }: TaskSummary): boolean => runState === 'idle' || isHeld(runState);
  const isHeld = (runState: TaskSummary['runState']): boolean => runState === 'paused' || runState === 'interrupted';
  const any = (): boolean => true;
  return {
    start: {
      question: vscode.l10n.t('Start which task?'),
      fits: ({ runState, planning }) => runState === 'idle' && !planning,
      run: (taskId, actions) => actions.start(taskId),
    },
    pause: {
      question: vscode.l10n.t('Pause which task?'),
      fits: ({ runState }) => runState === 'running',
      run: (taskId, actions) => actions.pause(taskId),
    },
    resume: {
      question: vscode.l10n.t('Resume which task?'),
      fits: ({ runState }) => isHeld(runState),
      run: (taskId, actions) => actions.resume(taskId),
    },
    stop: {
      question: vscode.l10n.t('Stop which task?'),
      fits: ({ runState }) => runState !== 'idle' && runState !== 'stopping',
      run: (taskId, actions) => actions.stop(taskId),
    },
    runAgain: {
      question: vscode.l10n.t('Run which task again?'),
      fits: (task) => task.units > 0 && rests(task),
      run: (taskId, actions) => actions.runAgain(taskId),
    },
    retryFailed: {
      question: vscode.l10n.t('Retry the failed units of which task?'),
      fits: ({ counts }) => counts.failed > 0,
      run: (taskId, actions) => actions.retryFailed(taskId),
    },
    retryRejected: {
      question: vscode.l10n.t('Retry the rejected rows of which task?'),
      fits: ({ rejected }) => rejected > 0,
      run: (taskId, actions) => actions.retryRejected(taskId),
    },
    reset: {
      question: vscode.l10n.t('Reset the progress of which task?'),
      fits: (task) => task.units > 0 && rests(task),
      run: (taskId, actions) => actions.reset(taskId),
    },
    setMode: {
      question: vscode.l10n.t('Switch the mode of which task?'),
      fits: any,
      run: (taskId, actions) => actions.setMode(taskId),
    },
    clearQueue: {
      question: vscode.l10n.t('Clear the queue of which task?'),
      fits: ({ queued }) => queued > 0,
      run: (taskId, actions) => actions.clearQueue(taskId),
    },
    setConcurrency: {
      question: vscode.l10n.t('Set the units at a time of which task?'),
      fits: any,
      run: (taskId, actions) => actions.setConcurrency(taskId),
    },
    setErrorPolicy: {
      question: vscode.l10n.t('Set the error policy of which task?'),
      fits: any,
      run: (taskId, actions) => actions.setErrorPolicy(taskId),
    },
    setRetry: {
      question: vscode.l10n.t('Set the retries of which task?'),
      fits: any,
      run: (taskId, actions) => actions.setRetry(taskId),
    },
    setLimits: {
      question: vscode.l10n.t('Set the limits of which task?'),
      fits: any,
      run: (taskId, actions) => actions.setLimits(taskId),
    },
    deleteStoredData: {
      question: vscode.l10n.t('Delete the stored data of which task?'),
      fits: (task) => rests(task) && (task.units > 0 || task.outcome !== null || task.definitionRemoved),
      run: (taskId, actions) => actions.deleteStoredData(taskId),
    },
    takeOver: {
      question: vscode.l10n.t('Take over the folder of which task?'),
      fits: ({ managedBy }) => managedBy !== null,
      run: (taskId, actions) => actions.takeOver(taskId),
    },
    copyReport: {
      question: vscode.l10n.t('Copy the report of which task?'),
      fits: ({ units }) => units > 0,
      run: (taskId, actions) => actions.copyReport(taskId, 'markdown'),
    },
    copyReportJson: {
      question: vscode.l10n.t('Copy the report of which task?'),
      fits: ({ units }) => units > 0,
      run: (taskId, actions) => actions.copyReport(taskId, 'json'),
    },
  };
}
