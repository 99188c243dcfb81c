/** Copies nasty indexes between search servers and compares document by document, byte by byte. */
import { openSource, openTarget } from '../../../src/connectors/registry.ts';
import type { ElasticsearchConnection } from '../../../src/core/settings.ts';
import { planTask } from '../../../src/pipeline/plan.ts';
import { runUnit, SETTINGS } from '../../conformance/run-unit.ts';
import type { SearchServer } from '../../servers/elasticsearch/instance.ts';
import type { SearchKind } from '../../servers/elasticsearch/kinds.ts';
import { sharedSearchServer, stopSharedSearchServers } from '../../servers/elasticsearch/shared.ts';
import type { Fidelity } from '../result.ts';
import { INDEXES, type NastyDocument, type NastyIndex, PERHAPS } from './documents.ts';

export type SearchPair = readonly [from: SearchKind, to: SearchKind];

const KINDS = ['elasticsearch7', 'elasticsearch8', 'elasticsearch9', 'opensearch2', 'opensearch3'] as const;

/** Every product with every other. */
export const SEARCH_PAIRS: readonly SearchPair[] = KINDS.flatMap((from) => KINDS.map((to) => [from, to] as const));

export interface SearchWays {
  readonly pairs: readonly SearchPair[];
  /** Sizes of batches, and no huge documents; null = all, in batches of 1, 2, 3, 7 and around the number of documents. */
  readonly batchRows: readonly number[] | null;
}

export async function runSearchFidelity({ pairs, batchRows }: SearchWays): Promise<Fidelity> {
  const found: Fidelity = { units: 0, exact: 0, refused: 0, different: [] };
  try {
    for (const [from, to] of pairs) {
      const source = await sharedSearchServer(from);
      const target = await sharedSearchServer(to);
      for (const index of [...INDEXES, ...PERHAPS]) {
        if (index.name === 'huge' && batchRows !== null) continue;
        const made = await makeIndex(source, index);
        if (made === null) continue;
        const n = made.documents.length;
        const sizes = batchRows ?? (index.name === 'huge' ? [1, 1_000] : [1, 2, 3, 7, n - 1, n, n + 1]);
        for (const size of new Set(sizes.filter((each) => each > 0)))
          await copyIndex({ source, target, index: made, label: `${from} to ${to}/${index.name}` }, size, found);
        await source.request('DELETE', `/${made.name}`);
      }
    }
  } finally {
    await stopSharedSearchServers();
  }
  return found;
}

/** The index as this server takes it: without documents that it refuses; null where it has not such a mapping. */
async function makeIndex(server: SearchServer, index: NastyIndex): Promise<NastyIndex | null> {
  const name = `fidelity-${index.name}-${Date.now().toString(36)}`;
  const settings = { number_of_shards: 1, number_of_replicas: 0, ...index.settings };
  const made = await server.request('PUT', `/${encodeURIComponent(name)}`, { settings, mappings: index.mappings });
  if (made.status !== 200) {
    if (PERHAPS.includes(index)) return null;
    throw new Error(`${server.kind}: index ${index.name}: ${made.text}`);
  }
  const documents: NastyDocument[] = [];
  for (const document of index.documents) {
    const { status, text } = await put(server, name, document);
    if (status === 201) documents.push(document);
    else if (!PERHAPS.includes(index)) throw new Error(`${server.kind}: ${index.name}/${document.id}: ${text}`);
  }
  await server.request('POST', `/${name}/_refresh`);
  return { ...index, name, documents };
}

async function put(server: SearchServer, index: string, document: NastyDocument) {
  if (!isDots(document)) return server.request('PUT', `/${index}/_doc/${pathOf(document)}`, document.source);
  const action = JSON.stringify({ index: { _id: document.id } });
  const { text } = await server.request('POST', `/${index}/_bulk`, `${action}\n${document.source}\n`);
  const { items } = JSON.parse(text) as { items: { index: { status: number } }[] };
  return { status: items[0]?.index.status, text };
}

/** Such an id is a folder to whoever makes an address of it. */
function isDots({ id }: NastyDocument): boolean {
  return id === '.' || id === '..';
}

function pathOf({ id, routing }: NastyDocument): string {
  const part = encodeURIComponent(id);
  return routing === undefined ? part : `${part}?routing=${encodeURIComponent(routing)}`;
}

