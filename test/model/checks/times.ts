/** What the core does by itself: after an opening, when a retry is due; and the settings that change while it runs. */
import type { Event } from '../../../src/core/events.ts';
import type { LiveSettings, SettingsChange, TaskRow } from '../../../src/core/model.ts';
import { accepted, type Check, inRun, modeOf, queueOf, type TaskCheck, unfinishedRunOf, unitsOf } from './context.ts';
import { checkQueueIs } from './task.ts';

const AFTER_OPENING: Readonly<Record<TaskRow['runState'], TaskRow['runState']>> = {
  idle: 'idle',
  running: 'interrupted',
  pausing: 'paused',
  paused: 'paused',
  stopping: 'idle',
  interrupted: 'interrupted',
};

/** Nothing starts by an opening; a pending switch completes. */
export function checkRecovered(check: TaskCheck): void {
  const { before, own, decision, premise, fail } = check;
  const { id, runState } = own.task;
  const was = before.states.get(id)!;
  premise(`recovered, was ${was}`);
  if (runState !== AFTER_OPENING[was]) fail('recover', `${id} was ${was} and is ${runState}`);
  if (decision.effects.some(({ kind }) => kind === 'startUnit')) fail('recover', 'an opening starts a unit');
  if (!before.switching.has(id)) {
    if (modeOf(own) === 'manual') checkLost(check);
    return;
  }
  premise('I9 a switch completes at an opening');
  if (own.queue.size > 0) fail('I9', 'a switch that completes at an opening leaves entries in the queue');
  for (const row of unitsOf(own))
    if (row.status === 'paused' || row.nextRetryAt !== null) fail('I9', `${row.id} is as it was before the switch`);
}

/** Manual mode: what was lost stands at the head, in the order of its last start. */
function checkLost({ own, ledger, premise, fail }: TaskCheck): void {
  const queue = queueOf(own);
  const lost = [...own.units.keys()].filter((id) => ledger.lost.has(id));
  if (lost.length === 0 || unfinishedRunOf(own) === null) return;
  premise('manual mode: lost units at the head');
  const end = Math.max(...lost.map((id) => queue.indexOf(id)));
  if (lost.some((id) => !queue.includes(id))) fail('queue', `${lost} were lost and are not queued`);
  let last = Number.NEGATIVE_INFINITY;
  for (const id of queue.slice(0, end + 1)) {
    const row = own.units.get(id)!;
    if (row.status !== 'paused' && !ledger.lost.has(id)) fail('queue', `${id} stands before what was lost`);
    if ((row.startedAt ?? 0) < last) fail('queue', `${id} was started before the one that stands before it`);
    last = row.startedAt ?? 0;
  }
}

/** Retries whose time has come are taken up; in manual mode they enter at the head, and nobody edited the queue. */
export function checkDue(check: TaskCheck): void {
  const { event, before, own, decision, premise, fail } = check;
  if (event.type !== 'due' || !before.task) return;
  const run = unfinishedRunOf(own);
  const due = [...before.units.values()].filter(
    (row) => row.nextRetryAt !== null && own.units.get(row.id)!.nextRetryAt === null,
  );
  // A clock that was set back so far need not be waited for.
  const early = due.find((row) => row.nextRetryAt! > event.at && event.at >= row.updatedAt - 1000);
  if (early) fail('I11', `${early.id} is taken up before its retry is due`);
  const { runState, switchingTo } = before.task;
  if (due.length > 0) premise(`I10 a retry is due, ${runState}`);
  if (runState !== 'running' || switchingTo !== null) {
    if (decision.changes.length > 0) fail('I10', `a retry is taken up by a task that is ${runState} or drains`);
    return;
  }
  if (!run) return; // nothing is left that can run: the last wait was that of a blocked unit
  for (const row of unitsOf(own))
    if (inRun(row, run) && row.nextRetryAt !== null && row.nextRetryAt <= event.at)
      fail('I17', `the retry of ${row.id} is due and not taken up`);
  if (modeOf(own) === 'auto' || due.length === 0) return;
  premise('manual mode: a retry that is due enters at the head');
  const ended = own.task.runState !== 'running';
  if (!ended)
    checkQueueIs(
      due.map((row) => ({ ...row, startedAt: 0 })),
      before.queue,
      own,
      fail,
    );
}

