/**
 * Tables that a careless copy changes. Each is made on every kind of server that can hold it; statements are those of
 * both products unless a table says otherwise.
 */
import type { ServerKind } from '../../servers/mysql/programs.ts';
import { DEFINITIONS } from './definitions.ts';
import { KEYS } from './keys.ts';
import { NAMES } from './names.ts';
import { VALUES } from './values.ts';

export interface NastyTable {
  readonly name: string;
  /** Everything that makes and fills the table; run in one go. */
  readonly sql: string;
  /** Kinds of server that know it. Absent: all. */
  readonly on?: readonly ServerKind[];
  /** Also copied by `npm test`, which takes a few tables of each sort. */
  readonly quick?: boolean;
  /** False where CHECKSUM TABLE of one table is not the same twice. */
  readonly checksum?: false;
  /** A row that some targets cannot hold: the copy must stop with this code. */
  readonly stops?: { readonly on: readonly ServerKind[]; readonly code: string };
  /** Values that some targets hold otherwise: the plan has to say so with this warning. */
  readonly says?: { readonly on: readonly ServerKind[]; readonly code: string };
}

export const TABLES: readonly NastyTable[] = [...VALUES, ...KEYS, ...DEFINITIONS, ...NAMES];

/** Names within a statement. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
