/** Deletes the attempts of forgotten runs a few at a time: a run may have 100,000 of them, and its host has to answer. */
import type { Database } from './database.ts';

/** About 10 ms of work. */
const ROWS_AT_A_TIME = 1_000;
const PAUSE_MS = 20;

export interface Housekeeping {
  /** There is, or may be, something to delete. */
  arm(): void;
  stop(): void;
}

export function createHousekeeping(database: Database): Housekeeping {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function step(): void {
    timer = undefined;
    if (database.failure() !== undefined) return;
    try {
      const runId = database.read((statements) => statements.all('SELECT run_id FROM forgotten_runs LIMIT 1'))[0]?.[0];
      if (runId === undefined) return;
      deleteSome(String(runId));
    } catch {
      return; // a full disk, say: tried again when the next runs are forgotten, and at the next opening
    }
    arm();
  }

  function deleteSome(runId: string): void {
    database.commit((statements) => {
      const some = 'SELECT rowid FROM unit_attempts WHERE run_id = ? LIMIT ?';
      statements.run(`DELETE FROM unit_attempts WHERE rowid IN (${some})`, [runId, ROWS_AT_A_TIME]);
      if (statements.all('SELECT 1 FROM unit_attempts WHERE run_id = ? LIMIT 1', [runId]).length === 0)
        statements.run('DELETE FROM forgotten_runs WHERE run_id = ?', [runId]);
    });
  }

  function arm(): void {
    if (!stopped) timer ??= setTimeout(step, PAUSE_MS).unref();
  }

  return {
    arm,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
