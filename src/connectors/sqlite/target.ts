import fs from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Coded, Prepared } from '../../core/model.ts';
import type { SqliteConnection, UnitSettings } from '../../core/settings.ts';
import type { Scope, Target, TargetPlan, UnitSchema } from '../contract.ts';
import { readBack } from '../stored-rows.ts';
import { adopt } from './adopt.ts';
import { compareTarget } from './compare.ts';
import { catalog, fileIdentity, type OpenFile, openForWriting, patiently, writable, yieldTurn } from './database.ts';
import { isRowError, type Place, refuse, sqliteError } from './errors.ts';
import { quoteName, withIndexName } from './names.ts';
import { findTable, readNative, type SqliteNative, targetStatements } from './schema.ts';
import { countRows, keyNames, openSqliteSource } from './source.ts';
import { createCheckpointTable, forgetCheckpoint, isCheckpointTable, readKeptCheckpoint } from './target-checkpoint.ts';
import { takeTurn } from './turns.ts';
import { openWriter } from './writer.ts';

/**
 * Opens a SQLite file as a target. The file is made by the first `prepare`; until then nothing is there, and nothing is
 * changed by asking. All units of a task that write to one file share this connection and take turns.
 */
export async function openSqliteTarget(connection: SqliteConnection): Promise<Target> {
  return targetOver(connection, { opening: null });
}

/** What all scopes of a target have in common. */
interface Shared {
  opening: Promise<OpenFile> | null;
}

function targetOver(connection: SqliteConnection, shared: Shared, scope?: Scope): Target {
  const place: Place = { connection: connection.name, file: connection.file };

  const open = async (create: boolean): Promise<DatabaseSync> => {
    shared.opening ??= openForWriting(connection, create).catch((error) => {
      shared.opening = null;
      throw error;
    });
    return (await shared.opening).db;
  };
  const exists = () => shared.opening !== null || fileSize(connection.file) > 0;
  const coded = async <T>(unit: string, call: () => Promise<T>): Promise<T> => {
    try {
      scope?.signal.throwIfAborted();
      return await call();
    } catch (error) {
      if (scope?.signal.aborted) throw scope.signal.reason;
      throw sqliteError(error, { ...place, unit });
    }
  };
  /** Changes the file while no unit of this thread does. */
  const change = async <T>(db: DatabaseSync, call: () => T): Promise<T> => {
    await yieldTurn();
    const release = await takeTurn(realFile(connection.file), scope);
    try {
      return await patiently(() => inTransaction(db, call), scope?.signal);
    } finally {
      release();
    }
  };

  return {
    formats: ['sqlite', 'neutral'],
    takesMore: true,
    isRowError,
    keepsPositions: true,
    plan: (schema, settings) =>
      coded(settings.targetName, async () => {
        if (isOwnSource(connection, schema)) return refusedAsOwnSource(connection, settings);
        const db = exists() ? await open(false) : null;
        const own = adopt(schema, encodingOf(db)).schema;
        const planned = planUnit(own, settings, db === null ? null : readNative(db, settings.targetName));
        const adopting = own === schema ? [] : [...(schema.neutral?.refusals ?? []), ...own.refusals];
        return { ...planned, refusals: [...adopting, ...planned.refusals, ...readOnlyRefusals(connection)] };
      }),
    prepare: (schema, settings) =>
      coded(settings.targetName, async () => {
        refuseOwnSource(connection, schema, settings);
        const db = await open(settings.createTarget !== 'never');
        const own = adopt(schema, encodingOf(db)).schema;
        const refusal = own.refusals[0];
        if (refusal !== undefined) throw refuse(refusal.code, refusal.args, refusal.code);
        if ((await shared.opening)?.created) makeNewFile(db, own);
        return change(db, () => prepareTable(db, own, settings));
      }),
    empty: (schema, settings) =>
      coded(settings.targetName, async () => {
        refuseOwnSource(connection, schema, settings);
        const db = await open(false);
        await change(db, () => {
          forgetCheckpoint(db, settings.targetName);
          db.exec(`DELETE FROM ${quoteName(settings.targetName)}`);
        });
      }),
    readCheckpoints: (_schema, settings) =>
      coded(settings.targetName, async () => {
        if (!exists()) return [];
        const db = await open(false);
        const kept = await patiently(() => readKeptCheckpoint(db, settings.targetName), scope?.signal);
        return kept === null ? [] : [kept];
      }),
    forgetCheckpoint: (_schema, settings) =>
      coded(settings.targetName, async () => {
        if (!exists()) return;
        const db = await open(false);
        await change(db, () => forgetCheckpoint(db, settings.targetName));
      }),
    write: (schema, options) =>
      coded(options.settings.targetName, async () => {
        const db = await open(false);
        const unit = { ...place, unit: options.settings.targetName };
        const own = adopt(schema, encodingOf(db));
        return openWriter({ db, file: realFile(connection.file), place: unit, scope }, own, options);
      }),
    count: (schema, settings, upTo) =>
      coded(settings.targetName, async () => {
        const db = await open(false);
        await yieldTurn();
        // A border of another engine means nothing here: then all rows count.
        const border = schema.engine === 'sqlite' ? upTo : null;
        return patiently(() => countRows(db, settings.targetName, keyNames(schema), null, border), scope?.signal);
      }),
    stored: (schema, settings) =>
      coded(settings.targetName, () => readBack(() => openSqliteSource(connection, scope?.signal), schema, settings)),
    touchedBy: (settings) =>
      coded(settings.targetName, async () => {
        const db = await open(false);
        const made = "SELECT name FROM sqlite_schema WHERE type='trigger' AND tbl_name=? COLLATE NOCASE";
        const found = catalog<{ name: string }>(db, made, settings.targetName).map(({ name }) => name);
        const args = { target: settings.targetName, triggers: found.join(', ') };
        return found.length === 0 ? null : { code: 'sqlite.triggersMeanwhile', args };
      }),
    finish: (schema, settings) =>
      coded(settings.targetName, async () => {
        const db = await open(false);
        refuseReplaced(connection, (await shared.opening)?.identity);
        const own = adopt(schema, encodingOf(db)).schema;
        await change(db, () => {
          forgetCheckpoint(db, settings.targetName);
          raiseSequence(db, own, settings);
        });
      }),
    within: (inner) => targetOver(connection, shared, inner),
    close: async () => {
      const opened = await shared.opening?.catch(() => null);
      shared.opening = null;
      if (opened?.db.isOpen) closeFile(opened.db, opened.created);
    },
  };
}

