/** Answers of searches that bring no documents. */
import { Broken } from './errors.ts';

export interface SmallAnswer {
  /** The newest name of the point in time; null = it was asked in none. */
  readonly pit: string | null;
  /** How many documents there are; null = not counted. */
  readonly total: number | null;
  /** Sequence number of the one document that was asked for; null = there is none. */
  readonly seq: number | null;
  /** The shard that it is in, where that was asked for. */
  readonly shard: string | null;
  /** Values of the aggregation `borders`, rounded down. */
  readonly borders: readonly number[];
}

interface Answer {
  readonly timed_out?: unknown;
  readonly _shards?: { readonly total?: unknown; readonly successful?: unknown; readonly failed?: unknown };
  readonly pit_id?: unknown;
  readonly hits?: {
    readonly total?: { readonly value?: unknown; readonly relation?: unknown };
    readonly hits?: readonly { readonly sort?: readonly unknown[]; readonly _shard?: unknown }[];
  };
  readonly aggregations?: { readonly borders?: { readonly values?: readonly { readonly value?: unknown }[] } };
}

/** @throws Broken `elasticsearch.protocol`, or `elasticsearch.partialAnswer` where shards or time were missing for it */
export function smallAnswer(body: Buffer): SmallAnswer {
  const { pit_id: pit, hits, aggregations } = wholeAnswer(body);
  const { value, relation } = hits?.total ?? {};
  const { sort, _shard: shard } = hits?.hits?.[0] ?? {};
  const seq = sort?.[0];
  if (seq !== undefined && !Number.isSafeInteger(seq)) throw protocol(`a sequence number ${String(seq)}`);
  const borders = (aggregations?.borders?.values ?? []).flatMap((each) =>
    typeof each.value === 'number' && each.value >= 0 ? [Math.floor(each.value)] : [],
  );
  return {
    pit: typeof pit === 'string' ? pit : null,
    total: typeof value === 'number' && relation === 'eq' ? value : null,
    seq: typeof seq === 'number' ? seq : null,
    shard: typeof shard === 'string' ? shard : null,
    borders,
  };
}

/** @throws Broken where the answer does not say how many documents there are */
export function totalOf({ total }: Pick<SmallAnswer, 'total'>): number {
  if (total === null) throw protocol('a search that does not say how many documents there are');
  return total;
}

function wholeAnswer(body: Buffer): Answer {
  let answer: Answer | null = null;
  try {
    answer = JSON.parse(body.toString()) as Answer | null;
  } catch {
    // Said below.
  }
  if (typeof answer !== 'object' || answer === null || !answer._shards) throw protocol('a search without an answer');
  const { total, successful, failed } = answer._shards;
  if (answer.timed_out === false && failed === 0 && total === successful) return answer;
  const detail = answer.timed_out === false ? `${successful} of ${total} shards` : 'it was not done in time';
  throw new Broken('elasticsearch.partialAnswer', 'Not the whole index answers.', { detail });
}

function protocol(detail: string): Broken {
  return new Broken('elasticsearch.protocol', detail);
}
