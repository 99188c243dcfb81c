import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sqliteConnector } from '../../../../src/connectors/sqlite/connector.ts';
import { runUnit } from '../../../conformance/run-unit.ts';

test('a trigger that somebody makes in a SQLite target while a unit is copied fails the unit', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-trigger-'));
  const from = { type: 'sqlite', name: 'a', file: path.join(folder, 'a.db') } as const;
  const to = { ...from, file: path.join(folder, 'b.db') };
  const change = (file: string, sql: string) => {
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
  };
  change(from.file, 'CREATE TABLE t (id INTEGER PRIMARY KEY, a INT); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)');
  const [source, target] = [await sqliteConnector.openSource(from), await sqliteConnector.openTarget(to)];
  const sides = { from, to, source, target };
  try {
    let made = false;
    const first = await runUnit(sides, 't', {
      settings: { batchRows: 1 },
      afterBatch: () => {
        if (made) return;
        change(to.file, 'CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET a = 0 WHERE id = NEW.id; END');
        made = true;
      },
    });
    assert.ok(first.outcome.kind === 'failed', JSON.stringify(first.outcome));
    assert.equal(first.outcome.error.code, 'sqlite.triggersMeanwhile');
    change(to.file, 'DROP TRIGGER tr');
    const second = await runUnit(sides, 't', { checkpoint: first.checkpoint, prepared: first.prepared });
    assert.equal(second.outcome.kind, 'completed');
    const db = new DatabaseSync(to.file, { readOnly: true });
    assert.deepEqual(
      db
        .prepare('SELECT id, a FROM t')
        .all()
        .map((row) => Object.values(row)),
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    );
    db.close();
  } finally {
    await target.close();
    await source.close();
    fs.rmSync(folder, { recursive: true });
  }
});
