/**
 * What must hold after every event, in the numbering of the project's invariants, and how often the premise of each
 * was true. Works on the stored rows, never on the core's own indexes.
 */
import type { Decision, Event } from '../../src/core/events.ts';
import type { Resume, UnitId, UnitRow } from '../../src/core/model.ts';
import { type Before, type Check, type Ledger, queueOf, type TaskCheck } from './checks/context.ts';
import { checkCounts, checkTouched } from './checks/memory.ts';
import { checkEdit, checkQueueRows, checkRevision } from './checks/queue.ts';
import { checkSlots, checkStarts } from './checks/starts.ts';
import { checkAttempts, checkCommand, checkRunEnds, checkTakenUp, checkTask } from './checks/task.ts';
import { checkAnew, checkDue, checkDurability, checkRecovered, checkSettings } from './checks/times.ts';
import { checkFailure, checkReport, figuresWatch, watchOf } from './checks/units.ts';
import { checkViews } from './checks/views.ts';
import { count, type Tally } from './coverage.ts';
import type { TaskRows } from './fake-store.ts';
import { checkWhole } from './whole.ts';
import { BATCH } from './workers.ts';
import { rowsOf, type World } from './world.ts';

export class InvariantBroken extends Error {
  override name = 'InvariantBroken';
  readonly invariant: string;
  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}

export interface Checker {
  fail(invariant: string, message: string): never;
  premise(name: string): void;
  before(world: World, event: Event): Before;
  /** Before anything is changed. */
  decided(world: World, event: Event, decision: Decision, before: Before): void;
  after(world: World, event: Event, decision: Decision, before: Before): void;
  /** A store was opened again, and holds what a fault has left. */
  opened(world: World, store: string): void;
  started(world: World, unitId: UnitId, attempt: number, row: UnitRow): void;
  resumes(world: World, repeatedRows: number, resume: Resume): void;
  records(targetRows: number, checkpoint: number): void;
}

const REPORTS: readonly Event['type'][] = ['prepared', 'checkpoint', 'progress'];