interface Copying {
  readonly source: SearchServer;
  readonly target: SearchServer;
  readonly index: NastyIndex;
  readonly label: string;
}

async function copyIndex(copying: Copying, batchRows: number, found: Fidelity): Promise<void> {
  const { source, target, index } = copying;
  const label = `${copying.label} in batches of ${batchRows}`;
  const to = `${index.name}-copy-${batchRows}`;
  const sides = { from: connectionTo(source), to: connectionTo(target) };
  const ends = { source: await openSource(sides.from), target: await openTarget(sides.to) };
  try {
    found.units += 1;
    const settings = { ...SETTINGS, targetName: to, batchRows };
    const request = {
      ...{ taskId: 'task', source: sides.from, target: sides.to, units: [index.name] },
      settings: { prefix: '', suffix: '', fallback: settings, overrides: { [index.name]: settings } },
    };
    const { units } = await planTask(request, ends.source, ends.target);
    if (units.some((unit) => unit.refusals.length > 0)) {
      found.refused += 1;
      return;
    }
    const { outcome } = await runUnit({ ...ends, ...sides }, index.name, { settings });
    if (outcome.kind !== 'completed') {
      found.different.push(`${label}: ${JSON.stringify(outcome)}`);
      return;
    }
    const difference = await firstDifference(copying, to);
    if (difference === null) found.exact += 1;
    else found.different.push(`${label}: ${difference}`);
  } finally {
    await ends.source.close();
    await ends.target.close();
    await target.request('DELETE', `/${to}`);
  }
}

async function firstDifference({ source, target, index }: Copying, to: string): Promise<string | null> {
  const count = JSON.parse((await target.request('GET', `/${to}/_count`)).text) as { count: number };
  if (count.count !== index.documents.length) return `${count.count} of ${index.documents.length} documents`;
  for (const document of index.documents) {
    const ours = await sourceOf(target, to, document);
    if (ours !== document.source)
      return `document ${JSON.stringify(document.id)}: ${ours.slice(0, 200)} instead of ${document.source.slice(0, 200)}`;
    const [about, original] = [await aboutOf(target, to, document), await aboutOf(source, index.name, document)];
    if (about !== original) return `document ${JSON.stringify(document.id)}: ${about} instead of ${original}`;
  }
  const [mapping, original] = [await mappingOf(target, to), await mappingOf(source, index.name)];
  return mapping === original ? null : `mapping ${mapping} instead of ${original}`;
}

/** As the server kept it. */
async function sourceOf(server: SearchServer, index: string, document: NastyDocument): Promise<string> {
  if (!isDots(document)) return (await server.request('GET', `/${index}/_source/${pathOf(document)}`)).text;
  const query = { query: { ids: { values: [document.id] } } };
  const { text } = await server.request('POST', `/${index}/_search`, query);
  return /"_source":(.*?)\}\]\}\}$/s.exec(text)?.[1] ?? text;
}

/** What stands beside a document. */
async function aboutOf(server: SearchServer, index: string, document: NastyDocument): Promise<string> {
  if (isDots(document)) return '';
  const path = pathOf(document);
  const query = path.includes('?') ? '&_source=false' : '?_source=false';
  const { text } = await server.request('GET', `/${index}/_doc/${path}${query}`);
  const { _id, _routing, _version } = JSON.parse(text) as { _id?: string; _routing?: string; _version?: number };
  return JSON.stringify({ _id, _routing, _version });
}

async function mappingOf(server: SearchServer, index: string): Promise<string> {
  const [only] = Object.values(JSON.parse((await server.request('GET', `/${index}/_mapping`)).text) as object);
  const { _meta, ...mappings } = (only as { mappings: { _meta?: object } }).mappings;
  // Nothing can take it away again once it was there.
  const said = Object.keys(_meta ?? {}).length === 0 ? {} : { _meta };
  return JSON.stringify(sorted({ ...said, ...mappings }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}

function connectionTo(server: SearchServer): ElasticsearchConnection {
  const { user, password } = server.login ?? {};
  return {
    type: 'elasticsearch',
    name: server.kind,
    urls: [server.url],
    auth: user === undefined || password === undefined ? { kind: 'none' } : { kind: 'basic', user, password },
    ...{ tlsCa: server.certificate?.ca ?? null, fingerprint: null, compression: false, requestTimeoutMs: 60_000 },
  };
}
