/** What happens in the lives of the crash harness: people's commands, workers' reports, timers; drawn from a seed. */
import type { Event, Place, UnitOutcome } from '../../src/core/events.ts';
import type { PlannedUnit, TaskDefinition, TaskId, UnitError, UnitId } from '../../src/core/model.ts';
import type { Execution, Host } from './crash-host.ts';
import type { Random } from './random.ts';

export const STORE = 'k';
const TASKS: readonly TaskId[] = ['auto', 'manual', 'small'];
const UNITS: Readonly<Record<TaskId, number>> = { auto: 9, manual: 8, small: 3 };
const RUNS_EACH = 2_000;

export interface Script {
  /** Ms since the epoch, as the host's clock says. */
  at: number;
  runs: number;
  readonly random: Random;
}

export function definition(taskId: TaskId): TaskDefinition {
  return {
    name: taskId,
    mode: taskId === 'manual' ? 'manual' : 'auto',
    concurrency: taskId === 'small' ? 1 : 3,
    onError: 'skip',
    retry: { attempts: 2, delayMs: 400, factor: 2, maxDelayMs: 2_000, jitter: 0.2 },
    limits: { rowsPerSecond: 0, bytesPerSecond: 0 },
    resumeOnStart: false,
    config: `{"task":"${taskId}"}`,
    configHash: 'h1',
  };
}

function plan(taskId: TaskId): PlannedUnit[] {
  return Array.from(
    { length: UNITS[taskId] ?? 0 },
    (_, i): PlannedUnit => ({
      name: `table_${i}`,
      type: 'table',
      total: i % 3 === 0 ? null : 100 * i,
      resume: i % 2 === 0 ? 'row' : 'unit',
      after: taskId === 'manual' && i % 4 === 3 ? [`table_${i - 1}`] : [],
    }),
  );
}

/** What a host does once the store is open. */
export function openings(script: Script): Event[] {
  const { at } = script;
  const defines = TASKS.map(
    (taskId): Event => ({ type: 'define', at, taskId, store: STORE, definition: definition(taskId) }),
  );
  return [{ type: 'recover', at, store: STORE }, ...defines];
}

/** The plan, then the start. */
export function startEvents(script: Script, taskId: TaskId, again: boolean, only: readonly string[] | null): Event[] {
  const { at } = script;
  script.runs++;
  const start: Event = {
    type: 'start',
    at,
    taskId,
    runId: `run-${script.runs + RUNS_EACH * Math.floor(script.at / 1e6)}`,
    by: 'person',
    again,
    only,
    enqueue: only !== null,
    mode: null,
    concurrency: null,
    after: [],
  };
  return [{ type: 'takePlan', at, taskId, from: 0, units: plan(taskId), gone: [] }, start];
}

/** What the next step is: events that are taken in one after the other without waiting in between. */
export function nextEvents(host: Host, script: Script): Event[] {
  script.at += 50 + below(script, 400);
  const executions = [...host.running.values()].filter(({ waits, stop }) => !waits || stop);
  if (executions.length > 0 && script.random() < 0.6) {
    const many = script.random() < 0.45 ? executions.length : 1;
    return pickSome(script, executions, many).flatMap((execution) => report(host, script, execution));
  }
  return command(script, host);
}

type Draw = (script: Script, host: Host, taskId: TaskId) => Event[];
type Weighted = readonly (readonly [weight: number, draw: Draw])[];

/** A task at rest is mostly started, a running one steered: most commands have an effect. */
const AT_REST: Weighted = [
  [60, (script, host, taskId) => startEvents(script, taskId, script.random() < 0.3, onlySome(script, host, taskId))],
  [20, ({ at }, _, taskId) => [{ type: 'resume', at, taskId }]],
  [4, ({ at }, _, taskId) => [{ type: 'reset', at, taskId }]],
  [8, ({ at }, _, taskId) => [{ type: 'retry', at, taskId, unitIds: null }]],
  [8, modeOf],
  [14, queueAdd],
  [4, queueMove],
  [
    4,
    ({ at }) => [
      { type: 'deleteTask', at, taskId: 'small' },
      { type: 'define', at, taskId: 'small', store: STORE, definition: definition('small') },
    ],
  ],
];
const RUNNING: Weighted = [
  [8, ({ at }, _, taskId) => [{ type: 'pause', at, taskId, reason: null }]],
  [6, ({ at }, _, taskId) => [{ type: 'stop', at, taskId }]],
  [6, ({ at }, _, taskId) => [{ type: 'retry', at, taskId, unitIds: null }]],
  [
    6,
    ({ at }, host, taskId) => {
      const unitIds = [...host.running.keys()].filter((unitId) => unitId.startsWith(taskId));
      return [{ type: 'abort', at, taskId, unitIds: unitIds.slice(0, 2) }];
    },
  ],
  [
    6,
    (script, host, taskId) => {
      const unitIds = someUnits(script, host, taskId, 2);
      return [{ type: 'restart', at: script.at, taskId, unitIds, again: script.random() < 0.5 }];
    },
  ],
  [30, queueAdd],
  [12, queueMove],
  [
    6,
    (script, host, taskId) => [
      { type: 'queueRemove', at: script.at, taskId, unitIds: queued(host, taskId).slice(0, 2), baseRev: null },
    ],
  ],
  [3, ({ at }, _, taskId) => [{ type: 'queueClear', at, taskId, baseRev: null }]],
  [8, modeOf],
  [8, (script, _, taskId) => [{ type: 'adjust', at: script.at, taskId, set: { concurrency: 1 + below(script, 4) } }]],
  [12, dueNow],
];

