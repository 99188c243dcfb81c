import { createHash } from 'node:crypto';
import type { Coded } from '../../core/model.ts';
import type { FilesConnection, UnitSettings } from '../../core/settings.ts';
import { selectColumns, unknownColumns } from '../../core/unit-selection.ts';
import { unlessAborted } from '../aborting.ts';
import type {
  Cell,
  Column,
  ListedUnit,
  NeutralType,
  NeutralUnit,
  Page,
  Reader,
  ReadOptions,
  Scope,
  Source,
  UnitSchema,
} from '../contract.ts';
import { fileError, refuse } from './errors.ts';
import {
  checkFolder,
  type FileState,
  type FoundUnit,
  findUnit,
  findUnits,
  sameState,
  schemaFileOf,
  stateOf,
} from './places.ts';
import { BEGINNING, type FileKind, lookThrough, openRows, type Position } from './row-stream.ts';
import { type FileColumn, fileColumns } from './rows.ts';
import { readSidecar, type Sidecar } from './sidecar.ts';
import { sizeOf } from './values.ts';

/** What the reader of a unit needs: `UnitSchema.native` of files. */
export interface FilesNative {
  readonly file: string;
  readonly state: FileState;
  /** Columns as they stand in a file of ours; null: a file of any other hand, whose values are all text. */
  readonly own: readonly FileColumn[] | null;
  /** All columns of the file, in its order. */
  readonly names: readonly string[];
  readonly rows: number;
}

const TEXT: NeutralType = { kind: 'text', length: null };
const JSON_TEXT: NeutralType = { kind: 'json' };

/** Opens a folder as a source; it is never written to. */
export async function openFilesSource(connection: FilesConnection, signal?: AbortSignal): Promise<Source> {
  signal?.throwIfAborted();
  checkFolder(connection);
  return sourceOver(connection, new Map(), signal === undefined ? null : { signal, wait: (turn) => turn });
}

/**
 * What a look through a whole file found (its columns, its rows, and that every one of them is sound), by `FileState`:
 * it is asked for more than once.
 */
type Scans = Map<string, { readonly names: readonly string[]; readonly rows: number }>;

function sourceOver(connection: FilesConnection, scans: Scans, scope: Scope | null): Source {
  const coded = async <T>(file: string, call: () => Promise<T>): Promise<T> => {
    try {
      scope?.signal.throwIfAborted();
      return await (scope === null ? call() : unlessAborted(call(), scope.signal));
    } catch (error) {
      if (scope?.signal.aborted) throw scope.signal.reason;
      throw fileError(error, { connection: connection.name, file });
    }
  };
  const scan = async (file: string, state: FileState) => {
    const name = JSON.stringify([file, state]);
    const found = scans.get(name) ?? (await lookThrough({ file, ...kindOf(connection) }, null, scope?.signal ?? null));
    scans.set(name, found);
    return found;
  };
  const describe = async (unit: string, settings: UnitSettings): Promise<UnitSchema> => {
    const found = findUnit(connection, unit);
    if (found === null) throw missing(connection, unit);
    if (found.outside) throw refuse('files.linkLeavesFolder', { unit }, `${found.files.data} leads out of its folder`);
    const { data } = found.files;
    const state = stateOf(data);
    if (state === null) throw missing(connection, unit);
    const sidecar = readSidecar(found.files.schema);
    if (sidecar !== null && String(sidecar.bytes) !== state.size)
      throw refuse('files.schemaOfAnotherFile', { file: data, schema: found.files.schema }, 'another size');
    if (sidecar !== null) return schemaOf(found, sidecar, state, settings);
    const scanned = await (scope === null ? scan(data, state) : scope.wait(scan(data, state)));
    return schemaOf(found, foreign(unit, scanned), state, settings, true);
  };

  return {
    formats: ['neutral'],
    listUnits: () => coded(connection.folder, async () => findUnits(connection).map(listed)),
    describe: (unit, settings) => coded(unit, () => describe(unit, settings)),
    upperBound: async (schema) => {
      const { rows } = schema.native as FilesNative;
      return rows === 0 ? null : JSON.stringify({ rows });
    },
    count: (schema) =>
      coded(schema.unit, async () => {
        const native = schema.native as FilesNative;
        checkState(native, schema.unit);
        return native.rows;
      }),
    read: (schema, options) => coded(schema.unit, () => openReader(connection, schema, options, coded)),
    within: (inner) => sourceOver(connection, scans, inner),
    close: async () => undefined,
  };
}

function kindOf({ format, compress }: FilesConnection): Omit<FileKind, 'file'> {
  return { format, compress };
}

function missing(connection: FilesConnection, unit: string): Error {
  return refuse('files.unitMissing', { unit, folder: connection.folder }, `no file for ${unit}`);
}

function listed({ unit, outside }: FoundUnit): ListedUnit {
  const leftOut: { leftOut?: Coded } = outside ? { leftOut: { code: 'files.linkLeavesFolder', args: { unit } } } : {};
  return { name: unit, type: 'table', view: false, rows: null, ...leftOut };
}

function foreign(unit: string, { names, rows }: { readonly names: readonly string[]; readonly rows: number }): Sidecar {
  const isDocuments = names.includes('_id') && names.includes('_source');
  const columns = names.map((name) => ({ name, type: 'text', nullable: true }));
  const types = names.map((name) => (isDocuments && name === '_source' ? JSON_TEXT : TEXT));
  // As a search server answers them, and other tools write them: with `_index`, `_score` and the like beside them.
  const neutral: NeutralUnit = isDocuments
    ? { types, key: ['_id'], origin: null, documents: true }
    : { types, key: [], origin: null };
  return { unit, rows, bytes: 0, columns, neutral, copy: null, outdated: false };
}

