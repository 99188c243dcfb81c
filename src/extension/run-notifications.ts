/** One summary when a run ends; progress is never a notification. */
import * as vscode from 'vscode';
import type { TaskId } from '../core/model.ts';
import type { TaskManager } from '../engine/api.ts';
import { translate } from './editor-words.ts';
import type { EngineSlot } from './engine-slot.ts';
import type { Folders } from './folders.ts';
import type { Log } from './log.ts';
import { plainText } from './plain-text.ts';
import { MOST_NAMES, runSentence, type Unwell } from './run-sentence.ts';
import { tasksOf } from './tasks.ts';

/** Pending units that are looked at for why they were not executed. */
const LOOKED_AT = 1_000;

export function createRunNotifications(slot: EngineSlot, folders: Folders, log: Log): vscode.Disposable {
  const tasks = tasksOf(slot, folders.nameOf);
  const subscription = slot.onChange((change) => {
    // A start that failed has been told to whoever asked for it; a run that was given up ended by a person.
    if (change.kind !== 'ended' || change.summary.outcome === 'stopped' || change.summary.outcome === 'failed') return;
    const { taskId, summary } = change;
    const manager = slot.current();
    // The window that manages the task tells it.
    if (!manager || tasks.find(taskId)?.managedBy) return;
    const sentence = plainText(runSentence(tasks.title(taskId), summary, unwellOf(manager, taskId), translate));
    log.info(sentence, { rows: summary.rows, bytes: summary.bytes, durationMs: Math.round(summary.durationMs) });
    void tell(taskId, sentence, summary.counts.failed > 0, summary.rejected > 0);
  });
  return new vscode.Disposable(() => subscription.dispose());
}

function unwellOf(manager: TaskManager, taskId: TaskId): Unwell {
  const waiting = manager.units(taskId, 'pending', -1, LOOKED_AT).units.map(({ id }) => id);
  // All at once: one by one each would walk its whole chain of parents.
  const { reasons } = manager.delta(taskId, new Set(waiting), false);
  const blocked = reasons.filter(([, reason]) => isBlocked(reason?.text.code)).map(([index]) => index);
  return {
    failed: manager.units(taskId, 'failed', -1, MOST_NAMES).units.map(({ name }) => name),
    blocked: blocked.flatMap((index) => manager.unitAt(taskId, index)?.name ?? []),
  };
}

/** They come after a unit that failed, or that is not part of the run. */
function isBlocked(code: string | undefined): boolean {
  return code === 'blockedByFailed' || code === 'blockedByAbsent';
}

async function tell(taskId: TaskId, sentence: string, failed: boolean, rejected: boolean): Promise<void> {
  const show = vscode.l10n.t('Show');
  const retry = vscode.l10n.t('Retry failed');
  const rows = vscode.l10n.t('Open rejected rows');
  const buttons = [show, ...(failed ? [retry] : []), ...(rejected ? [rows] : [])];
  const answer =
    failed || rejected
      ? await vscode.window.showWarningMessage(sentence, ...buttons)
      : await vscode.window.showInformationMessage(sentence, show);
  if (answer === rows) await vscode.commands.executeCommand('datatrace.openRejected', { taskId });
  if (answer === show) await vscode.commands.executeCommand('datatrace.openPanel', { taskId });
  if (answer === retry) await vscode.commands.executeCommand('datatrace.retryFailed', { taskId });
}
