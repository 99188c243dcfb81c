/** Begins a task or goes on with it: checks, connections, definition, plan, and only then the core's decision. */
import { randomUUID } from 'node:crypto';
import type { Answer, Event } from '../core/events.ts';
import type { Coded, PlannedUnit, TaskId, UnitId, UnitRow } from '../core/model.ts';
import type { Clock, Executor, PlanResult } from '../core/ports.ts';
import { runOf, taskOf, unitCount, unitNames, unitOf, unitsOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import { nameMatcher } from '../core/unit-selection.ts';
import { type AddressPorts, addressOfConnection } from './addresses.ts';
import type { Folder, StartOptions } from './api.ts';
import { errorOf, failureOf, refusal } from './failures.ts';
import type { FolderSession } from './folder-session.ts';
import type { KnownTask } from './known-tasks.ts';
import {
  definitionOf,
  movedUnits,
  plannedUnits,
  planRequest,
  refuseHopelessPlan,
  type TaskRuntime,
} from './planning.ts';
import { whyNotStart } from './start-checks.ts';

export interface Found {
  readonly task: KnownTask;
  readonly session: FolderSession;
}

export interface StartingPorts extends AddressPorts {
  readonly state: CoreState;
  readonly clock: Clock;
  readonly executor: Executor;
  readonly runtimes: Map<TaskId, TaskRuntime>;
  /** Tasks whose start is under way. */
  readonly planning: Set<TaskId>;
  /** Why the last start of a task did not begin; until the next one. */
  readonly startErrors: Map<TaskId, Coded>;
  command(event: Event): Promise<Answer>;
  find(taskId: TaskId): Found | undefined;
  isBusy(taskId: TaskId): boolean;
  /** Why a person must not act here at all (trust, a store that is out of room). */
  forbidden(session: FolderSession): Coded | null;
  /** A start began or ended: views, waiting `settled`, the ownership of the folder. */
  planningChanged(taskId: TaskId, session: FolderSession): void;
  /** Connections of the task are being closed: wait before opening new ones. */
  closed(taskId: TaskId): Promise<void>;
}

export interface Starting {
  start(taskId: TaskId, options: StartOptions): Promise<Answer>;
  resume(taskId: TaskId, options: StartOptions): Promise<Answer>;
  retryFailed(taskId: TaskId, options: StartOptions, unitIds: readonly UnitId[] | null): Promise<Answer>;
  /** A run that writes rejected rows again, of these units or (null) of all that `options.units` matches. */
  replay(taskId: TaskId, options: StartOptions, unitIds: readonly UnitId[] | null): Promise<Answer>;
  /** A run limited to these units of a task that is idle. */
  startUnits(taskId: TaskId, unitIds: readonly UnitId[], options: StartOptions): Promise<Answer>;
  /** Looks at the source and takes the plan in; nothing starts. For a task that has no units yet. */
  takePlan(taskId: TaskId): Promise<Answer>;
  /** Takes the definition in: the store knows the task then. */
  define(taskId: TaskId): Promise<Answer>;
  /** Addresses and secrets of a task's connections. Rejects with a DataError. */
  runtimeOf(task: KnownTask, folder: Folder): Promise<TaskRuntime>;
}

/** What is asked for beyond the options. */
interface Wish {
  /** Exact names; null = what `options.units` matches, or all. */
  readonly only: readonly string[] | null;
  /** Go on as it was: no new consent is needed while the definition is the same. */
  readonly resuming: boolean;
  /** A person chose these units: in manual mode they are queued. */
  readonly enqueue: boolean;
  /** Only their rejected rows. */
  readonly replay?: boolean;
}

/** Units of a plan that are taken in at a time: the host's thread is free in between. */
const SLICE = 1_000;

export function createStarting(ports: StartingPorts): Starting {
  const { state, clock, executor, runtimes, planning, startErrors } = ports;
  /** What takes a plan or a definition in is no start: it is waited for. */
  const preparing = new Map<TaskId, Promise<unknown>>();

  async function begin(taskId: TaskId, options: StartOptions, wish: Wish): Promise<Answer> {
    while (preparing.has(taskId)) await preparing.get(taskId);
    const found = ports.find(taskId);
    if (!found) return refusal({ code: 'unknownTask', args: { task: taskId } });
    const { task, session } = found;
    if (planning.has(taskId)) return refusal({ code: 'alreadyRunning', args: { task: task.name } });
    if (ports.isBusy(taskId)) return startNow(task, options, null, wish); // the core refuses with the reason
    const forbidden = ports.forbidden(session);
    if (forbidden) return refusal(forbidden);

    // From here on a second start finds this one: nothing may be awaited before.
    planning.add(taskId);
    startErrors.delete(taskId);
    ports.planningChanged(taskId, session);
    try {
      return await checkedStart(found, options, wish);
    } catch (failure) {
      return refusal(errorOf(failure));
    } finally {
      planning.delete(taskId);
      ports.planningChanged(taskId, session);
    }
  }

  async function checkedStart({ task, session }: Found, options: StartOptions, wish: Wish): Promise<Answer> {
    const taskId = task.id;
    // What must never be touched without consent is asked before anything is opened, the store included.
    const obstacle = wish.resuming ? null : await whyNotStart(task, options);
    if (obstacle) return refusal(obstacle);
    const ownership = await session.own();
    if (ownership.kind === 'refused') return refusal(ownership.reason);
    await ports.closed(taskId);

    let runtime: TaskRuntime;
    try {
      runtime = await runtimeOf(task, session.folder);
    } catch (failure) {
      return startFailed(taskId, options, failure);
    }
    const row = taskOf(state, taskId);
    const changed = row?.configHash !== definitionOf(runtime).configHash;
    if (changed) {
      const consent = wish.resuming ? await whyNotStart(task, options) : null;
      if (consent) return refusal(consent);
      const answer = await defined({ task, session });
      if ('ok' in answer) return answer;
    }
    const limited =
      (wish.only !== null && !wish.resuming) ||
      options.units !== undefined ||
      options.again ||
      options.mode !== undefined;
    if (row?.runState === 'paused' && !changed && !limited) {
      runtimes.set(taskId, runtime);
      return ports.command({ type: 'resume', at: clock.now(), taskId });
    }
    return planAndStart(task, runtime, options, wish);
  }

  async function planAndStart(
    task: KnownTask,
    runtime: TaskRuntime,
    options: StartOptions,
    wish: Wish,
  ): Promise<Answer> {
    let plan: PlanResult;
    try {
      plan = await executor.plan(planRequest(task.id, runtime));
      refuseHopelessPlan(plan, task.name);
    } catch (failure) {
      return startFailed(task.id, options, failure);
    }
    const units = plannedUnits(plan);
    const planned = new Set(units.map(({ name }) => name));
    // What a run was limited to may have left the source since.
    let names = wish.resuming && wish.only ? wish.only.filter((name) => planned.has(name)) : wish.only;
    if (names === null && options.units !== undefined) {
      names = units.map((unit) => unit.name).filter(nameMatcher(options.units));
      if (names.length === 0) return refusal({ code: 'noUnitMatches', args: { units: options.units.join(', ') } });
    }
    const taken = await takeIn(task.id, units);
    if (!taken.ok) return taken;
    runtimes.set(task.id, runtime);
    return startNow(task, options, names, wish);
  }

  /** Known units in one event, which may move them all; new ones in slices. */
  async function takeIn(taskId: TaskId, units: readonly PlannedUnit[]): Promise<Answer> {
    const planned = new Set(units.map(({ name }) => name));
    const gone = namesOf(taskId).filter((name) => !planned.has(name));
    const slice = unitCount(state, taskId) === 0 ? SLICE : Math.max(SLICE, units.length);
    let answer: Answer = { ok: true, note: null };
    for (let from = 0; from === 0 || from < units.length; from += slice) {
      if (from > 0) await new Promise(setImmediate);
      const part = units.slice(from, from + slice);
      const event = { type: 'takePlan', at: clock.now(), taskId, from, units: part } as const;
      answer = await ports.command({ ...event, gone: from === 0 ? gone : [] });
      if (!answer.ok) return answer;
    }
    return answer;
  }

  async function startFailed(taskId: TaskId, options: StartOptions, failure: unknown): Promise<Answer> {
    const error = errorOf(failure);
    const reason = { code: error.code, args: error.args };
    startErrors.set(taskId, reason);
    if (taskOf(state, taskId)) {
      await ports.command({ type: 'startFailed', at: clock.now(), taskId, runId: randomUUID(), by: options.by, error });
    }
    return refusal(reason);
  }

  function startNow(
    task: KnownTask,
    options: StartOptions,
    only: readonly string[] | null,
    { enqueue, replay }: Wish,
  ): Promise<Answer> {
    return ports.command({
      type: 'start',
      at: clock.now(),
      taskId: task.id,
      runId: randomUUID(),
      by: options.by,
      again: options.again ?? false,
      only,
      enqueue,
      ...(replay && { replay }),
      mode: options.mode ?? null,
      concurrency: options.concurrency ?? null,
      after: options.ignoreAfter ? [] : (task.config?.after ?? []),
    });
  }

  async function runtimeOf(task: KnownTask, folder: Folder): Promise<TaskRuntime> {
    const { config, model } = task;
    const source = config && model?.connections.get(config.source);
    const target = config && model?.connections.get(config.target);
    if (!config || !model || !source || !target) {
      throw failureOf({ code: 'task.notDefined', args: { task: task.name } });
    }
    return {
      config,
      model,
      source: await addressOfConnection(source, folder, ports),
      target: await addressOfConnection(target, folder, ports),
    };
  }

  function namesOf(taskId: TaskId): string[] {
    return unitsOf(state, taskId, null, -1, Number.MAX_SAFE_INTEGER).map((unit) => unit.name);
  }

  return {
    runtimeOf,
    start: (taskId, options) => begin(taskId, options, { only: null, resuming: false, enqueue: false }),
    async resume(taskId, options) {
      const runState = taskOf(state, taskId)?.runState;
      const known = ports.find(taskId);
      if (known && runState === undefined)
        return refusal({ code: 'task.neverStarted', args: { task: known.task.name } });
      if (runState !== 'paused' && runState !== 'interrupted')
        return ports.command({ type: 'resume', at: clock.now(), taskId });
      // The source may look different after a crash or under another definition; a limited run stays limited.
      const run = runOf(state, taskId);
      const only = run?.outcome === null ? run.units : null;
      return begin(taskId, options, { only, resuming: true, enqueue: false });
    },
    async retryFailed(taskId, options, unitIds) {
      const asked =
        unitIds === null ? unitsOf(state, taskId, 'failed', -1, Number.MAX_SAFE_INTEGER) : named(taskId, unitIds);
      if ('ok' in asked) return asked;
      const only = asked.filter(({ status }) => status !== 'completed').map(({ name }) => name);
      const task = ports.find(taskId)?.task.name ?? taskId;
      if (only.length === 0) return refusal({ code: 'nothingFailed', args: { task } });
      return begin(taskId, options, { only, resuming: false, enqueue: true });
    },
    async replay(taskId, { units, ...options }, unitIds) {
      const asked =
        unitIds === null ? unitsOf(state, taskId, 'completed', -1, Number.MAX_SAFE_INTEGER) : named(taskId, unitIds);
      if ('ok' in asked) return asked;
      const matches = nameMatcher(units ?? ['*']);
      const some = asked.filter(
        ({ status, rejected, name }) => status === 'completed' && rejected > 0 && matches(name),
      );
      const task = ports.find(taskId)?.task.name;
      if (task !== undefined && some.length === 0)
        return { ok: true, note: { code: 'nothingRejected', args: { task } } };
      return begin(taskId, options, {
        only: some.map(({ name }) => name),
        resuming: false,
        enqueue: true,
        replay: true,
      });
    },
    async startUnits(taskId, unitIds, options) {
      const asked = named(taskId, unitIds);
      if ('ok' in asked) return asked;
      const only = asked.map(({ name }) => name);
      return begin(taskId, options, { only, resuming: false, enqueue: true });
    },
    takePlan: (taskId) =>
      prepared(taskId, async (found) => {
        const runtime = await defined(found);
        if ('ok' in runtime) return runtime;
        const plan = await executor.plan(planRequest(taskId, runtime));
        refuseHopelessPlan(plan, found.task.name);
        return takeIn(taskId, plannedUnits(plan));
      }),
    define: (taskId) =>
      prepared(taskId, async (found) => {
        const runtime = await defined(found);
        return 'ok' in runtime ? runtime : { ok: true, note: null };
      }),
  };

  /** The units of a request, or why it is refused as a whole. */
  function named(taskId: TaskId, unitIds: readonly UnitId[]): readonly Readonly<UnitRow>[] | Answer {
    const rows = new Set<Readonly<UnitRow>>();
    for (const unitId of unitIds) {
      const row = unitOf(state, unitId);
      if (row?.taskId !== taskId || row.removed)
        return refusal({ code: 'unknownUnits', args: { units: String(unitId).slice(0, 200), count: 1 } });
      if (rows.has(row)) return refusal({ code: 'unitTwice', args: { unit: row.name } });
      rows.add(row);
    }
    return [...rows];
  }

  /** What a start does first, without the start. */
  async function prepared(taskId: TaskId, prepare: (found: Found) => Promise<Answer>): Promise<Answer> {
    while (preparing.has(taskId)) await preparing.get(taskId);
    const found = ports.find(taskId);
    if (!found) return refusal({ code: 'unknownTask', args: { task: taskId } });
    const { task, session } = found;
    if (planning.has(taskId)) return refusal({ code: 'alreadyRunning', args: { task: task.name } });
    const forbidden = ports.forbidden(session);
    if (forbidden) return refusal(forbidden);
    const { promise, resolve: over } = Promise.withResolvers<void>();
    preparing.set(taskId, promise);
    planning.add(taskId);
    ports.planningChanged(taskId, session);
    try {
      const ownership = await session.own();
      return ownership.kind === 'refused' ? refusal(ownership.reason) : await prepare(found);
    } catch (failure) {
      return refusal(errorOf(failure));
    } finally {
      preparing.delete(taskId);
      over();
      planning.delete(taskId);
      ports.planningChanged(taskId, session);
    }
  }

  async function defined({ task, session }: Found): Promise<TaskRuntime | Answer> {
    const runtime = await runtimeOf(task, session.folder);
    const row = taskOf(state, task.id);
    const definition = definitionOf(runtime);
    if (row?.configHash === definition.configHash) return runtime;
    const moved = row ? movedUnits(row.config, runtime, unitNames(state, task.id)) : [];
    const { key: store } = session.folder;
    const answer = await ports.command({ type: 'define', at: clock.now(), taskId: task.id, store, definition, moved });
    return answer.ok ? runtime : answer;
  }
}
