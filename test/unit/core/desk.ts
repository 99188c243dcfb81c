/** A core on a desk: events in, decisions out, everything applied at once. */
import assert from 'node:assert/strict';
import { apply } from '../../../src/core/apply.ts';
import { decide } from '../../../src/core/decide.ts';
import type { Decision, Effect, Event, Place, UnitOutcome } from '../../../src/core/events.ts';
import type {
  Mode,
  PlannedUnit,
  Resume,
  RunRow,
  TaskDefinition,
  TaskRow,
  UnitId,
  UnitRow,
} from '../../../src/core/model.ts';
import { countsOf, queueOf, runOf, taskOf, unitByName, unitOf } from '../../../src/core/select.ts';
import { type CoreState, createState } from '../../../src/core/state.ts';

type Given<T extends Event['type']> = Partial<Omit<Extract<Event, { type: T }>, 'type'>>;

type StartGiven = Given<'start'> & { readonly plan?: readonly PlannedUnit[] };

export interface Desk {
  readonly state: CoreState;
  now: number;
  take(event: Event): Decision;
  define(task: string, definition?: Partial<TaskDefinition>, store?: string): Decision;
  /** Takes a plan in (units by name, every one of 100 rows) and starts. */
  start(task: string, units: readonly string[], given?: StartGiven): Decision;
  plan(task: string, units: readonly PlannedUnit[]): Decision;
  tell(type: 'pause' | 'resume' | 'stop' | 'reset' | 'offer' | 'due' | 'deleteTask', task: string): Decision;
  queueAdd(task: string, units: readonly string[], given?: Given<'queueAdd'>): Decision;
  queueMove(task: string, units: readonly string[], to: Place, baseRev?: number | null): Decision;
  setMode(task: string, mode: Mode): Decision;
  /** Names in the order of the queue. */
  queue(task: string): string[];
  id(task: string, unit: string): UnitId;
  finish(task: string, unit: string, outcome?: Partial<UnitOutcome>): Decision;
  fail(task: string, unit: string): Decision;
  /** A retryable failure. */
  lose(task: string, unit: string, random?: number): Decision;
  stopped(task: string, unit: string, checkpoint?: string | null): Decision;
  unit(task: string, unit: string): Readonly<UnitRow>;
  task(task: string): Readonly<TaskRow>;
  run(task: string): Readonly<RunRow>;
  running(task: string): string[];
}

export function desk(maxRunning = 64): Desk {
  const state = createState(maxRunning);
  const unit = (task: string, name: string) => {
    const row = unitByName(state, task, name);
    assert.ok(row, `${task} has no unit ${name}`);
    return row;
  };
  const it: Desk = {
    state,
    now: 1_000,
    take(event) {
      const decision = decide(state, event);
      assertNoneEmpty(state, decision);
      apply(state, decision.changes);
      return decision;
    },
    define(task, definition = {}, store = 'A') {
      const whole: TaskDefinition = {
        name: task,
        mode: 'auto',
        concurrency: 2,
        onError: 'skip',
        retry: { attempts: 3, delayMs: 1000, factor: 2, maxDelayMs: 60_000, jitter: 0.2 },
        limits: { rowsPerSecond: 0, bytesPerSecond: 0 },
        resumeOnStart: false,
        config: '{}',
        configHash: '1',
        ...definition,
      };
      return it.take({ type: 'define', at: it.now, taskId: task, store, definition: whole });
    },
    start(task, units, { plan, ...given } = {}) {
      const taken = it.plan(task, plan ?? planned(units));
      if (!taken.answer.ok && taken.answer.refusal.code !== 'stopFirst') return taken;
      const base = {
        runId: `run${it.now}`,
        by: 'person',
        again: false,
        only: null,
        enqueue: false,
        mode: null,
        concurrency: null,
        after: [],
      } as const;
      return it.take({ type: 'start', at: it.now++, taskId: task, ...base, ...given });
    },
    plan(task, units) {
      const names = new Set(units.map(({ name }) => name));
      const gone = [...(state.tasks.get(task)?.units.values() ?? [])].flatMap(({ row }) =>
        names.has(row.name) ? [] : [row.name],
      );
      return it.take({ type: 'takePlan', at: it.now, taskId: task, from: 0, units, gone });
    },
    queueAdd(task, units, given = {}) {
      const unitIds = units.map((name) => it.id(task, name));
      const base = { to: { kind: 'bottom' }, again: false, baseRev: null } as const;
      return it.take({ type: 'queueAdd', at: it.now++, taskId: task, unitIds, ...base, ...given });
    },
    queueMove(task, units, to, baseRev = null) {
      const unitIds = units.map((name) => it.id(task, name));
      return it.take({ type: 'queueMove', at: it.now++, taskId: task, unitIds, to, baseRev });
    },
    setMode: (task, mode) => it.take({ type: 'setMode', at: it.now++, taskId: task, mode }),
    queue: (task) => queueOf(state, task).map((unitId) => unitOf(state, unitId)?.name ?? ''),
    id: (task, name) => unitByName(state, task, name)?.id ?? name,
    tell(type, task) {
      const about = { at: it.now++, taskId: task };
      return it.take(type === 'pause' ? { type, ...about, reason: null } : { type, ...about });
    },
    finish(task, name, outcome = {}) {
      const { id, attempt } = unit(task, name);
      const done = { kind: 'completed', processed: 100, bytes: 1000, rejected: 0, verified: 'count', note: null };
      const whole = { ...done, ...outcome } as UnitOutcome;
      return it.take({ type: 'finished', at: it.now++, unitId: id, attempt, outcome: whole, random: 0.5 });
    },
    fail(task, name) {
      const error = {
        class: 'permanent',
        code: 'noSuchTable',
        args: { table: name },
        message: 'no such table',
      } as const;
      const { id, attempt } = unit(task, name);
      const outcome = { kind: 'failed', error, processed: 10, bytes: 100 } as const;
      return it.take({ type: 'finished', at: it.now++, unitId: id, attempt, outcome, random: 0.5 });
    },
    lose(task, name, random = 0.5) {
      const error = { class: 'retryable', code: 'connectionLost', args: {}, message: 'gone' } as const;
      const { id, attempt } = unit(task, name);
      const outcome = { kind: 'failed', error, processed: 10, bytes: 100 } as const;
      return it.take({ type: 'finished', at: it.now++, unitId: id, attempt, outcome, random });
    },
    stopped(task, name, checkpoint = null) {
      const { id, attempt, processed, bytes } = unit(task, name);
      const outcome = { kind: 'stopped', processed, bytes, checkpoint } as const;
      return it.take({ type: 'finished', at: it.now++, unitId: id, attempt, outcome, random: 0.5 });
    },
    unit,
    task: (task) => taskOf(state, task)!,
    run: (task) => runOf(state, task)!,
    running: (task) =>
      [...state.tasks.get(task)!.units.values()]
        .filter((one) => one.row.status === 'running')
        .map((one) => one.row.name),
  };
  return it;
}

