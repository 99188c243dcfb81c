/** The indexes of a cluster, and what else leads to documents. */
import type { ListedUnit } from '../contract.ts';
import type { SearchClient } from './client.ts';
import { Broken } from './errors.ts';

interface Resolved {
  readonly indices?: readonly { readonly name: string; readonly attributes?: readonly string[] }[];
  readonly aliases?: readonly { readonly name: string; readonly indices?: readonly string[] }[];
  readonly data_streams?: readonly { readonly name: string }[];
}

/**
 * Indexes that are neither hidden nor a system's own (with a dot before their names); aliases and data streams are copied
 * only where they are named. Closed indexes cannot be read.
 */
export async function listUnits(client: SearchClient): Promise<ListedUnit[]> {
  const query = { expand_wildcards: 'open,closed' };
  const { body } = await client.send({ method: 'GET', path: ['_resolve', 'index', '*'], query });
  const { indices = [], aliases = [], data_streams: streams = [] } = resolvedIn(body);
  const unit = (name: string, view: boolean): ListedUnit => ({ name, type: 'index', view, rows: null });
  const ours = indices.filter(({ name, attributes = [] }) => !isSystem(name) && !attributes.includes('system'));
  const isReachable = new Set(ours.map(({ name }) => name));
  const units = [
    ...ours.map(({ name, attributes = [] }) => {
      const closed = { code: 'elasticsearch.closedUnit', args: { unit: name } };
      return attributes.includes('closed') ? { ...unit(name, false), leftOut: closed } : unit(name, false);
    }),
    ...aliases
      .filter(({ name, indices: behind = [] }) => !isSystem(name) && behind.some((index) => isReachable.has(index)))
      .map(({ name }) => unit(name, true)),
    ...streams.filter(({ name }) => !isSystem(name)).map(({ name }) => unit(name, true)),
  ];
  return units.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isSystem(name: string): boolean {
  return name.startsWith('.');
}

function resolvedIn(body: Buffer): Resolved {
  try {
    const resolved = JSON.parse(body.toString()) as Resolved | null;
    if (resolved !== null && typeof resolved === 'object') return resolved;
  } catch {
    // Said below.
  }
  throw new Broken('elasticsearch.protocol', 'a list of indexes that is not sound');
}
