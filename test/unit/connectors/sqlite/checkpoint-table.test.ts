import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sqliteConnector } from '../../../../src/connectors/sqlite/connector.ts';
import { SETTINGS } from '../../../conformance/run-unit.ts';

test('the table that keeps checkpoints is no unit of a source and no target of a copy', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-own-'));
  const from = { type: 'sqlite', name: 'a', file: path.join(folder, 'a.db') } as const;
  const db = new DatabaseSync(from.file);
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE datatrace_checkpoints (unit TEXT)');
  db.close();
  const source = await sqliteConnector.openSource(from);
  const target = await sqliteConnector.openTarget({ ...from, file: path.join(folder, 'b.db') });
  try {
    const listed = (await source.listUnits()).map(({ name, leftOut }) => [name, leftOut?.code]);
    assert.deepEqual(listed, [
      ['datatrace_checkpoints', 'sqlite.checkpointTable'],
      ['t', undefined],
    ]);
    const settings = { ...SETTINGS, targetName: 'DataTrace_Checkpoints' };
    const schema = await source.describe('t', settings);
    const refusal = { code: 'sqlite.checkpointTarget', args: { target: 'DataTrace_Checkpoints' } };
    assert.deepEqual((await target.plan(schema, settings)).refusals, [refusal]);
    await assert.rejects(target.prepare(schema, settings), /sqlite.checkpointTarget/);
  } finally {
    await target.close();
    await source.close();
    fs.rmSync(folder, { recursive: true });
  }
});
