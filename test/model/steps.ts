/** What a step of a history can be: an event that a person, a worker, a timer, the file or a fault causes. */
import type { Event } from '../../src/core/events.ts';
import type { Mode } from '../../src/core/model.ts';
import type { Dice } from './dice.ts';
import { abort, queueAdd, queueClear, queueMove, queueRemove, replay, restart, retry, syncNow } from './queue-steps.ts';
import { planOf, type SimTask } from './sources.ts';
import { type Execution, errorOf, type Whim, work } from './workers.ts';
import { crash, define, happen, move, reopen, rowsOf, sync, type World } from './world.ts';

export type Act = (world: World, dice: Dice, trouble: number) => void;

/** How often what happens, out of the sum. */
const STEPS: readonly (readonly [weight: number, act: Act])[] = [
  [520, workOn],
  [120, (world, dice) => sync(world, storeName(world, dice))],
  [10, (world, dice) => world.stores.get(storeName(world, dice))!.flush()],
  [60, startSomehow],
  [12, takePlanOnly],
  [34, (world, dice) => command(world, dice, 'resume')],
  [24, (world, dice) => happen(world, { ...about(world, dice), type: 'pause', reason: null })],
  [22, (world, dice) => command(world, dice, 'stop')],
  [9, (world, dice) => command(world, dice, 'reset')],
  [24, retry],
  [16, abort],
  [16, restart],
  [30, replay],
  [60, queueAdd],
  [20, queueMove],
  [24, queueRemove],
  [12, queueClear],
  [10, syncNow],
  [40, setMode],
  [22, adjust],
  [36, due],
  [11, (world, dice) => command(world, dice, 'deleteTask')],
  [10, (world, dice) => happen(world, { type: 'setMaxRunning', at: world.at, maxRunningUnits: dice.below(12) })],
  [12, (world, dice) => command(world, dice, 'offer')],
  [12, redefine],
  [14, startFailed],
  [44, lateReport],
  [14, twice],
  [8, (world, dice) => crash(world, dice.once(2) ? 'kill' : 'powerCut')],
  [5, (world, dice) => reopen(world, storeName(world, dice))],
];
const SUM = STEPS.reduce((sum, [weight]) => sum + weight, 0);

export function step(world: World, dice: Dice, trouble: number): void {
  passTime(world, dice);
  let rest = dice.below(SUM);
  for (const [weight, act] of STEPS) {
    if (rest < weight) {
      act(world, dice, trouble);
      return;
    }
    rest -= weight;
  }
}

/** Clocks are set back and ahead, too. */
function passTime(world: World, dice: Dice): void {
  const luck = dice.below(200);
  if (luck === 0) world.at -= 3_600_000;
  else if (luck === 1) world.at += 86_400_000;
  else if (luck < 8) world.at -= 700;
  else world.at += 50 + dice.below(400);
}

function workOn(world: World, dice: Dice, trouble: number): void {
  const executions = [...world.executions.values()];
  if (executions.length === 0) {
    for (const name of world.stores.keys()) sync(world, name);
    return;
  }
  const execution = dice.pick(executions);
  const luck = dice.below(100);
  if (luck === 99) {
    overtaken(world, execution);
    return;
  }
  // Ended by itself, though nobody asked: an execution may stop at any batch border.
  if (luck === 98) execution.stop = true;
  work(world, execution, whimOf(dice, luck, trouble), dice.below(1000) / 1000);
}

function whimOf(dice: Dice, luck: number, trouble: number): Whim {
  if (luck < trouble * 5) return dice.pick(['fail', 'failForNow', 'failForNow', 'die', 'distrust']);
  return luck > 85 ? 'quiet' : 'goOn';
}

/** A report of an earlier batch that comes after a later one. */
function overtaken(world: World, { unitId, attempt, position }: Execution): void {
  const report = { at: world.at, unitId, attempt, processed: Math.max(0, position - 2), bytes: 0, total: null };
  happen(world, { ...report, type: 'progress' });
}

export interface StartWish {
  readonly again?: boolean;
  readonly only?: readonly string[] | null;
  readonly enqueue?: boolean;
  readonly replay?: boolean;
  readonly mode?: Mode | null;
  readonly concurrency?: number | null;
  /** Without it the start waits for no other task. */
  readonly after?: boolean;
}

