/** A task as a whole after an event: I9, I10, I13, I17, what starts and switches take in, how runs end. */
import type { TaskRow, UnitId, UnitRow } from '../../../src/core/model.ts';
import { attemptKey, type TaskRows } from '../fake-store.ts';
import {
  accepted,
  inRun,
  isBlocked,
  isReady,
  modeOf,
  noteOf,
  queueOf,
  refusalOf,
  runningIn,
  type TaskCheck,
  unfinishedRunOf,
  unitsOf,
} from './context.ts';

/** States that an accepted command may leave its task in. */
const LEADS_TO: Partial<Record<string, readonly TaskRow['runState'][]>> = {
  start: ['running', 'idle', 'paused'],
  resume: ['running', 'idle', 'paused'],
  pause: ['pausing', 'paused'],
  stop: ['stopping', 'idle'],
  reset: ['idle'],
};

export function checkTask(check: TaskCheck): void {
  checkState(check);
  checkCommand(check);
  checkNothingLeft(check);
  checkPolicy(check);
  checkModeChange(check);
}

function checkState({ own, fail, premise }: TaskCheck): void {
  const { id, runState, switchingTo } = own.task;
  const running = runningIn(own);
  const run = own.newestRun;
  if (isResting(runState)) {
    if (running > 0) fail('I10', `${id} is ${runState} and ${running} units run`);
    if (switchingTo !== null) fail('I9', `${id} is ${runState} and its mode has not changed`);
  } else if (running === 0) {
    if (runState !== 'running') fail('I17', `${id} is ${runState} and nothing runs`);
    if (switchingTo !== null) fail('I17', `${id} drains and nothing runs`);
  }
  if (switchingTo !== null) premise('I3 a task drains');
  if (runState !== 'idle' && run?.outcome !== null) fail('run', `${id} is ${runState} without a run`);
  for (const one of own.runs.values())
    if (one.outcome === null && one !== run) fail('run', `${one.id} was left unfinished`);
}

function isResting(runState: TaskRow['runState']): boolean {
  return runState === 'idle' || runState === 'paused' || runState === 'interrupted';
}

export function checkCommand(check: TaskCheck): void {
  const { event, before, own, premise, fail, decision, world } = check;
  const { task } = before;
  if (!task) return;
  if (event.type === 'start' && task.runState === 'running') {
    premise('I13 second start');
    if (refusalOf(check) !== 'alreadyRunning') fail('I13', `answered ${refusalOf(check) ?? 'yes'}`);
  }
  if (!accepted(check)) return;
  const wanted = LEADS_TO[event.type];
  // A run of which only failed units are left ends where it would have rested.
  const ended = event.type === 'pause' && own.newestRun?.outcome !== null;
  if (wanted && !ended && !wanted.includes(own.task.runState) && noteOf(check) !== 'nothingToDo')
    fail('I10', `${own.task.id} is ${own.task.runState} after ${event.type}`);
  if (event.type === 'pause' || event.type === 'stop') {
    if (before.starts.some((start) => start.own === own)) fail('I10', 'a unit starts by a pause');
    for (const row of own.units.values()) {
      if (row.status !== 'running') continue;
      premise('I10 pause and stop reach every unit');
      const told = [...decision.effects, ...world.waiting.get(own.task.store)!].some(
        (effect) => effect.kind === 'stopUnit' && effect.unitId === row.id && effect.attempt === row.attempt,
      );
      if (!told && world.executions.get(row.id)?.stop !== true) fail('I10', `${row.id} is not told`);
    }
  }
  if (event.type === 'adjust' && decision.effects.some(({ kind }) => kind === 'stopUnit'))
    fail('I1', 'a live setting stops somebody');
}

