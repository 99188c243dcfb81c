/** What happened: the last runs of a task, the executions of a unit, the rows that were rejected. */
import * as vscode from 'vscode';
import type { AttemptRow, RunRow, TaskId, UnitRow } from '../../core/model.ts';
import type { TaskSummary } from '../../engine/api.ts';
import { redacted } from '../../host/redaction.ts';
import { reportMarkdown } from '../../wording/report-text.ts';
import type { Tasks } from '../tasks.ts';
import { pickTask } from './picks.ts';
import { attemptsText, outcomeIcon, outcomeText, spentText, whenText } from './record-texts.ts';
import type { CommandRooms } from './rooms.ts';
import { givenUnits } from './targets.ts';
import { tell } from './tell.ts';

export type RecordCommandName = 'showRuns' | 'openRejected';

const RUNS = 50;
const ATTEMPTS = 200;

export function createRecordCommands(
  rooms: CommandRooms,
  tasks: Tasks,
): Readonly<Record<RecordCommandName, (target?: unknown, selected?: unknown) => Promise<void>>> {
  const { slot, folders, actions, view, texts, words, log } = rooms;

  async function showRunsOf(taskId: TaskId): Promise<void> {
    const manager = await slot.get();
    const runs = await manager.runs(taskId, RUNS);
    if (runs.length === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('{task} has not run yet.', { task: tasks.title(taskId) }),
      );
      return;
    }
    const placeHolder = vscode.l10n.t('Runs of {task}: choose one for its report', { task: tasks.title(taskId) });
    const picked = await vscode.window.showQuickPick(runs.map(runItem), { placeHolder, matchOnDescription: true });
    if (!picked) return;
    const report = redacted(await manager.report(taskId, picked.run.id), log.redactor.redact);
    const when = whenText(picked.run.startedAt, words.locale);
    const text = reportMarkdown(report, words.word, words.locale);
    await texts.show(vscode.l10n.t('Run of {task} {when}', { task: tasks.title(taskId), when }), text);
  }

  function runItem(run: Readonly<RunRow>) {
    return {
      label: `$(${outcomeIcon(run)}) ${whenText(run.startedAt, words.locale)}`,
      description: [outcomeText(run, words.t), spentText(run.startedAt, run.endedAt)].filter(Boolean).join(' · '),
      detail: runDetail(run),
      run,
    };
  }

  function runDetail({ rows, rejected, units, mode }: Readonly<RunRow>): string {
    const count = rows.toLocaleString(words.locale);
    const parts = [rows === 1 ? vscode.l10n.t('1 row') : vscode.l10n.t('{count} rows', { count })];
    if (rejected > 0) parts.push(vscode.l10n.t('{count} rejected', { count: rejected.toLocaleString(words.locale) }));
    if (mode === 'manual') parts.push(vscode.l10n.t('manual'));
    if (units !== null) parts.push(vscode.l10n.t('limited to chosen units ({count})', { count: units.length }));
    return parts.join(' · ');
  }

  async function showAttemptsOf(taskId: TaskId, unit: Readonly<UnitRow>): Promise<void> {
    const manager = await slot.get();
    const attempts: readonly AttemptRow[] = await manager.attempts(taskId, unit.id, ATTEMPTS);
    const task = tasks.title(taskId);
    const text = log.redactor.redact(attemptsText(task, unit, attempts, words));
    await texts.show(vscode.l10n.t('Executions of {unit} in {task}', { unit: unit.name, task }), text);
  }

  return {
    async openRejected(target, selected) {
      await slot.ready();
      const [chosen] = givenUnits(target, selected, view.selection, await slot.get()) ?? [];
      const question = vscode.l10n.t('Open the rejected rows of which task?');
      const fits = ({ rejected }: TaskSummary): boolean => rejected > 0;
      const taskId = chosen?.taskId ?? (await pickTask(target, { slot, folders }, fits, question));
      if (taskId !== undefined) tell(await actions.openRejected(taskId, chosen?.units[0]?.id), log, words);
    },
    async showRuns(target, selected) {
      await slot.ready();
      const [chosen] = givenUnits(target, selected, view.selection, await slot.get()) ?? [];
      const [unit] = chosen?.units ?? [];
      if (chosen && unit) return showAttemptsOf(chosen.taskId, unit);
      const question = vscode.l10n.t('Show the runs of which task?');
      const taskId = await pickTask(target, { slot, folders }, ({ units }) => units > 0, question);
      if (taskId !== undefined) await showRunsOf(taskId);
    },
  };
}
