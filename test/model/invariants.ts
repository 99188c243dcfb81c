/**
 * What must hold after every event, in the numbering of the project's invariants, and how often the premise of each
 * was true: an invariant whose premise never was has not been tested.
 */
import type { Decision, Event } from '../../src/core/events.ts';
import type { Resume, RunRow, TaskRow, UnitRow } from '../../src/core/model.ts';
import { percentOf } from '../../src/core/progress.ts';
import type { Rows, UnitObserver } from './fake-store.ts';
import { checkWhole } from './whole.ts';
import { BATCH, type World } from './world.ts';

export class InvariantBroken extends Error {
  override name = 'InvariantBroken';
}

/** Sums over all histories of a simulation. */
export interface Tally {
  events: number;
  readonly premises: Map<string, number>;
  /** "state event" pairs. */
  readonly pairs: Map<string, number>;
}

export interface Before {
  readonly task: Readonly<TaskRow> | undefined;
  readonly run: Readonly<RunRow> | undefined;
  /** Ids of failed units, for starts and resumes. */
  readonly failedBefore: readonly string[];
  /** Unit and how it stood just before it started, in the order of the starts. */
  readonly starts: { readonly row: UnitRow; readonly wasPaused: boolean }[];
  readonly observe: UnitObserver;
}

export interface Checker {
  fail(invariant: string, message: string): never;
  before(world: World, event: Event, decision: Decision): Before;
  after(world: World, event: Event, decision: Decision, before: Before): void;
  started(world: World, unitId: string, attempt: number, row: UnitRow): void;
  resumes(world: World, repeatedRows: number, resume: Resume): void;
  records(targetRows: number, checkpoint: number): void;
}

/** Changes that an event may make to a unit's status: "from to" -> event types. */
const TRANSITIONS: Readonly<Record<string, readonly Event['type'][]>> = {
  'pending running': ['start', 'resume', 'retry', 'finished', 'offer', 'setConcurrency', 'define'],
  'paused running': ['start', 'resume', 'retry', 'finished', 'offer', 'setConcurrency', 'define'],
  'running completed': ['finished'],
  'running failed': ['finished'],
  'running paused': ['finished'],
  'running pending': ['recover'],
  'failed pending': ['start', 'resume', 'retry', 'reset'],
  'completed pending': ['start', 'reset'],
  'paused pending': ['start', 'reset'],
  'pending pending': ['start', 'reset'],
};

/** States that an accepted command leaves its task in. */
const LEADS_TO: Partial<Record<Event['type'], readonly TaskRow['runState'][]>> = {
  start: ['running'],
  resume: ['running'],
  pause: ['pausing', 'paused'],
  stop: ['stopping', 'idle'],
  reset: ['idle'],
};

/** Every so many events memory is compared as a whole. */
const WHOLE = 80;

