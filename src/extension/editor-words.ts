/** Everything the editor words for us, in its language. */
import * as vscode from 'vscode';
import type { Coded } from '../core/model.ts';
import { word } from '../wording/word.ts';
import type { Translate } from './translate.ts';

export interface EditorWords {
  readonly t: Translate;
  /** The sentence of a code. */
  readonly word: (coded: Coded) => string;
  readonly locale: string;
}

export const translate: Translate = (message, args) =>
  args === undefined ? vscode.l10n.t(message) : vscode.l10n.t(message, args);

export function editorWords(): EditorWords {
  const locale = vscode.env.language;
  return { t: translate, word: (coded) => word(coded, locale), locale };
}
