/** What became of a wish, as one notification and one line of the log. */
import * as vscode from 'vscode';
import type { EditorWords } from '../editor-words.ts';
import type { Log } from '../log.ts';
import { plainText } from '../plain-text.ts';
import type { ActionAnswer } from './task-actions.ts';

export function tell(answer: ActionAnswer, log: Log, { word }: EditorWords): void {
  if (answer === 'cancelled') return;
  const coded = answer.ok ? answer.note : answer.refusal;
  if (!coded) return;
  const sentence = plainText(log.redactor.redact(word(coded)));
  log[answer.ok ? 'info' : 'warn'](sentence, { code: coded.code });
  if (answer.ok) void vscode.window.showInformationMessage(sentence);
  else void vscode.window.showWarningMessage(sentence);
}
