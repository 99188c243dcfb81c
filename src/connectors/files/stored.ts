/** Reads the rows of a file back that is being made, or was: its columns are those of the unit. */
import type { FilesConnection } from '../../core/settings.ts';
import type { Cell, Page, Reader, StoredRows, UnitSchema } from '../contract.ts';
import { BEGINNING, openRows } from './row-stream.ts';
import { fileColumns } from './rows.ts';

const PAGE_ROWS = 5_000;

export function storedRows({ format, compress }: FilesConnection, schema: UnitSchema, file: string): StoredRows {
  // A position says where the source's rows stand: it is in no file.
  const before = schema.keyIsPosition === true ? 1 : 0;
  const columns = fileColumns(schema.columns, schema.neutral);
  const places = columns.map((_, at) => before + at);
  const key = before === 1 ? [] : schema.key.map((name) => columns.findIndex((column) => column.name === name));
  const isJson = (place: number): boolean => columns[place - before]?.type.kind === 'json';
  return {
    ...{ format: 'neutral', key, json: places.filter(isJson) },
    values: places.filter((place) => !key.includes(place)),
    read: async () => {
      const parsing = { columns, names: null, blind: false };
      return readerOf(await openRows({ file, format, compress }, BEGINNING, parsing), columns.length, before);
    },
  };
}

function readerOf(rows: Awaited<ReturnType<typeof openRows>>, width: number, before: number): Reader {
  const next = async (): Promise<Page | null> => {
    const cells: Cell[] = [];
    const row: (Cell | undefined)[] = [];
    let count = 0;
    while (count < PAGE_ROWS) {
      row.length = 0;
      const more = rows.next(row);
      if (!(typeof more === 'boolean' ? more : await more)) break;
      if (before === 1) cells.push(null);
      for (let at = 0; at < width; at++) cells.push(row[at] ?? null);
      count++;
    }
    return count === 0 ? null : { rows: count, bytes: 0, last: null, data: { format: 'neutral', cells } };
  };
  return {
    next: async () => {
      // Others have their turn between two pages.
      await new Promise((resolve) => setImmediate(resolve));
      return next();
    },
    close: () => rows.close(),
  };
}
