/** What a bulk request came to, item by item: a server answers HTTP 200 also where it has taken nothing. */
import type { BulkOperation } from './bulk-body.ts';
import { Broken } from './errors.ts';
import { wordsOf } from './failure-words.ts';

/** What is asked to be answered: the status of each item, and errors where there are some. */
export const ANSWER_PARTS = 'errors,items.*.status,items.*.error';

/** An item that was not taken. */
export interface FailedItem {
  /** Its number in the request, from 0. */
  readonly item: number;
  readonly status: number;
  /** Such as `document_parsing_exception`. */
  readonly type: string;
  readonly reason: string;
}

/**
 * Proves of each of the items that the server has taken it, or tells why not.
 * @throws Broken `elasticsearch.protocol` when the answer does not speak of exactly these items
 */
export function failedItems(body: Buffer, operation: BulkOperation, items: number): readonly FailedItem[] {
  return allTaken(body, operation, items) ? [] : lookedThrough(body, operation, items);
}

const BEGIN = Buffer.from('{"errors":false,"items":[');
const END = Buffer.from(']}');
const DIGIT = '#'.charCodeAt(0);

/** With a comma behind it; `#` is 0 or 1. */
const TAKEN: Readonly<Record<BulkOperation, Buffer>> = {
  index: Buffer.from('{"index":{"status":20#}},'),
  create: Buffer.from('{"create":{"status":20#}},'),
  update: Buffer.from('{"update":{"status":20#}},'),
};

/** Compares with the one answer that says so, byte by byte, as both products write it. */
function allTaken(body: Buffer, operation: BulkOperation, items: number): boolean {
  const item = TAKEN[operation];
  const length = BEGIN.length + items * item.length - 1 + END.length;
  if (items === 0 || body.length !== length || body.compare(BEGIN, 0, BEGIN.length, 0, BEGIN.length) !== 0)
    return false;
  const end = length - END.length;
  if (body.compare(END, 0, END.length, end) !== 0) return false;
  for (let at = BEGIN.length, of = 0; at < end; at += 1, of = of + 1 === item.length ? 0 : of + 1) {
    const byte = body[at] as number;
    const wanted = item[of] as number;
    if (byte !== wanted && !(wanted === DIGIT && (byte === 0x30 || byte === 0x31))) return false;
  }
  return true;
}

interface Item {
  readonly status?: unknown;
  readonly error?: unknown;
}

function lookedThrough(body: Buffer, operation: BulkOperation, count: number): FailedItem[] {
  const { items } = parsed(body);
  if (!Array.isArray(items) || items.length !== count)
    throw protocol(`${Array.isArray(items) ? items.length : 'no'} items instead of ${count}`);
  const failed: FailedItem[] = [];
  for (const [at, each] of (items as readonly (Readonly<Record<string, Item>> | null)[]).entries()) {
    // A document that its pipeline refuses is told of as one that was to be put in, also where it was to be merged.
    const refused = operation === 'update' && each?.index?.error !== undefined ? each.index : {};
    const { status, error } = each?.[operation] ?? refused;
    if (typeof status !== 'number' || !Number.isInteger(status)) throw protocol(`an item without a status at ${at}`);
    if (status < 200 || status > 299) failed.push({ item: at, status, ...wordsOf(error) });
    else if (error !== undefined) throw protocol(`an error with status ${status} at ${at}`);
  }
  return failed;
}

function parsed(body: Buffer): { readonly items?: unknown } {
  try {
    const answer: unknown = JSON.parse(body.toString());
    if (typeof answer === 'object' && answer !== null) return answer;
  } catch {
    // Said below.
  }
  throw protocol('a bulk request was not answered in JSON');
}

function protocol(detail: string): Broken {
  return new Broken('elasticsearch.protocol', detail);
}
