/** Progress that waits to be written: of each row only the newest values, whatever the number of reports. */
import type { Change } from '../core/events.ts';

export interface TickBuffer {
  add(changes: readonly Change[]): void;
  readonly size: number;
  /** What has to be written before these changes, so that none of it is written after them. */
  before(changes: readonly Change[]): Change[];
  all(): Change[];
  /** Forgets what was written, unless newer values came meanwhile. */
  written(changes: readonly Change[]): void;
}

export function createTickBuffer(): TickBuffer {
  const waiting = new Map<string, Change>();

  function add(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'maxRunning') continue; // never stored
      const key = keyOf(change);
      waiting.set(key, merged(waiting.get(key), change));
    }
  }

  return {
    add,
    get size() {
      return waiting.size;
    },
    before(changes) {
      if (waiting.size === 0) return [];
      const rows = new Set<string>();
      const tasks = new Set<string>();
      for (const change of changes) {
        if (change.kind === 'unit' || change.kind === 'attempt') rows.add(change.unitId);
        else if (change.kind === 'putAttempt') rows.add(change.attempt.unitId);
        else if (change.kind === 'run') rows.add(change.runId);
        else if (change.kind === 'putRun') rows.add(change.run.id);
        else if (change.kind === 'task') rows.add(change.taskId);
        else if (change.kind === 'unitsWhere' || change.kind === 'putUnits' || change.kind === 'dropTask')
          tasks.add(change.taskId);
      }
      return [...waiting.values()].filter((change) => tasks.has(taskOf(change)) || rows.has(rowOf(change)));
    },
    all: () => [...waiting.values()],
    written(changes) {
      for (const change of changes) {
        const key = keyOf(change);
        if (waiting.get(key) === change) waiting.delete(key);
      }
    },
  };
}

function merged(older: Change | undefined, newer: Change): Change {
  if (older === undefined || !('set' in older) || !('set' in newer)) return newer;
  return { ...newer, set: { ...older.set, ...newer.set } } as Change;
}

function keyOf(change: Change): string {
  if (change.kind === 'attempt') return ['attempt', change.runId, change.unitId, change.attempt].join('\0');
  return `${change.kind}\0${rowOf(change)}`;
}

/** The unit, run or task that a waiting change is about. */
function rowOf(change: Change): string {
  if (change.kind === 'unit' || change.kind === 'attempt') return change.unitId;
  if (change.kind === 'run') return change.runId;
  if (change.kind === 'task') return change.taskId;
  throw notProgress(change);
}

function taskOf(change: Change): string {
  if ('taskId' in change) return change.taskId;
  throw notProgress(change);
}

function notProgress(change: Change): Error {
  return new Error(`a change of kind ${change.kind} is no progress: it must not be buffered`);
}
