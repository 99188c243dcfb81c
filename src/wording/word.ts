/** The one place that turns codes into sentences. */
import type { Coded } from '../core/model.ts';
import { messages } from './messages.ts';
import { sentence } from './sentence.ts';

/**
 * The sentence of a code, with its arguments in place.
 * @param locale as in `vscode.env.language`: `zh-cn` and other Chinese are worded in Simplified Chinese, all else in English
 */
export function word(coded: Coded, locale: string): string {
  const language = languageOf(locale);
  return sentence(coded, (code) => messages.get(code)?.[language]);
}

/** All sentences of one language by their codes, for a view that words what it is told by itself. */
export function sentencesOf(locale: string): Readonly<Record<string, string>> {
  const language = languageOf(locale);
  return Object.fromEntries([...messages].map(([code, message]) => [code, message[language]]));
}

function languageOf(locale: string): 0 | 1 {
  return locale.toLowerCase().startsWith('zh') ? 1 : 0;
}
