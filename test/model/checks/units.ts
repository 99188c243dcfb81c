/** What may happen to a unit: I2, I5, I6, I11. Sees each field just before it is set. */
import type { Event, UnitFields } from '../../../src/core/events.ts';
import type { RetryPolicy, UnitRow, UnitStatus } from '../../../src/core/model.ts';
import type { TaskRows, Watch } from '../fake-store.ts';
import type { Before, Check, Ledger } from './context.ts';

type Type = Event['type'];

const DISPATCHING: readonly Type[] = [
  'start',
  'resume',
  'retry',
  'finished',
  'offer',
  'adjust',
  'define',
  'due',
  'queueAdd',
  'queueMove',
  'queueRemove',
  'setMode',
  'restart',
  'replay',
];
const PERSON: readonly Type[] = ['start', 'resume', 'retry', 'reset', 'restart', 'queueAdd', 'define'];
const ANEW: readonly Type[] = ['start', 'reset', 'restart', 'queueAdd', 'define'];

/** Events that may change a unit's status; a switch of the mode that completes may do what a person may. */
const TRANSITIONS: Partial<Record<`${UnitStatus} ${UnitStatus}`, readonly Type[]>> = {
  'pending running': DISPATCHING,
  'paused running': DISPATCHING,
  'running completed': ['finished'],
  'running failed': ['finished'],
  'running paused': ['finished'],
  'running pending': ['finished', 'recover'],
  'failed pending': PERSON,
  'paused pending': PERSON,
  'pending pending': PERSON,
  'completed pending': [...ANEW, 'replay'],
  // Changes of one unit are written together: pending stood between these.
  'failed running': PERSON,
  'completed running': [...ANEW, 'replay'],
  'running running': ['finished'],
};

export function watchOf(
  check: Pick<Check, 'event' | 'premise' | 'fail'> & { readonly ledger: Ledger },
  before: () => Before,
): Watch {
  const { event, premise, fail, ledger } = check;
  const switches = (own: TaskRows) => event.type === 'setMode' || before().switching.has(own.task.id);

  const isOf = (own: TaskRows) => before().task?.id === own.task.id;

  function status(own: TaskRows, row: UnitRow, to: UnitStatus): void {
    const allowed = TRANSITIONS[`${row.status} ${to}`];
    const bySwitch = (to === 'pending' || to === 'running') && row.status !== 'completed' && row.status !== 'running';
    // Every event may pass on a slot that has become free, to whatever task of the store.
    const passedOn = to === 'running' && (row.status === 'pending' || row.status === 'paused') && !isOf(own);
    if (!allowed?.includes(event.type) && !(bySwitch && switches(own)) && !passedOn)
      fail('I5', `${row.id}: ${row.status} -> ${to} by ${event.type}`);
    if (row.status === 'completed') {
      premise('I2 a completed unit begins anew');
      const replays = event.type === 'replay' || (event.type === 'start' && event.replay === true);
      if ('again' in event && !event.again && !replays) fail('I2', `${row.id} was completed and begins anew`);
    }
    if (row.status !== to) ledger.held.delete(row.id);
    if (to === 'completed') ledger.replaying.delete(row.id);
    if (to !== 'running') return;
    before().starts.push({ own, row: { ...row }, queueOrder: null });
    ledger.lost.delete(row.id);
  }

  function retries(own: TaskRows, row: UnitRow, used: number): void {
    if (used === row.retriesUsed) return;
    if (used === row.retriesUsed + 1) {
      premise('I11 a retry is granted');
      if (event.type !== 'finished') fail('I11', `${event.type} counts a retry of ${row.id}`);
      const policy = (event.type === 'finished' ? event.retry : undefined) ?? own.task.retry;
      if (row.retriesUsed >= policy.attempts) fail('I11', `${row.id} gets more retries than allowed`);
      return;
    }
    if (used !== 0) fail('I11', `retries of ${row.id} jump from ${row.retriesUsed} to ${used}`);
    premise('I11 a new budget of retries');
    if (!renews(own, row)) fail('I11', `${event.type} renews the retries of ${row.id}`);
  }

  /** A start of an idle task, a switch, and whatever makes a failed unit run again. */
  function renews(own: TaskRows, row: UnitRow): boolean {
    if (switches(own) || ledger.restarting.has(row.id)) return true;
    if (event.type === 'resume' || event.type === 'start') {
      if (event.type === 'start' && (event.again || event.only?.includes(row.name))) return true;
      if (event.type === 'start' && before().task?.runState === 'idle') return true;
      return before().units.get(row.id)?.status === 'failed';
    }
    return PERSON.includes(event.type) || event.type === 'replay';
  }

  return {
    unit(own, row, set) {
      checkFigures(event, row, set, premise, fail);
      // It begins anew, and who may make it do so is looked at elsewhere.
      if (set.prepared === null) ledger.replaying.delete(row.id);
      if (set.attempt !== undefined && set.attempt !== row.attempt + 1) fail('I11', `attempt of ${row.id} jumps`);
      if (set.retriesUsed !== undefined) retries(own, row, set.retriesUsed);
      if (set.nextRetryAt != null && event.type !== 'finished') fail('I11', `${event.type} makes ${row.id} wait`);
      if (set.status !== undefined) status(own, row, set.status);
    },
    dequeued({ unitId, order }) {
      before().dequeued.set(unitId, order);
    },
    cleared() {
      before().dequeued.clear();
    },
  };
}

