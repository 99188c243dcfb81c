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
  if (executions.length > 0 && script.random() < 0.62) {
    const many = script.random() < 0.3 ? executions.length : 1;
    return pickSome(script, executions, many).flatMap((execution) => report(host, script, execution));
  }
  return command(script, host);
}

type Draw = (script: Script, host: Host, taskId: TaskId) => Event[];
const COMMANDS: readonly (readonly [weight: number, draw: Draw])[] = [
  [22, (script, host, taskId) => startEvents(script, taskId, script.random() < 0.15, onlySome(script, host, taskId))],
  [10, ({ at }, _, taskId) => [{ type: 'resume', at, taskId }]],
  [8, ({ at }, _, taskId) => [{ type: 'pause', at, taskId, reason: null }]],
  [5, ({ at }, _, taskId) => [{ type: 'stop', at, taskId }]],
  [2, ({ at }, _, taskId) => [{ type: 'reset', at, taskId }]],
  [6, ({ at }, _, taskId) => [{ type: 'retry', at, taskId, unitIds: null }]],
  [
    4,
    (script, host, taskId) => [{ type: 'abort', at: script.at, taskId, unitIds: someUnits(script, host, taskId, 2) }],
  ],
  [
    4,
    (script, host, taskId) => [
      {
        type: 'restart',
        at: script.at,
        taskId,
        unitIds: someUnits(script, host, taskId, 2),
        again: script.random() < 0.3,
      },
    ],
  ],
  [26, queueAdd],
  [12, queueMove],
  [
    6,
    (script, host) => [
      {
        type: 'queueRemove',
        at: script.at,
        taskId: 'manual',
        unitIds: someUnits(script, host, 'manual', 2),
        baseRev: null,
      },
    ],
  ],
  [2, ({ at }) => [{ type: 'queueClear', at, taskId: 'manual', baseRev: null }]],
  [
    10,
    (script, _, taskId) => [
      { type: 'setMode', at: script.at, taskId, mode: script.random() < 0.5 ? 'auto' : 'manual' },
    ],
  ],
  [6, (script, _, taskId) => [{ type: 'adjust', at: script.at, taskId, set: { concurrency: 1 + below(script, 4) } }]],
  [8, dueNow],
  [
    2,
    ({ at }) => [
      { type: 'deleteTask', at, taskId: 'small' },
      { type: 'define', at, taskId: 'small', store: STORE, definition: definition('small') },
    ],
  ],
];
const WEIGHTS = COMMANDS.reduce((sum, [weight]) => sum + weight, 0);

function command(script: Script, host: Host): Event[] {
  const taskId = TASKS[below(script, TASKS.length)] as TaskId;
  let rest = below(script, WEIGHTS);
  for (const [weight, draw] of COMMANDS) {
    if (rest < weight) return draw(script, host, taskId);
    rest -= weight;
  }
  return [];
}

function queueAdd(script: Script, host: Host): Event[] {
  const unitIds = someUnits(script, host, 'manual', 4);
  return [
    {
      type: 'queueAdd',
      at: script.at,
      taskId: 'manual',
      unitIds,
      to: place(script, host),
      again: script.random() < 0.1,
      baseRev: null,
    },
  ];
}

function queueMove(script: Script, host: Host): Event[] {
  const units = host.state.tasks.get('manual')?.units ?? new Map();
  const queued = [...units].filter(([, entry]) => entry.queueOrder !== null).map(([unitId]) => unitId as UnitId);
  return [
    {
      type: 'queueMove',
      at: script.at,
      taskId: 'manual',
      unitIds: pickSome(script, queued, 2),
      to: place(script, host),
      baseRev: null,
    },
  ];
}

function dueNow(script: Script, _: Host, taskId: TaskId): Event[] {
  script.at += 3_000;
  return [{ type: 'due', at: script.at, taskId }];
}

function place(script: Script, host: Host): Place {
  const kinds = ['top', 'bottom', 'up', 'down'] as const;
  if (script.random() < 0.3) {
    const unitId = someUnits(script, host, 'manual', 1)[0];
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
  if (luck < 0.05) return ends({ kind: 'failed', error: LOST, ...figures, forget: luck < 0.01 });
  if (luck < 0.08) return ends({ kind: 'failed', error: DENIED, ...figures });
  if (execution.stage === 1) {
    execution.waits = true;
    return [{ type: 'prepared', ...common, prepared: 'empty', total: 100 }];
  }
  if (execution.stage < 4 && luck < 0.5) {
    execution.waits = true;
    return [{ type: 'checkpoint', ...common, checkpoint: `{"k":[${processed}]}`, ...figures }];
  }
  if (execution.stage < 4 && luck < 0.7) return [{ type: 'progress', ...common, ...figures, total: null }];
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