const SETTINGS = ['concurrency', 'onError', 'retry', 'limits'] as const;

export function checkSettings(check: TaskCheck): void {
  const { event, before, own, decision, premise, fail } = check;
  if (event.type !== 'adjust' || !before.task) return;
  const set = completed(event.set, before.task);
  const wrong = isWrong(set);
  if (wrong === accepted(check)) fail('settings', `${JSON.stringify(event.set)}: ${accepted(check)}`);
  if (wrong) {
    premise('settings: refused');
    return;
  }
  premise('settings: accepted');
  for (const name of SETTINGS) {
    const wanted = set[name] ?? before.task[name];
    if (name === 'concurrency' && unfinishedRunOf(own)) continue;
    if (JSON.stringify(own.task[name]) !== JSON.stringify(wanted))
      fail('settings', `${name} is not what was asked for`);
  }
  const run = unfinishedRunOf(own);
  if (run && event.set.concurrency !== undefined && run.concurrency !== event.set.concurrency)
    fail('settings', 'the concurrency of the run stays');
  const told = decision.effects.some((effect) => effect.kind === 'limits');
  const changed = JSON.stringify(own.task.limits) !== JSON.stringify(before.task.limits);
  if (changed && !told && before.task.runState === 'running') fail('settings', 'nobody is told the new limits');
}

/** A change names what shall be different, down to the members. */
function completed({ retry, limits, ...plain }: SettingsChange, task: TaskRow): Partial<LiveSettings> {
  return {
    ...plain,
    ...(retry && { retry: { ...task.retry, ...retry } }),
    ...(limits && { limits: { ...task.limits, ...limits } }),
  };
}

function isWrong({ concurrency, retry, limits, onError }: Partial<LiveSettings>): boolean {
  const whole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  if (concurrency !== undefined && !whole(concurrency, 1, 64)) return true;
  if (onError !== undefined && onError !== 'skip' && onError !== 'pause') return true;
  if (retry !== undefined) {
    const { attempts, delayMs, factor, maxDelayMs, jitter } = retry;
    if (![attempts, delayMs, factor, maxDelayMs, jitter].every(Number.isFinite)) return true;
    if (!Number.isInteger(attempts) || attempts < 0 || delayMs < 0 || factor < 1 || maxDelayMs < 0) return true;
    if (jitter < 0 || jitter > 1) return true;
  }
  if (limits === undefined) return false;
  return !(limits.rowsPerSecond >= 0) || !(limits.bytesPerSecond >= 0);
}

/** I20: what is written when, so that a power cut never takes back what was shown. */
export function checkDurability({ event, decision, fail }: Check): void {
  if (decision.changes.length === 0) return;
  const wanted = DURABILITY[event.type] ?? 'durable';
  if (decision.durability !== wanted) fail('I20', `${event.type} is ${decision.durability}`);
}

const DURABILITY: Partial<Record<Event['type'], string>> = {
  takePlan: 'committed',
  progress: 'buffered',
  checkpoint: 'committed',
  setMaxRunning: 'buffered',
};

/** "Run again", Restart and Reset progress: nothing of the copy before is kept. */
export function checkAnew(check: TaskCheck): void {
  const { event, before, own, ledger, premise, fail } = check;
  if (!accepted(check)) return;
  const ids =
    event.type === 'restart'
      ? event.unitIds.filter((id) => before.units.get(id)?.status !== 'running')
      : event.type === 'reset'
        ? unitsOf(own).map(({ id }) => id)
        : event.type === 'finished' && event.outcome.kind !== 'completed' && ledger.restarting.has(event.unitId)
          ? [event.unitId]
          : [];
  for (const id of ids) {
    const row = own.units.get(id);
    if (!row) continue;
    premise(`anew by ${event.type}`);
    if (row.status !== 'pending' && row.status !== 'running') fail('anew', `${id} is ${row.status}`);
    if (row.checkpoint !== null || row.prepared !== null || row.processed !== 0)
      fail('anew', `${id} keeps what it had copied`);
    const isNext =
      own.task.runState === 'running' && event.type !== 'reset' && before.task?.switchingTo === own.task.switchingTo;
    if (isNext && row.status === 'pending' && !own.queue.has(id)) fail('anew', `${id} is not the next one`);
  }
}
