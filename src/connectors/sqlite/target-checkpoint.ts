import type { DatabaseSync } from 'node:sqlite';
import { findTable } from './schema.ts';

/** Where a target keeps the checkpoints of tasks with `"checkpoint": "target"`: one row a unit. */
const CHECKPOINT_TABLE = 'datatrace_checkpoints';

/** Whether a table of this name is that table, as SQLite compares names: no copy may be written into it. */
export function isCheckpointTable(name: string): boolean {
  return name.toLowerCase() === CHECKPOINT_TABLE;
}

const CREATE = `CREATE TABLE IF NOT EXISTS ${CHECKPOINT_TABLE}(unit TEXT PRIMARY KEY, checkpoint TEXT NOT NULL) WITHOUT ROWID`;

/** Called before the first batch, outside of its transaction. */
export function createCheckpointTable(db: DatabaseSync): void {
  db.exec(CREATE);
}

/** Keeps a checkpoint; inside the transaction of the rows it speaks of. */
export function keepCheckpoint(db: DatabaseSync, unit: string, checkpoint: string): void {
  const sql = `INSERT INTO ${CHECKPOINT_TABLE} VALUES(?,?) ON CONFLICT(unit) DO UPDATE SET checkpoint=excluded.checkpoint`;
  db.prepare(sql).run(unit, checkpoint);
}

export function readKeptCheckpoint(db: DatabaseSync, unit: string): string | null {
  if (findTable(db, CHECKPOINT_TABLE) === null) return null;
  const row = db.prepare(`SELECT checkpoint FROM ${CHECKPOINT_TABLE} WHERE unit=?`).get(unit);
  return (row as { checkpoint: string } | undefined)?.checkpoint ?? null;
}

/** Forgets a unit's checkpoint, and the table with the last one. */
export function forgetCheckpoint(db: DatabaseSync, unit: string): void {
  if (findTable(db, CHECKPOINT_TABLE) === null) return;
  db.prepare(`DELETE FROM ${CHECKPOINT_TABLE} WHERE unit=?`).run(unit);
}