export function createChecker(tally: Tally): Checker {
  const lastStarted = new Map<string, number>();
  /** Attempts that ended: no further event of theirs may change anything. */
  const over = new Set<string>();
  let sinceWhole = 0;

  const fail = (invariant: string, message: string): never => {
    throw new InvariantBroken(`${invariant}: ${message}`);
  };
  const premise = (name: string) => tally.premises.set(name, (tally.premises.get(name) ?? 0) + 1);

  function observer(event: Event, starts: Before['starts']): UnitObserver {
    return (row, set) => {
      if (row.status === 'running' && set.status === undefined && set.processed !== undefined) {
        premise('I6 progress');
        if (set.processed < row.processed || (set.bytes ?? row.bytes) < row.bytes)
          fail('I6', `progress of ${row.id} falls from ${row.processed} to ${set.processed}`);
      }
      if (set.attempt !== undefined && set.attempt !== row.attempt + 1) fail('I11', `attempt of ${row.id} jumps`);
      if (set.status === undefined) return;
      const allowed = TRANSITIONS[`${row.status} ${set.status}`];
      if (row.status === set.status && event.type !== 'start' && event.type !== 'reset')
        fail('I5', `${row.id} becomes ${set.status} twice`);
      if (!allowed?.includes(event.type) && row.status !== set.status)
        fail('I5', `${row.id}: ${row.status} -> ${set.status} by ${event.type}`);
      if (row.status === 'completed') {
        premise('I2 completed unit begins anew');
        if (event.type === 'start' && !event.again) fail('I2', `${row.id} was completed and starts again`);
      }
      if (set.status === 'running') starts.push({ row, wasPaused: row.status === 'paused' });
    };
  }

  return {
    fail,
    before(world, event, decision) {
      const taskId = taskIdOf(world, event);
      const rows = taskId === undefined ? undefined : rowsOfTask(world, taskId);
      const task = rows?.tasks.get(taskId!);
      const run = rows && newestRun(rows, taskId!);
      const pair = `${task?.runState ?? '-'} ${event.type}`;
      tally.pairs.set(pair, (tally.pairs.get(pair) ?? 0) + 1);
      tally.events++;
      if (!decision.answer.ok && (decision.changes.length > 0 || decision.effects.length > 0))
        fail('refusal', `a refused ${event.type} changes something`);
      if (event.type === 'start' && task?.runState === 'running') {
        premise('I13 second start');
        if (decision.answer.ok || decision.answer.refusal.code !== 'alreadyRunning') fail('I13', 'not refused');
      }
      if (event.type === 'finished' || event.type === 'progress' || event.type === 'checkpoint') {
        const key = `${event.unitId} ${event.attempt}`;
        if (over.has(key)) {
          premise('I6 late report');
          if (decision.changes.length > 0 || decision.effects.length > 0) fail('I6', `late ${event.type} is heard`);
        }
        if (event.type === 'finished') over.add(key);
      }
      const durability = { progress: 'buffered', checkpoint: 'committed', setMaxRunning: 'buffered' }[
        event.type as string
      ];
      if (decision.changes.length > 0 && decision.durability !== (durability ?? 'durable'))
        fail('I20', `${event.type} is ${decision.durability}`);
      const starts: Before['starts'] = [];
      return {
        task: task && { ...task },
        run: run && { ...run },
        failedBefore: rows && (event.type === 'start' || event.type === 'resume') ? failedIn(rows, taskId!) : [],
        starts,
        observe: observer(event, starts),
      };
    },

    after(world, event, decision, before) {
      const { state } = world;
      if (before.starts.length > 0) checkStarts(world, event, before, premise, fail);
      const taskId = taskIdOf(world, event);
      if (taskId !== undefined) checkTask(world, event, decision, before, taskId, premise, fail);
      checkTouched(world, decision, fail);
      for (const effect of decision.effects) {
        if (effect.kind === 'runEnded') checkRunEnd(world, event, effect, premise, fail);
        if (effect.kind === 'proceed' || effect.kind === 'stopUnit') {
          const row = state.taskOfUnit.get(effect.unitId)?.units.get(effect.unitId)?.row;
          if (row?.status !== 'running' || row.attempt !== effect.attempt) fail('I6', `${effect.kind} of no execution`);
        }
      }
      const offered = decision.effects.some(({ kind }) => kind === 'offer');
      const offers = [...world.waiting.values()].some((list) => list.some(({ kind }) => kind === 'offer'));
      if (!offered && !offers && event.type !== 'offer') checkNoIdleSlot(world, premise, fail);
      if (++sinceWhole >= WHOLE) {
        sinceWhole = 0;
        checkWhole(world, fail);
        premise('memory = stored rows');
      }
    },

    started(world, unitId, attempt, row) {
      premise('attempt rises');
      if ((lastStarted.get(unitId) ?? 0) >= attempt) fail('I11', `attempt ${attempt} of ${unitId} is not new`);
      lastStarted.set(unitId, attempt);
      if (world.executions.has(unitId)) fail('I5', `${unitId} is executed twice at a time`);
      if (row.attempt !== attempt || row.status !== 'running') fail('I5', `${unitId} starts and is ${row.status}`);
      if (row.resume === 'unit' && (row.checkpoint !== null || row.processed !== 0))
        fail('resume', `${unitId} starts from its beginning with figures of before`);
    },

    resumes(world, repeatedRows, resume) {
      if (resume !== 'row' || world.powerCuts > 0) return;
      premise('I7 at most one batch repeated');
      if (repeatedRows > BATCH) fail('I7', `${repeatedRows} rows are repeated`);
    },

    records(targetRows, checkpoint) {
      premise('I8 checkpoint behind target');
      if (checkpoint > targetRows) fail('I8', `checkpoint ${checkpoint} ahead of ${targetRows} rows`);
    },
  };
}

type Premise = (name: string) => void;
export type Fail = (invariant: string, message: string) => never;

function checkStarts(world: World, event: Event, { starts }: Before, premise: Premise, fail: Fail): void {
  const { state } = world;
  premise('I1 start');
  if (state.running > state.maxRunningUnits) fail('I1', `${state.running} of ${state.maxRunningUnits} units run`);
  if (state.running === state.maxRunningUnits) premise('I1 all slots of the process in use');
  for (const taskId of new Set(starts.map(({ row }) => row.taskId))) {
    const rows = rowsOfTask(world, taskId);
    const task = rows.tasks.get(taskId)!;
    const run = newestRun(rows, taskId)!;
    const running = unitsOfTask(rows, taskId).filter(({ status }) => status === 'running').length;
    premise('I10 start');
    if (task.runState !== 'running' || run.outcome !== null)
      fail('I10', `a unit of ${taskId} starts: ${task.runState}`);
    if (running > run.concurrency) fail('I1', `${running} of ${run.concurrency} units of ${taskId} run`);
    if (running === run.concurrency) premise('I1 all slots of the task in use');
    checkOrder(
      rows,
      run,
      starts.filter(({ row }) => row.taskId === taskId),
      premise,
      fail,
    );
  }
  if (event.type === 'pause' || event.type === 'stop') fail('I10', 'a unit starts by a pause');
}

