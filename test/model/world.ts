/**
 * The world around the core: two stores, effects that wait for the disk, crashes. Deterministic: everything that
 * happens is asked for by a step.
 */
import { apply } from '../../src/core/apply.ts';
import { decide } from '../../src/core/decide.ts';
import type { Decision, Effect, Event } from '../../src/core/events.ts';
import type { Limits, TaskId, UnitId } from '../../src/core/model.ts';
import { type CoreState, createState, dropStore, loadStore } from '../../src/core/state.ts';
import { createFakeStore, type FakeStore, type TaskRows } from './fake-store.ts';
import type { Checker } from './invariants.ts';
import { definitionOf, type SimTask, sourceOf } from './sources.ts';
import { digestOf } from './whole.ts';
import { type Execution, executionOf, SPOILT } from './workers.ts';

/** Of one history; more means that events beget events. */
const MOST_EVENTS = 20_000;

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
  readonly executions: Map<UnitId, Execution>;
  /** Executions of the past: their late reports must change nothing. */
  past: { readonly unitId: UnitId; readonly attempt: number }[];
  /** Rows that the target of each unit holds, by unit and place; a negative one must not be there. */
  readonly targets: Map<string, Set<number>>;
  /** Effects of durable decisions that wait for the disk, by store. */
  readonly waiting: Map<string, Effect[]>;
  /** What the executor was told last. */
  readonly limits: Map<TaskId, Limits>;
  readonly checker: Checker;
  /** Every so many events memory is looked at as a whole, from another one on in each history. */
  readonly every: number;
  readonly phase: number;
}

export function createWorld(
  tasks: readonly SimTask[],
  maxRunning: number,
  checker: Checker,
  { every, phase }: Pick<World, 'every' | 'phase'>,
): World {
  const names = [...new Set(tasks.map(({ store }) => store))];
  return {
    state: createState(maxRunning),
    at: 10_000_000_000,
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
    limits: new Map(),
    checker,
    every,
    phase,
  };
}

/** One event through the core, as an engine takes it. */
export function happen(world: World, event: Event): Decision {
  const { checker } = world;
  if (world.events.push(event) > MOST_EVENTS) checker.fail('I17', `${event.type} for ever`);
  const before = checker.before(world, event);
  const decision = decided(world, event);
  const { changes, effects, durability } = decision;
  checker.decided(world, event, decision, before);
  const stored = changes.filter(({ kind }) => kind !== 'maxRunning');
  const store = storeOfEvent(world, event);
  if (stored.length > 0) world.stores.get(store)!.write(stored, durability, before.watch);
  apply(world.state, changes);
  if (event.type === 'deleteTask' && decision.answer.ok) forgetPast(world, event.taskId);
  checker.after(world, event, decision, before);
  if (stored.length > 0 && durability === 'durable') world.waiting.get(store)!.push(...effects);
  else perform(world, effects);
  return decision;
}

function decided(world: World, event: Event): Decision {
  if ((world.events.length + world.phase) % world.every !== 0) return decide(world.state, event);
  const before = digestOf(world.state);
  const decision = decide(world.state, event);
  if (digestOf(world.state) !== before) world.checker.fail('reads', `deciding ${event.type} writes`);
  world.checker.premise('deciding only reads');
  return decision;
}

function storeOfEvent(world: World, event: Event): string {
  if (event.type === 'recover' || event.type === 'define') return event.store;
  if ('unitId' in event) return world.state.taskOfUnit.get(event.unitId)?.row.store ?? '';
  if ('taskId' in event) return world.state.tasks.get(event.taskId)?.row.store ?? '';
  return '';
}

/** The workers of a task whose data are deleted are gone, too: their ids may come again. */
function forgetPast(world: World, taskId: TaskId): void {
  world.past = world.past.filter(({ unitId }) => !unitId.startsWith(`${taskId}#`));
}

/** The stored rows of a task; undefined = there is none. */
export function rowsOf(world: World, taskId: TaskId): TaskRows | undefined {
  const task = world.tasks.find(({ id }) => id === taskId);
  return task && world.stores.get(task.store)!.seen.get(taskId);
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
    if (effect.kind === 'limits') world.limits.set(effect.taskId, effect.limits);
    if (effect.kind === 'offer') happen(world, { type: 'offer', at: world.at, taskId: effect.taskId });
  }
}

function startUnit(world: World, taskId: TaskId, unitId: UnitId, attempt: number): void {
  const task = world.tasks.find(({ id }) => id === taskId)!;
  const row = world.state.taskOfUnit.get(unitId)!.units.get(unitId)!.row;
  world.checker.started(world, unitId, attempt, row);
  const execution = executionOf(task, row);
  const target = targetOf(world, unitId);
  if (execution.prepared && execution.replay === null) {
    if (!target.has(SPOILT)) world.checker.resumes(world, target.size - execution.position, execution.source.resume);
    if (execution.position === 0) target.clear(); // its preparation emptied it: it may be emptied again
  }
  world.executions.set(unitId, execution);
}

/** The rows that the target of a unit holds where it stands now. */
export function targetOf(world: World, unitId: UnitId): Set<number> {
  const task = world.state.taskOfUnit.get(unitId)!;
  const { name } = task.units.get(unitId)!.row;
  const place = world.tasks.find(({ id }) => id === task.row.id)!.places.get(name) ?? 0;
  const key = `${task.row.id} ${name} ${place}`;
  let target = world.targets.get(key);
  if (!target) {
    target = new Set();
    world.targets.set(key, target);
  }
  return target;
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
  for (const execution of [...world.executions.values()]) if (execution.task.store === name) over(world, execution);
}

/** An execution that can report nothing any more, or only too late. */
export function over(world: World, { unitId, attempt }: Execution): void {
  world.executions.delete(unitId);
  world.past.push({ unitId, attempt });
}

function open(world: World, name: string): void {
  loadStore(world.state, name, world.stores.get(name)!.stored());
  world.open.add(name);
  world.checker.opened(world, name);
  happen(world, { type: 'recover', at: world.at, store: name });
  for (const task of world.tasks) if (task.store === name && rowsOf(world, task.id)) define(world, task);
}

/** As the engine does it: what the file says now, and whose target is another one than when the store was told last. */
export function define(world: World, task: SimTask): Decision {
  const { id: taskId, store } = task;
  const definition = definitionOf(task);
  const told = Number(rowsOf(world, taskId)?.task.configHash ?? task.definitions);
  const names = new Set(task.moves.flatMap(({ since, names }) => (since > told ? names : [])));
  const moved = names.size >= task.pool.length ? 'all' : [...names];
  return happen(world, { type: 'define', at: world.at, taskId, store, definition, moved });
}

/** The file names another target for some units. */
export function move(task: SimTask, names: readonly string[]): void {
  task.definitions++;
  task.moves.push({ since: task.definitions, names });
  for (const name of names) task.places.set(name, (task.places.get(name) ?? 0) + 1);
}

/** Rows of the source that is behind a unit. */
export function sourceRows(task: SimTask, name: string): number {
  return sourceOf(task, name).rows;
}
