import fs from 'node:fs';
import type { Coded } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { FilesConnection, UnitSettings } from '../../core/settings.ts';
import type { Scope, Target, TargetPlan, UnitSchema } from '../contract.ts';
import { fileError, refuse } from './errors.ts';
import { putInPlace } from './finish.ts';
import { writerOf } from './format.ts';
import { readJournal } from './journal.ts';
import { finishedBy, makePart, packed, sidecarOf } from './part.ts';
import { filesOf, stateOf, type UnitFiles } from './places.ts';
import { lookThrough } from './row-stream.ts';
import { fileColumns } from './rows.ts';
import type { FilesNative } from './source.ts';
import { storedRows } from './stored.ts';
import { type Held, openWriter } from './writer.ts';

/**
 * Opens a folder as a target; it is made by the first `prepare`. A file is always written anew, beside the one that is
 * there, and takes its place when all rows are in it.
 */
export async function openFilesTarget(connection: FilesConnection): Promise<Target> {
  return targetOver(connection, new Map(), null);
}

/** @param parts what the parts hold that were written here, by their paths */
function targetOver(connection: FilesConnection, parts: Map<string, Held>, scope: Scope | null): Target {
  const coded = async <T>(settings: UnitSettings, call: (files: UnitFiles) => T | Promise<T>): Promise<T> => {
    const files = filesOf(connection, settings.targetName);
    try {
      scope?.signal.throwIfAborted();
      if (files === null) throw refuseName(settings);
      return await call(files);
    } catch (error) {
      if (scope?.signal.aborted) throw scope.signal.reason;
      throw fileError(error, { connection: connection.name, file: files?.data ?? connection.folder });
    }
  };
  const headerOf = (schema: UnitSchema) =>
    packed(writerOf(connection.format, fileColumns(schema.columns, schema.neutral)).header, connection.compress);
  const makeEmpty = async (schema: UnitSchema, files: UnitFiles) => {
    await makePart(files, await headerOf(schema));
    parts.set(files.part, { rows: 0, copy: null });
  };
  /** Reads the file again: what is on the disk counts. */
  const count = async (schema: UnitSchema, file: string) => {
    const { format, compress } = connection;
    return (
      await lookThrough({ file, format, compress }, fileColumns(schema.columns, schema.neutral), scope?.signal ?? null)
    ).rows;
  };

  return {
    formats: ['neutral'],
    keepsPositions: true,
    takesDocuments: true,
    plan: (schema, settings) => coded(settings, (files) => planUnit(connection, schema, settings, files)).catch(asPlan),
    prepare: (schema, settings) =>
      coded(settings, async (files) => {
        const refusal = planUnit(connection, schema, settings, files).refusals[0];
        if (refusal !== undefined) throw refuse(refusal.code, refusal.args, refusal.code);
        fs.mkdirSync(connection.folder, { recursive: true });
        await makeEmpty(schema, files);
        return fs.existsSync(files.data) ? 'emptied' : 'created';
      }),
    empty: (schema, settings) => coded(settings, (files) => makeEmpty(schema, files)),
    readCheckpoints: (_schema, settings) =>
      coded(settings, (files) => {
        const kept = readJournal(files.journal)?.entries.at(-1)?.checkpoint;
        return typeof kept === 'string' ? [kept] : [];
      }),
    forgetCheckpoint: (_schema, settings) => coded(settings, (files) => fs.rmSync(files.journal, { force: true })),
    write: (schema, options) =>
      coded(options.settings, (files) => {
        const holds = (what: Held) => parts.set(files.part, what);
        return openWriter({ connection, files, scope, holds }, schema, options);
      }),
    count: (schema, settings) =>
      coded(settings, (files) => {
        return count(schema, fileOf(settings, files));
      }),
    stored: (schema, settings) => coded(settings, (files) => storedRows(connection, schema, fileOf(settings, files))),
    finish: (schema, settings) =>
      coded(settings, async (files) => {
        const { neutral } = schema;
        if (neutral === undefined) throw refuse('files.pairNotSupported', { unit: schema.unit }, schema.engine);
        const held = parts.get(files.part);
        parts.delete(files.part);
        const { rows, copy } = held ?? { rows: await count(schema, files.part), copy: null };
        if (finishedBy(files, copy, rows)) return;
        const mine = copy !== null && sidecarOf(files)?.copy === copy;
        if (settings.write === 'insert' && !mine && fs.existsSync(files.data)) throw refuseExisting(settings, files);
        putInPlace(files, { unit: settings.targetName, rows, columns: schema.columns, neutral, copy, outdated: false });
      }),
    within: (inner) => targetOver(connection, parts, inner),
    close: async () => undefined,
  };
}

/** The part as long as it is one, then the file that came of it. */
function fileOf(settings: UnitSettings, files: UnitFiles): string {
  const file = [files.part, files.data].find((each) => fs.existsSync(each));
  if (file === undefined) throw refuseMissing(settings, files);
  return file;
}

/** What can be told of one unit without the folder is told in the plan. */
function asPlan(error: unknown): TargetPlan {
  if (!(error instanceof DataError) || error.error.class !== 'permanent') throw error;
  const { code, args } = error.error;
  return { create: null, warnings: [], refusals: [{ code, args }] };
}

function refuseName({ targetName }: UnitSettings): Error {
  return refuse('files.nameUnusable', { target: targetName }, `no file can be called ${targetName}`);
}

function refuseMissing({ targetName }: UnitSettings, { data }: UnitFiles): Error {
  return refuse('files.targetMissing', { target: targetName, file: data }, `no file ${data}`);
}

function refuseExisting({ targetName }: UnitSettings, { data }: UnitFiles): Error {
  return refuse('files.targetExists', { target: targetName, file: data }, `${data} is there`);
}

function planUnit(
  connection: FilesConnection,
  schema: UnitSchema,
  settings: UnitSettings,
  files: UnitFiles,
): TargetPlan {
  const args = { connection: connection.name, target: settings.targetName, file: files.data, unit: schema.unit };
  const refusals: Coded[] = [];
  const warnings: Coded[] = [];
  const there = stateOf(files.data);
  if (schema.neutral === undefined) refusals.push({ code: 'files.pairNotSupported', args });
  refusals.push(...(schema.neutral?.refusals ?? []));
  if (there !== null && isSource(schema, there.identity)) refusals.push({ code: 'files.targetIsSource', args });
  if (there !== null && settings.write === 'insert') refusals.push({ code: 'files.targetExists', args });
  else if (there !== null) warnings.push({ code: 'files.replaced', args });
  if (there === null && settings.createTarget === 'never') refusals.push({ code: 'files.targetMissing', args });
  if (!mayWrite(connection.folder))
    refusals.push({ code: 'files.accessDenied', args: { ...args, file: connection.folder, detail: 'EACCES' } });
  const columns = schema.columns.map(({ name, type }) => `${name} ${type}`.trim());
  // What was prepared is there as long as its part is, or the file that came of it.
  const goesOn = fs.existsSync(files.part) || finishedBy(files, null, null);
  return { create: goesOn ? null : `${files.data}\n${columns.join('\n')}`, warnings, refusals };
}

/** Links and other spellings may lead from the target's name to the source's file. */
function isSource(schema: UnitSchema, identity: string): boolean {
  return schema.engine === 'files' && (schema.native as FilesNative).state.identity === identity;
}

/** true for a folder that is still to be made. */
function mayWrite(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