/** Paused units first, then the others, each group in plan order. */
function checkOrder(rows: Rows, run: RunRow, starts: Before['starts'], premise: Premise, fail: Fail): void {
  const rank = (row: UnitRow, paused: boolean) => (paused ? 0 : 1_000_000) + row.planOrder;
  let last = -1;
  for (const { row, wasPaused } of starts) {
    if (rank(row, wasPaused) < last) fail('order', `${row.id} starts too late`);
    last = rank(row, wasPaused);
  }
  for (const row of unitsOfTask(rows, run.taskId)) {
    if (!isReady(row, run)) continue;
    premise('order: somebody waits');
    if (rank(row, row.status === 'paused') < last) fail('order', `${row.id} is passed over`);
  }
}

function checkTask(
  world: World,
  event: Event,
  decision: Decision,
  before: Before,
  taskId: string,
  premise: Premise,
  fail: Fail,
): void {
  const rows = rowsOfTask(world, taskId);
  const task = rows.tasks.get(taskId);
  if (!task) return;
  const run = newestRun(rows, taskId);
  const units = unitsOfTask(rows, taskId);
  const running = units.filter(({ status }) => status === 'running').length;
  const resting = task.runState === 'idle' || task.runState === 'paused' || task.runState === 'interrupted';
  if (resting && running > 0) fail('I10', `${taskId} is ${task.runState} and ${running} units run`);
  if ((task.runState === 'pausing' || task.runState === 'stopping') && running === 0)
    fail('I17', `${taskId} is ${task.runState} and nothing runs`);
  if (task.runState !== 'idle' && run?.outcome !== null) fail('run', `${taskId} is ${task.runState} without a run`);
  if (
    task.runState === 'running' &&
    running === 0 &&
    !units.some((row) => isReady(row, run!)) &&
    world.state.running < 1
  )
    fail('I17', `${taskId} runs and nothing is left`);

  for (const one of rows.runs.values())
    if (one.taskId === taskId && one.outcome === null && one !== run) fail('run', `${one.id} was left unfinished`);
  if (decision.answer.ok && (event.type === 'start' || event.type === 'resume'))
    checkTakenIn(event, decision, before, units, run, premise, fail);

  const failure = event.type === 'finished' && event.outcome.kind === 'failed' && decision.changes.length > 0;
  if (failure && before.task?.runState === 'running' && before.task.onError === 'skip') {
    premise('I10 a failure is skipped');
    const onlyAbortsLeft = task.reason?.code === 'pausedByAborts';
    if (task.runState !== 'running' && run?.outcome === null && !onlyAbortsLeft)
      fail('I10', `skip: ${taskId} becomes ${task.runState}`);
    if (decision.effects.some(({ kind }) => kind === 'stopUnit')) fail('I10', 'skip stops somebody');
  }
  if (failure && before.task?.runState === 'running' && before.task.onError === 'pause') {
    premise('I10 a failure pauses');
    const stopped = decision.effects.filter(({ kind }) => kind === 'stopUnit').length;
    if (task.runState === 'running' || stopped !== running) fail('I10', 'a failure did not pause the task');
  }
  if (decision.answer.ok && decision.answer.note?.code !== 'nothingToDo') {
    const wanted = LEADS_TO[event.type];
    if (wanted && !wanted.includes(task.runState)) fail('I10', `${taskId} is ${task.runState} after ${event.type}`);
  }
  if (event.type === 'recover' || decision.changes.length === 0) return;
  if (event.type === 'pause' || (event.type === 'stop' && before.task?.runState === 'running')) {
    premise('pause and stop reach every unit');
    if (decision.effects.filter(({ kind }) => kind === 'stopUnit').length !== running)
      fail('I10', 'a unit is not told');
  }
}

