/**
 * Gets documents into an index: bodies of a size that the cluster takes, as many at a time as it takes, and what it turned
 * away again, until it has answered for each document. Ids make repetitions harmless, so what was sent and not heard of is
 * sent again.
 */
import { DataError } from '../../core/ports.ts';
import type { RefusedRow } from '../contract.ts';
import { type BodySize, MOST_BODY_BYTES } from './body-size.ts';
import { ANSWER_PARTS, type FailedItem, failedItems } from './bulk-answer.ts';
import { type BulkStyle, fillBody, sizeInBody, splitAtLineBreaks } from './bulk-body.ts';
import { isTurnedAway, isUnheardOf, type Place, tooLarge, type Verdict, verdictOn } from './bulk-errors.ts';
import type { Gate } from './bulk-gate.ts';
import type { SearchClient, SearchRequest } from './client.ts';
import { type Documents, idOf, routingOf, sourceOf, versionOf } from './documents.ts';
import { Broken, fromNetwork } from './errors.ts';
import type { RawAnswer } from './exchange.ts';
import { wordsOf } from './failure-words.ts';

export interface BulkTo extends Place {
  readonly client: SearchClient;
  readonly gate: Gate;
  readonly style: BulkStyle;
  /** Shared with others who write there: what the cluster does not take from one it takes from none. */
  readonly size: BodySize;
  readonly buffers: Buffers;
  /** What the cluster takes in one request, bytes; null = unknown. */
  readonly mostBytes: number | null;
  /** Documents go through no pipeline of the index. */
  readonly passPipeline: boolean;
  /** Of a document that comes again the last one counts; see `WriteOptions`. Absent: the one of the highest version. */
  readonly lastCounts?: boolean;
  /** Waits before something is sent again for so many times; rejects when it is not to be. */
  wait(tries: number): Promise<void>;
}

/** Bodies of one page that are made at a time. */
const MOST_BODIES = 4;
/** How long a cluster may take nothing at all before whoever writes fails for now, ms. */
const PATIENCE_MS = 60_000;
const LEAST_TRIES = 2;

/** Memory of bodies, used again and again. */
export interface Buffers {
  take(bytes: number): Buffer;
  /** Only what nobody reads any more: a body whose request failed may still be on its way. */
  giveBack(buffer: Buffer): void;
}

const MOST_KEPT = 8;
const LEAST_BUFFER_BYTES = 64 * 1024;

