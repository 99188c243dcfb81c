import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sqliteConnector } from '../../../../src/connectors/sqlite/connector.ts';
import { DataError } from '../../../../src/core/ports.ts';
import { SETTINGS } from '../../../conformance/run-unit.ts';

test('a SQLite table is not read with a condition that would leave its own parentheses', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-where-'));
  const file = path.join(folder, 'a.db');
  const db = new DatabaseSync(file);
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)');
  db.close();
  const source = await sqliteConnector.openSource({ type: 'sqlite', name: 'a', file });
  try {
    const where = 'id = 1) OR (id = 3';
    const schema = await source.describe('t', { ...SETTINGS, targetName: 't', where });
    assert.deepEqual(schema.refusals, [{ code: 'where.closedParenthesis', args: { unit: 't', position: 7 } }]);
    const refused = (error: unknown) => error instanceof DataError && error.error.code === 'where.closedParenthesis';
    await assert.rejects(source.count(schema, where, null), refused);
    const range = { after: null, upTo: null, pageRows: 10, pageBytes: 1_000 };
    const reader = await source.read(schema, { where, ...range, format: 'sqlite' });
    await assert.rejects(reader.next(), refused);
    assert.equal(await source.count(schema, "id = 1 OR (id = 3) -- ) isn't", null), 2);
  } finally {
    await source.close();
    fs.rmSync(folder, { recursive: true });
  }
});
