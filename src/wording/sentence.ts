/** How a sentence is made of a code and its arguments; the sentences themselves are passed in. */
import type { Coded } from '../core/model.ts';

/**
 * The sentence of a code, with its arguments and what it is due to in place.
 * A code without a sentence (of a newer host, say) is shown as it is: never an exception, never nothing.
 * @param templateOf the sentence of a code in one language, with `{name}` in the places of its arguments, and
 * `{name|row|rows}` for words that are another when that argument is 1
 */
export function sentence(coded: Coded, templateOf: (code: string) => string | undefined): string {
  const template = templateOf(coded.code);
  if (template === undefined) return fallback(coded);
  return template.replace(PLACE, (whole, name: string, one: string | undefined, many: string, stop: string) => {
    if (name === 'cause' && coded.cause) return ended(sentence(coded.cause, templateOf), stop);
    const value = Object.hasOwn(coded.args, name) ? coded.args[name] : undefined;
    if (value === undefined) return whole;
    return one === undefined ? ended(String(value), stop) : `${String(value) === '1' ? one : many}${stop}`;
  });
}

const PLACE = /\{(\w+)(?:\|([^{}|]*)\|([^{}|]*))?\}([.。]?)/g;

/** What others say may end with a full stop of its own. */
function ended(text: string, stop: string): string {
  return stop === '' ? text : `${text.replace(/(?<![.。])[.。]$/, '')}${stop}`;
}

function fallback(coded: Coded): string {
  const args = Object.entries(coded.args).map(([name, value]) => `${name}: ${value}`);
  return args.length === 0 ? coded.code : `${coded.code} (${args.join(', ')})`;
}
