import { DatabaseSync } from 'node:sqlite';

/** Runs `call` with an empty database in memory: lets SQLite itself rename, drop and explain what was declared. */
export function inScratch<T>(call: (scratch: DatabaseSync) => T): T {
  const scratch = new DatabaseSync(':memory:', {
    enableForeignKeyConstraints: false,
    // What an old application was allowed to declare must still be understood.
    enableDoubleQuotedStringLiterals: true,
  });
  try {
    return call(scratch);
  } finally {
    scratch.close();
  }
}
