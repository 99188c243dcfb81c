/** What becomes of units while a task runs: a JSON line for each change, a line for people where something went wrong. */
import type { Coded, TaskId, UnitRow, UnitStatus } from '../core/model.ts';
import type { TaskManager } from '../engine/api.ts';
import type { Voice } from './host.ts';
import { unitsOf } from './unit-words.ts';

export interface UnitReport {
  /** Looks at every unit. */
  all(): void;
  /** Looks at these (ids). */
  some(ids: ReadonlySet<string>): void;
}

/**
 * Says what became of units, each status of each attempt once.
 * @param beganAt when the command began, ms since the epoch: what was over before is no news
 */
export function createUnitReport(
  manager: TaskManager,
  taskId: TaskId,
  beganAt: number,
  voice: Voice,
  above: (text: string) => void,
): UnitReport {
  const said = new Map<string, string>();
  const orders = new Map<string, number>();

  function look(unit: Readonly<UnitRow>): void {
    orders.set(unit.id, unit.planOrder);
    const state = `${unit.status} ${unit.attempt} ${unit.nextRetryAt === null}`;
    if (said.get(unit.id) === state) return;
    const first = !said.has(unit.id);
    said.set(unit.id, state);
    // What waited, rested or was over when the command began is no news.
    if (first && unit.status !== 'running' && (unit.status === 'pending' || unit.updatedAt < beganAt)) return;
    const task = manager.header(taskId)?.name;
    const wait = unit.nextRetryAt === null ? null : manager.whyWaiting(unit.id);
    voice.json('unit', { task, ...unitFields(unit, wait ?? unit.reason, voice) });
    if (unit.status === 'failed') above(describeFailure(unit, voice));
    else if (wait !== null) above(`${unit.name}: ${voice.sentence(wait)}`);
    else if (unit.status === 'completed' && unit.reason !== null) above(voice.sentence(unit.reason));
  }

  function all(): void {
    for (const unit of unitsOf(manager, taskId)) look(unit);
  }

  function some(ids: ReadonlySet<string>): void {
    if ([...ids].some((id) => !orders.has(id))) {
      all();
      return;
    }
    for (const id of ids) {
      const [unit] = manager.units(taskId, null, orders.get(id)! - 1, 1).units;
      if (unit?.id === id) look(unit);
    }
  }

  return { all, some };
}

function unitFields(unit: Readonly<UnitRow>, reason: Coded | null, voice: Voice): Record<string, unknown> {
  const { name, status, processed, total, attempt, error, rejected } = unit;
  return {
    unit: name,
    status: status satisfies UnitStatus,
    processed,
    total,
    attempt,
    ...(rejected > 0 ? { rejected } : {}),
    ...(error === null ? {} : { error: errorFields(error, voice) }),
    ...(reason === null ? {} : { reason: voice.coded(reason) }),
  };
}

function errorFields(error: NonNullable<UnitRow['error']>, voice: Voice): Record<string, unknown> {
  const { class: errorClass, message: detail } = error;
  return { ...voice.coded(error), class: errorClass, detail };
}

function describeFailure(unit: Readonly<UnitRow>, voice: Voice): string {
  const { error } = unit;
  const cause = error === null ? '' : voice.sentence(error);
  const detail =
    error?.message && error.message !== error.code && !cause.includes(error.message) ? ` (${error.message})` : '';
  return voice.word('cli.unitFailed', { unit: unit.name, cause: `${cause}${detail}` });
}