/** Of the reports of an execution that goes on: their changes are looked at by themselves. */
export function figuresWatch(event: Event, premise: Check['premise'], fail: Check['fail']): Watch {
  return { unit: (_own, row, set) => checkFigures(event, row, set, premise, fail), dequeued() {}, cleared() {} };
}

function checkFigures(
  event: Event,
  row: UnitRow,
  set: Partial<UnitFields>,
  premise: Check['premise'],
  fail: Check['fail'],
): void {
  if (row.status !== 'running' || set.status !== undefined || set.processed === undefined) return;
  premise('I6 progress');
  if (set.processed < row.processed || (set.bytes ?? row.bytes) < row.bytes)
    fail('I6', `${event.type}: progress of ${row.id} falls from ${row.processed} to ${set.processed}`);
}

/** What a failure that may go away by itself must lead to, and when. */
export function checkFailure(check: Check, own: TaskRows): void {
  const { event, before, ledger, premise, fail } = check;
  if (event.type !== 'finished' || event.outcome.kind !== 'failed' || check.decision.changes.length === 0) return;
  const was = before.units.get(event.unitId)!;
  const row = own.units.get(event.unitId)!;
  if (event.outcome.forget) {
    premise('I8 a copy that is not to be trusted');
    if (row.processed !== 0) fail('I8', `${row.id} counts rows that are not to be trusted`);
  }
  if (ledger.restarting.has(row.id)) return;
  if (own.task.switchingTo !== before.task?.switchingTo) return; // the switch ends all waits
  const retry = event.retry ?? own.task.retry;
  const granted = row.nextRetryAt !== null;
  const wanted = !ledger.aborting.has(row.id);
  const left = wanted && event.outcome.error.class === 'retryable' && was.retriesUsed < retry.attempts;
  if (granted !== left) {
    fail('I11', `${row.id}: a retry is ${granted ? '' : 'not '}granted after ${was.retriesUsed} of ${retry.attempts}`);
  }
  if (!granted) {
    premise('I11 no retry is left, or none helps');
    return;
  }
  if (row.status !== 'pending' || row.error === null) fail('I11', `${row.id} waits for a retry and is ${row.status}`);
  const [least, most] = delayOf(retry, row.retriesUsed);
  const delay = row.nextRetryAt! - event.at;
  if (delay < Math.floor(least) || delay > Math.ceil(most))
    fail('I11', `${row.id} waits ${delay} ms instead of ${least} to ${most}`);
}

/** ms; chance moves a delay by its share in both directions. */
function delayOf({ delayMs, factor, maxDelayMs, jitter }: RetryPolicy, retry: number): readonly [number, number] {
  const delay = Math.min(maxDelayMs, delayMs * factor ** (retry - 1));
  return [delay * (1 - jitter), delay * (1 + jitter)];
}

/** Figures of a unit that its views show. */
export function checkReport({ event, decision, ledger, premise, fail }: Check): void {
  if (
    event.type !== 'finished' &&
    event.type !== 'progress' &&
    event.type !== 'checkpoint' &&
    event.type !== 'prepared'
  )
    return;
  const key = `${event.unitId} ${event.attempt}`;
  if (ledger.over.has(key)) {
    premise('I6 late report');
    if (decision.changes.length > 0 || decision.effects.length > 0) fail('I6', `a late ${event.type} is heard`);
  }
  if (event.type === 'finished') ledger.over.add(key);
}