function command(script: Script, host: Host): Event[] {
  const taskId = TASKS[below(script, TASKS.length)] as TaskId;
  const runs = host.state.tasks.get(taskId)?.row.runState === 'running';
  const commands = runs ? RUNNING : AT_REST;
  let rest = below(
    script,
    commands.reduce((sum, [weight]) => sum + weight, 0),
  );
  for (const [weight, draw] of commands) {
    if (rest < weight) return draw(script, host, taskId);
    rest -= weight;
  }
  return [];
}

/** Mostly back to what the task's name says. */
function modeOf(script: Script, _: Host, taskId: TaskId): Event[] {
  const own = definition(taskId).mode;
  const mode = script.random() < 0.7 ? own : own === 'auto' ? 'manual' : 'auto';
  return [{ type: 'setMode', at: script.at, taskId, mode }];
}

function queueAdd(script: Script, host: Host, taskId: TaskId): Event[] {
  const unitIds = someUnits(script, host, taskId, 4);
  const to = place(script, host, taskId);
  return [{ type: 'queueAdd', at: script.at, taskId, unitIds, to, again: script.random() < 0.3, baseRev: null }];
}

function queueMove(script: Script, host: Host, taskId: TaskId): Event[] {
  const unitIds = pickSome(script, queued(host, taskId), 2);
  return [{ type: 'queueMove', at: script.at, taskId, unitIds, to: place(script, host, taskId), baseRev: null }];
}

function queued(host: Host, taskId: TaskId): UnitId[] {
  const units = [...(host.state.tasks.get(taskId)?.units ?? [])];
  return units.filter(([, entry]) => entry.queueOrder !== null).map(([unitId]) => unitId);
}

function dueNow(script: Script, _: Host, taskId: TaskId): Event[] {
  script.at += 3_000;
  return [{ type: 'due', at: script.at, taskId }];
}

function place(script: Script, host: Host, taskId: TaskId): Place {
  const kinds = ['top', 'bottom', 'up', 'down'] as const;
  if (script.random() < 0.3) {
    const unitId = someUnits(script, host, taskId, 1)[0];
    if (unitId !== undefined) return { kind: 'before', unitId };
  }
  return { kind: kinds[below(script, kinds.length)] ?? 'top' };
}

function onlySome(script: Script, host: Host, taskId: TaskId): string[] | null {
  if (script.random() < 0.8) return null;
  const units = host.state.tasks.get(taskId)?.units;
  return someUnits(script, host, taskId, 3).map((unitId) => units?.get(unitId)?.row.name ?? '');
}

function someUnits(script: Script, host: Host, taskId: TaskId, most: number): UnitId[] {
  return pickSome(script, [...(host.state.tasks.get(taskId)?.units.keys() ?? [])], 1 + below(script, most));
}

const LOST: UnitError = { code: 'mysql.lost', class: 'retryable', args: { host: 'db' }, message: 'gone away' };
const DENIED: UnitError = { code: 'mysql.denied', class: 'permanent', args: {}, message: 'access denied' };

/** What the execution says next; `luck` 1 = it goes on to its end without trouble. */
export function report(host: Host, script: Script, execution: Execution, luck = script.random()): Event[] {
  const { unitId, attempt } = execution;
  const common = { at: script.at, unitId, attempt };
  const processed = execution.stage * 10;
  const figures = { processed, bytes: processed * 100 };
  if (execution.waits) return [];
  execution.stage++;
  const ends = (outcome: UnitOutcome): Event[] => {
    host.running.delete(unitId);
    return [{ type: 'finished', ...common, outcome, random: script.random() }];
  };
  if (execution.stop)
    return ends({ kind: 'stopped', ...figures, checkpoint: processed > 0 ? String(processed) : null });
  if (luck < 0.1) return ends({ kind: 'failed', error: LOST, ...figures, forget: luck < 0.02 });
  if (luck < 0.14) return ends({ kind: 'failed', error: DENIED, ...figures });
  if (execution.stage === 1) {
    execution.waits = true;
    return [{ type: 'prepared', ...common, prepared: 'empty', total: 100 }];
  }
  if (execution.stage < 3 && luck < 0.4) {
    execution.waits = true;
    return [{ type: 'checkpoint', ...common, checkpoint: `{"k":[${processed}]}`, ...figures }];
  }
  if (execution.stage < 4 && luck < 0.65) return [{ type: 'progress', ...common, ...figures, total: null }];
  return ends({ kind: 'completed', ...figures, rejected: 0, verified: 'count', note: null });
}

export function below(script: Script, most: number): number {
  return Math.floor(script.random() * most);
}

function pickSome<T>(script: Script, from: readonly T[], most: number): T[] {
  const left = [...from];
  const picked: T[] = [];
  while (left.length > 0 && picked.length < most) picked.push(...left.splice(below(script, left.length), 1));
  return picked;
}
