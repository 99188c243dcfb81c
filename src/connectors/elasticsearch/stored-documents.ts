/** Documents of an index read back, to be compared with those that were read, byte for byte. */
import type { UnitSettings } from '../../core/settings.ts';
import type { Reader, Source, StoredRows } from '../contract.ts';

const PAGE_ROWS = 5_000;
const PAGE_BYTES = 4 * 1024 * 1024;
/** What is told of a document: id, routing and source. */
const KEY = [0, 1];
const VALUES = [2];

/** @param open the cluster as a source; closed with each reader */
export function storedDocuments(open: () => Promise<Source>, index: string, settings: UnitSettings): StoredRows {
  // Whatever was asked of the source: here is what was written.
  const { query: _, sort: __, swapAlias: ___, ...rest } = settings;
  const whole = { ...rest, where: null, columns: ['*'], key: null };
  const read = async (): Promise<Reader> => {
    const source = await open();
    try {
      const schema = await source.describe(index, whole);
      const reader = await source.read(schema, {
        ...{ where: null, after: null, upTo: null, format: 'search-hits' },
        ...{ pageRows: PAGE_ROWS, pageBytes: PAGE_BYTES },
      });
      const close = async (): Promise<void> => {
        await reader.close();
        await source.close();
      };
      return { next: () => reader.next(), close };
    } catch (error) {
      await source.close();
      throw error;
    }
  };
  return { format: 'search-hits', key: KEY, values: VALUES, json: [], read };
}
