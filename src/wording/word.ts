/** The one place that turns codes into sentences. */
import type { Coded } from '../core/model.ts';
import { messages } from './messages.ts';

/**
 * The sentence of a code, with its arguments in place.
 * A code without a sentence (of a newer host, say) is shown as it is: never an exception, never nothing.
 * @param locale as in `vscode.env.language`: `zh-cn` and other Chinese are worded in Simplified Chinese, all else in English
 */
export function word(coded: Coded, locale: string): string {
  const message = messages.get(coded.code);
  if (message === undefined) return fallback(coded);
  const template = message[locale.toLowerCase().startsWith('zh') ? 1 : 0];
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (name === 'cause' && coded.cause) return word(coded.cause, locale);
    const value = Object.hasOwn(coded.args, name) ? coded.args[name] : undefined;
    return value === undefined ? whole : String(value);
  });
}

function fallback(coded: Coded): string {
  const args = Object.entries(coded.args).map(([name, value]) => `${name}: ${value}`);
  return args.length === 0 ? coded.code : `${coded.code} (${args.join(', ')})`;
}
