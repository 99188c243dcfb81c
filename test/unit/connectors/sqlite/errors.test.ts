import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sqliteError } from '../../../../src/connectors/sqlite/errors.ts';

/** Result codes of SQLite, extended ones by their primary part. */
const RESULTS: readonly [string, 'retryable' | 'permanent', readonly number[]][] = [
  // BUSY and BUSY_RECOVERY, BUSY_SNAPSHOT, BUSY_TIMEOUT; LOCKED and LOCKED_SHAREDCACHE; PROTOCOL.
  ['sqlite.locked', 'retryable', [5, 261, 517, 773, 6, 262, 15]],
  // IOERR and IOERR_READ, IOERR_SHORT_READ, IOERR_WRITE, IOERR_FSYNC.
  ['sqlite.diskError', 'retryable', [10, 266, 522, 778, 1034]],
  ['sqlite.failed', 'retryable', [7]],
  ['sqlite.diskFull', 'permanent', [13]],
  ['sqlite.readOnly', 'permanent', [8, 264, 776]],
  ['sqlite.corrupt', 'permanent', [11, 267]],
  ['sqlite.cannotOpen', 'permanent', [14, 526]],
  ['sqlite.notADatabase', 'permanent', [26]],
  // Primary key, unique index, rowid.
  ['sqlite.uniqueConflict', 'permanent', [1555, 2067, 2579]],
  // NOT NULL, CHECK.
  ['sqlite.constraint', 'permanent', [19, 1299, 275]],
  // ERROR, MISMATCH, TOOBIG.
  ['sqlite.failed', 'permanent', [1, 20, 18]],
];

describe('errors of SQLite', () => {
  for (const [code, kind, numbers] of RESULTS) {
    test(`are ${kind} as ${code}: ${numbers.join(', ')}`, () => {
      for (const errcode of numbers) {
        const { error } = sqliteError(Object.assign(new Error('words'), { errcode }), { connection: 'c', file: 'f' });
        assert.deepEqual([error.code, error.class], [code, kind], String(errcode));
      }
    });
  }

  test('that nobody expected are permanent', () => {
    assert.equal(sqliteError(new TypeError('oops'), { connection: 'c', file: 'f' }).error.class, 'permanent');
  });
});