export function createBuffers(): Buffers {
  const free: Buffer[] = [];
  return {
    take: (bytes) => {
      const at = free.findIndex((buffer) => buffer.length >= bytes);
      if (at >= 0) return free.splice(at, 1)[0] as Buffer;
      const rounded = Math.max(LEAST_BUFFER_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
      return Buffer.allocUnsafeSlow(bytes > MOST_BODY_BYTES ? bytes : Math.min(rounded, MOST_BODY_BYTES));
    },
    giveBack: (buffer) => {
      if (buffer.length <= MOST_BODY_BYTES && free.length < MOST_KEPT) free.push(buffer);
    },
  };
}

/** What one request came to. */
interface Outcome {
  /** Documents of it that the server has, or refuses for good. */
  readonly settled: number;
  readonly again: readonly number[];
  /** Why they are sent again. */
  readonly error: DataError | null;
  /** At once: only the size was wrong. */
  readonly atOnce?: boolean;
  readonly refused?: readonly RefusedRow[];
}

/**
 * @returns the documents that are refused for what they hold, by their numbers; the index has every other one
 * @throws DataError when the cluster does not take them now, or takes nothing
 */
export async function writeDocuments(to: BulkTo, documents: Documents): Promise<RefusedRow[]> {
  const { fit, broken } = splitAtLineBreaks(documents);
  const refused: RefusedRow[] = [];
  /** Those of which nobody knows whether they were taken. */
  const unheard = new Set<number>();
  const work = async (rows: Uint32Array, alone: boolean): Promise<void> => {
    let left = rows;
    let since = performance.now();
    for (let tries = 0; left.length > 0; ) {
      const outcomes = await sendAll(to, documents, left, unheard, alone);
      const again: number[] = [];
      let error: DataError | null = null;
      let settled = 0;
      let waits = false;
      for (const outcome of outcomes) {
        for (const row of outcome.again) again.push(row);
        if (outcome.refused !== undefined) refused.push(...outcome.refused);
        settled += outcome.settled;
        error ??= outcome.error;
        waits ||= outcome.again.length > 0 && outcome.atOnce !== true;
      }
      left = Uint32Array.from(again);
      if (left.length === 0 || !waits) continue;
      if (settled > 0) {
        tries = 0;
        since = performance.now();
      }
      if (error !== null && tries >= LEAST_TRIES && performance.now() - since > PATIENCE_MS) throw error;
      await to.wait(tries);
      tries += 1;
    }
  };
  if (fit.length > 0) await work(fit, false);
  if (broken.length > 0) await work(broken, true);
  return refused.sort((a, b) => a.row - b.row);
}

/** Sends all of them once, in as many requests as are needed. The first failure that ends the unit ends it. */
async function sendAll(
  to: BulkTo,
  documents: Documents,
  rows: Uint32Array,
  unheard: Set<number>,
  alone: boolean,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let from = 0;
  let failed = false;
  const send = async (): Promise<void> => {
    while (from < rows.length && !failed) {
      const first = from;
      const { last, bytes } = alone ? { last: first + 1, bytes: 0 } : bodyFrom(to, documents, rows, first);
      from = last;
      const some = rows.subarray(first, last);
      const request = alone ? sendOne(to, documents, some, unheard) : sendBody(to, documents, some, bytes, unheard);
      try {
        outcomes.push(await request);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const most = alone ? 2 * MOST_BODIES : MOST_BODIES;
  const settled = await Promise.allSettled(Array.from({ length: Math.min(most, rows.length) }, send));
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  return outcomes;
}

/** The rows of the next body, and its size. */
function bodyFrom(to: BulkTo, documents: Documents, rows: Uint32Array, first: number): { last: number; bytes: number } {
  const most = to.size.bytes();
  let bytes = 0;
  let last = first;
  for (; last < rows.length; last += 1) {
    const size = sizeInBody(documents, rows[last] as number, to.style);
    if (last > first && bytes + size > most) break;
    bytes += size;
  }
  return { last, bytes };
}

async function sendBody(
  to: BulkTo,
  documents: Documents,
  rows: Uint32Array,
  bytes: number,
  unheard: Set<number>,
): Promise<Outcome> {
  if (to.mostBytes !== null && bytes > to.mostBytes && rows.length === 1)
    return refusedAsTooLarge(to, documents, rows, bytes);
  const request = async (): Promise<RawAnswer> => {
    const buffer = to.buffers.take(bytes);
    const body = buffer.subarray(0, fillBody(buffer, documents, rows, to.style));
    const answer = await to.client.send({ method: 'POST', ...bulkPath(to), body, lines: true });
    // Whoever has answered so has read all of it.
    to.buffers.giveBack(buffer);
    return answer;
  };
  let answer: RawAnswer;
  try {
    answer = await to.gate.pass(request);
  } catch (error) {
    return outcomeOf(to, documents, rows, bytes, error, unheard);
  }
  to.size.taken();
  const failed = inOurWords(to, () => failedItems(answer.body, to.style.operation, rows.length));
  if (failed.length === 0) {
    to.gate.taken();
    return { settled: rows.length, again: [], error: null };
  }
  return judge(to, documents, rows, failed, unheard);
}

function bulkPath(to: BulkTo): Pick<SearchRequest, 'path' | 'query'> {
  const seconds = Math.max(1, Math.floor((to.connection.requestTimeoutMs * 0.8) / 1000));
  const query = {
    filter_path: ANSWER_PARTS,
    timeout: `${seconds}s`,
    ...(to.passPipeline ? { pipeline: '_none' } : {}),
  };
  return { path: [to.index, '_bulk'], query };
}

/** A request that failed as a whole. */
function outcomeOf(
  to: BulkTo,
  documents: Documents,
  rows: Uint32Array,
  bytes: number,
  error: unknown,
  unheard: Set<number>,
): Outcome {
  if (!(error instanceof DataError)) throw error;
  if (error.error.code === 'elasticsearch.requestTooLarge') {
    if (rows.length === 1) return refusedAsTooLarge(to, documents, rows, bytes);
    to.size.tooLarge(bytes);
    return { settled: 0, again: [...rows], error, atOnce: true };
  }
  const isLost = isUnheardOf(error);
  if (isLost) for (const row of rows) unheard.add(row);
  if (isLost && rows.length > 1) to.size.lost(bytes);
  if (isTurnedAway(error)) to.gate.turnedAway();
  else if (!isLost) throw error;
  return { settled: 0, again: [...rows], error };
}

function refusedAsTooLarge(to: BulkTo, documents: Documents, rows: Uint32Array, bytes: number): Outcome {
  const row = rows[0] as number;
  const refused = [{ row, error: tooLarge(bytes, idOf(documents, row), to) }];
  return { settled: 1, again: [], error: null, refused };
}

/** A request that was answered item by item, and not all were taken. */
async function judge(
  to: BulkTo,
  documents: Documents,
  rows: Uint32Array,
  failed: readonly FailedItem[],
  unheard: Set<number>,
): Promise<Outcome> {
  const again: number[] = [];
  const refused: RefusedRow[] = [];
  let error: DataError | null = null;
  for (const each of failed) {
    const row = rows[each.item] as number;
    const judged = verdictOn(each, idOf(documents, row), to);
    const verdict = judged.kind === 'conflict' ? await settleConflict(to, documents, row, unheard, judged) : judged;
    if (verdict === null) continue;
    if (verdict.kind === 'end') throw verdict.error;
    if (verdict.kind === 'row') refused.push({ row, error: verdict.error });
    else {
      again.push(row);
      error ??= verdict.error;
    }
  }
  if (again.length > 0) to.gate.turnedAway();
  else to.gate.taken();
  return { settled: rows.length - again.length, again, error, refused };
}

/** null: the index has it, or a newer one. */
async function settleConflict(
  to: BulkTo,
  documents: Documents,
  row: number,
  unheard: Set<number>,
  { error }: Verdict,
): Promise<Verdict | null> {
  const { operation, versions } = to.style;
  if (operation === 'update') return { kind: 'again', error };
  if (versions && to.lastCounts) return writeOver(to, documents, row, unheard, error);
  let found: Buffer | null;
  try {
    found = await storedSource(to, documents, row);
  } catch (failure) {
    if (!(failure instanceof DataError) || !(isTurnedAway(failure) || isUnheardOf(failure))) throw failure;
    return { kind: 'again', error: failure };
  }
  if (operation === 'create') {
    // It may be ours, of a request that was not heard of.
    const ours = unheard.has(row) && found?.equals(sourceOf(documents, row)) === true;
    return ours ? null : { kind: 'row', error };
  }
  if (found !== null || !versions) return null;
  // One that was deleted had a higher version.
  return writeOver(to, documents, row, unheard, error);
}

/** Writes a document whatever version is there. null: the index has it. @param error why it could not be written as it is */
async function writeOver(
  to: BulkTo,
  documents: Documents,
  row: number,
  unheard: Set<number>,
  error: DataError,
): Promise<Verdict | null> {
  const anyVersion = { ...to, style: { operation: 'index', versions: false } } as const;
  const { again, refused = [] } = await sendOne(anyVersion, documents, Uint32Array.of(row), unheard);
  const [first] = refused;
  if (first !== undefined) return { kind: 'row', error: first.error };
  return again.length > 0 ? { kind: 'again', error } : null;
}

/** What the index has under the document's id; null = nothing. */
async function storedSource(to: BulkTo, documents: Documents, row: number): Promise<Buffer | null> {
  const routing = routingOf(documents, row);
  const { status, body } = await to.client.send({
    method: 'GET',
    path: [to.index, '_source', idOf(documents, row)],
    ...(routing === null ? {} : { query: { routing } }),
    accept: [404],
  });
  return status === 404 ? null : body;
}

/** A document with line breaks in it, which a bulk request cannot take as it is. */
async function sendOne(to: BulkTo, documents: Documents, [row]: Uint32Array, unheard: Set<number>): Promise<Outcome> {
  const rows = Uint32Array.of(row as number);
  const source = sourceOf(documents, row as number);
  if (to.mostBytes !== null && source.length > to.mostBytes)
    return refusedAsTooLarge(to, documents, rows, source.length);
  let answer: RawAnswer;
  try {
    answer = await to.gate.pass(() => to.client.send(requestOf(to, documents, row as number, source)));
  } catch (error) {
    return outcomeOf(to, documents, rows, source.length, error, unheard);
  }
  const { status, body } = answer;
  if (status < 300) {
    to.gate.taken();
    return { settled: 1, again: [], error: null };
  }
  return judge(to, documents, rows, [{ item: 0, status, ...failureIn(body) }], unheard);
}

function requestOf(to: BulkTo, documents: Documents, row: number, source: Buffer): SearchRequest {
  const { operation, versions } = to.style;
  const id = idOf(documents, row);
  const routing = routingOf(documents, row);
  const version = versions ? versionOf(documents, row) : null;
  const routed = routing === null ? {} : { routing };
  const accept = [400, 404, 409];
  if (operation === 'update') {
    const body = Buffer.concat([Buffer.from('{"doc":'), source, Buffer.from(',"doc_as_upsert":true}')]);
    const query = { ...routed, retry_on_conflict: 3 };
    return { method: 'POST', path: [to.index, '_update', id], query, body, accept };
  }
  const query = {
    ...routed,
    ...(to.passPipeline ? { pipeline: '_none' } : {}),
    ...(operation === 'create' ? { op_type: 'create' } : {}),
    ...(version === null ? {} : { version, version_type: 'external_gte' }),
  };
  return { method: 'PUT', path: [to.index, '_doc', id], query, body: source, accept };
}

function failureIn(body: Buffer): Pick<FailedItem, 'type' | 'reason'> {
  try {
    return wordsOf((JSON.parse(body.toString()) as { error?: unknown } | null)?.error);
  } catch {
    return { type: '', reason: '' };
  }
}

function inOurWords<T>(to: BulkTo, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    throw fromNetwork(error, to.connection, new URL(to.connection.urls[0] as string));
  }
}
