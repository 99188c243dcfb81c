/** The TaskManager: turns what hosts ask into events, keeps folders and their stores, and carries out effects. */
import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import { resolveConnection } from '../config/secrets.ts';
import type { Answer, Change, Effect, Event } from '../core/events.ts';
import type { Coded, PlannedUnit, TaskId } from '../core/model.ts';
import type { Clock, Executor, PlanResult, VerifyResult } from '../core/ports.ts';
import {
  countsOf,
  runOf,
  sumsOf,
  taskOf,
  tasksOf,
  unitAt,
  unitCount,
  unitOf,
  unitsOf,
  whyWaiting,
} from '../core/select.ts';
import { createState, dropStore, loadStore } from '../core/state.ts';
import { nameMatcher } from '../core/unit-selection.ts';
import type { Folder, RunSummary, StartOptions, TaskManager, TaskSummary } from './api.ts';
import { createEventLoop } from './event-loop.ts';
import { errorOf, failureOf, refusal } from './failures.ts';
import { createFolderSession, type FolderSession } from './folder-session.ts';
import { contextOf, defined, type KnownTask, knownTasks } from './known-tasks.ts';
import { noticesOf } from './notices.ts';
import { jobOf, plannedUnits, planRequest, refuseHopelessPlan, type TaskRuntime } from './planning.ts';
import { createProgressMonitor } from './progress-monitor.ts';
import { whyNotStart } from './start-checks.ts';
import { deltaOf, headerOf, overallPercent, runningOf, snapshotOf, summaryOf } from './task-view.ts';
import { createViewFeed } from './view-feed.ts';

export interface TaskManagerPorts {
  readonly clock: Clock;
  readonly executor: Executor;
  /** Environment variables that addresses and secrets of the configuration may refer to. */
  environment(name: string): string | undefined;
  readonly maxRunningUnits: number;
  /** For people who look for the cause: never shown by itself, holds no secret. */
  log(line: Coded): void;
}

/** Verification queries under way at a time, per task. */
const VERIFICATIONS = 4;

