import type { FilesConnection } from '../../core/settings.ts';
import { unlessAborted } from '../aborting.ts';
import type { Page, Scope, UnitSchema, WriteOptions, Writer } from '../contract.ts';
import { createOutput } from '../output.ts';
import { fileError, refuse } from './errors.ts';
import { writerOf } from './format.ts';
import { openPart, packed } from './part.ts';
import type { UnitFiles } from './places.ts';
import { fileColumns, type RowWriter } from './rows.ts';

/** Memory that is kept for the next page, bytes. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** What a part holds: so many rows of a copy. */
export interface Held {
  readonly rows: number;
  readonly copy: string | null;
}

export interface WriterTarget {
  readonly connection: FilesConnection;
  readonly files: UnitFiles;
  readonly scope: Scope | null;
  /** What the part holds, told after every batch. */
  holds(what: Held): void;
}

/** Appends pages to the part of a unit, from where the copy stands. */
export async function openWriter(to: WriterTarget, schema: UnitSchema, options: WriteOptions): Promise<Writer> {
  const { connection, files, scope } = to;
  const rowWriter = writerOf(connection.format, fileColumns(schema.columns, schema.neutral));
  const copy = options.copy ?? { identity: '', rows: 0 };
  const part = await openPart(files, {
    header: await packed(rowWriter.header, connection.compress),
    copy,
    kept: options.settings.resume === 'row' || options.settings.checkpoint === 'target',
  });
  let { rows } = copy;
  let output = createOutput();
  let busy: Promise<unknown> = Promise.resolve();
  let closed = false;
  const held = () => to.holds({ rows, copy: options.copy?.identity ?? null });
  held();

  const append = async (page: Page, checkpoint: string | null): Promise<number> => {
    output.length = 0;
    putRows(output, page, schema, rowWriter);
    const bytes = await packed(output.bytes.subarray(0, output.length), connection.compress);
    await part.append(bytes, rows + page.rows, checkpoint);
    if (output.bytes.length > KEPT_BYTES) output = createOutput();
    rows += page.rows;
    held();
    return page.rows;
  };

  return {
    write: async (page, checkpoint) => {
      try {
        scope?.signal.throwIfAborted();
        const work = append(page, checkpoint);
        busy = work.catch(() => undefined);
        return await (scope === null ? work : unlessAborted(work, scope.signal));
      } catch (error) {
        if (scope?.signal.aborted) throw scope.signal.reason;
        throw fileError(error, { connection: connection.name, file: files.part });
      }
    },
    // Nothing is seen under the target's name before `finish`.
    commit: async () => undefined,
    close: async () => {
      if (closed) return;
      closed = true;
      // What is being written comes to its end: a later execution must not find it growing.
      await busy;
      await part.close();
    },
  };
}

function putRows(output: ReturnType<typeof createOutput>, page: Page, schema: UnitSchema, rowWriter: RowWriter): void {
  if (page.data.format !== 'neutral')
    throw refuse('files.pairNotSupported', { unit: schema.unit }, `cannot write ${page.data.format}`);
  const { cells } = page.data;
  // A position says nothing that the order of the rows does not say.
  const before = schema.keyIsPosition === true ? 1 : 0;
  const width = schema.columns.length + before;
  for (let row = 0; row < page.rows; row++) rowWriter.put(output, cells, row * width + before);
}
