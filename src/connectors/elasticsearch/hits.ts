/** The documents of a search answer, found in its bytes and left there. */
import { PLACES } from './documents.ts';
import { Broken } from './errors.ts';
import {
  eachElement,
  eachMember,
  isKey,
  type Member,
  OPEN_OBJECT,
  QUOTE,
  spaceBegin,
  spaceEnd,
  valueEnd,
} from './json-bytes.ts';

export interface Hits {
  readonly count: number;
  /** Sum of the sources. */
  readonly sourceBytes: number;
  /** As in `search-hits` of the contract. */
  readonly places: Uint32Array;
  /** Two numbers a document: begin and end of its sort values, an array; 0, 0 = it has none. */
  readonly sorts: Uint32Array;
  /** How many documents the query has; null = the answer does not say it exactly. */
  readonly total: number | null;
  /** The newest name of the point in time; null = the answer has none. */
  readonly pit: string | null;
}

const ID = 0;
const ROUTING = 2;
const VERSION = 4;
const SOURCE = 6;

const NAMES = {
  hits: Buffer.from('hits'),
  total: Buffer.from('total'),
  pit: Buffer.from('pit_id'),
  shards: Buffer.from('_shards'),
  timedOut: Buffer.from('timed_out'),
  sort: Buffer.from('sort'),
} as const;

/** Of what a document has, by the place in `places`. */
const PARTS: readonly (readonly [Buffer, number])[] = [
  [Buffer.from('_source'), SOURCE],
  [Buffer.from('_id'), ID],
  [Buffer.from('_version'), VERSION],
  [Buffer.from('_routing'), ROUTING],
];

/**
 * @param most documents that were asked for
 * @throws Broken `elasticsearch.protocol` where it is no whole answer, `elasticsearch.partialAnswer` where shards or time
 * were missing for it
 */
export function sliceHits(body: Buffer, most: number): Hits {
  const found = { count: 0, sourceBytes: 0, total: null as number | null, pit: null as string | null };
  let hasHits = false;
  let isWhole = false;
  const places = new Uint32Array(PLACES * most);
  const sorts = new Uint32Array(2 * most);

  const part = (member: Member): number => {
    const { begin } = member;
    const end = valueEnd(body, begin);
    const at = found.count * PLACES;
    for (const [name, place] of PARTS) {
      if (!isKey(body, member, name)) continue;
      const isSource = place === SOURCE;
      // As it was sent, which may be with white space around it.
      places[at + place] = isSource ? spaceBegin(body, begin) : begin;
      places[at + place + 1] = isSource ? spaceEnd(body, end) : end;
      return end;
    }
    if (isKey(body, member, NAMES.sort)) {
      sorts[2 * found.count] = begin;
      sorts[2 * found.count + 1] = end;
    }
    return end;
  };
  const hit = (begin: number): number => {
    if (found.count === most) throw broken(`more than ${most} documents`);
    const end = eachMember(body, begin, part);
    const at = found.count * PLACES;
    const source = places[at + SOURCE] as number;
    // 0 where there is none: the answer's own bracket, or what stands before it.
    if (body[places[at + ID] as number] !== QUOTE) throw broken(`a document without an id at byte ${begin}`);
    if (source === 0 || body[spaceEnd(body, source)] !== OPEN_OBJECT)
      throw broken(`a document without a source at byte ${begin}`);
    found.sourceBytes += (places[at + SOURCE + 1] as number) - source;
    found.count += 1;
    return end;
  };
  const inHits = (member: Member): number => {
    if (isKey(body, member, NAMES.hits)) {
      hasHits = true;
      return eachElement(body, member.begin, hit);
    }
    const end = valueEnd(body, member.begin);
    if (isKey(body, member, NAMES.total)) found.total = exactTotal(parsed(body, member.begin, end));
    return end;
  };
  const onTop = (member: Member): number => {
    if (isKey(body, member, NAMES.hits)) return eachMember(body, member.begin, inHits);
    const end = valueEnd(body, member.begin);
    if (isKey(body, member, NAMES.pit)) found.pit = String(parsed(body, member.begin, end));
    else if (isKey(body, member, NAMES.timedOut)) requireInTime(parsed(body, member.begin, end));
    else if (isKey(body, member, NAMES.shards)) isWhole = requireAllShards(parsed(body, member.begin, end));
    return end;
  };

  const end = eachMember(body, spaceEnd(body, 0), onTop);
  if (spaceEnd(body, end) !== body.length) throw broken(`more behind the answer at byte ${end}`);
  if (!hasHits || !isWhole) throw broken('an answer without hits or shards');
  const { count } = found;
  return { ...found, places: places.subarray(0, count * PLACES), sorts: sorts.subarray(0, count * 2) };
}

function parsed(body: Buffer, begin: number, end: number): unknown {
  try {
    return JSON.parse(body.toString('utf8', begin, end));
  } catch {
    throw broken(`an answer that is not sound at byte ${begin}`);
  }
}

function exactTotal(total: unknown): number | null {
  const { value, relation } = (total ?? {}) as { readonly value?: unknown; readonly relation?: unknown };
  return typeof value === 'number' && relation === 'eq' ? value : null;
}

function requireInTime(timedOut: unknown): void {
  if (timedOut !== false) throw partial('it was not done in time');
}

function requireAllShards(shards: unknown): boolean {
  const { failed, total, successful } = (shards ?? {}) as Readonly<Record<string, unknown>>;
  if (failed !== 0 || total !== successful) throw partial(`${String(successful)} of ${String(total)} shards`);
  return true;
}

function partial(detail: string): Broken {
  return new Broken('elasticsearch.partialAnswer', 'Not the whole index answers.', { detail });
}

function broken(detail: string): Broken {
  return new Broken('elasticsearch.protocol', detail);
}
