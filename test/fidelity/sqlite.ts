import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteConnector } from '../../src/connectors/sqlite/connector.ts';
import { planTask } from '../../src/pipeline/plan.ts';
import { runUnit, SETTINGS } from '../conformance/run-unit.ts';
import { exactRows } from '../conformance/sqlite-system.ts';
import type { Fidelity } from './result.ts';
import { DATABASES } from './sqlite-tables.ts';

/** How each database is copied: small pages cross every border of the key, two names test what a new name changes. */
export interface Way {
  readonly batchRows: number;
  readonly suffix: string;
}

const WAYS: readonly Way[] = [
  { batchRows: 1000, suffix: '' },
  { batchRows: 1, suffix: '' },
  { batchRows: 7, suffix: '_copy "2"' },
];

export async function runSqliteFidelity(ways: readonly Way[] = WAYS): Promise<Fidelity> {
  const found: Fidelity = { units: 0, exact: 0, refused: 0, different: [] };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-fidelity-'));
  try {
    for (const [name, sql] of Object.entries(DATABASES)) {
      const file = path.join(folder, `${name}.db`);
      const db = new DatabaseSync(file, { enableForeignKeyConstraints: false });
      db.exec(sql);
      for (const [at, way] of ways.entries())
        await copyDatabase(name, db, file, path.join(folder, `${name}-${at}.db`), way, found);
      db.close();
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  return found;
}

async function copyDatabase(
  name: string,
  db: DatabaseSync,
  file: string,
  copy: string,
  way: Way,
  found: Fidelity,
): Promise<void> {
  const from = { type: 'sqlite', name: 'from', file } as const;
  const to = { type: 'sqlite', name: 'to', file: copy } as const;
  const source = await sqliteConnector.openSource(from);
  const target = await sqliteConnector.openTarget(to);
  const settings = { prefix: '', suffix: way.suffix, fallback: SETTINGS, overrides: {} };
  const plan = await planTask({ taskId: 'task', source: from, target: to, units: ['*'], settings }, source, target);
  found.refused += plan.warnings.length;
  for (const unit of plan.units) {
    found.units++;
    const label = `${name}/${unit.name} in batches of ${way.batchRows}`;
    if (unit.refusals.length > 0) {
      found.refused++;
      continue;
    }
    const ran = await runUnit({ source, target, from, to }, unit.name, {
      settings: { batchRows: way.batchRows, targetName: unit.targetName },
    });
    if (ran.outcome.kind !== 'completed') {
      found.different.push(`${label}: ${JSON.stringify(ran.outcome)}`);
      continue;
    }
    const reader = new DatabaseSync(copy, { readOnly: true });
    const difference = compare(db, reader, unit.name, unit.targetName);
    reader.close();
    if (difference === null) found.exact++;
    else found.different.push(`${label}: ${difference}`);
  }
  await source.close();
  await target.close();
}

function compare(source: DatabaseSync, target: DatabaseSync, unit: string, copy: string): string | null {
  const wanted = exactRows(source, unit);
  const got = exactRows(target, copy);
  if (wanted.length !== got.length) return `${got.length} rows instead of ${wanted.length}`;
  const at = wanted.findIndex((row, index) => row !== got[index]);
  if (at >= 0) return `${wanted[at]?.slice(0, 200)} became ${got[at]?.slice(0, 200)}`;
  const shape = (db: DatabaseSync, table: string) =>
    JSON.stringify([
      db.prepare('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)').all(table),
      db.prepare('SELECT "unique", origin, partial FROM pragma_index_list(?)').all(table),
      db.prepare('PRAGMA encoding').get(),
    ]);
  if (shape(source, unit) !== shape(target, copy)) return 'another shape of table';
  return sequence(source, unit) === sequence(target, copy) ? null : 'another AUTOINCREMENT counter';
}

function sequence(db: DatabaseSync, table: string): unknown {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name='sqlite_sequence'").get() === undefined) return undefined;
  return db.prepare('SELECT seq FROM sqlite_sequence WHERE name=?').get(table)?.seq;
}
