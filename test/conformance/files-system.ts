import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openSource, openTarget } from '../../src/connectors/registry.ts';
import type { FileCompression, FileFormat, ResolvedConnection } from '../../src/core/settings.ts';
import { fileText, schemaText, tableOf } from './file-texts.ts';
import { exactRows } from './sqlite-system.ts';
import type { System } from './suite.ts';

export type Kind = 'sqlite' | `${FileFormat}` | `${FileFormat} ${FileCompression}`;

/** One side: statements are run in a database, which is the side itself or is written to files after each of them. */
export interface Side {
  readonly connection: ResolvedConnection;
  sql(statement: string): void | Promise<void>;
  rows(table: string): string[] | Promise<string[]>;
  clear(): void | Promise<void>;
  close(): void | Promise<void>;
}

/** Two sides, each a SQLite file or a folder of files. */
export function makeFilesSystem(from: Kind, to: Kind): Promise<System> {
  return systemOf(makeSide(from), makeSide(to));
}

/** A side in a folder of its own. */
export function makeSide(kind: Kind): Side {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-side-'));
  const side = kind === 'sqlite' ? sqliteSide(path.join(folder, 'own')) : filesSide(path.join(folder, 'own'), kind);
  return {
    ...side,
    close: async () => {
      await side.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

export async function systemOf(from: Side, to: Side): Promise<System> {
  const sides = { source: from, target: to };
  const source = await openSource(sides.source.connection);
  const target = await openTarget(sides.target.connection);
  return {
    from: sides.source.connection,
    to: sides.target.connection,
    source,
    target,
    sql: async (side, statement) => sides[side].sql(statement),
    rows: async (side, table) => sides[side].rows(table),
    clear: async () => {
      await sides.source.clear();
      await sides.target.clear();
    },
    close: async () => {
      await source.close();
      await target.close();
      await sides.source.close();
      await sides.target.close();
    },
  };
}

function tablesOf(db: DatabaseSync): string[] {
  const sql = "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'";
  return db
    .prepare(sql)
    .all()
    .map((row) => String(row.name));
}

function sqliteSide(folder: string): Side {
  fs.mkdirSync(folder);
  const file = path.join(folder, 'side.db');
  const db = new DatabaseSync(file, { timeout: 2000, enableForeignKeyConstraints: false });
  db.exec('PRAGMA journal_mode=WAL');
  return {
    connection: { type: 'sqlite', name: 'side', file },
    sql: (statement) => db.exec(statement),
    rows: (table) => exactRows(db, table),
    clear: () => {
      for (const table of tablesOf(db)) db.exec(`DROP TABLE "${table}"`);
    },
    close: () => db.close(),
  };
}

function filesSide(folder: string, kind: Exclude<Kind, 'sqlite'>): Side {
  fs.mkdirSync(folder);
  const [format, compress = 'none'] = kind.split(' ') as [FileFormat, FileCompression?];
  const db = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
  const fileOf = (table: string) => path.join(folder, `${table}.${format}${compress === 'gzip' ? '.gz' : ''}`);
  const pack = (text: string) => (compress === 'gzip' ? gzipSync(text) : Buffer.from(text));
  const unpack = (file: string) => {
    const bytes = fs.readFileSync(file);
    return (compress === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
  };
  const remove = (table: string) => {
    for (const ending of ['', '.schema.json', '.part', '.part.journal'])
      fs.rmSync(fileOf(table) + ending, { force: true });
  };
  const store = (table: string) => {
    const file = fileOf(table);
    const text = fileText(db, table, format);
    if (fs.existsSync(file) && unpack(file) === text) return;
    fs.writeFileSync(file, pack(text));
    fs.writeFileSync(`${file}.schema.json`, schemaText(db, table, fs.statSync(file).size));
  };
  /** Somebody changes a row of a file that is being written. */
  const damage = (part: string, statement: string) => {
    const lines = unpack(part).split('\n');
    const first = format === 'csv' ? /^20,/ : /^\{"id":20,/;
    const added = format === 'csv' ? '21,"stranger",1\r' : '{"id":21,"label":"stranger","amount":1}';
    const changed = statement.startsWith('DELETE')
      ? lines.filter((line) => !first.test(line))
      : [...lines.slice(0, -1), added, ''];
    fs.writeFileSync(part, pack(changed.join('\n')));
  };
  return {
    connection: { type: 'files', name: 'side', folder, format, compress },
    sql: (statement) => {
      const table =
        /^(?:CREATE TABLE|DROP TABLE|ALTER TABLE|INSERT INTO|DELETE FROM)\s+(\w+)/.exec(statement)?.[1] ?? '';
      const known = tablesOf(db).includes(table);
      if (statement.startsWith('DROP TABLE')) remove(table);
      if (!known && !statement.startsWith('CREATE')) {
        const part = `${fileOf(table)}.part`;
        if (fs.existsSync(part) && /^(?:DELETE|INSERT)/.test(statement)) damage(part, statement);
        return;
      }
      db.exec(statement);
      for (const each of tablesOf(db)) store(each);
    },
    rows: (table) => {
      if (!fs.existsSync(fileOf(table))) return [];
      const schema = JSON.parse(fs.readFileSync(`${fileOf(table)}.schema.json`, 'utf8')) as {
        columns: { name: string; holds: { kind: string } }[];
      };
      const inBase64 = schema.columns.filter((column) => column.holds.kind === 'bytes').map((column) => column.name);
      if (schema.columns.length === 0) return [];
      const copy = tableOf(unpack(fileOf(table)), format, new Set(inBase64));
      const rows = exactRows(copy, 'copy');
      copy.close();
      return rows;
    },
    clear: () => {
      for (const table of tablesOf(db)) db.exec(`DROP TABLE "${table}"`);
      for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name));
    },
    close: () => db.close(),
  };
}
