import type { Coded } from '../src/core/model.ts';
import { sentence } from '../src/wording/sentence.ts';
import { type Standing, standingWord } from '../src/wording/standing.ts';
import { createFormat, type Format } from './format.ts';
import { type Strings, stringsOf } from './strings.ts';

/** Everything that turns figures and codes into words of one language. */
export interface Words {
  readonly locale: string;
  readonly strings: Strings;
  readonly format: Format;
  word(coded: Coded): string;
  /** How a task stands, as a sentence of its own. */
  standing(standing: Standing): string;
}

/** Sentences by code in the language of the page, as the host put them into it. */
export type Sentences = ReadonlyMap<string, string>;

/** @param locale as the editor names it, for example `en` or `zh-cn`; an unknown one is treated as English */
export function createWords(locale: string, sentences: Sentences): Words {
  const known = Intl.NumberFormat.supportedLocalesOf([locale.replace('_', '-')]).length > 0 ? locale : 'en';
  const strings = stringsOf(known);
  const word = (coded: Coded): string => sentence(coded, (code) => sentences.get(code));
  return {
    locale: known,
    strings,
    format: createFormat(known),
    word,
    standing(standing) {
      const text = word(standingWord(standing));
      return text.charAt(0).toLocaleUpperCase(known) + text.slice(1) + (strings.standingHint[standing] ?? '');
    },
  };
}

/** @param json an object of texts; what is none words nothing, and codes are shown as they are */
export function sentencesIn(json: string | null | undefined): Sentences {
  if (!json) return new Map();
  const parsed: unknown = JSON.parse(json);
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
