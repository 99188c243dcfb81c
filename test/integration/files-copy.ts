/** Copies between folders and SQLite files in tests. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSource, openTarget } from '../../src/connectors/registry.ts';
import type { Coded } from '../../src/core/model.ts';
import type { FilesConnection, ResolvedConnection, SqliteConnection, UnitSettings } from '../../src/core/settings.ts';
import { planTask } from '../../src/pipeline/plan.ts';
import { type Ran, type RunOptions, runUnit, SETTINGS } from '../conformance/run-unit.ts';

export interface Place {
  readonly folder: string;
  files(name: string, kind?: Partial<FilesConnection>): FilesConnection;
  sqlite(name: string): SqliteConnection;
  remove(): void;
}

export function makePlace(): Place {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-files-'));
  return {
    folder,
    files: (name, kind = {}) => {
      const own = path.join(folder, name);
      fs.mkdirSync(own, { recursive: true });
      return { type: 'files', name, folder: own, format: 'jsonl', compress: 'none', ...kind };
    },
    sqlite: (name) => ({ type: 'sqlite', name, file: path.join(folder, `${name}.db`) }),
    remove: () => fs.rmSync(folder, { recursive: true }),
  };
}

export async function copy(
  from: ResolvedConnection,
  to: ResolvedConnection,
  unit: string,
  options?: RunOptions,
): Promise<Ran> {
  const source = await openSource(from);
  const target = await openTarget(to);
  try {
    return await runUnit({ source, target, from, to }, unit, options);
  } finally {
    await source.close();
    await target.close();
  }
}

/** Copies and expects that it works; otherwise the error with its arguments is what the test says. */
export async function copied(
  from: ResolvedConnection,
  to: ResolvedConnection,
  unit: string,
  settings: Partial<UnitSettings> = {},
): Promise<number> {
  const { outcome } = await copy(from, to, unit, { settings: { verify: 'checksum', ...settings } });
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome));
  return outcome.processed;
}

/** Code and arguments of a unit that must not be copied. */
export async function refused(
  from: ResolvedConnection,
  to: ResolvedConnection,
  unit: string,
  settings: Partial<UnitSettings> = {},
): Promise<Coded> {
  const { outcome } = await copy(from, to, unit, { settings });
  if (outcome.kind !== 'failed') throw new Error(`${unit} was copied`);
  return outcome.error;
}

export async function plan(from: ResolvedConnection, to: ResolvedConnection) {
  const source = await openSource(from);
  const target = await openTarget(to);
  try {
    const settings = { prefix: '', suffix: '', fallback: SETTINGS, overrides: {} };
    return await planTask({ taskId: 'task', source: from, target: to, units: ['*'], settings }, source, target);
  } finally {
    await source.close();
    await target.close();
  }
}

/** All rows as arrays of exact values. */
export function rowsIn(connection: SqliteConnection, table: string): unknown[][] {
  const db = new DatabaseSync(connection.file, { readOnly: true });
  try {
    const statement = db.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}"`);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return statement.all() as unknown as unknown[][];
  } finally {
    db.close();
  }
}
