import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sqliteConnector } from '../../src/connectors/sqlite/connector.ts';
import type { Prepared } from '../../src/core/model.ts';
import { runUnit } from '../conformance/run-unit.ts';
import { exactRows } from '../conformance/sqlite-system.ts';

const ROWS = 3000;
const BATCH = 50;

let folder: string;
let file: string;

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-kill-'));
  file = path.join(folder, 'from.db');
  const db = new DatabaseSync(file);
  db.exec(`CREATE TABLE items (id INTEGER PRIMARY KEY, v TEXT);
    INSERT INTO items WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT i * 3, 'row ' || i FROM n`);
  db.close();
});
after(() => fs.rmSync(folder, { recursive: true }));

for (const border of [1, 7, 23, 45]) {
  test(`a process killed after ${border} recorded batches repeats at most one of them`, async () => {
    const copy = path.join(folder, `to-${border}.db`);
    const { checkpoint, prepared } = await copyUntilKilled(copy, border);
    const from = { type: 'sqlite', name: 'from', file } as const;
    const to = { type: 'sqlite', name: 'to', file: copy } as const;
    const there = countRows(copy);
    const sides = {
      from,
      to,
      source: await sqliteConnector.openSource(from),
      target: await sqliteConnector.openTarget(to),
    };
    const ran = await runUnit(sides, 'items', { settings: { batchRows: BATCH }, checkpoint, prepared });
    assert.equal(ran.outcome.kind, 'completed', JSON.stringify(ran.outcome));
    const repeated = there + ran.written - ROWS;
    assert.ok(repeated >= 0 && repeated <= BATCH, `${repeated} rows were copied twice`);
    await sides.source.close();
    await sides.target.close();
    assert.deepEqual(rowsOf(copy), rowsOf(file));
  });
}

/** What the host would know: the last line that arrived before the kill. */
async function copyUntilKilled(copy: string, border: number) {
  const script = fileURLToPath(new URL('sqlite-kill-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, file, copy, String(BATCH)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let checkpoint: string | null = null;
  let prepared: Prepared | null = null;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { prepared?: Prepared; checkpoint?: string };
    prepared = said.prepared ?? prepared;
    checkpoint = said.checkpoint ?? checkpoint;
    if (said.checkpoint !== undefined && ++seen === border) child.kill('SIGKILL');
  }
  await exit;
  assert.equal(child.signalCode, 'SIGKILL', 'the child ended before it was killed');
  return { checkpoint, prepared };
}

function rowsOf(copy: string): string[] {
  const db = new DatabaseSync(copy);
  try {
    return exactRows(db, 'items');
  } finally {
    db.close();
  }
}

function countRows(copy: string): number {
  return rowsOf(copy).length;
}