export function createTaskManager(ports: TaskManagerPorts): TaskManager {
  const { clock, executor } = ports;
  const state = createState(ports.maxRunningUnits);
  const sessions = new Map<string, FolderSession>();
  const subscriptions = new Map<string, { dispose(): void }>();
  const runtimes = new Map<TaskId, TaskRuntime>();
  const planning = new Set<TaskId>();
  /** Why the last start of a task did not begin; until the next one. */
  const startErrors = new Map<TaskId, Coded>();
  const releasing = new Map<TaskId, Promise<void>>();
  const settling = new Map<TaskId, ((summary: RunSummary) => void)[]>();
  let stalled: Coded | null = null;
  let disposed = false;

  const feed = createViewFeed(clock, () => loop.quiet());
  const monitor = createProgressMonitor(
    clock,
    (events) => {
      for (const event of events) loop.report(event);
    },
    (taskIds) => {
      for (const taskId of taskIds) feed.taskChanged(taskId);
    },
  );
  const loop = createEventLoop({
    state,
    clock,
    storeFor: (event) => sessions.get(storeKeyOf(event) ?? '')?.store(),
    perform,
    changed,
    allDurable,
    viewsLateMs: () => feed.overdueMs(),
    stalled(reason) {
      stalled = reason;
      if (reason) ports.log(reason);
      for (const row of tasksOf(state, null)) feed.taskChanged(row.id);
    },
  });

  // Effects

  function perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'startUnit':
          startUnit(effect.taskId, effect.unitId, effect.attempt);
          break;
        case 'stopUnit':
          executor.stop(effect.unitId, effect.attempt);
          break;
        case 'proceed':
          executor.proceed(effect.unitId, effect.attempt);
          break;
        case 'offer':
          loop.report({ type: 'offer', at: clock.now(), taskId: effect.taskId });
          break;
        case 'runEnded':
          feed.ended(effect.taskId, summaryOf(state, effect.taskId, clock.now()));
          break;
        case 'release':
          runtimes.delete(effect.taskId);
          release(effect.taskId);
          break;
      }
    }
  }

  /** A task is settled only when its connections are closed as well. */
  function release(taskId: TaskId): void {
    const closed = executor
      .release(taskId)
      .catch((error) => ports.log(errorOf(error)))
      .then(() => {
        if (releasing.get(taskId) === closed) releasing.delete(taskId);
        settleIfAtRest(taskId);
      });
    releasing.set(taskId, closed);
  }

  function startUnit(taskId: TaskId, unitId: string, attempt: number): void {
    const unit = unitOf(state, unitId);
    const runtime = runtimes.get(taskId);
    if (!unit || unit.attempt !== attempt) return;
    if (!runtime) throw new Error(`task ${taskId} has no connections`);
    monitor.begin(taskId, unitId, attempt, unit.processed, unit.bytes);
    executor.start(jobOf(unit, attempt, runtime, runtime.config.settings.limits), (report) => {
      const at = clock.now();
      switch (report.type) {
        case 'prepared':
          loop.report({ type: 'prepared', at, unitId, attempt, prepared: report.prepared, total: report.total });
          break;
        case 'checkpoint': {
          const { checkpoint, processed, bytes } = report;
          monitor.record(unitId, attempt, processed, bytes, null, null);
          loop.report({ type: 'checkpoint', at, unitId, attempt, checkpoint, processed, bytes });
          break;
        }
        case 'progress':
          monitor.record(unitId, attempt, report.processed, report.bytes, report.total, report.phase);
          break;
        case 'finished': {
          const last = monitor.end(unitId, attempt);
          if (last) loop.report(last);
          loop.report({ type: 'finished', at, unitId, attempt, outcome: report.outcome });
          break;
        }
      }
    });
  }

  // Views

  function changed(changes: readonly Change[]): void {
    for (const change of changes) {
      switch (change.kind) {
        case 'putTask':
          feed.tasksChanged();
          feed.planChanged(change.task.id);
          break;
        case 'task':
        case 'run':
          feed.taskChanged(change.taskId);
          feed.tasksChanged();
          break;
        case 'putRun':
          feed.taskChanged(change.run.taskId);
          break;
        case 'unit':
          if (change.set.removed !== undefined || change.set.planOrder !== undefined) feed.planChanged(change.taskId);
          else feed.unitChanged(change.taskId, change.unitId);
          break;
        case 'putUnits':
        case 'unitsWhere':
          feed.planChanged(change.taskId);
          break;
        default:
          break;
      }
    }
  }

  function allDurable(): void {
    feed.allDurable();
    for (const taskId of [...settling.keys()]) settleIfAtRest(taskId);
    for (const [key, session] of sessions) session.restChanged(atRest(key));
  }

  function atRest(key: string): boolean {
    for (const row of tasksOf(state, key)) if (isBusy(row.id)) return false;
    return ![...planning].some((taskId) => folderOf(taskId)?.folder.key === key);
  }

  function isBusy(taskId: TaskId): boolean {
    const runState = taskOf(state, taskId)?.runState;
    return planning.has(taskId) || runState === 'running' || runState === 'pausing' || runState === 'stopping';
  }

  function settleIfAtRest(taskId: TaskId): void {
    if (isBusy(taskId) || releasing.has(taskId) || !loop.quiet()) return;
    const waiting = settling.get(taskId) ?? [];
    settling.delete(taskId);
    for (const resolve of waiting) resolve(summaryOf(state, taskId, clock.now()));
  }

  // Tasks and folders

  function storeKeyOf(event: Event): string | undefined {
    if ('store' in event) return event.store;
    if ('taskId' in event) return taskOf(state, event.taskId)?.store;
    if ('unitId' in event) return taskOf(state, unitOf(state, event.unitId)?.taskId ?? '')?.store;
    return undefined;
  }

  function folderOf(taskId: TaskId): FolderSession | undefined {
    const row = taskOf(state, taskId);
    if (row) return sessions.get(row.store);
    for (const session of sessions.values()) if (taskId.startsWith(`${session.folder.key}/`)) return session;
    return undefined;
  }

  function find(taskId: TaskId): { task: KnownTask; session: FolderSession } | undefined {
    const session = folderOf(taskId);
    const task = session && knownTasks(state, session.folder).find(({ id }) => id === taskId);
    return session && task && { session, task };
  }

  /** Why a person cannot act on a folder's tasks; null = they can. */
  function blockedReason(session: FolderSession): Coded | null {
    if (!session.folder.trusted()) return { code: 'folder.untrusted', args: {} };
    return session.blocked() ?? stalled;
  }

  async function addFolder(folder: Folder): Promise<void> {
    const session = createFolderSession(folder, clock, {
      async opened(store) {
        dropStore(state, folder.key);
        loadStore(state, folder.key, store.load());
        await loop.command({ type: 'recover', at: clock.now(), store: folder.key });
        for (const row of tasksOf(state, folder.key)) feed.planChanged(row.id);
        feed.tasksChanged();
      },
      changed() {
        feed.tasksChanged();
        for (const task of knownTasks(state, folder)) feed.taskChanged(task.id);
      },
      failed(reason) {
        ports.log(reason);
        for (const row of tasksOf(state, folder.key)) {
          for (const unit of unitsOf(state, row.id, 'running', -1, Number.MAX_SAFE_INTEGER)) {
            executor.stop(unit.id, unit.attempt);
          }
          feed.planChanged(row.id);
        }
        letGoOfStore(folder.key);
      },
    });
    sessions.set(folder.key, session);
    subscriptions.set(
      folder.key,
      folder.definitions.onChange(() => definitionsChanged(session)),
    );
    feed.tasksChanged();
    if (!folder.trusted()) return;
    await session.own();
    for (const task of knownTasks(state, folder)) {
      const interrupted = taskOf(state, task.id)?.runState === 'interrupted';
      if (interrupted && task.config?.resumeOnStart) void start(task.id, { by: 'resumeOnStart' });
    }
  }

  /** What takes effect at once does; the rest waits for the next start and the views say so. */
  function definitionsChanged(session: FolderSession): void {
    feed.tasksChanged();
    for (const task of knownTasks(state, session.folder)) {
      feed.taskChanged(task.id);
      const runtime = runtimes.get(task.id);
      if (!task.config || !runtime) continue;
      const definition = defined(task);
      if (!definition || definition.configHash === taskOf(state, task.id)?.configHash) continue;
      runtimes.set(task.id, {
        ...runtime,
        config: { ...runtime.config, settings: { ...runtime.config.settings, limits: task.config.settings.limits } },
      });
      executor.setLimits(task.id, task.config.settings.limits);
      loop.report({ type: 'define', at: clock.now(), taskId: task.id, store: session.folder.key, definition });
    }
  }

  async function removeFolder(key: string): Promise<void> {
    const session = sessions.get(key);
    if (!session) return;
    subscriptions.get(key)?.dispose();
    subscriptions.delete(key);
    for (const row of tasksOf(state, key)) {
      for (const unit of unitsOf(state, row.id, 'running', -1, Number.MAX_SAFE_INTEGER)) {
        executor.stop(unit.id, unit.attempt);
      }
      monitor.forget(row.id);
      runtimes.delete(row.id);
    }
    await session.close();
    sessions.delete(key);
    letGoOfStore(key);
    feed.tasksChanged();
  }

  /** Its units no longer count: the slots they held go to tasks of other stores. */
  function letGoOfStore(key: string): void {
    dropStore(state, key);
    for (const row of tasksOf(state, null)) {
      if (row.runState === 'running') loop.report({ type: 'offer', at: clock.now(), taskId: row.id });
    }
  }

  // Commands

  /** @param only exact names; null = what `options.units` matches, or all. */
  async function start(taskId: TaskId, options: StartOptions, only: readonly string[] | null = null): Promise<Answer> {
    const found = find(taskId);
    if (!found) return refusal({ code: 'unknownTask', args: { task: taskId } });
    const { task, session } = found;
    if (planning.has(taskId)) return refusal({ code: 'alreadyRunning', args: { task: task.name } });
    const limited =
      only !== null || options.units !== undefined || options.again === true || options.mode !== undefined;
    if (taskOf(state, taskId)?.runState === 'paused' && !limited) return resume(taskId);
    if (isBusy(taskId)) return startNow(taskId, options, [], null); // the core refuses with the reason
    const blocked = blockedReason(session);
    if (blocked) return refusal(blocked);

    // From here on a second start finds this one: nothing may be awaited before.
    planning.add(taskId);
    startErrors.delete(taskId);
    feed.taskChanged(taskId);
    try {
      const obstacle = await whyNotStart(task, options);
      if (obstacle) return refusal(obstacle);
      const ownership = await session.own();
      if (ownership.kind === 'refused') return refusal(ownership.reason);
      const definition = defined(task);
      if (definition && definition.configHash !== taskOf(state, taskId)?.configHash) {
        const answer = await loop.command({
          type: 'define',
          at: clock.now(),
          taskId,
          store: session.folder.key,
          definition,
        });
        if (!answer.ok) return answer;
      }
      return await planAndStart(task, session, options, only);
    } finally {
      planning.delete(taskId);
      feed.taskChanged(taskId);
      feed.tasksChanged();
      settleIfAtRest(taskId);
      session.restChanged(atRest(session.folder.key));
    }
  }

  async function planAndStart(
    task: KnownTask,
    session: FolderSession,
    options: StartOptions,
    only: readonly string[] | null,
  ): Promise<Answer> {
    const taskId = task.id;
    let plan: PlanResult;
    try {
      const runtime = await runtimeOf(task, session.folder);
      plan = await executor.plan(planRequest(taskId, runtime));
      refuseHopelessPlan(plan, task.name);
      runtimes.set(taskId, runtime);
    } catch (failure) {
      const error = errorOf(failure);
      startErrors.set(taskId, { code: error.code, args: error.args });
      const at = clock.now();
      await loop.command({ type: 'startFailed', at, taskId, runId: randomUUID(), by: options.by, error });
      return refusal({ code: error.code, args: error.args });
    }
    const units = plannedUnits(plan);
    if (only === null && options.units !== undefined) {
      const matches = nameMatcher(options.units);
      only = units.map((unit) => unit.name).filter(matches);
      if (only.length === 0) return refusal({ code: 'noUnitMatches', args: { units: options.units.join(', ') } });
    }
    return startNow(taskId, options, units, only);
  }

  function startNow(
    taskId: TaskId,
    options: StartOptions,
    plan: readonly PlannedUnit[],
    only: readonly string[] | null,
  ): Promise<Answer> {
    return loop.command({
      type: 'start',
      at: clock.now(),
      taskId,
      runId: randomUUID(),
      by: options.by,
      plan,
      again: options.again ?? false,
      only,
      mode: options.mode ?? null,
      concurrency: options.concurrency ?? null,
    });
  }

  async function resume(taskId: TaskId): Promise<Answer> {
    const found = find(taskId);
    if (!found) return refusal({ code: 'unknownTask', args: { task: taskId } });
    const { task, session } = found;
    // After a crash the source may look different: an interrupted task is planned again.
    if (taskOf(state, taskId)?.runState === 'interrupted') return start(taskId, { by: 'person' });
    const obstacle = blockedReason(session);
    if (obstacle) return refusal(obstacle);
    const ownership = await session.own();
    if (ownership.kind === 'refused') return refusal(ownership.reason);
    if (!runtimes.has(taskId)) {
      try {
        runtimes.set(taskId, await runtimeOf(task, session.folder));
      } catch (failure) {
        const error = errorOf(failure);
        startErrors.set(taskId, { code: error.code, args: error.args });
        feed.taskChanged(taskId);
        return refusal({ code: error.code, args: error.args });
      }
    }
    startErrors.delete(taskId);
    return loop.command({ type: 'resume', at: clock.now(), taskId });
  }

  async function runtimeOf(task: KnownTask, folder: Folder): Promise<TaskRuntime> {
    const { config, model } = task;
    const source = config && model?.connections.get(config.source);
    const target = config && model?.connections.get(config.target);
    if (!config || !model || !source || !target)
      throw failureOf({ code: 'task.notDefined', args: { task: task.name } });
    const sources = { folder: folder.path, environment: ports.environment, secrets: folder.secrets };
    return {
      config,
      source: await resolveConnection(source, sources),
      target: await resolveConnection(target, sources),
    };
  }

  /** Events that a person sends to a task of an open store. */
  async function act(taskId: TaskId, event: Event): Promise<Answer> {
    const session = folderOf(taskId);
    if (!session || !taskOf(state, taskId)) return refusal({ code: 'unknownTask', args: { task: taskId } });
    const obstacle = blockedReason(session);
    if (obstacle) return refusal(obstacle);
    const ownership = await session.own();
    if (ownership.kind === 'refused') return refusal(ownership.reason);
    const answer = await loop.command(event);
    session.restChanged(atRest(session.folder.key));
    return answer;
  }

  async function retryFailed(taskId: TaskId): Promise<Answer> {
    const runState = taskOf(state, taskId)?.runState;
    if (runState !== 'idle') return act(taskId, { type: 'retry', at: clock.now(), taskId, unitIds: null });
    const failed = unitsOf(state, taskId, 'failed', -1, Number.MAX_SAFE_INTEGER).map((unit) => unit.name);
    if (failed.length === 0) return refusal({ code: 'nothingFailed', args: { task: taskId } });
    return start(taskId, { by: 'person' }, failed);
  }

  function mustFind(taskId: TaskId): { task: KnownTask; session: FolderSession } {
    const found = find(taskId);
    if (!found) throw failureOf({ code: 'unknownTask', args: { task: taskId } });
    return found;
  }

  return {
    addFolder,
    removeFolder,
    list() {
      const all: TaskSummary[] = [];
      for (const session of sessions.values()) {
        for (const task of knownTasks(state, session.folder)) {
          const counts = countsOf(state, task.id);
          const sums = sumsOf(state, task.id);
          all.push({
            id: task.id,
            folder: session.folder.key,
            name: task.name,
            description: task.config?.description ?? '',
            runState: taskOf(state, task.id)?.runState ?? 'idle',
            outcome: runOf(state, task.id)?.outcome ?? null,
            planning: planning.has(task.id),
            counts,
            units: unitCount(state, task.id),
            percent: overallPercent(counts, sums.processed, sums.unknownTotals === 0 ? sums.total : null).percent,
            blocked: blockedReason(session),
            definitionRemoved: task.config === null,
          });
        }
      }
      return all;
    },
    taskId(folder, name) {
      const session = sessions.get(folder);
      return session && knownTasks(state, session.folder).find((task) => task.name === name)?.id;
    },
    header(taskId) {
      const found = find(taskId);
      if (!found) return undefined;
      const { task, session } = found;
      const runtime = runtimes.get(taskId);
      return headerOf(state, monitor, taskId, {
        ...contextOf(task, taskOf(state, taskId)),
        planning: planning.has(taskId),
        blocked: blockedReason(session),
        notices: noticesOf({
          task,
          row: taskOf(state, taskId),
          running: runtime?.config,
          startError: startErrors.get(taskId),
          folder: session,
        }),
        now: clock.now(),
      });
    },
    units(taskId, status, afterPlanOrder, limit) {
      const units = unitsOf(state, taskId, status, afterPlanOrder, limit + 1);
      return { units: units.slice(0, limit), more: units.length > limit };
    },
    snapshot(taskId) {
      if (!find(taskId)) return undefined;
      return {
        units: snapshotOf(state, monitor, taskId),
        running: runningOf(state, monitor, taskId),
        samples: monitor.samples(taskId),
      };
    },
    delta: (_taskId, units) => deltaOf(state, monitor, units),
    unitAt: (taskId, index) => unitAt(state, taskId, index),
    whyWaiting: (unitId) => whyWaiting(state, unitId),
    lastRun: (taskId) => runOf(state, taskId) ?? undefined,

    start: (taskId, options) => start(taskId, options),
    pause: (taskId) => act(taskId, { type: 'pause', at: clock.now(), taskId, reason: null }),
    resume,
    stop: (taskId) => act(taskId, { type: 'stop', at: clock.now(), taskId }),
    reset: (taskId) => act(taskId, { type: 'reset', at: clock.now(), taskId }),
    retryFailed,
    setConcurrency: (taskId, concurrency) =>
      act(taskId, { type: 'setConcurrency', at: clock.now(), taskId, concurrency }),
    setMaxRunningUnits(maxRunningUnits) {
      loop.report({ type: 'setMaxRunning', at: clock.now(), maxRunningUnits });
    },

    async plan(taskId) {
      const { task, session } = mustFind(taskId);
      return executor.plan(planRequest(taskId, await runtimeOf(task, session.folder)));
    },
    async verify(taskId, onUnit) {
      const { task, session } = mustFind(taskId);
      const request = planRequest(taskId, await runtimeOf(task, session.folder));
      const { units } = await executor.plan(request);
      const limit = pLimit(VERIFICATIONS);
      const results = units.map(({ name }) =>
        limit(async () => {
          const result: VerifyResult = await executor.verify(request, name);
          onUnit(result);
          return result;
        }),
      );
      try {
        return await Promise.all(results);
      } finally {
        if (!isBusy(taskId)) await executor.release(taskId);
      }
    },
    async testConnection(folder, connection) {
      const session = sessions.get(folder);
      const definition = session?.folder.definitions.current().model?.connections.get(connection);
      if (!session || !definition) throw failureOf({ code: 'connection.unknown', args: { connection } });
      const sources = { folder: session.folder.path, environment: ports.environment, secrets: session.folder.secrets };
      return executor.testConnection(await resolveConnection(definition, sources));
    },

    settled(taskId) {
      return new Promise((resolve) => {
        settling.set(taskId, [...(settling.get(taskId) ?? []), resolve]);
        settleIfAtRest(taskId);
      });
    },
    subscribe: (listener) => feed.subscribe(listener),
    async dispose() {
      if (disposed) return;
      disposed = true;
      for (const subscription of subscriptions.values()) subscription.dispose();
      await executor.dispose();
      monitor.dispose();
      feed.dispose();
      loop.dispose();
      await Promise.all([...sessions.values()].map((session) => session.close()));
      sessions.clear();
    },
  };
}
