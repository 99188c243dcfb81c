/** What a check sees of an event: the rows before and after it, and what the checks themselves remember. */
import type { Decision, Event } from '../../../src/core/events.ts';
import type { Mode, RunRow, TaskId, TaskRow, UnitId, UnitRow } from '../../../src/core/model.ts';
import type { TaskRows, Watch } from '../fake-store.ts';
import type { World } from '../world.ts';

/** How a unit stood just before it started. */
export interface Start {
  readonly own: TaskRows;
  readonly row: UnitRow;
  /** Its place in the queue; null = it stood in none. */
  queueOrder: number | null;
}

export interface Before {
  /** Of the event's task; copies. */
  readonly task: Readonly<TaskRow> | undefined;
  readonly run: Readonly<RunRow> | null;
  /** Head first. */
  readonly queue: readonly UnitId[];
  /** Removed ones, too; empty for reports other than `finished`. */
  readonly units: ReadonlyMap<UnitId, UnitRow>;
  /** Tasks that wait for their running units to end before their mode changes. */
  readonly switching: ReadonlySet<TaskId>;
  /** By task, for `recover`. */
  readonly states: ReadonlyMap<TaskId, TaskRow['runState']>;
  /** In the order in which they happen. */
  readonly starts: Start[];
  /** Places of entries that left the queue one by one, by unit. */
  readonly dequeued: Map<UnitId, number>;
  readonly watch: Watch;
}

/** What the checks know from what happened, not from the rows. */
export interface Ledger {
  /** Ended by themselves: a person or the next start takes them up. */
  readonly held: Set<UnitId>;
  /** Running ones that shall begin anew. */
  readonly restarting: Set<UnitId>;
  /** Running ones that shall end by themselves. */
  readonly aborting: Set<UnitId>;
  /** Lost with their host, and not started since. */
  readonly lost: Set<UnitId>;
  /** Completed ones whose rejected rows are being written again: they are not copied before they begin anew. */
  readonly replaying: Set<UnitId>;
  /** Attempts that ended: no further event of theirs may change anything. */
  readonly over: Set<string>;
  readonly lastStarted: Map<UnitId, number>;
  /** How often one task was served while another one could have been: "waiting served". */
  readonly passedOver: Map<string, number>;
}

export type Premise = (name: string) => void;
export type Fail = (invariant: string, message: string) => never;

export interface Check {
  readonly world: World;
  readonly event: Event;
  readonly decision: Decision;
  readonly before: Before;
  readonly ledger: Ledger;
  readonly premise: Premise;
  readonly fail: Fail;
}

/** A check of one task's rows as they are after the event. */
export interface TaskCheck extends Check {
  readonly own: TaskRows;
}

export function accepted({ decision }: Check): boolean {
  return decision.answer.ok;
}

export function noteOf({ decision }: Check): string | undefined {
  return decision.answer.ok ? decision.answer.note?.code : undefined;
}

export function refusalOf({ decision }: Check): string | undefined {
  return decision.answer.ok ? undefined : decision.answer.refusal.code;
}

/** Head first. */
export function queueOf(own: TaskRows): UnitId[] {
  if (own.queue.size === 0) return [];
  return [...own.queue.values()].sort((a, b) => a.order - b.order).map(({ unitId }) => unitId);
}

export function unitsOf(own: TaskRows): UnitRow[] {
  const units: UnitRow[] = [];
  for (const row of own.units.values()) if (!row.removed) units.push(row);
  return units;
}

export function runningIn(own: TaskRows): number {
  let running = 0;
  for (const row of own.units.values()) if (row.status === 'running') running++;
  return running;
}

export function unfinishedRunOf(own: TaskRows): RunRow | null {
  return own.newestRun?.outcome === null ? own.newestRun : null;
}

/** A run may have a mode of its own. */
export function modeOf({ task, newestRun }: Pick<TaskRows, 'newestRun' | 'task'>): Mode {
  return newestRun?.outcome === null ? newestRun.mode : task.mode;
}

export function inRun(row: UnitRow, run: RunRow): boolean {
  return run.units === null || run.units.includes(row.name);
}

export function byName(own: TaskRows, name: string): UnitRow | undefined {
  for (const row of own.units.values()) if (row.name === name) return row;
  return undefined;
}

export function parentsCompleted(own: TaskRows, row: UnitRow): boolean {
  return row.after.every((name) => byName(own, name)?.status === 'completed');
}

/** Whether a unit of the run could start if there were a slot (and, in manual mode, if it were its turn). */
export function isReady({ ledger }: Check, own: TaskRows, row: UnitRow, run: RunRow): boolean {
  if (row.removed || (row.status !== 'pending' && row.status !== 'paused')) return false;
  if (row.nextRetryAt !== null || ledger.held.has(row.id)) return false;
  return inRun(row, run) && parentsCompleted(own, row);
}

/** Whether a unit cannot run before a person does something about another one: a parent failed, or is no part of it. */
export function isBlocked(own: TaskRows, row: UnitRow, run: RunRow): boolean {
  return row.after.some((name) => {
    const parent = byName(own, name);
    if (parent?.status === 'completed') return false;
    if (!parent || parent.removed || !inRun(parent, run)) return true;
    return parent.status === 'failed' || isBlocked(own, parent, run);
  });
}
