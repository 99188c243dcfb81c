/** Nasty SQLite tables into files, from files into files, and back into SQLite: every value must come home. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSource, openTarget } from '../../src/connectors/registry.ts';
import type { FileCompression, FileFormat, ResolvedConnection } from '../../src/core/settings.ts';
import { planTask } from '../../src/pipeline/plan.ts';
import { runUnit, SETTINGS } from '../conformance/run-unit.ts';
import { exactRows } from '../conformance/sqlite-system.ts';
import type { Fidelity } from './result.ts';
import { DATABASES } from './sqlite-tables.ts';

export interface FileWay {
  readonly format: FileFormat;
  readonly compress: FileCompression;
  readonly batchRows: number;
}

const WAYS: readonly FileWay[] = [
  { format: 'jsonl', compress: 'none', batchRows: 1000 },
  { format: 'csv', compress: 'gzip', batchRows: 1 },
  { format: 'jsonl', compress: 'gzip', batchRows: 7 },
];

export async function runFilesFidelity(ways: readonly FileWay[] = WAYS): Promise<Fidelity> {
  const found: Fidelity = { units: 0, exact: 0, refused: 0, different: [] };
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-files-fidelity-'));
  try {
    for (const [name, sql] of Object.entries(DATABASES)) {
      const file = path.join(root, `${name}.db`);
      const db = new DatabaseSync(file, { enableForeignKeyConstraints: false });
      db.exec(sql);
      for (const [at, way] of ways.entries()) {
        const folder = path.join(root, `${name}-${at}`);
        const kind = { type: 'files', name: 'files', format: way.format, compress: way.compress } as const;
        const stops: ResolvedConnection[] = [
          { type: 'sqlite', name: 'from', file },
          { ...kind, folder: path.join(folder, 'first') },
          { ...kind, folder: path.join(folder, 'second'), format: way.format === 'csv' ? 'jsonl' : 'csv' },
          { type: 'sqlite', name: 'to', file: path.join(folder, 'to.db') },
        ];
        for (const [stop, to] of stops.slice(1).entries())
          await copyAll(`${name} over ${way.format}`, stops[stop] as ResolvedConnection, to, way.batchRows, found);
        compareAll(`${name} over ${way.format}`, db, path.join(folder, 'to.db'), found);
      }
      db.close();
    }
  } finally {
    fs.rmSync(root, { recursive: true });
  }
  return found;
}

async function copyAll(
  label: string,
  from: ResolvedConnection,
  to: ResolvedConnection,
  batchRows: number,
  found: Fidelity,
): Promise<void> {
  const source = await openSource(from);
  const target = await openTarget(to);
  const settings = { prefix: '', suffix: '', fallback: SETTINGS, overrides: {} };
  const plan = await planTask({ taskId: 'task', source: from, target: to, units: ['*'], settings }, source, target);
  for (const unit of plan.units) {
    if (unit.refusals.length > 0) {
      found.refused++;
      continue;
    }
    const ran = await runUnit({ source, target, from, to }, unit.name, {
      settings: { batchRows, targetName: unit.targetName },
    });
    if (ran.outcome.kind !== 'completed')
      found.different.push(`${label}/${unit.name} to ${to.type}: ${JSON.stringify(ran.outcome)}`);
  }
  await source.close();
  await target.close();
}

function compareAll(label: string, source: DatabaseSync, copy: string, found: Fidelity): void {
  if (!fs.existsSync(copy)) return;
  const target = new DatabaseSync(copy, { readOnly: true });
  const tables = target
    .prepare("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    .all();
  for (const { name } of tables as { name: string }[]) {
    found.units++;
    const wanted = exactRows(source, name);
    const got = exactRows(target, name);
    const at = wanted.findIndex((row, index) => row !== got[index]);
    const shape = (db: DatabaseSync) =>
      JSON.stringify([
        db.prepare('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)').all(name),
        db.prepare('SELECT "unique", origin, partial FROM pragma_index_list(?)').all(name),
        db.prepare('PRAGMA encoding').get(),
      ]);
    if (wanted.length !== got.length)
      found.different.push(`${label}/${name}: ${got.length} rows, not ${wanted.length}`);
    else if (at >= 0)
      found.different.push(`${label}/${name}: ${wanted[at]?.slice(0, 200)} became ${got[at]?.slice(0, 200)}`);
    else if (shape(source) !== shape(target)) found.different.push(`${label}/${name}: another shape`);
    else found.exact++;
  }
  target.close();
}
