/** The TaskManager: keeps folders with their stores and tasks, and joins the parts that run them. */
import pLimit from 'p-limit';
import { apply } from '../core/apply.ts';
import { decide } from '../core/decide.ts';
import type { Answer, Change, Event } from '../core/events.ts';
import type { Coded, RunState, TaskId } from '../core/model.ts';
import type { Clock, Executor, Random, Store, VerifyResult } from '../core/ports.ts';
import { runningUnitsOf, taskOf, tasksOf, unitOf } from '../core/select.ts';
import { createState, dropStore, loadStore } from '../core/state.ts';
import { type AddressPorts, addressOfConnection } from './addresses.ts';
import type { Folder, TaskManager } from './api.ts';
import { createCommands } from './commands.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createDueTimer } from './due-timer.ts';
import { createEventLoop } from './event-loop.ts';
import { createExecution } from './execution.ts';
import { errorOf, failureOf, refusal } from './failures.ts';
import { createFolderSession, type FolderSession } from './folder-session.ts';
import { contextOf, knownTasks } from './known-tasks.ts';
import { definitionOf, planRequest, type TaskRuntime, withConnections } from './planning.ts';
import { createProgressMonitor } from './progress-monitor.ts';
import { createQueries } from './queries.ts';
import { reportOf } from './report.ts';
import { trackRunning, within } from './running-units.ts';
import { createSettling, type SettlingPorts } from './settling.ts';
import { createSharing } from './sharing.ts';
import { createStarting, type Found } from './starting.ts';
import { summaryOf } from './task-view.ts';
import { tellViews } from './view-changes.ts';
import { createViewFeed } from './view-feed.ts';

export interface TaskManagerPorts extends AddressPorts {
  readonly clock: Clock;
  readonly executor: Executor;
  readonly random: Random;
  readonly maxRunningUnits: number;
  /** For people who look for the cause: never shown by itself, holds no secret. */
  log(line: Coded): void;
}

/** Verification queries under way at a time, per task. */
const VERIFICATIONS = 4;
/** How long the units of a folder that is removed may take to reach a batch border. */
const LEAVE_MS = 5_000;

/** How long the units of a store that was lost may take to reach a batch border before they are ended. */
const ABANDON_MS = 2_500;
const BUSY: readonly RunState[] = ['running', 'pausing', 'stopping'];

