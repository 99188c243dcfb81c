/** Where the rejected rows of units lie, and which of their files are still needed. Rows are read in workers only. */
import type { Coded, RunId, TaskId, UnitId, UnitRow } from '../core/model.ts';
import { unitOf, unitsOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import { errorOf } from './failures.ts';
import type { FolderSession } from './folder-session.ts';

export interface DeadLetters {
  /** The file that takes the rejected rows of a unit that runs. */
  fileOf(unit: Readonly<UnitRow>): string | null;
  /** Deletes files of a task that neither a unit nor its history speaks of. */
  tidy(taskId: TaskId): void;
}

export interface DeadLettersPorts {
  readonly state: CoreState;
  sessionOf(taskId: TaskId): FolderSession | undefined;
  log(line: Coded): void;
}

/** More runs than a task's history keeps. */
const MOST_RUNS = 1_000;

export function createDeadLetters({ state, sessionOf, log }: DeadLettersPorts): DeadLetters {
  return {
    fileOf: ({ taskId, rejectedRun }) => pathOf(sessionOf(taskId), taskId, rejectedRun),
    tidy(taskId) {
      try {
        const session = sessionOf(taskId);
        const store = session?.store();
        if (!store) return; // what it holds is not known
        const runs = new Set<RunId>(store.runs(taskId, MOST_RUNS).map(({ id }) => id));
        for (const { rejectedRun } of allUnits(state, taskId)) if (rejectedRun !== null) runs.add(rejectedRun);
        session?.folder.access.deadLetters?.keepOnly(taskId, runs);
      } catch (error) {
        log(errorOf(error));
      }
    },
  };
}

/** @param unitId null = the file of the unit that was completed last */
export function rejectedFile(
  state: CoreState,
  session: FolderSession | undefined,
  taskId: TaskId,
  unitId: UnitId | null,
): string | null {
  const asked = unitId === null ? allUnits(state, taskId) : [unitOf(state, unitId)];
  let newest: Readonly<UnitRow> | undefined;
  for (const unit of asked)
    if (unit && unit.taskId === taskId && unit.rejected > 0 && unit.updatedAt >= (newest?.updatedAt ?? 0))
      newest = unit;
  return newest === undefined ? null : pathOf(session, taskId, newest.rejectedRun);
}

function pathOf(session: FolderSession | undefined, taskId: TaskId, run: RunId | null): string | null {
  return run === null ? null : (session?.folder.access.deadLetters?.path(taskId, run) ?? null);
}

function allUnits(state: CoreState, taskId: TaskId): readonly Readonly<UnitRow>[] {
  return unitsOf(state, taskId, null, -1, Number.MAX_SAFE_INTEGER);
}
