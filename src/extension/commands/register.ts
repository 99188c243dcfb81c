/** Commands wrapped once: what goes wrong is told to the person, with the log at hand. */
import * as vscode from 'vscode';
import type { Coded } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { Log } from '../log.ts';
import { plainText } from '../plain-text.ts';
import type { RecordCommandName } from './record-commands.ts';
import type { TaskCommandName } from './task-commands.ts';
import type { UnitCommandName } from './unit-commands.ts';

/** Every command of the manifest, by its name without the prefix. */
export type CommandName =
  | TaskCommandName
  | UnitCommandName
  | RecordCommandName
  | 'plan'
  | 'verify'
  | 'openPanel'
  | 'openConfig'
  | 'createTask'
  | 'openDemo'
  | 'testConnection'
  | 'setPassword'
  | 'showLog'
  | 'copyDiagnostics';

/** @param target what the editor passed @param selected the selected rows of the tree */
type Run = (target?: unknown, selected?: unknown) => unknown;

export type CommandMap = Readonly<Record<CommandName, Run>>;

/** These look only: an untrusted workspace may be looked at. */
const VIEW_ONLY: readonly string[] = [
  'openPanel',
  'openConfig',
  'showLog',
  'copyDiagnostics',
  'copyReport',
  'copyReportJson',
  'showRuns',
  'openRejected',
] satisfies CommandName[];

/** What a command failed with, as a sentence. */
export function sentenceOf(error: unknown, word: (coded: Coded) => string): string {
  if (error instanceof DataError) return [word(error.error), error.error.message].filter(Boolean).join(' ');
  return error instanceof Error ? error.message : String(error);
}

export function registerCommands(map: CommandMap, log: Log, word: (coded: Coded) => string): vscode.Disposable {
  const registrations = Object.entries(map).map(([name, run]) =>
    vscode.commands.registerCommand(`datatrace.${name}`, async (target?: unknown, selected?: unknown) => {
      try {
        if (!VIEW_ONLY.includes(name) && !vscode.workspace.isTrusted) return await explainTrust();
        return await run(target, selected);
      } catch (error) {
        log.error(`Command ${name} failed`, { error });
        const show = vscode.l10n.t('Show log');
        const sentence = plainText(log.redactor.redact(sentenceOf(error, word)));
        void vscode.window.showErrorMessage(sentence, show).then((answer) => answer === show && log.show());
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}

async function explainTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage workspace trust');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('This workspace is not trusted: tasks can be looked at, but nothing connects or copies.'),
    manage,
  );
  if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}