export function createChecker(tally: Tally): Checker {
  const ledger: Ledger = {
    held: new Set(),
    restarting: new Set(),
    replaying: new Set(),
    aborting: new Set(),
    lost: new Set(),
    over: new Set(),
    lastStarted: new Map(),
    passedOver: new Map(),
  };
  const fail = (invariant: string, message: string): never => {
    throw new InvariantBroken(invariant, message);
  };
  const premise = (name: string) => count(tally.premises, name);

  return {
    fail,
    premise,

    before(world, event) {
      const own = ownRows(world, event);
      countPairs(world, event, own, tally);
      if (REPORTS.includes(event.type)) return { ...REPORTED, watch: figuresWatch(event, premise, fail) };
      const switching = new Set<string>();
      const states = new Map<string, TaskRows['task']['runState']>();
      for (const { id } of world.tasks) {
        const rows = rowsOf(world, id);
        if (rows?.task.switchingTo) switching.add(id);
        if (rows && event.type === 'recover') states.set(id, rows.task.runState);
      }
      const before: Before = {
        task: own && { ...own.task },
        run: own?.newestRun ? { ...own.newestRun } : null,
        queue: own ? queueOf(own) : [],
        units: own ? unitsBefore(event, own) : new Map(),
        switching,
        states,
        starts: [],
        dequeued: new Map(),
        watch: watchOf({ event, premise, fail, ledger }, () => before),
      };
      return before;
    },

    decided(world, event, decision, before) {
      const check: Check = { world, event, decision, before, ledger, premise, fail };
      if (!decision.answer.ok && (decision.changes.length > 0 || decision.effects.length > 0))
        fail('refusal', `a refused ${event.type} changes something`);
      if (!decision.answer.ok) premise('a refusal changes nothing');
      checkReport(check);
      checkDurability(check);
    },

    after(world, event, decision, before) {
      const check: Check = { world, event, decision, before, ledger, premise, fail };
      if (REPORTS.includes(event.type)) {
        checkLight(check);
        return;
      }
      if (decision.changes.length === 0 && decision.effects.length === 0) {
        const own = ownRows(world, event);
        if (own) checkUnchanged({ ...check, own });
        note(check);
        if (event.type === 'offer' && decision.answer.ok && !offersAreOut(check)) checkSlots(check);
        return;
      }
      note(check);
      inOrderOfEffects(check);
      checkTouched(check);
      checkStarts(check);
      const own = ownRows(world, event);
      if (own) checkOwn({ ...check, own });
      for (const rows of new Set(before.starts.map((start) => start.own)))
        if (rows !== own) checkQueueRows({ ...check, own: rows });
      if (event.type === 'recover')
        for (const { id, store } of world.tasks) {
          const rows = store === event.store ? rowsOf(world, id) : undefined;
          if (rows) for (const one of [checkRecovered, checkQueueRows, checkAttempts]) one({ ...check, own: rows });
        }
      checkEffects(check);
      noteAfter(check, own);
      if (offersAreOut(check)) ledger.passedOver.clear();
      else checkSlots(check);
      if ((world.events.length + world.phase) % world.every !== 7 % world.every) return;
      checkWhole(world, fail);
      checkViews(world, fail);
      premise('memory = stored rows, views are told them');
    },

    opened(world, store) {
      ledger.passedOver.clear();
      for (const { id, store: of } of world.tasks) {
        if (of !== store) continue;
        forget([ledger.held, ledger.restarting, ledger.replaying, ledger.aborting, ledger.lost], id);
        for (const row of rowsOf(world, id)?.units.values() ?? []) {
          if (row.status === 'paused' && row.reason?.code === 'unitAborted') ledger.held.add(row.id);
          if (row.status === 'running') ledger.lost.add(row.id);
          if (row.replay) ledger.replaying.add(row.id);
          if (row.reason?.code === 'unitRestarting') ledger.restarting.add(row.id);
        }
      }
    },

    started(world, unitId, attempt, row) {
      premise('I11 attempt rises');
      if ((ledger.lastStarted.get(unitId) ?? 0) >= attempt) fail('I11', `attempt ${attempt} of ${unitId} is not new`);
      ledger.lastStarted.set(unitId, attempt);
      if (world.executions.has(unitId)) fail('I5', `${unitId} is executed twice at a time`);
      if (row.attempt !== attempt || row.status !== 'running') fail('I5', `${unitId} starts and is ${row.status}`);
      if (ledger.replaying.has(unitId)) {
        premise('a replay starts');
        if (!row.replay) fail('replay', `${unitId} is copied, where its rejected rows were to be written again`);
      } else if (row.replay) fail('replay', `${unitId} is not copied, and nobody asked for a replay`);
      if (row.resume === 'unit' && row.processed !== 0 && !row.replay)
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

/** Of an execution that goes on nothing but its figures is looked at. */
const REPORTED: Omit<Before, 'watch'> = {
  task: undefined,
  run: null,
  queue: [],
  units: new Map(),
  switching: new Set(),
  states: new Map(),
  starts: [],
  dequeued: new Map(),
};

/** The end of an execution is looked at for its own unit only: it is the most frequent event by far. */
function unitsBefore(event: Event, own: TaskRows): ReadonlyMap<UnitId, UnitRow> {
  const units = new Map<UnitId, UnitRow>();
  if (event.type === 'finished') {
    const row = own.units.get(event.unitId);
    if (row) units.set(row.id, { ...row });
  } else for (const [id, row] of own.units) units.set(id, { ...row });
  return units;
}

/** Reports of an execution that goes on change its unit, and nothing else. */
function checkLight(check: Check): void {
  const { decision, event, fail } = check;
  for (const change of decision.changes) {
    const own = change.kind === 'unit' && 'unitId' in event && change.unitId === event.unitId;
    if (!own || change.set.status !== undefined) fail('I6', `${event.type} changes more than its unit's figures`);
  }
  checkTouched(check);
  checkEffects(check);
}

/** Changes of a unit are written together, at the place of the first: the effects tell the order of the starts. */
function inOrderOfEffects({ before, decision, fail }: Check): void {
  const { starts } = before;
  const order = new Map<string, number>();
  for (const effect of decision.effects) if (effect.kind === 'startUnit') order.set(effect.unitId, order.size);
  if (order.size !== starts.length) fail('I5', `${starts.length} units run and ${order.size} are started`);
  for (const start of starts) start.queueOrder = before.dequeued.get(start.row.id) ?? null;
  if (starts.length > 1) starts.sort((a, b) => (order.get(a.row.id) ?? 0) - (order.get(b.row.id) ?? 0));
}

function checkOwn(check: TaskCheck): void {
  const { event } = check;
  checkTask(check);
  checkQueueRows(check);
  checkRevision(check);
  checkEdit(check);
  checkTakenUp(check);
  checkRunEnds(check);
  checkDue(check);
  checkSettings(check);
  checkAnew(check);
  checkFailure(check, check.own);
  if (event.type === 'finished' || event.type === 'start') {
    checkCounts(check);
    checkAttempts(check);
  }
}

/** Nothing has changed: what is left to look at is whether something should have. */
function checkUnchanged(check: TaskCheck): void {
  checkCommand(check);
  checkEdit(check);
  checkSettings(check);
  checkDue(check);
}

function checkEffects({ world, decision, fail }: Check): void {
  for (const effect of decision.effects) {
    if (effect.kind !== 'proceed' && effect.kind !== 'stopUnit' && effect.kind !== 'startUnit') continue;
    const row = rowsOf(world, effect.taskId)?.units.get(effect.unitId);
    if (row?.status !== 'running' || row.attempt !== effect.attempt) fail('I6', `${effect.kind} of no execution`);
  }
}

/** What becomes known by the event itself. */
function note({ event, decision, before, ledger, world }: Check): void {
  if (!decision.answer.ok) return;
  if (event.type === 'finished' && ownRows(world, event)?.units.get(event.unitId)?.status === 'paused') {
    const alone = before.task?.runState === 'running' || ledger.aborting.has(event.unitId);
    if (alone) ledger.held.add(event.unitId);
  }
  const running = (ids: readonly UnitId[]) => ids.filter((id) => before.units.get(id)?.status === 'running');
  if (event.type === 'restart')
    for (const id of running(event.unitIds)) {
      ledger.restarting.add(id);
      ledger.aborting.delete(id);
    }
  if (event.type === 'abort')
    for (const id of running(event.unitIds)) {
      ledger.aborting.add(id);
      ledger.restarting.delete(id);
    }
  for (const id of replayed(event, before)) ledger.replaying.add(id);
  if (event.type === 'retry' || event.type === 'restart' || event.type === 'queueAdd')
    for (const id of event.unitIds ?? []) ledger.held.delete(id);
  if (event.type === 'start' || event.type === 'resume' || event.type === 'reset')
    for (const id of before.units.keys()) ledger.held.delete(id);
}

/** Completed units whose rejected rows an accepted event has written again. */
function replayed(event: Event, before: Before): UnitId[] {
  if (event.type !== 'replay' && !(event.type === 'start' && event.replay)) return [];
  const asked = (row: UnitRow) =>
    event.type === 'start' ? event.only?.includes(row.name) : (event.unitIds?.includes(row.id) ?? true);
  const fitting = [...before.units.values()].filter((row) => !row.removed && row.status === 'completed');
  return fitting.filter((row) => row.rejected > 0 && asked(row)).map(({ id }) => id);
}

/** What became known by what the event has led to. */
function noteAfter({ event, ledger, decision }: Check, own: TaskRows | undefined): void {
  if (event.type === 'recover') for (const id of ledger.lost) ledger.restarting.delete(id);
  if (event.type === 'deleteTask' && decision.answer.ok)
    forget(
      [ledger.held, ledger.restarting, ledger.replaying, ledger.aborting, ledger.lost, ledger.lastStarted, ledger.over],
      event.taskId,
    );
  if (event.type !== 'finished' || !own || decision.changes.length === 0) return;
  ledger.restarting.delete(event.unitId);
  ledger.aborting.delete(event.unitId);
}

interface Listed {
  keys(): Iterable<string>;
  delete(key: string): boolean;
}

function forget(lists: readonly Listed[], taskId: string): void {
  for (const list of lists) for (const key of [...list.keys()]) if (key.startsWith(`${taskId}#`)) list.delete(key);
}

function offersAreOut({ world, decision }: Check): boolean {
  if (decision.effects.some(({ kind }) => kind === 'offer')) return true;
  return [...world.waiting.values()].some((list) => list.some(({ kind }) => kind === 'offer'));
}

function countPairs(world: World, event: Event, own: TaskRows | undefined, tally: Tally): void {
  tally.events++;
  const { pairs } = tally;
  if (event.type === 'recover') {
    for (const { id, store } of world.tasks) {
      const own = store === event.store ? rowsOf(world, id) : undefined;
      if (own) count(pairs, `${own.task.runState} recover`);
    }
    return;
  }
  count(pairs, `${own?.task.runState ?? '-'} ${event.type}`);
  if ('unitId' in event) {
    const row = own?.units.get(event.unitId);
    count(pairs, `unit ${row?.removed ? 'removed' : (row?.status ?? 'unknown')} ${event.type}`);
  }
}

function ownRows(world: World, event: Event): TaskRows | undefined {
  if ('taskId' in event) return rowsOf(world, event.taskId);
  if (!('unitId' in event)) return undefined;
  return rowsOf(world, event.unitId.slice(0, event.unitId.indexOf('#')));
}
