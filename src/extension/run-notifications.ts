/** One summary when a run ends; progress is never a notification. */
import * as vscode from 'vscode';
import { translate } from './editor-words.ts';
import type { EngineSlot } from './engine-slot.ts';
import type { Log } from './log.ts';
import { runSentence } from './run-sentence.ts';

export function createRunNotifications(slot: EngineSlot, log: Log): vscode.Disposable {
  const subscription = slot.onChange((change) => {
    // A start that failed has been told to whoever asked for it; a run that was given up ended by a person.
    if (change.kind !== 'ended' || change.summary.outcome === 'stopped' || change.summary.outcome === 'failed') return;
    const { taskId, summary } = change;
    const name =
      slot
        .current()
        ?.list()
        .find(({ id }) => id === taskId)?.name ?? taskId;
    const sentence = runSentence(name, summary, translate);
    log.info(sentence, { rows: summary.rows, bytes: summary.bytes, durationMs: Math.round(summary.durationMs) });
    void tell(taskId, sentence, summary.counts.failed > 0);
  });
  return new vscode.Disposable(() => subscription.dispose());
}

async function tell(taskId: string, sentence: string, failed: boolean): Promise<void> {
  const show = vscode.l10n.t('Show');
  const retry = vscode.l10n.t('Retry failed');
  const answer = failed
    ? await vscode.window.showWarningMessage(sentence, show, retry)
    : await vscode.window.showInformationMessage(sentence, show);
  if (answer === show) await vscode.commands.executeCommand('datatrace.openPanel', { taskId });
  if (answer === retry) await vscode.commands.executeCommand('datatrace.retryFailed', { taskId });
}
