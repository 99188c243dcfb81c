/** Reads rows back from where they were written, through the source of the same system. */
import type { UnitSettings } from '../core/settings.ts';
import type { Cell, Page, Reader, Source, StoredRows, UnitSchema } from './contract.ts';
import { FormatError } from './format-error.ts';

const PAGE_ROWS = 5_000;
const PAGE_BYTES = 1024 * 1024;

/**
 * @param open the system of the target as a source; closed with each reader
 * @param schema of the unit that was copied: its columns are compared, what else the target has is not
 */
export async function readBack(
  open: () => Promise<Source>,
  schema: UnitSchema,
  settings: UnitSettings,
): Promise<StoredRows> {
  // A position is where the source's rows stand, and nothing that a target must keep.
  const before = schema.keyIsPosition === true ? 1 : 0;
  const placeOf = (name: string) => before + schema.columns.findIndex((column) => column.name === name);
  const key = before === 1 ? [] : schema.key.map(placeOf);
  const there = await describing(open, settings);
  const types = typesByName(there);
  const json = schema.columns.flatMap(({ name }, at) => {
    const kinds = [schema.neutral?.types[at]?.kind, types(name)];
    return kinds.includes('json') ? [before + at] : [];
  });
  const values = schema.columns.map(({ name }) => placeOf(name)).filter((place) => !key.includes(place));
  return {
    ...{ format: 'neutral', key, values, json },
    read: async () => {
      const source = await open();
      try {
        const now = await source.describe(settings.targetName, unbounded(settings));
        const inner = await source.read(now, {
          ...{ where: null, after: null, upTo: null, format: 'neutral' },
          ...{ pageRows: PAGE_ROWS, pageBytes: PAGE_BYTES },
        });
        return inOrderOf(schema, now, { before, inner, close: () => source.close() });
      } catch (error) {
        await source.close();
        throw error;
      }
    },
  };
}

async function describing(open: () => Promise<Source>, settings: UnitSettings): Promise<UnitSchema> {
  const source = await open();
  try {
    return await source.describe(settings.targetName, unbounded(settings));
  } finally {
    await source.close();
  }
}

/** The whole table, whatever was asked of the source. */
function unbounded(settings: UnitSettings): UnitSettings {
  return { ...settings, where: null, columns: ['*'], key: null };
}

/** Names of columns do not differ by case alone where they may differ in case at all. */
function placeIn({ columns }: UnitSchema, name: string): number {
  const exact = columns.findIndex((column) => column.name === name);
  if (exact >= 0) return exact;
  return columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
}

function typesByName(there: UnitSchema): (name: string) => string | undefined {
  return (name) => there.neutral?.types[placeIn(there, name)]?.kind;
}

interface Read {
  readonly before: number;
  readonly inner: Reader;
  close(): Promise<void>;
}

/** The cells of each row where the source's row has them. */
function inOrderOf(schema: UnitSchema, there: UnitSchema, { before, inner, close }: Read): Reader {
  const own = there.keyIsPosition === true ? 1 : 0;
  const places = schema.columns.map(({ name }) => own + placeIn(there, name));
  const width = own + there.columns.length;
  const padding: Cell[] = before === 1 ? [null] : [];
  const ordered = (page: Page): Page => {
    if (page.data.format !== 'neutral') throw new FormatError(`rows of the form ${page.data.format}`, 0);
    const cells: Cell[] = [];
    for (let row = 0; row < page.rows; row++) {
      cells.push(...padding);
      for (const place of places) cells.push(page.data.cells[row * width + place] ?? null);
    }
    return { ...page, data: { format: 'neutral', cells } };
  };
  return {
    next: async () => {
      const page = await inner.next();
      return page === null ? null : ordered(page);
    },
    close: async () => {
      await inner.close();
      await close();
    },
  };
}
