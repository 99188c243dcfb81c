/** What `datatrace status` tells of a folder, whether the asking process owns the store or another one does. */
import type { Coded, RunOutcome, RunState, UnitStatus } from '../core/model.ts';
import type { TaskManager } from '../engine/api.ts';

export interface TaskStatus {
  readonly task: string;
  readonly state: RunState;
  readonly outcome: RunOutcome | null;
  readonly mode: 'auto' | 'manual';
  readonly counts: Readonly<Record<UnitStatus, number>>;
  readonly rows: number;
  readonly rowsTotal: number | null;
  readonly percent: number;
  readonly rowsPerSecond: number;
  readonly timeLeftMs: number | null;
  readonly units: readonly UnitStatusLine[];
}

export interface UnitStatusLine {
  readonly unit: string;
  readonly status: UnitStatus;
  readonly processed: number;
  readonly total: number | null;
  readonly attempt: number;
  readonly error: Coded | null;
}

export interface FolderStatus {
  readonly tasks: readonly TaskStatus[];
}

/** @param folder key of the folder; @param task only this task (by name). */
export function folderStatus(manager: TaskManager, folder: string, task?: string): FolderStatus {
  const tasks: TaskStatus[] = [];
  for (const summary of manager.list()) {
    const header = manager.header(summary.id);
    if (summary.folder !== folder || !header || (task !== undefined && summary.name !== task)) continue;
    const { units } = manager.units(summary.id, null, -1, Number.MAX_SAFE_INTEGER - 1);
    tasks.push({
      task: summary.name,
      state: header.runState,
      outcome: header.outcome,
      mode: header.mode,
      counts: header.counts,
      rows: header.rowsProcessed,
      rowsTotal: header.rowsTotal,
      percent: header.percent,
      rowsPerSecond: header.rowsPerSecond,
      timeLeftMs: header.timeLeftMs,
      units: units.map(({ name, status, processed, total, attempt, error }) => ({
        unit: name,
        status,
        processed,
        total,
        attempt,
        error: error && { code: error.code, args: error.args },
      })),
    });
  }
  return { tasks };
}
