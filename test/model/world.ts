/**
 * The world around the core: two stores, the source and the target of each unit, workers that copy, effects that wait
 * for the disk. Deterministic: everything that happens is asked for by a step.
 */
import { apply } from '../../src/core/apply.ts';
import { decide } from '../../src/core/decide.ts';
import type { Decision, Effect, Event } from '../../src/core/events.ts';
import type { PlannedUnit, Resume } from '../../src/core/model.ts';
import { type CoreState, createState, dropStore, loadStore } from '../../src/core/state.ts';
import { createFakeStore, type FakeStore } from './fake-store.ts';
import type { Checker } from './invariants.ts';

/** Rows that a worker writes at a time. */
export const BATCH = 3;

/** Of one history; more means that events beget events. */
const MOST_EVENTS = 20_000;

export interface SourceUnit {
  readonly name: string;
  readonly rows: number;
  readonly resume: Resume;
  /** What the plan says of the rows. */
  readonly estimate: number | null;
}

export interface SimTask {
  readonly id: string;
  readonly store: string;
  readonly pool: readonly SourceUnit[];
  /** Names in the plan, in plan order. */
  plan: string[];
  fileConcurrency: number;
  definitions: number;
}

export interface Execution {
  readonly task: SimTask;
  readonly unitId: string;
  readonly source: SourceUnit;
  readonly attempt: number;
  prepared: boolean;
  /** Rows read and acknowledged. */
  position: number;
  /** Rows at the last recorded checkpoint. */
  recorded: number;
  stop: boolean;
  waits: boolean;
}

export interface World {
  state: CoreState;
  at: number;
  runs: number;
  /** What happened, oldest first. */
  readonly events: Event[];
  powerCuts: number;
  readonly tasks: readonly SimTask[];
  readonly stores: ReadonlyMap<string, FakeStore>;
  /** Names of the stores that the process holds. */
  readonly open: Set<string>;
  /** By unit. */
  readonly executions: Map<string, Execution>;
  /** Executions of the past: their late reports must change nothing. */
  readonly past: { unitId: string; attempt: number }[];
  /** Rows of each unit that the target holds. */
  readonly targets: Map<string, Set<number>>;
  /** Effects of durable decisions that wait for the disk, by store. */
  readonly waiting: Map<string, Effect[]>;
  readonly checker: Checker;
}

export function createWorld(tasks: readonly SimTask[], maxRunning: number, checker: Checker): World {
  const names = [...new Set(tasks.map(({ store }) => store))];
  return {
    state: createState(maxRunning),
    at: 1_000,
    runs: 0,
    events: [],
    powerCuts: 0,
    tasks,
    stores: new Map(names.map((name) => [name, createFakeStore()])),
    open: new Set(names),
    executions: new Map(),
    past: [],
    targets: new Map(),
    waiting: new Map(names.map((name) => [name, []])),
    checker,
  };
}

/** One event through the core, as an engine takes it. */
export function happen(world: World, event: Event): Decision {
  const { state, checker } = world;
  if (world.events.push(event) > MOST_EVENTS) checker.fail('I17', `${event.type} for ever`);
  const decision = decide(state, event);
  const before = checker.before(world, event, decision);
  const { changes, effects, durability } = decision;
  const stored = changes.filter(({ kind }) => kind !== 'maxRunning');
  const store = storeOfEvent(world, event);
  if (stored.length > 0) world.stores.get(store)!.write(stored, durability, before.observe);
  apply(state, changes);
  checker.after(world, event, decision, before);
  if (stored.length > 0 && durability === 'durable') world.waiting.get(store)!.push(...effects);
  else perform(world, effects);
  return decision;
}

function storeOfEvent(world: World, event: Event): string {
  if (event.type === 'recover' || event.type === 'define') return event.store;
  if ('unitId' in event) return world.state.taskOfUnit.get(event.unitId)?.row.store ?? '';
  if ('taskId' in event) return world.state.tasks.get(event.taskId)?.row.store ?? '';
  return '';
}

/** The disk has everything of this store: what waited for it is done. */
export function sync(world: World, store: string): void {
  world.stores.get(store)!.sync();
  perform(world, world.waiting.get(store)!.splice(0));
}

function perform(world: World, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.kind === 'startUnit') startUnit(world, effect.taskId, effect.unitId, effect.attempt);
    if (effect.kind === 'stopUnit') {
      const execution = world.executions.get(effect.unitId);
      if (execution?.attempt === effect.attempt) execution.stop = true;
    }
    if (effect.kind === 'proceed') {
      const execution = world.executions.get(effect.unitId);
      // It may have died while the disk was busy: the executor knows, too, whom it is for.
      if (execution?.attempt === effect.attempt) execution.waits = false;
    }
    if (effect.kind === 'offer') happen(world, { type: 'offer', at: world.at, taskId: effect.taskId });
  }
}

