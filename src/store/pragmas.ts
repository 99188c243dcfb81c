import type { SqlDatabase, SqlValue } from 'sql.js/dist/sql-wasm-debug.js';
import { StoreError } from './errors.ts';

/** The first value that a PRAGMA or a query answers. */
export function firstValue(sql: SqlDatabase, text: string): SqlValue | undefined {
  return sql.exec(text)[0]?.values[0]?.[0];
}

/** Before anything is read: keeps the WAL index on the heap, so that no -shm file is needed. */
export function lockForThisProcess(sql: SqlDatabase): void {
  expect(sql, 'locking_mode=EXCLUSIVE', 'exclusive');
}

/** The settings that the durability rules rest on, each read back: SQLite ignores what it cannot do without an error. */
export function applyPragmas(sql: SqlDatabase): void {
  expect(sql, 'journal_mode=WAL', 'wal');
  sql.run(
    'PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-4000; PRAGMA temp_store=MEMORY',
  );
  expect(sql, 'synchronous', 1);
  expect(sql, 'foreign_keys', 1);
  expect(sql, 'wal_autocheckpoint', 0);
}

function expect(sql: SqlDatabase, pragma: string, expected: SqlValue): void {
  const answer = firstValue(sql, `PRAGMA ${pragma}`);
  if (answer === expected) return;
  throw new StoreError('store.io', `PRAGMA ${pragma} answered ${String(answer)} instead of ${String(expected)}`, {
    reason: `PRAGMA ${pragma}: ${String(answer)}`,
  });
}
