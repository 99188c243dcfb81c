import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteConnector } from '../../src/connectors/sqlite/connector.ts';
import type { System } from './suite.ts';

/** Two SQLite files in a folder of their own. */
export async function makeSqliteSystem(): Promise<System> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-sqlite-'));
  const from = { type: 'sqlite', name: 'from', file: path.join(folder, 'from.db') } as const;
  const to = { type: 'sqlite', name: 'to', file: path.join(folder, 'to.db') } as const;
  const dbs = {
    source: new DatabaseSync(from.file, { timeout: 2000, enableForeignKeyConstraints: false }),
    target: new DatabaseSync(to.file, { timeout: 2000, enableForeignKeyConstraints: false }),
  };
  dbs.source.exec('PRAGMA journal_mode=WAL');
  dbs.target.exec('PRAGMA journal_mode=WAL');
  const source = await sqliteConnector.openSource(from);
  const target = await sqliteConnector.openTarget(to);
  return {
    from,
    to,
    source,
    target,
    sql: async (side, statement) => dbs[side].exec(statement),
    rows: async (side, table) => exactRows(dbs[side], table),
    clear: async () => {
      for (const db of Object.values(dbs)) dropAll(db);
    },
    close: async () => {
      await source.close();
      await target.close();
      for (const db of Object.values(dbs)) db.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

function dropAll(db: DatabaseSync): void {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'").all();
  for (const { name } of tables) db.exec(`DROP TABLE "${String(name).replaceAll('"', '""')}"`);
}

/**
 * Every row as text that tells storage classes and bytes apart, sorted. Independent of how the connector reads: SQLite
 * itself says type and bytes, and doubles with 17 digits.
 */
export function exactRows(db: DatabaseSync, table: string): string[] {
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const columns = db.prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden<>1').all(table);
  const values = columns
    .map((column) => quote(String(column.name)))
    .map((c) => `typeof(${c})||':'||iif(typeof(${c})='real',printf('%!.20g',${c}),hex(${c}))`);
  const statement = db.prepare(`SELECT ${values.join(',')} FROM ${quote(table)}`);
  statement.setReturnArrays(true);
  return statement
    .all()
    .map((row) => Object.values(row).join(' | '))
    .sort();
}