/** As the engine does it: definition, plan, start. */
export function start(world: World, task: SimTask, wish: StartWish, dice: Dice | null): void {
  if (!rowsOf(world, task.id)) define(world, task);
  const running = rowsOf(world, task.id)?.task.runState === 'running';
  if (!running) takePlan(world, task, dice);
  happen(world, {
    type: 'start',
    at: world.at,
    taskId: task.id,
    ...beginning(world),
    again: wish.again ?? false,
    only: wish.only ?? null,
    enqueue: wish.enqueue ?? false,
    ...(wish.replay && { replay: true }),
    mode: wish.mode ?? null,
    concurrency: wish.concurrency ?? null,
    after: wish.after ? task.after : [],
  });
}

/** In slices of any size; what is gone is told with any of them. */
function takePlan(world: World, task: SimTask, dice: Dice | null): void {
  const plan = planOf(task);
  const known = [...(rowsOf(world, task.id)?.units.values() ?? [])];
  const gone = known.filter((row) => !row.removed && !task.plan.includes(row.name)).map(({ name }) => name);
  const slices: { readonly from: number; readonly units: typeof plan }[] = [];
  for (let from = 0; from < plan.length || slices.length === 0; ) {
    const size = dice ? 1 + dice.below(plan.length + 4) : Math.max(1, plan.length);
    slices.push({ from, units: plan.slice(from, from + size) });
    from += size;
  }
  const tells = dice ? dice.below(slices.length) : 0;
  for (const [index, slice] of slices.entries()) {
    const told = index === tells ? gone : [];
    happen(world, { type: 'takePlan', at: world.at, taskId: task.id, ...slice, gone: told });
  }
}

function startSomehow(world: World, dice: Dice): void {
  const task = dice.pick(world.tasks);
  changePlan(task, dice);
  const some = dice.once(6) ? dice.some(task.plan) : [];
  const limited = some.length > 0;
  const only = limited ? some : null;
  if (only && dice.once(20)) only.push('nobody');
  start(
    world,
    task,
    {
      only,
      again: dice.once(7),
      enqueue: limited && !dice.once(3),
      mode: dice.once(12) ? dice.pick(['auto', 'manual']) : null,
      concurrency: dice.once(12) ? dice.below(7) : null,
      after: dice.once(2),
    },
    dice,
  );
}

/** Now and then a unit comes, goes, or changes its place. */
function changePlan(task: SimTask, dice: Dice): void {
  const luck = dice.below(12);
  const { name } = dice.pick(task.pool);
  if (luck < 2) task.plan = task.plan.filter((one) => one !== name);
  if (luck >= 2 && luck < 5 && !task.plan.includes(name)) task.plan.splice(dice.below(task.plan.length + 1), 0, name);
  if (luck === 6) task.plan = dice.shuffled(task.plan);
}

/** A plan that no start follows, whole or in part; sometimes one that names a unit twice. */
function takePlanOnly(world: World, dice: Dice): void {
  const task = dice.pick(world.tasks);
  changePlan(task, dice);
  const { taskId, at } = { ...about(world, dice), taskId: task.id };
  const units = planOf(task, dice.once(4));
  const from = dice.below(units.length + 1);
  const slice = units.slice(from, from + 1 + dice.below(4));
  if (dice.once(8) && slice[0]) slice.push(slice[0]);
  happen(world, { type: 'takePlan', at, taskId, from, units: slice, gone: [] });
}

function startFailed(world: World, dice: Dice): void {
  const error = errorOf('noConnection', 'retryable');
  happen(world, { ...about(world, dice), ...beginning(world), type: 'startFailed', error });
}

function setMode(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  const mode = dice.pick<Mode>(['auto', 'manual']);
  happen(world, { type: 'setMode', at, taskId, mode });
  if (dice.once(5)) happen(world, { type: 'setMode', at, taskId, mode });
}