/** A task in which nothing can happen any more must not go on running; in manual mode it waits for additions. */
function checkNothingLeft(check: TaskCheck): void {
  const { own, premise, fail } = check;
  const run = unfinishedRunOf(own);
  if (own.task.runState !== 'running' || !run || runningIn(own) > 0) return;
  const units = unitsOf(own).filter((row) => inRun(row, run) && row.status !== 'completed');
  if (units.some((row) => row.nextRetryAt !== null)) return;
  const manual = modeOf(own) === 'manual';
  if (!manual) {
    if (!units.some((row) => isReady(check, own, row, run))) fail('I17', `${own.task.id} runs and nothing is left`);
    return;
  }
  premise('manual mode waits for additions');
  // A start lets people retry what failed: only what happens later ends the run.
  if (check.event.type !== 'finished' || check.decision.changes.length === 0) return;
  if (!units.some((row) => row.status !== 'failed' && !isBlocked(own, row, run)))
    fail('I17', `${own.task.id} waits for additions and nothing can be added`);
}

/** skip: one failure stops nobody; pause: it pauses the task. */
function checkPolicy({ event, before, decision, own, premise, fail }: TaskCheck): void {
  if (event.type !== 'finished' || event.outcome.kind !== 'failed' || before.task?.runState !== 'running') return;
  const row = own.units.get(event.unitId)!;
  if (decision.changes.length === 0) return;
  const stops = decision.effects.filter(({ kind }) => kind === 'stopUnit').length;
  const { runState, onError } = own.task;
  const ended = own.newestRun?.outcome !== null;
  const switched = before.task.switchingTo !== null && own.task.switchingTo === null;
  if (switched && onError === 'pause') return; // the failed unit is pending again, whatever it was
  if (row.status !== 'failed' || onError === 'skip') {
    premise('I10 a failure stops nobody');
    const onlyAbortsLeft = own.task.reason?.code === 'pausedByAborts';
    if (runState !== 'running' && !ended && !onlyAbortsLeft)
      fail('I10', `${own.task.id} becomes ${runState} by a failure`);
    if (stops > 0) fail('I10', 'a failure that is skipped stops somebody');
    return;
  }
  premise('I10 a failure pauses');
  if (runState === 'running') fail('I10', 'a failure did not pause the task');
  if (runState === 'pausing' && stops === 0 && !before.starts) fail('I10', 'a failure that pauses told nobody');
}

/** A switch equals a new start of the task. */
function checkModeChange(check: TaskCheck): void {
  const { event, before, own, premise, fail } = check;
  if (!before.task || event.type === 'start') return;
  const was = modeOf({ task: before.task, newestRun: before.run });
  const { mode, switchingTo, runState } = own.task;
  if (event.type === 'setMode' && accepted(check)) {
    if (isResting(before.task.runState) && (mode !== event.mode || switchingTo !== null)) fail('I9', 'not at once');
    if ((switchingTo ?? modeOf(own)) !== event.mode)
      fail('I9', `asked for ${event.mode}, and it will be the other one`);
    if (before.task.switchingTo !== null && switchingTo === null && modeOf(own) === was) {
      premise('I9 a switch is cancelled');
      if (queueOf(own).length + before.starts.length < before.queue.length) fail('I9', 'cancelling empties the queue');
    }
    if (switchingTo !== null && before.starts.some((start) => start.own === own))
      fail('I3', 'a unit starts by a switch that has to drain');
  }
  if (modeOf(own) === was || unfinishedRunOf(own)?.id !== before.run?.id) return;
  premise(`I9 ${was} becomes ${modeOf(own)}, ${runState}`);
  if (event.type !== 'setMode' && before.task.switchingTo !== modeOf(own)) fail('I9', `${event.type} changes the mode`);
  if (own.queue.size > 0) fail('I9', 'a switch leaves entries in the queue');
  const run = unfinishedRunOf(own);
  for (const row of unitsOf(own)) {
    if (row.nextRetryAt !== null) fail('I9', `${row.id} still waits for its retry after a switch`);
    if (row.status === 'paused') fail('I9', `${row.id} is still paused after a switch`);
    if (runState !== 'running' || !run || !inRun(row, run)) continue;
    if (modeOf(own) === 'auto' && row.status === 'failed') fail('I9', `${row.id} was not loaded by the switch`);
    if (modeOf(own) === 'manual' && row.status === 'running') fail('I9', `${row.id} runs after a switch to manual`);
  }
}

