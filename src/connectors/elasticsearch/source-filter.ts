/**
 * Leaves fields out of documents, in their bytes: what stays is spelt as it was, which the server's own filter does not
 * promise.
 */
import { compileGlob } from '../../core/glob.ts';
import type { PageData } from '../contract.ts';
import { createOutput, type Output, putByte, putBytes } from '../output.ts';
import { PLACES } from './documents.ts';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  eachElement,
  eachMember,
  type Member,
  OPEN_ARRAY,
  OPEN_OBJECT,
  spaceEnd,
  valueEnd,
} from './json-bytes.ts';

/** Deeper fields stay or go with the one that they are in: no field of a mapping is that deep. */
const DEEPEST = 200;
/** Paths whose fate is remembered; documents may have any number of names. */
const MOST_PATHS = 10_000;

export interface Filtered {
  /** Sum of the sources. */
  readonly bytes: number;
  readonly data: Extract<PageData, { readonly format: 'search-hits' }>;
}

export type SourceFilter = (body: Buffer, places: Uint32Array) => Filtered;

/**
 * @param columns globs over paths (`user.name`) in order, `!` excludes. The last one that matches a field, or one that it is
 * in, decides; a field also stays around one in it that does.
 * @returns null: nothing is left out
 */
export function sourceFilter(columns: readonly string[]): SourceFilter | null {
  if (columns.length === 1 && columns[0] === '*') return null;
  const fates = createFates(columns);
  return (body, places) => {
    const out = createOutput();
    const kept = Uint32Array.from(places);
    let bytes = 0;
    const move = (at: number): void => {
      const [begin = 0, end = 0] = kept.subarray(at, at + 2);
      if (end === 0) return;
      kept[at] = out.length;
      putBytes(out, body.subarray(begin, end));
      kept[at + 1] = out.length;
    };
    for (let at = 0; at < kept.length; at += PLACES) {
      for (const part of [0, 2, 4]) move(at + part);
      const begin = out.length;
      putValue(out, body, spaceEnd(body, places[at + 6] as number), { fates, fate: fates.top, depth: 0 });
      kept[at + 6] = begin;
      kept[at + 7] = out.length;
      bytes += out.length - begin;
    }
    const data = { format: 'search-hits', bytes: out.bytes.subarray(0, out.length), places: kept } as const;
    return { bytes, data };
  };
}

/** What becomes of a field. */
interface Fate {
  readonly path: string;
  readonly keep: boolean;
  /** Number of the pattern that says so; -1 = none does. */
  readonly by: number;
}

interface Fates {
  readonly top: Fate;
  /** Whether fields in it can have another one. */
  readonly isOpen: (fate: Fate) => boolean;
  readonly of: (within: Fate, name: string) => Fate;
}

function createFates(columns: readonly string[]): Fates {
  const patterns = columns.map((text) => {
    const keep = !text.startsWith('!');
    const pattern = keep ? text : text.slice(1);
    const matches = compileGlob(pattern);
    return { keep, matches: (path: string) => path === pattern || matches(path) };
  });
  const known = new Map<string, Fate>();
  return {
    top: { path: '', keep: false, by: -1 },
    isOpen: ({ keep, by }) => patterns.some((pattern, at) => at > by && pattern.keep !== keep),
    of: (within, name) => {
      const path = within.path === '' ? name : `${within.path}.${name}`;
      // The same path may be reached in several ways: {"a":{"b":1}} and {"a.b":1}.
      const key = `${within.by} ${path}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const by = patterns.findLastIndex(({ matches }) => matches(path));
      const fate = by <= within.by ? { ...within, path } : { path, keep: patterns[by]?.keep === true, by };
      if (known.size >= MOST_PATHS) known.clear();
      known.set(key, fate);
      return fate;
    },
  };
}

interface Within {
  readonly fates: Fates;
  readonly fate: Fate;
  readonly depth: number;
}

/** @returns whether something of the value stays, or it is to stay itself; what it is in then holds it */
function putValue(
  out: Output,
  body: Buffer,
  begin: number,
  within: Within,
): { readonly stays: boolean; readonly end: number } {
  const { fates, fate, depth } = within;
  const first = body[begin];
  const isInner = first === OPEN_OBJECT || first === OPEN_ARRAY;
  if (!isInner || depth === DEEPEST || !fates.isOpen(fate)) {
    const end = valueEnd(body, begin);
    if (fate.keep) putBytes(out, body.subarray(begin, end));
    return { stays: fate.keep, end };
  }
  const before = out.length;
  const inner = { fates, depth: depth + 1 };
  let some = false;
  let end: number;
  putByte(out, first);
  /** With a comma before it where it is not the first; taken back where nothing stays. */
  const put = (put: () => { readonly stays: boolean; readonly end: number }): number => {
    const back = out.length;
    if (some) putByte(out, COMMA);
    const { stays, end } = put();
    if (stays) some = true;
    else out.length = back;
    return end;
  };
  if (first === OPEN_OBJECT) {
    end = eachMember(body, begin, (member) =>
      put(() => {
        const next = fates.of(fate, nameOf(body, member));
        putBytes(out, body.subarray(member.keyBegin - 1, member.keyEnd + 1));
        putByte(out, COLON);
        return putValue(out, body, member.begin, { ...inner, fate: next });
      }),
    );
    putByte(out, CLOSE_OBJECT);
  } else {
    end = eachElement(body, begin, (element) => put(() => putValue(out, body, element, { ...inner, fate })));
    putByte(out, CLOSE_ARRAY);
  }
  // A document stays a document, whatever is left of it.
  const stays = some || fate.keep || depth === 0;
  if (!stays) out.length = before;
  return { stays, end };
}

const COLON = 0x3a;
const BACKSLASH = 0x5c;

function nameOf(body: Buffer, { keyBegin, keyEnd }: Member): string {
  const text = body.toString('utf8', keyBegin, keyEnd);
  return body.subarray(keyBegin, keyEnd).includes(BACKSLASH) ? (JSON.parse(`"${text}"`) as string) : text;
}
