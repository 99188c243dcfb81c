/** Commands wrapped once: what goes wrong is told to the person, with the log at hand. */
import * as vscode from 'vscode';
import type { Coded } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { Log } from '../log.ts';

/** Every command of the manifest, by its name without the prefix. */
export type CommandName =
  | 'start'
  | 'pause'
  | 'resume'
  | 'stop'
  | 'runAgain'
  | 'retryFailed'
  | 'reset'
  | 'setConcurrency'
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

export type CommandMap = Readonly<Record<CommandName, (target?: unknown) => unknown>>;

/** What a command failed with, as a sentence. */
export function sentenceOf(error: unknown, word: (coded: Coded) => string): string {
  if (error instanceof DataError) return [word(error.error), error.error.message].filter(Boolean).join(' ');
  return error instanceof Error ? error.message : String(error);
}

export function registerCommands(map: CommandMap, log: Log, word: (coded: Coded) => string): vscode.Disposable {
  const registrations = Object.entries(map).map(([name, run]) =>
    vscode.commands.registerCommand(`datatrace.${name}`, async (target?: unknown) => {
      try {
        return await run(target);
      } catch (error) {
        log.error(`Command ${name} failed`, { error });
        const show = vscode.l10n.t('Show log');
        const sentence = log.redactor.redact(sentenceOf(error, word));
        void vscode.window.showErrorMessage(sentence, show).then((answer) => answer === show && log.show());
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}