function adjust(world: World, dice: Dice): void {
  const retryPolicy = { attempts: dice.below(4), delayMs: 500, factor: 2, maxDelayMs: 2000, jitter: dice.below(3) / 2 };
  const set = dice.pick<Extract<Event, { type: 'adjust' }>['set']>([
    { concurrency: 1 + dice.below(6) },
    { concurrency: 1 + dice.below(6), onError: 'skip' },
    { onError: dice.pick(['skip', 'pause']) },
    { retry: retryPolicy },
    { retry: { delayMs: 100 + dice.below(3) * 400 }, limits: { bytesPerSecond: dice.below(3) * 1000 } },
    { limits: { rowsPerSecond: dice.below(3) * 100, bytesPerSecond: 0 } },
    { concurrency: dice.pick([0, -1, 1.5, Number.NaN, 1e9]) },
    { retry: { ...retryPolicy, attempts: dice.pick([-1, 1.5, Number.NaN]) } },
    { retry: { ...retryPolicy, jitter: 2 } },
    { limits: { rowsPerSecond: -5, bytesPerSecond: 0 }, concurrency: 3 },
  ]);
  happen(world, { ...about(world, dice), type: 'adjust', set });
}

/** At the right time, too early, or much too late. */
function due(world: World, dice: Dice): void {
  const { taskId, at } = about(world, dice);
  const waits = [...(rowsOf(world, taskId)?.units.values() ?? [])].flatMap(({ nextRetryAt }) => nextRetryAt ?? []);
  if (waits.length > 0 && !dice.once(4)) world.at = Math.max(at, Math.min(...waits)) + dice.below(3) - 1;
  if (dice.once(10)) world.at += 5_000;
  happen(world, { type: 'due', at: world.at, taskId });
}

function redefine(world: World, dice: Dice): void {
  const task = dice.pick(world.tasks);
  const row = rowsOf(world, task.id)?.task;
  const resting = row !== undefined && ['idle', 'paused', 'interrupted'].includes(row.runState);
  if (!dice.once(4)) {
    task.definitions++;
    task.file.concurrency = 1 + dice.below(6);
    if (dice.once(3)) task.file.onError = dice.pick(['skip', 'pause']);
    if (dice.once(3)) task.file.retry = { ...task.file.retry, attempts: dice.below(4) };
  }
  if (resting && dice.once(3)) move(task, dice.once(4) ? task.pool.map(({ name }) => name) : dice.some(task.plan));
  define(world, task);
}

function lateReport(world: World, dice: Dice): void {
  if (world.past.length === 0) return;
  const { unitId, attempt } = dice.pick(world.past);
  const report = { at: world.at, unitId, attempt };
  const error = errorOf('noConnection', 'retryable');
  const late: Event[] = [
    { ...report, type: 'prepared', prepared: 'created', total: 4 },
    { ...report, type: 'checkpoint', checkpoint: '5', processed: 5, bytes: 50 },
    { ...report, type: 'progress', processed: 500, bytes: 5000, total: 3 },
    { ...report, type: 'finished', outcome: { kind: 'failed', error, processed: 5, bytes: 50 }, random: 0.5 },
  ];
  happen(world, dice.pick(late));
}

/** The same command from two hosts, or by a double click. */
function twice(world: World): void {
  const last = world.events.findLast(({ type }) => COMMANDS.includes(type));
  if (last) happen(world, { ...last, at: world.at });
}

const COMMANDS: readonly Event['type'][] = [
  'resume',
  'pause',
  'stop',
  'reset',
  'retry',
  'abort',
  'restart',
  'replay',
  'queueAdd',
  'queueRemove',
  'queueClear',
  'queueMove',
  'setMode',
  'adjust',
  'due',
  'deleteTask',
  'offer',
];

function command(world: World, dice: Dice, type: 'resume' | 'stop' | 'reset' | 'offer' | 'deleteTask'): void {
  happen(world, { ...about(world, dice), type });
}

export function about(world: World, dice: Dice) {
  return { at: world.at, taskId: dice.once(150) ? 'nobody' : dice.pick(world.tasks).id };
}

function beginning(world: World) {
  world.runs++;
  return { runId: `r${world.runs}`, by: 'person' } as const;
}

function storeName(world: World, dice: Dice): string {
  return dice.pick([...world.stores.keys()]);
}