/** What a start and a resume make of the units that were there: the table of semantics 1. */
export function checkTakenUp(check: TaskCheck): void {
  const { event, before, own, premise, fail } = check;
  if ((event.type !== 'start' && event.type !== 'resume') || !accepted(check) || !before.task) return;
  const run = unfinishedRunOf(own);
  if (noteOf(check) === 'nothingToDo' || !run) return;
  if (event.type === 'start') checkRunOf(check, event);
  const scope = (row: UnitRow) => inRun(row, run) && !row.removed;
  if (event.type === 'start' && event.again) {
    for (const row of own.units.values())
      if (
        scope(row) &&
        (event.only?.includes(row.name) ?? true) &&
        (row.checkpoint !== null || row.prepared !== null || row.processed !== 0)
      )
        fail('again', `${row.id} keeps what it was before "Run again"`);
    return;
  }
  const was = (row: UnitRow) => before.units.get(row.id)!;
  if (event.type === 'start' && before.task.runState === 'idle')
    for (const row of own.units.values())
      if (
        scope(row) &&
        row.status !== 'completed' &&
        row.status !== 'failed' &&
        (row.retriesUsed > 0 || row.nextRetryAt !== null)
      )
        fail('I11', `${row.id} keeps its used retries at a start`);
  const replays = event.type === 'start' && event.replay === true ? (event.only ?? []) : [];
  for (const row of own.units.values()) {
    if (was(row).status !== 'completed' || row.status === 'completed') continue;
    if (!replays.includes(row.name) || was(row).rejected === 0) fail('I2', `${row.id} was completed`);
    premise('rejected rows are written again');
    if (row.processed !== was(row).processed || row.checkpoint !== was(row).checkpoint || !row.replay)
      fail('replay', `${row.id} does not keep its copy`);
  }
  const asItWas = before.task.runState === 'paused' && (event.type === 'resume' || event.only === null);
  const failedBefore = unitsOf(own).filter((row) => was(row).status === 'failed' && scope(row));
  if (asItWas && failedBefore.length > 0) {
    premise('resume leaves failed units');
    if (failedBefore.some(({ status }) => status !== 'failed')) fail('resume', 'failed units run again');
  }
  if (modeOf(own) === 'auto') {
    if (!asItWas && failedBefore.length > 0) {
      premise('start retries failed units');
      const still = failedBefore.find(({ status }) => status === 'failed');
      if (still) fail('start', `${still.id} stays failed`);
    }
    return;
  }
  checkHead(check, scope);
}

/** Manual mode: what was interrupted stands at the head of the queue, in the order of its last start. */
function checkHead({ before, own, event, premise, fail }: TaskCheck, scope: (row: UnitRow) => boolean): void {
  if (event.type === 'start' && event.enqueue && event.only !== null) return;
  const interrupted = [...before.units.values()].filter(
    (row) => scope(row) && row.status === 'paused' && !before.queue.includes(row.id),
  );
  if (interrupted.length === 0) return;
  premise('manual mode: interrupted units at the head');
  checkQueueIs(interrupted, before.queue, own, fail);
}

