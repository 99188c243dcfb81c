/** A search server as one side: statements are run in a table made of its documents, which then become documents again. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSource, openTarget } from '../../src/connectors/registry.ts';
import type { ResolvedConnection, SqliteConnection } from '../../src/core/settings.ts';
import { connectionTo } from '../integration/search-documents.ts';
import type { SearchServer } from '../servers/elasticsearch/instance.ts';
import { makeSide, type Side, systemOf } from './files-system.ts';
import { runUnit } from './run-unit.ts';
import { exactRows } from './sqlite-system.ts';
import type { System } from './suite.ts';

/** Rows of SQLite into a server that nobody else uses meanwhile. */
export function makeSearchSystem(server: SearchServer): Promise<System> {
  return systemOf(makeSide('sqlite'), searchSide(server));
}

function searchSide(server: SearchServer): Side {
  const connection = connectionTo(server);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-search-side-'));
  let tables = 0;

  const copyOver = async (from: ResolvedConnection, to: ResolvedConnection, unit: string): Promise<void> => {
    const source = await openSource(from);
    const target = await openTarget(to);
    const settings = { targetName: unit, write: 'replace', verify: 'none' } as const;
    const { outcome } = await runUnit({ source, target, from, to }, unit, { settings });
    await source.close();
    await target.close();
    if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome));
  };
  const exists = async (index: string): Promise<boolean> => (await server.request('GET', `/${index}`)).status === 200;
  const asTable = async (index: string): Promise<SqliteConnection> => {
    tables += 1;
    const table: SqliteConnection = { type: 'sqlite', name: 'table', file: path.join(folder, `${tables}.db`) };
    if (await exists(index)) await copyOver(connection, table, index);
    return table;
  };

  return {
    connection,
    sql: async (statement) => {
      const words = /^(CREATE|DROP|ALTER|INSERT|DELETE|UPDATE)\s+(?:TABLE\s+|INTO\s+|FROM\s+)?(\w+)/.exec(statement);
      const [, verb, index = ''] = words ?? [];
      if (verb === 'DROP') {
        await server.request('DELETE', `/${index}`);
        return;
      }
      const table = await asTable(index);
      const db = new DatabaseSync(table.file);
      const before = verb === 'DELETE' ? idsIn(db, index) : [];
      db.exec(statement);
      const left = new Set(verb === 'DELETE' ? idsIn(db, index) : []);
      db.close();
      for (const id of before)
        if (!left.has(id)) await server.request('DELETE', `/${index}/_doc/${encodeURIComponent(id)}?refresh=true`);
      if (verb === 'DELETE') return;
      if (verb === 'ALTER') await server.request('DELETE', `/${index}`);
      await copyOver(table, connection, index);
    },
    rows: async (index) => {
      if (!(await exists(index))) return [];
      const db = new DatabaseSync((await asTable(index)).file);
      const columns = db.prepare('SELECT name FROM pragma_table_info(?)').all(index);
      // The id that a row without a key was given is not one of its values.
      const added = columns[0]?.name === '_id' ? 1 : 0;
      const rows = exactRows(db, index).map((row) => row.split(' | ').slice(added).join(' | '));
      db.close();
      return rows.sort();
    },
    clear: async () => {
      const { json } = await server.request('GET', '/_cat/indices?format=json&expand_wildcards=open');
      for (const { index } of json() as { readonly index: string }[]) await server.request('DELETE', `/${index}`);
    },
    close: () => fs.rmSync(folder, { recursive: true }),
  };
}

function idsIn(db: DatabaseSync, table: string): string[] {
  return db
    .prepare(`SELECT id FROM "${table}"`)
    .all()
    .map((row) => String(row.id));
}
