import type { Coded } from '../src/core/model.ts';
import { word } from '../src/wording/word.ts';
import { createFormat, type Format } from './format.ts';
import { type Strings, stringsOf } from './strings.ts';

/** Everything that turns figures and codes into words of one language. */
export interface Words {
  readonly locale: string;
  readonly strings: Strings;
  readonly format: Format;
  word(coded: Coded): string;
}

/** @param locale as the editor names it, for example `en` or `zh-cn`; an unknown one is treated as English */
export function createWords(locale: string): Words {
  const known = Intl.NumberFormat.supportedLocalesOf([locale.replace('_', '-')]).length > 0 ? locale : 'en';
  return {
    locale: known,
    strings: stringsOf(known),
    format: createFormat(known),
    word: (coded) => word(coded, known),
  };
}