/** These rows, which stood in no queue, in the order of their last start, then the others; the running ones left out. */
export function checkQueueIs(
  first: readonly UnitRow[],
  others: readonly UnitId[],
  own: TaskRows,
  fail: TaskCheck['fail'],
): void {
  const waits = (id: UnitId) => own.units.get(id)?.status !== 'running';
  const head = first.filter(({ id }) => waits(id));
  const rest = others.filter(waits);
  const after = queueOf(own);
  const startOf = new Map(first.map((row) => [row.id, row.startedAt ?? 0]));
  const starts = after.slice(0, head.length).map((id) => startOf.get(id));
  const right =
    starts.every((at, place) => at !== undefined && at >= (starts[place - 1] ?? 0)) &&
    rest.join() === after.slice(head.length).join();
  if (!right) fail('queue', `the queue is ${after} instead of ${head.map(({ id }) => id)} and ${rest}`);
}

function checkRunOf(check: TaskCheck, event: Extract<TaskCheck['event'], { type: 'start' }>): void {
  const { before, own, premise, fail } = check;
  const run = own.newestRun!;
  // Some units that run again belong to the run that is under way; all of them give it up.
  const goesOn = before.run?.outcome === null && !(event.again && event.only === null);
  if (goesOn !== (run.id === before.run?.id)) fail('run', goesOn ? 'an unfinished run is left' : 'no new run begins');
  if (event.only === null && run.units !== null) fail('run', 'a start of the whole task leaves the run limited');
  if (event.only?.some((name) => run.units !== null && !run.units.includes(name)))
    fail('run', 'a limited run leaves out what was asked for');
  const full = !goesOn && run.units === null;
  if (full) {
    premise('I14 a full run begins');
    if (own.task.fullRunAt !== run.startedAt) fail('I14', 'the start of a full run is not kept');
    for (const name of event.after) {
      const parent = check.world.stores.get(own.task.store)!.seen.get(name)?.newestRun;
      const since = before.task!.fullRunAt ?? Number.NEGATIVE_INFINITY;
      premise('I14 a full run begins after a parent task');
      if (parent?.outcome !== 'completed' || parent.endedAt! < since)
        fail('I14', `${own.task.id} begins though ${name} does not count`);
    }
  } else if (own.task.fullRunAt !== before.task!.fullRunAt) fail('I14', 'fullRunAt changes without a full run');
}

/** What the run's row says of its end must be what the units say. */
export function checkRunEnds(check: TaskCheck): void {
  const { decision, own, event, premise, fail } = check;
  for (const effect of decision.effects) {
    if (effect.kind !== 'runEnded' || effect.taskId !== own.task.id) continue;
    premise(`run ends ${effect.outcome}`);
    const run = own.runs.get(effect.runId);
    if (run?.outcome !== effect.outcome || run.endedAt === null) fail('run', 'the row of an ended run says otherwise');
    if (effect.outcome === 'stopped' && !['start', 'reset', 'define'].includes(event.type))
      fail('run', `given up by ${event.type}`);
    if (effect.outcome === 'stopped' || effect.outcome === 'failed') continue;
    const left = unitsOf(own).filter((row) => inRun(row, run!) && row.status !== 'completed');
    const open = left.find((row) => row.status !== 'failed' && !isBlocked(own, row, run!));
    if (open) fail('run', `ended, and ${open.id} is ${open.status}`);
    if (left.some(({ status }) => status !== 'failed')) premise('I14 run ends with blocked units');
    const bad = left.length > 0 || run!.rejected > 0;
    if (run!.rejected > 0) premise('a run ends with rejected rows');
    if (bad !== (effect.outcome === 'completed_with_errors')) fail('run', `outcome ${effect.outcome}`);
  }
}

/** Attempts are open where units run, and nowhere else. */
export function checkAttempts({ own, event, fail }: TaskCheck): void {
  for (const attempt of own.attempts.values()) {
    if (event.type === 'finished' && attempt.unitId !== event.unitId) continue;
    const unit = own.units.get(attempt.unitId)!;
    const current = unit.status === 'running' && unit.attempt === attempt.attempt;
    if (current === (attempt.endedAt !== null)) fail('I6', `attempt ${attemptKey(attempt)} is open or closed wrongly`);
  }
}