/** A change that changes nothing would be written, synced and sent to every view all the same. */
function assertNoneEmpty(state: CoreState, { changes }: Decision): void {
  const queued = new Set<UnitId>();
  for (const change of changes) {
    if ('set' in change) assert.notEqual(Object.keys(change.set).length, 0, `${change.kind} sets nothing`);
    if (change.kind === 'putUnits') assert.notEqual(change.units.length, 0, 'no units are put');
    if (change.kind === 'enqueue') {
      assert.notEqual(change.entries.length, 0, 'nothing is queued');
      for (const { unitId } of change.entries) queued.add(unitId);
    }
    if (change.kind === 'clearQueue') assert.notEqual(state.tasks.get(change.taskId)?.queue.count, 0, 'cleared twice');
    if (change.kind !== 'dequeue') continue;
    assert.notEqual(change.unitIds.length, 0, 'nothing leaves the queue');
    for (const unitId of change.unitIds) {
      const entry = state.taskOfUnit.get(unitId)?.units.get(unitId);
      assert.ok(queued.has(unitId) || entry?.queueOrder != null, `${unitId} leaves a queue that it is not in`);
    }
  }
}

export function planned(names: readonly string[], resume: Resume = 'row', total: number | null = 100): PlannedUnit[] {
  return names.map((name) => ({ name, type: 'table', total, resume, after: [] }));
}

/** Unit names of the effects of one kind, in order. */
export function unitsOfEffects(it: Desk, decision: Decision, kind: 'startUnit' | 'stopUnit' | 'proceed'): string[] {
  return decision.effects
    .filter((effect): effect is Extract<Effect, { unitId: string }> => effect.kind === kind)
    .map(({ unitId }) => it.state.taskOfUnit.get(unitId)!.units.get(unitId)!.row.name);
}

export function kinds(decision: Decision): string[] {
  return decision.effects.map(({ kind }) => kind);
}

export function refusal(decision: Decision): string {
  assert.equal(decision.answer.ok, false, 'was accepted');
  assert.deepEqual(decision.changes, []);
  assert.deepEqual(decision.effects, []);
  return decision.answer.ok ? '' : decision.answer.refusal.code;
}

export function note(decision: Decision): string | undefined {
  assert.equal(decision.answer.ok, true, 'was refused');
  return decision.answer.ok ? decision.answer.note?.code : undefined;
}

export function counts(it: Desk, task: string): string {
  const { pending, running, completed, failed, paused } = countsOf(it.state, task);
  return `${pending} pending, ${running} running, ${completed} completed, ${failed} failed, ${paused} paused`;
}

export function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `u${index}`);
}

/** The time and the units of an event about the task `shop`. */
export function about(it: Desk, ...units: string[]) {
  return { at: it.now++, taskId: 'shop', unitIds: units.map((unit) => it.id('shop', unit)) };
}

export function afterOf(name: string, ...after: string[]): PlannedUnit {
  return { ...planned([name])[0]!, after };
}

/** A desk whose task `shop` runs. */
export function started(units = 4, concurrency = 2, definition = {}): Desk {
  const it = desk();
  it.define('shop', { concurrency, ...definition });
  it.start('shop', names(units));
  return it;
}

export function crash(it: Desk): Decision {
  return it.take({ type: 'recover', at: it.now++, store: 'A' });
}