/** The table of what a start makes of each status. */
function checkTakenIn(
  event: Extract<Event, { type: 'start' | 'resume' }>,
  decision: Decision,
  { task, run: runBefore, failedBefore }: Before,
  units: readonly UnitRow[],
  run: RunRow | undefined,
  premise: Premise,
  fail: Fail,
): void {
  if (event.type === 'start') {
    premise('start takes the plan in');
    const inOrder = [...units].sort((a, b) => a.planOrder - b.planOrder);
    const same = inOrder.length === event.plan.length && inOrder.every(({ name }, at) => name === event.plan[at]!.name);
    if (!same) fail('plan', 'the units are not those of the plan');
  }
  const nothing = decision.answer.ok && decision.answer.note?.code === 'nothingToDo';
  if (event.type === 'start' && nothing && event.only !== null && runBefore?.outcome === null && run?.outcome !== null)
    fail('run', 'ended by a start that asked for some units only');
  if (nothing || !run) return;
  const failed = units.filter((row) => row.status === 'failed' && inRun(row, run));
  const asItWas = task?.runState === 'paused' && (event.type === 'resume' || (event.only === null && !event.again));
  if (asItWas) {
    premise('resume leaves failed units');
    const stillPlanned = units.filter(({ id }) => failedBefore.includes(id)).length;
    if (units.filter(({ status }) => status === 'failed').length !== stillPlanned)
      fail('resume', 'failed units run again');
  } else if (failed.length > 0) fail('start', `${failed[0]!.id} stays failed`);
  else if (failedBefore.length > 0) premise('start retries failed units');
}

/** What the run's row says of its end must be what the units say. */
function checkRunEnd(
  world: World,
  event: Event,
  effect: { readonly taskId: string; readonly runId: string; readonly outcome: string },
  premise: Premise,
  fail: Fail,
): void {
  premise(`run ends ${effect.outcome}`);
  const rows = rowsOfTask(world, effect.taskId);
  const run = rows.runs.get(effect.runId)!;
  if (run.outcome !== effect.outcome || run.endedAt === null) fail('run', 'the row of an ended run says otherwise');
  if (effect.outcome === 'stopped') {
    if (event.type !== 'start' && event.type !== 'reset') fail('run', `given up by ${event.type}`);
    return;
  }
  if (effect.outcome === 'failed') return;
  const left = unitsOfTask(rows, effect.taskId).filter((row) => inRun(row, run) && row.status !== 'completed');
  if (left.some(({ status }) => status !== 'failed')) fail('run', `ended, and ${left[0]?.id} is unfinished`);
  if (left.length > 0 !== (effect.outcome === 'completed_with_errors')) fail('run', `outcome ${effect.outcome}`);
}

/** Slots are never left unused while somebody could use them. */
function checkNoIdleSlot(world: World, premise: Premise, fail: Fail): void {
  const { state } = world;
  for (const { id } of world.tasks) {
    const task = state.tasks.get(id);
    if (task?.row.runState !== 'running' || !task.run) continue;
    if (state.running >= state.maxRunningUnits || task.byStatus.running.count >= task.run.concurrency) continue;
    premise('a slot is free');
    for (const row of unitsOfTask(rowsOfTask(world, id), id))
      if (isReady(row, task.run)) fail('I17', `${row.id} waits while a slot is free`);
  }
}

/** The rows that a decision touched are the same in memory and in the store. */
function checkTouched(world: World, decision: Decision, fail: Fail): void {
  for (const change of decision.changes) {
    if (change.kind !== 'unit') continue;
    const memory = world.state.tasks.get(change.taskId)!.units.get(change.unitId)!.row;
    const stored = rowsOfTask(world, change.taskId).units.get(change.unitId)!;
    for (const key of Object.keys(stored) as (keyof UnitRow)[])
      if (memory[key] !== stored[key]) fail('memory', `${change.unitId}.${key}: ${memory[key]} is not ${stored[key]}`);
    if (percentOf(memory) === 100 && memory.status !== 'completed') fail('percent', `${change.unitId} shows 100 %`);
  }
}

function taskIdOf(world: World, event: Event): string | undefined {
  if ('unitId' in event) return world.state.taskOfUnit.get(event.unitId)?.row.id;
  if (!('taskId' in event)) return undefined;
  return world.tasks.some(({ id }) => id === event.taskId) ? event.taskId : undefined;
}

function rowsOfTask(world: World, taskId: string): Rows {
  const { store } = world.tasks.find(({ id }) => id === taskId)!;
  return world.stores.get(store)!.seen;
}

function unitsOfTask(rows: Rows, taskId: string): UnitRow[] {
  const units: UnitRow[] = [];
  for (const row of rows.units.values()) if (row.taskId === taskId && !row.removed) units.push(row);
  return units;
}

function failedIn(rows: Rows, taskId: string): string[] {
  return unitsOfTask(rows, taskId).flatMap(({ id, status }) => (status === 'failed' ? [id] : []));
}

function newestRun(rows: Rows, taskId: string): RunRow | undefined {
  let newest: RunRow | undefined;
  for (const run of rows.runs.values()) if (run.taskId === taskId) newest = run;
  return newest;
}

function inRun(row: UnitRow, run: RunRow): boolean {
  return run.units === null || run.units.includes(row.name);
}

function isReady(row: UnitRow, run: RunRow): boolean {
  const waits = row.status === 'pending' || row.status === 'paused';
  return waits && inRun(row, run) && row.reason?.code !== 'unitAborted';
}
