/** What a search source says of a unit to a search target (`UnitSchema.native`). Plain data. */
import type { UnitSchema } from '../contract.ts';
import type { SearchServer } from './server.ts';

export interface SearchNative {
  readonly server: Pick<SearchServer, 'product' | 'major' | 'title'>;
  /** The cluster's own identity, the same behind every address of it; empty = unknown. */
  readonly cluster: string;
  /** The indexes behind the unit: one, or those of an alias or a data stream. */
  readonly indexes: readonly { readonly name: string; readonly uuid: string }[];
  /** As JSON text that the server has sent, numbers as they are; of an alias or a data stream those of its newest index. */
  readonly settings: string;
  readonly mappings: string;
}

/** null: a unit of another engine. */
export function searchNativeOf({ engine, native }: UnitSchema): SearchNative | null {
  return engine === 'elasticsearch' ? (native as SearchNative) : null;
}
