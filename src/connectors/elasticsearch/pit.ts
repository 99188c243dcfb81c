/** Points in time: an index as it was in one moment, kept by the server for as long as somebody asks. */
import type { Output } from '../output.ts';
import type { SearchClient } from './client.ts';
import { Broken } from './errors.ts';
import type { RawAnswer } from './exchange.ts';
import type { SearchServer } from './server.ts';

type Product = SearchServer['product'];

/** For so long the server keeps it after each search, which is how long a writer may keep its reader waiting. */
const KEEP = '5m';
/** Whoever closes one does not wait for longer, ms. */
const CLOSING_MS = 5_000;

/** Of OpenSearch: replicas that are given whole segments lag behind, and nobody can ask them to catch up. */
const OPENSEARCH = { allow_partial_pit_creation: false, preference: '_primary' };

/** @returns its name, which each search may change; rejects with a DataError */
export async function openPit(client: SearchClient, product: Product, unit: string): Promise<string> {
  const asked =
    product === 'elasticsearch'
      ? { path: [unit, '_pit'], query: { keep_alive: KEEP } }
      : { path: [unit, '_search', 'point_in_time'], query: { keep_alive: KEEP, ...OPENSEARCH } };
  const { body } = await client.send({ method: 'POST', ...asked });
  const { id, pit_id: pit } = JSON.parse(body.toString()) as { readonly id?: unknown; readonly pit_id?: unknown };
  const name = product === 'elasticsearch' ? id : pit;
  if (typeof name !== 'string') throw new Broken('elasticsearch.protocol', 'a point in time without a name');
  return name;
}

/** Never rejects: one that stays is forgotten by the server after a while. */
export async function closePit(client: SearchClient, product: Product, pit: string): Promise<void> {
  const asked =
    product === 'elasticsearch'
      ? { path: ['_pit'], body: JSON.stringify({ id: pit }) }
      : { path: ['_search', 'point_in_time'], body: JSON.stringify({ pit_id: [pit] }) };
  await client.send({ method: 'DELETE', ...asked, accept: [404], timeoutMs: CLOSING_MS }).catch(() => undefined);
}

export interface PitSearch {
  /** Members of the body, without the point in time. */
  readonly members: string;
  readonly maxBytes?: number;
  /** Memory for the answer. Absent: memory of its own. */
  readonly into?: Output;
}

/** @returns null: the server does not know it any more; rejects with a DataError */
export async function searchPit(client: SearchClient, pit: string, search: PitSearch): Promise<RawAnswer | null> {
  const { members, maxBytes, into } = search;
  const answer = await client.send({
    method: 'POST',
    path: ['_search'],
    query: { allow_partial_search_results: false },
    body: `{"pit":${JSON.stringify({ id: pit, keep_alive: KEEP })},${members}}`,
    accept: [404],
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(into === undefined ? {} : { into }),
  });
  return answer.status === 404 ? null : answer;
}