export function createTaskManager(ports: TaskManagerPorts): TaskManager {
  const { clock } = ports;
  const executor = trackRunning(ports.executor, clock);
  const state = createState(ports.maxRunningUnits);
  const sessions = new Map<string, FolderSession>();
  const subscriptions = new Map<string, { dispose(): void }>();
  const runtimes = new Map<TaskId, TaskRuntime>();
  const planning = new Set<TaskId>();
  const startErrors = new Map<TaskId, Coded>();
  /** How many look at a task's sides now. */
  const lookers = new Map<TaskId, number>();
  const settling = createSettling({ rest: restOf });
  let disposed = false;

  const feed = createViewFeed(
    clock,
    () => loop.quiet(),
    (error) => ports.log(errorOf(error)),
  );
  const monitor = createProgressMonitor(
    clock,
    (events) => {
      for (const event of events) loop.report(event);
    },
    sampled,
  );
  const deadLetters = createDeadLetters({ state, sessionOf, log: ports.log });
  const execution = createExecution({
    state,
    clock,
    executor,
    random: ports.random,
    monitor,
    runtimes,
    report: (event) => loop.report(event),
    runEnded(taskId) {
      feed.ended(taskId, summaryOf(state, taskId, clock.now()));
      deadLetters.tidy(taskId);
    },
    deadLetters: (unit) => deadLetters.fileOf(unit),
    isBusy: (taskId) => isBusy(taskId) || lookers.has(taskId),
    letGone: (taskId) => settling.look(taskId),
    log: ports.log,
  });
  const loop = createEventLoop({
    state,
    clock,
    keyOf,
    storeOf: (key) => sessions.get(key)?.store(),
    perform: execution.perform,
    changed(changes, key) {
      changed(changes);
      shared.changed(key, changes);
    },
    allDurable,
    viewsLateMs: () => Math.max(feed.overdueMs(), shared.overdueMs()),
    stalledChanged(key, reason) {
      if (reason) ports.log(reason);
      else dueTimer.mayReportAgain();
      shared.factsChanged();
      for (const row of tasksOf(state, key)) feed.taskChanged(row.id);
    },
    impossible,
  });
  const starting = createStarting({
    state,
    clock,
    executor,
    runtimes,
    planning,
    startErrors,
    environment: ports.environment,
    secretKnown: ports.secretKnown,
    command: (event) => loop.command(event),
    find,
    isBusy,
    forbidden,
    planningChanged(taskId, session) {
      shared.factsChanged();
      feed.taskChanged(taskId);
      feed.tasksChanged();
      execution.letGo(taskId);
      settling.look(taskId);
      session.restChanged(atRest(session.folder.key));
    },
    closed: (taskId) => execution.closed(taskId),
  });

  const dueTimer = createDueTimer({
    state,
    clock,
    mayReport: (taskId) => loop.stalled(taskOf(state, taskId)?.store ?? '') === null,
    report: (event) => loop.report(event),
  });
  const commands = createCommands({
    state,
    clock,
    starting,
    act,
    known,
    forgotten: (taskId) => deadLetters.tidy(taskId),
  });
  const shared = createSharing({
    clock,
    own: { state, monitor, planning, startErrors, runtimes },
    quiet: () => loop.quiet(),
    stalled: (key) => loop.stalled(key),
    sessionOf,
    ended: () => disposed,
    local: () => ({ ...commands, ...history }),
    replaced: folderChanged,
    replicaChanged,
    sampled,
  });
  const queries = createQueries({
    ...{ clock, sessions, sessionOf, find, blockedReason },
    view: shared.view,
    connections: (name) => executor.connections(name),
  });

  // What follows from changes

  function changed(changes: readonly Change[]): void {
    tellViews(feed, state, changes);
    dueTimer.changed(changes);
  }

  /** The state of another host: what it tells is durable. */
  function replicaChanged(key: string, changes: readonly Change[], facts: boolean): void {
    const { state: theirs } = shared.view(sessions.get(key));
    tellViews(feed, theirs, changes);
    if (facts) folderChanged(key, false);
    for (const change of changes) {
      if (change.kind !== 'run' || (change.set.outcome ?? null) === null) continue;
      feed.ended(change.taskId, summaryOf(theirs, change.taskId, clock.now()));
    }
    settleFolder(key);
  }

  /** Everything of it, or only what is not said of units. */
  function folderChanged(key: string, units = true): void {
    const session = sessions.get(key);
    feed.tasksChanged();
    for (const task of session ? knownTasks(shared.view(session).state, session.folder) : []) {
      if (units) feed.planChanged(task.id);
      else feed.taskChanged(task.id);
    }
    settleFolder(key);
  }

  function sampled(taskIds: readonly TaskId[]): void {
    for (const taskId of taskIds) feed.taskChanged(taskId);
    shared.factsChanged();
  }

  function allDurable(): void {
    feed.allDurable();
    shared.allDurable();
    settling.lookAt();
    for (const [key, session] of sessions) session.restChanged(atRest(key));
  }

  /** The store can never take it. The end of an execution still has to be known, so it is told in plain words. */
  function impossible(event: Event, thrown: unknown): void {
    const error = errorOf(thrown);
    ports.log(error);
    if (event.type !== 'finished') return;
    const { outcome } = event;
    if (outcome.kind !== 'failed' || outcome.error.code !== error.code) {
      loop.report({ ...event, outcome: { kind: 'failed', error, processed: 0, bytes: 0 } });
    }
  }

  function atRest(key: string): boolean {
    for (const row of tasksOf(state, key)) if (isBusy(row.id)) return false;
    return ![...planning].some((taskId) => sessionOf(taskId)?.folder.key === key);
  }

  function isBusy(taskId: TaskId): boolean {
    const runState = taskOf(state, taskId)?.runState;
    return planning.has(taskId) || (runState !== undefined && BUSY.includes(runState));
  }

  /** Of a task that another host manages: as it tells; while it cannot be reached nobody knows. */
  function restsElsewhere(session: FolderSession, taskId: TaskId): boolean {
    if (!session.replica() || session.remote()?.problem() !== null) return false;
    const { state: theirs, planning: begins } = shared.view(session);
    return !begins.has(taskId) && !BUSY.includes(taskOf(theirs, taskId)?.runState ?? 'idle');
  }

  function settleFolder(key: string): void {
    settling.lookAt((taskId) => sessionOf(taskId)?.folder.key === key);
  }

  function restOf(taskId: TaskId): ReturnType<SettlingPorts['rest']> {
    const session = sessionOf(taskId);
    if (session?.replica() || session?.remote()) {
      if (!restsElsewhere(session, taskId)) return undefined;
    } else {
      const failure = session?.failure();
      if (failure) return { failure };
      if (isBusy(taskId) || execution.lettingGo(taskId) || !loop.quiet()) return undefined;
    }
    return { summary: summaryOf(shared.view(session).state, taskId, clock.now()) };
  }

  // Tasks and folders

  function keyOf(event: Event): string | undefined {
    if ('store' in event) return event.store;
    if ('taskId' in event) return taskOf(state, event.taskId)?.store;
    if ('unitId' in event) return taskOf(state, unitOf(state, event.unitId)?.taskId ?? '')?.store;
    return undefined;
  }

  function sessionOf(taskId: TaskId): FolderSession | undefined {
    const row = taskOf(state, taskId);
    if (row) return sessions.get(row.store);
    for (const session of sessions.values()) if (taskId.startsWith(`${session.folder.key}/`)) return session;
    return undefined;
  }

  function find(taskId: TaskId): Found | undefined {
    const session = sessionOf(taskId);
    const task = session && knownTasks(shared.view(session).state, session.folder).find(({ id }) => id === taskId);
    return session && task && { session, task };
  }

  function mustFind(taskId: TaskId): Found {
    const found = find(taskId);
    if (!found) throw failureOf({ code: 'unknownTask', args: { task: taskId } });
    return found;
  }

  function forbidden(session: FolderSession): Coded | null {
    if (!session.folder.trusted()) return { code: 'folder.untrusted', args: {} };
    return loop.stalled(session.folder.key);
  }

  /** What views show; a command asks again, as an owner may have ended without a word. */
  function blockedReason(session: FolderSession): Coded | null {
    return forbidden(session) ?? session.blocked();
  }

  async function addFolder(folder: Folder): Promise<void> {
    const session: FolderSession = createFolderSession(folder, clock, {
      sharing: shared.sharing(folder.key, () => session),
      async opened(store) {
        const stored = store.load();
        dropStore(state, folder.key);
        loadStore(state, folder.key, stored);
        const answer = await loop.command({ type: 'recover', at: clock.now(), store: folder.key });
        if (!answer.ok) {
          dropStore(state, folder.key); // what it says of running units is not true any more
          throw failureOf(answer.refusal);
        }
        for (const row of tasksOf(state, folder.key)) feed.planChanged(row.id);
        feed.tasksChanged();
        shared.opened(folder.key);
      },
      changed() {
        shared.ownershipChanged(session);
        folderChanged(folder.key, false);
      },
      failed(reason) {
        ports.log(reason);
        return abandon(folder.key, reason);
      },
      syncing: () => loop.syncing(folder.key),
      log: ports.log,
    });
    sessions.set(folder.key, session);
    subscriptions.set(
      folder.key,
      folder.definitions.onChange(() => definitionsChanged(session)),
    );
    feed.tasksChanged();
    if (!folder.trusted()) return;
    await session.met();
    for (const task of knownTasks(state, folder)) {
      const interrupted = taskOf(state, task.id)?.runState === 'interrupted';
      if (interrupted && task.config?.resumeOnStart) void starting.resume(task.id, { by: 'resumeOnStart' });
    }
  }

  /**
   * The store is gone, or about to be: what runs is stopped, and memory stands as a new opening will find it.
   * @returns when nothing of it runs any more
   */
  function abandon(key: string, reason: Coded, graceMs = ABANDON_MS): Promise<void> {
    const units = tasksOf(state, key).flatMap(({ id }) => runningUnitsOf(state, id));
    const running = units.map(({ id, attempt }) => ({ id, attempt }));
    const ended = executor.end(running, graceMs, errorOf(failureOf(reason)));
    for (const row of tasksOf(state, key)) monitor.forget(row.id);
    const { changes } = decide(state, { type: 'recover', at: clock.now(), store: key });
    apply(state, changes);
    changed(changes);
    for (const row of tasksOf(state, key)) settling.look(row.id);
    offerSlots();
    return ended;
  }

  /** Slots that a store held go to tasks of the others. */
  function offerSlots(): void {
    for (const row of tasksOf(state, null)) {
      if (row.runState === 'running') loop.report({ type: 'offer', at: clock.now(), taskId: row.id });
    }
  }

  /** What takes effect at once does; the rest waits for the next start and the views say so. */
  function definitionsChanged(session: FolderSession): void {
    feed.tasksChanged();
    for (const task of knownTasks(state, session.folder)) {
      feed.taskChanged(task.id);
      const runtime = runtimes.get(task.id);
      if (!task.config || !runtime || !isBusy(task.id)) continue;
      const { concurrency, onError, settings } = task.config;
      const live = { ...runtime.config.settings, limits: settings.limits, retry: settings.retry };
      const now: TaskRuntime = { ...runtime, config: { ...runtime.config, concurrency, onError, settings: live } };
      runtimes.set(task.id, now);
      const definition = definitionOf(now);
      loop.report({ type: 'define', at: clock.now(), taskId: task.id, store: session.folder.key, definition });
    }
  }

  async function removeFolder(key: string): Promise<void> {
    const session = sessions.get(key);
    if (!session) return;
    subscriptions.get(key)?.dispose();
    subscriptions.delete(key);
    const taskIds = tasksOf(state, key).map((row) => row.id);
    for (const taskId of taskIds) {
      if (taskOf(state, taskId)?.runState === 'running') {
        await loop.command({ type: 'pause', at: clock.now(), taskId, reason: null });
      }
    }
    const closed: Coded = { code: 'folder.closed', args: { folder: session.folder.name } };
    // What another host manages goes on there.
    if (session.store()) {
      await within(clock, LEAVE_MS, Promise.allSettled(taskIds.map((taskId) => settling.settled(taskId))));
      // Nothing of it is written any more when another host gets the store.
      const busy = taskIds.some((taskId) => runningUnitsOf(state, taskId).length > 0);
      if (busy) await abandon(key, closed, 0);
    }
    for (const taskId of taskIds) {
      monitor.forget(taskId);
      if (runtimes.has(taskId)) execution.letGo(taskId);
    }
    await Promise.all(taskIds.map((taskId) => execution.closed(taskId)));
    await session.close();
    settling.giveUp(closed, (taskId) => sessionOf(taskId) === session);
    sessions.delete(key);
    shared.forget(key);
    dropStore(state, key);
    offerSlots();
    feed.tasksChanged();
  }

  // Commands

  /** Events that a person sends to a task of an open store. */
  async function act(taskId: TaskId, event: Event): Promise<Answer> {
    const session = sessionOf(taskId);
    if (!session) return refusal({ code: 'unknownTask', args: { task: taskId } });
    const obstacle = forbidden(session);
    if (obstacle) return refusal(obstacle);
    const ownership = await session.own();
    if (ownership.kind === 'refused') return refusal(ownership.reason);
    if (!taskOf(state, taskId)) return refusal(unknownOrNew(taskId));
    return loop.command(event);
  }

  function unknownOrNew(taskId: TaskId): Coded {
    const name = find(taskId)?.task.name;
    return name === undefined
      ? { code: 'unknownTask', args: { task: taskId } }
      : { code: 'task.neverStarted', args: { task: name } };
  }

  /** A task that was never started is known from its file only: what people set of it needs a row. */
  async function known(taskId: TaskId): Promise<Answer> {
    if (taskOf(state, taskId)) return { ok: true, note: null };
    return starting.define(taskId);
  }

  /** Of a folder whose store is ours, if only to read it. Rejects with a DataError. */
  async function historyOf(taskId: TaskId): Promise<Store> {
    const { session } = mustFind(taskId);
    const ownership = await session.own();
    if (ownership.kind === 'refused') throw failureOf(ownership.reason);
    return ownership.store;
  }

  /** Looks at both sides; what was opened for it is closed again by the last one who does. */
  async function looking<T>(taskId: TaskId, look: (runtime: TaskRuntime) => Promise<T>): Promise<T> {
    const { task, session } = mustFind(taskId);
    if (!session.folder.trusted()) throw failureOf({ code: 'folder.untrusted', args: {} });
    lookers.set(taskId, (lookers.get(taskId) ?? 0) + 1);
    try {
      await execution.closed(taskId);
      return await look(await starting.runtimeOf(task, session.folder));
    } finally {
      const others = (lookers.get(taskId) ?? 1) - 1;
      if (others > 0) lookers.set(taskId, others);
      else lookers.delete(taskId);
      execution.letGo(taskId);
    }
  }

  /** What is kept in the store only. */
  const history: Pick<TaskManager, 'runs' | 'attempts' | 'report'> = {
    runs: async (taskId, limit) => (await historyOf(taskId)).runs(taskId, limit),
    attempts: async (taskId, unitId, limit) => (await historyOf(taskId)).attempts({ unitId }, limit),
    async report(taskId, runId) {
      const { task } = mustFind(taskId);
      const store = await historyOf(taskId);
      const { source, target } = contextOf(task, taskOf(state, taskId));
      return reportOf(state, store, { taskId, name: task.name, source, target }, runId, clock.now());
    },
  };

  return {
    addFolder,
    removeFolder,
    ...queries,

    ...shared.methods,
    async takeOver(key) {
      const session = sessions.get(key);
      if (!session) return refusal({ code: 'folder.closed', args: { folder: key } });
      if (!session.folder.trusted()) return refusal({ code: 'folder.untrusted', args: {} });
      const ownership = await session.takeOver();
      return ownership.kind === 'owned' ? { ok: true, note: null } : refusal(ownership.reason);
    },
    setMaxRunningUnits(maxRunningUnits) {
      loop.report({ type: 'setMaxRunning', at: clock.now(), maxRunningUnits });
    },

    plan: (taskId) =>
      looking(taskId, async (runtime) => {
        const concurrency = taskOf(state, taskId)?.concurrency ?? runtime.config.concurrency;
        return withConnections(await executor.plan(planRequest(taskId, runtime)), runtime, concurrency);
      }),
    verify: (taskId, onUnit) =>
      looking(taskId, async (runtime) => {
        const request = planRequest(taskId, runtime);
        const { units } = await executor.plan(request);
        const limit = pLimit(VERIFICATIONS);
        const compare = async (unit: string): Promise<VerifyResult> => {
          const result = await executor.verify(request, unit);
          onUnit(result);
          return result;
        };
        return Promise.all(units.map(({ name }) => limit(compare, name)));
      }),
    async testConnection(folder, connection) {
      const session = sessions.get(folder);
      const definition = session?.folder.definitions.current().model?.connections.get(connection);
      if (!session || !definition) throw failureOf({ code: 'connection.unknown', args: { connection } });
      if (!session.folder.trusted()) throw failureOf({ code: 'folder.untrusted', args: {} });
      return executor.testConnection(await addressOfConnection(definition, session.folder, ports));
    },

    settled: (taskId) => settling.settled(taskId),
    subscribe: (listener) => feed.subscribe(listener),
    async dispose() {
      if (disposed) return;
      disposed = true;
      for (const subscription of subscriptions.values()) subscription.dispose();
      await executor.dispose();
      monitor.dispose();
      execution.dispose();
      dueTimer.dispose();
      feed.dispose();
      loop.dispose();
      await Promise.all([...sessions.values()].map((session) => session.close()));
      settling.giveUp({ code: 'workersEnded', args: {} });
      sessions.clear();
    },
  };
}