/** Two names may lead to one file (links, mounts): emptying the target would then empty the source. */
function isOwnSource(connection: SqliteConnection, schema: UnitSchema): boolean {
  if (schema.engine !== 'sqlite') return false;
  const { file } = schema.native as SqliteNative;
  return file !== null && file === fileIdentity(connection.file);
}

function refusedAsOwnSource(connection: SqliteConnection, settings: UnitSettings): TargetPlan {
  const args = { connection: connection.name, file: connection.file, target: settings.targetName };
  return { create: null, warnings: [], refusals: [{ code: 'sqlite.targetIsSource', args }] };
}

function refuseOwnSource(connection: SqliteConnection, schema: UnitSchema, settings: UnitSettings): void {
  if (!isOwnSource(connection, schema)) return;
  const { code, args } = refusedAsOwnSource(connection, settings).refusals[0] as Coded;
  throw refuse(code, args, `${connection.file} is the source's own file`);
}

/** A file that was removed or replaced while it was open still takes rows, which nobody will ever find. */
function refuseReplaced(connection: SqliteConnection, opened: string | null | undefined): void {
  if (fileIdentity(connection.file) === opened) return;
  const args = { connection: connection.name, file: connection.file };
  throw refuse('sqlite.targetReplaced', args, `${connection.file} is another file now`);
}