function schemaOf(
  { unit, files }: FoundUnit,
  described: Sidecar,
  state: FileState,
  settings: UnitSettings,
  isForeign = false,
): UnitSchema {
  const all = described.columns.map((column) => column.name);
  const wanted = new Set(selectColumns(all, settings.columns));
  const chosen = all.flatMap((name, at) => (wanted.has(name) ? [at] : []));
  const own = fileColumns(described.columns, described.neutral);
  const refusals: Coded[] = [];
  for (const column of unknownColumns(all, settings.columns))
    refusals.push({ code: 'files.noSuchColumn', args: { unit, column } });
  if (chosen.length === 0) refusals.push({ code: 'files.noColumns', args: { unit } });
  if (settings.where !== null) refusals.push({ code: 'files.whereNotSupported', args: { unit } });
  const asked = settings.key;
  if (asked?.some((name) => !wanted.has(name)))
    refusals.push({ code: 'files.keyNotUsable', args: { key: asked.join(', ') } });
  const known = described.neutral.key.every((name) => wanted.has(name)) ? described.neutral.key : [];
  const key = asked ?? known;
  const native: FilesNative = {
    file: files.data,
    state,
    own: isForeign ? null : own,
    names: all,
    rows: described.rows,
  };
  const columns = chosen
    .map((at) => described.columns[at] as Column)
    .map((column) => (key.includes(column.name) ? { ...column, nullable: false } : column));
  const isDocuments = described.neutral.documents === true && wanted.has('_id') && wanted.has('_source');
  const types = chosen.map((at) => described.neutral.types[at] as NeutralType);
  return {
    engine: 'files',
    unit,
    columns,
    key: key.length > 0 ? key : ['line'],
    ...(key.length > 0 ? {} : { keyIsPosition: true }),
    fingerprint: createHash('sha256')
      .update(JSON.stringify([state, columns, key]))
      .digest('hex')
      .slice(0, 32),
    native,
    neutral: {
      ...{ types, key, origin: asked === null ? described.neutral.origin : null },
      ...(isDocuments ? { documents: true } : {}),
    },
    warnings: isForeign && !isDocuments ? [{ code: 'files.allText', args: { unit } }] : [],
    refusals,
  };
}

/** Rows of a file cannot be told from each other but by where they stand: a changed file is another one. */
function checkState(native: FilesNative, unit: string): void {
  const { file } = native;
  const now = stateOf(file);
  if (now === null) throw refuse('files.unitRemoved', { unit, file }, `${file} was removed`);
  if (sameState(now, native.state)) return;
  const change = changeOf(native);
  if (change !== null) throw refuse('files.schemaChanged', { unit, file, change }, `${file} changed: ${change}`);
  throw refuse('files.sourceChanged', { unit, file }, `${file} changed`);
}

/** What its schema file now says otherwise, as a person would; null = nothing, or there is none. */
function changeOf({ own, file }: FilesNative): string | null {
  const now = own === null ? null : readSidecar(schemaFileOf(file));
  if (now === null) return null;
  const there = now.columns.map((column) => column.name);
  const before = own?.map((column) => column.name) ?? [];
  const added = there.filter((name) => !before.includes(name)).map((name) => `+${name}`);
  const removed = before.filter((name) => !there.includes(name)).map((name) => `-${name}`);
  return added.length + removed.length === 0 ? null : [...added, ...removed].join(', ');
}

type Coding = <T>(file: string, call: () => Promise<T>) => Promise<T>;

async function openReader(
  connection: FilesConnection,
  schema: UnitSchema,
  options: ReadOptions,
  coded: Coding,
): Promise<Reader> {
  const native = schema.native as FilesNative;
  checkState(native, schema.unit);
  const from = options.after === null ? BEGINNING : (JSON.parse(options.after) as Position);
  const parsing = { columns: native.own, names: native.names, blind: false };
  const stream = await openRows({ file: native.file, ...kindOf(connection) }, from, parsing);
  const picked = schema.columns.map((column) => native.names.indexOf(column.name));
  const positions = schema.keyIsPosition === true;
  let ended = false;

  const readPage = async (): Promise<Page | null> => {
    const cells: Cell[] = [];
    const row: (Cell | undefined)[] = [];
    let rows = 0;
    let bytes = 0;
    let { rows: position } = stream.position();
    while (rows < options.pageRows && bytes < options.pageBytes) {
      row.length = 0;
      const more = stream.next(row);
      if (!(typeof more === 'boolean' ? more : await more)) {
        ended = true;
        break;
      }
      position++;
      rows++;
      if (positions) cells.push(BigInt(position));
      for (const at of picked) {
        const cell = row[at] ?? null;
        bytes += sizeOf(cell);
        cells.push(cell);
      }
    }
    checkState(native, schema.unit);
    if (ended && position !== native.rows)
      throw refuse('files.rowsMissing', { file: native.file, rows: native.rows, found: position }, 'rows are missing');
    const last = JSON.stringify(stream.position());
    return rows === 0 ? null : { rows, bytes, last, data: { format: 'neutral', cells } };
  };

  return {
    next: async () => {
      if (ended) return null;
      await new Promise((resolve) => setImmediate(resolve));
      return coded(native.file, readPage);
    },
    close: async () => {
      ended = true;
      await stream.close();
    },
  };
}