function startUnit(world: World, taskId: string, unitId: string, attempt: number): void {
  const task = world.tasks.find(({ id }) => id === taskId)!;
  const row = world.state.taskOfUnit.get(unitId)!.units.get(unitId)!.row;
  const source = task.pool.find(({ name }) => name === row.name)!;
  world.checker.started(world, unitId, attempt, row);
  const position = row.checkpoint === null ? 0 : Number(row.checkpoint);
  const prepared = row.prepared !== null;
  if (prepared) world.checker.resumes(world, targetOf(world, unitId).size - position, source.resume);
  world.executions.set(unitId, {
    task,
    unitId,
    source,
    attempt,
    prepared,
    position,
    recorded: position,
    stop: false,
    waits: false,
  });
}

export type Whim = 'goOn' | 'fail' | 'die' | 'quiet';

/** A worker does its next thing: prepares, copies a batch, records it, ends. */
export function work(world: World, execution: Execution, whim: Whim): void {
  if (execution.waits && whim !== 'die') return;
  const { unitId, attempt, source } = execution;
  const { at } = world;
  const report = { at, unitId, attempt };
  const target = targetOf(world, unitId);
  const bytes = execution.position * 10;
  if (whim === 'fail' || whim === 'die') {
    const error = {
      class: 'permanent',
      code: whim === 'die' ? 'workerDied' : 'denied',
      args: {},
      message: '',
    } as const;
    const processed = whim === 'die' ? 0 : execution.position;
    ends(world, execution);
    happen(world, {
      type: 'finished',
      ...report,
      outcome: { kind: 'failed', error, processed, bytes: processed * 10 },
    });
    return;
  }
  if (execution.stop) {
    ends(world, execution);
    const checkpoint = source.resume === 'row' && execution.position > 0 ? String(execution.position) : null;
    const outcome = { kind: 'stopped', processed: execution.position, bytes, checkpoint } as const;
    happen(world, { type: 'finished', ...report, outcome });
    return;
  }
  if (!execution.prepared) {
    target.clear();
    execution.prepared = true;
    execution.waits = true;
    happen(world, { type: 'prepared', ...report, prepared: 'emptied', total: whim === 'quiet' ? null : source.rows });
    return;
  }
  if (source.resume === 'row' && execution.recorded < execution.position) {
    execution.recorded = execution.position;
    execution.waits = true;
    const checkpoint = String(execution.position);
    world.checker.records(target.size, execution.position);
    happen(world, { type: 'checkpoint', ...report, checkpoint, processed: execution.position, bytes });
    return;
  }
  if (execution.position < source.rows) {
    const end = Math.min(source.rows, execution.position + BATCH);
    for (let row = execution.position; row < end; row++) target.add(row);
    execution.position = end;
    if (whim !== 'quiet')
      happen(world, {
        type: 'progress',
        ...report,
        processed: end,
        bytes: end * 10,
        total: end % 2 ? source.rows : null,
      });
    return;
  }
  ends(world, execution);
  const done = {
    kind: 'completed',
    processed: source.rows,
    bytes,
    rejected: 0,
    verified: 'count',
    note: null,
  } as const;
  happen(world, { type: 'finished', ...report, outcome: done });
}

function ends(world: World, { unitId, attempt }: Execution): void {
  world.executions.delete(unitId);
  world.past.push({ unitId, attempt });
}

/** Everything of the process is gone; the stores come back as the fault leaves them. */
export function crash(world: World, kind: 'kill' | 'powerCut'): void {
  if (kind === 'powerCut') world.powerCuts++;
  world.state = createState(world.state.maxRunningUnits);
  for (const name of world.stores.keys()) forget(world, name, kind);
  for (const name of world.stores.keys()) open(world, name);
}

/** One store is let go of and taken again; the other goes on, with the slots that this frees. */
export function reopen(world: World, name: string): void {
  dropStore(world.state, name);
  forget(world, name, 'kill');
  for (const { id, store } of world.tasks)
    if (store !== name) happen(world, { type: 'offer', at: world.at, taskId: id });
  open(world, name);
}

function forget(world: World, name: string, kind: 'kill' | 'powerCut'): void {
  const store = world.stores.get(name)!;
  if (kind === 'kill') store.kill();
  else store.powerCut();
  world.waiting.set(name, []);
  world.open.delete(name);
  for (const execution of [...world.executions.values()]) if (execution.task.store === name) ends(world, execution);
}

function open(world: World, name: string): void {
  loadStore(world.state, name, world.stores.get(name)!.stored());
  world.open.add(name);
  happen(world, { type: 'recover', at: world.at, store: name });
  for (const task of world.tasks) if (task.store === name) define(world, task);
}

export function define(world: World, task: SimTask): void {
  const definition = {
    name: task.id,
    mode: 'auto',
    concurrency: task.fileConcurrency,
    onError: 'skip',
    resumeOnStart: false,
    config: '{}',
    configHash: String(task.definitions),
  } as const;
  happen(world, { type: 'define', at: world.at, taskId: task.id, store: task.store, definition });
}

export function planOf(task: SimTask): PlannedUnit[] {
  return task.plan.map((name) => {
    const { resume, estimate } = task.pool.find((unit) => unit.name === name)!;
    return { name, type: 'table', total: estimate, resume };
  });
}

export function targetOf(world: World, unitId: string): Set<number> {
  let target = world.targets.get(unitId);
  if (!target) {
    target = new Set();
    world.targets.set(unitId, target);
  }
  return target;
}