function fileSize(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** One name for a file, whatever links lead to it. */
function realFile(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}

function inTransaction<T>(db: DatabaseSync, call: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = call();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** null as long as a file has no table: until then it takes any. */
function encodingOf(db: DatabaseSync | null): string | null {
  if (db === null || catalog(db, 'SELECT 1 FROM sqlite_schema LIMIT 1').length === 0) return null;
  return catalog<{ encoding: string }>(db, 'PRAGMA encoding')[0]?.encoding ?? null;
}

/** A new file speaks the source's encoding (it cannot be changed later) and is loaded with one sync for a batch. */
function makeNewFile(db: DatabaseSync, schema: UnitSchema): void {
  const tables = catalog<{ tables: number }>(db, 'SELECT count(*) AS tables FROM sqlite_schema')[0]?.tables;
  if (tables !== 0) return;
  db.exec(`PRAGMA encoding='${(schema.native as SqliteNative).encoding}'`);
  db.exec('PRAGMA journal_mode=WAL');
}

/** A file that we made goes back to the one-file form that everybody can open, if nobody else has it open. */
function closeFile(db: DatabaseSync, created: boolean): void {
  try {
    if (created) db.exec('PRAGMA journal_mode=DELETE');
  } catch {
    // Somebody reads it: it stays in WAL mode, which is as good.
  } finally {
    db.close();
  }
}

function readOnlyRefusals(connection: SqliteConnection): Coded[] {
  const { name, file } = connection;
  const folder = path.dirname(file);
  if (!fs.existsSync(folder)) return [{ code: 'sqlite.folderMissing', args: { connection: name, folder } }];
  if (!writable(file)) return [{ code: 'sqlite.readOnly', args: { connection: name, file, unit: '', detail: '' } }];
  if (!writable(folder)) return [{ code: 'sqlite.folderReadOnly', args: { connection: name, file, folder } }];
  return [];
}

function planUnit(schema: UnitSchema, settings: UnitSettings, found: SqliteNative | null): TargetPlan {
  const target = settings.targetName;
  const refusal = (code: string, args: Coded['args'] = {}): TargetPlan => ({
    create: null,
    warnings: [],
    refusals: [{ code, args: { target, ...args } }],
  });
  if (/^sqlite_/i.test(target) || target.includes('\0')) return refusal('sqlite.targetNameReserved');
  if (isCheckpointTable(target)) return refusal('sqlite.checkpointTarget');
  if (found !== null && settings.createTarget !== 'recreate') {
    const compared = compareTarget(schema, found, settings);
    const emptied: Coded[] = isKeyless(schema) ? [{ code: 'sqlite.keylessEmptiedFirst', args: { target } }] : [];
    return { create: null, parents: found.parents, ...compared, warnings: [...compared.warnings, ...emptied] };
  }
  if (found === null && settings.createTarget === 'never') return refusal('sqlite.targetMissing');
  if (found !== null && found.kind !== 'table') return refusal('sqlite.targetIsNotATable', { kind: found.kind });
  try {
    const made = targetStatements(schema, target);
    const create = [made.table, ...made.indexes.map((index) => index.sql)].join(';\n');
    return { create, warnings: [], refusals: [] };
  } catch (error) {
    const { code, args } = sqliteError(error, { connection: '', file: '' }).error;
    return code === 'sqlite.failed' || code === 'sqlite.constraint'
      ? refusal('sqlite.tableCannotBeCreated', { detail: error instanceof Error ? error.message : String(error) })
      : { create: null, warnings: [], refusals: [{ code, args }] };
  }
}

/** Without a declared key nothing tells a row that is there from one to be copied. */
function isKeyless(schema: UnitSchema): boolean {
  return schema.key.length === 0 || (schema.native as SqliteNative).rowid !== null;
}

function prepareTable(db: DatabaseSync, schema: UnitSchema, settings: UnitSettings): Prepared {
  const table = quoteName(settings.targetName);
  const found = readNative(db, settings.targetName);
  const planned = planUnit(schema, settings, found);
  const refusal = planned.refusals[0];
  if (refusal !== undefined) throw refuse(refusal.code, refusal.args, refusal.code);
  forgetCheckpoint(db, settings.targetName);
  if (settings.checkpoint === 'target') createCheckpointTable(db);
  if (planned.create !== null) {
    if (found !== null) db.exec(`DROP TABLE ${table}`);
    createTable(db, schema, settings.targetName);
    return 'created';
  }
  if (catalog(db, `SELECT 1 FROM ${table} LIMIT 1`).length === 0) return 'empty';
  if (settings.write !== 'truncate' && !isKeyless(schema)) return 'rows';
  db.exec(`DELETE FROM ${table}`);
  return 'emptied';
}

/** Index names are one space for the whole database: a name that is taken gets the table's in front. */
function createTable(db: DatabaseSync, schema: UnitSchema, target: string): void {
  const made = targetStatements(schema, target);
  db.exec(made.table);
  const taken = (name: string) =>
    catalog(db, 'SELECT 1 FROM sqlite_schema WHERE name=? COLLATE NOCASE', name).length > 0;
  for (const index of made.indexes) {
    let name = index.name;
    for (let at = 1; taken(name); at++) name = `${target}_${index.name}${at === 1 ? '' : `_${at}`}`;
    db.exec(name === index.name ? index.sql : withIndexName(index.sql, name));
  }
}

/** An AUTOINCREMENT counter never gives a key again, not even that of a row deleted in the source. */
function raiseSequence(db: DatabaseSync, schema: UnitSchema, settings: UnitSettings): void {
  const { sequence } = schema.native as SqliteNative;
  if (sequence === null || findTable(db, 'sqlite_sequence') === null) return;
  const target = findTable(db, settings.targetName)?.name;
  if (target === undefined || !/\bAUTOINCREMENT\b/i.test(readNative(db, target)?.sql ?? '')) return;
  const raised = db
    .prepare('UPDATE sqlite_sequence SET seq=max(seq,CAST(? AS INTEGER)) WHERE name=?')
    .run(sequence, target);
  if (Number(raised.changes) === 0)
    db.prepare('INSERT INTO sqlite_sequence(name, seq) VALUES(?,CAST(? AS INTEGER))').run(target, sequence);
}
