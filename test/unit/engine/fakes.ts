/** Parts that a test of the engine has in its hands: a clock, a store whose sync it lets through, an executor. */
import { join } from 'node:path';
import { parse } from '../../../src/config/parse.ts';
import { apply } from '../../../src/core/apply.ts';
import type { Change, UnitOutcome } from '../../../src/core/events.ts';
import type { Coded, StoredState } from '../../../src/core/model.ts';
import type { Clock, Executor, PlanResult, Store, UnitJob, UnitReport } from '../../../src/core/ports.ts';
import { createState } from '../../../src/core/state.ts';
import type { Definitions, Folder, StoreAccess, StoreGrant, TaskManager } from '../../../src/engine/api.ts';
import { createTaskManager } from '../../../src/engine/manager.ts';

export interface TestClock extends Clock {
  advance(ms: number): void;
  readonly timers: number;
}

export function testClock(): TestClock {
  let now = 1_000_000;
  const timers = new Set<{ at: number; call: () => void }>();
  return {
    now: () => now,
    monotonic: () => now,
    timer(ms, call) {
      const timer = { at: now + ms, call };
      timers.add(timer);
      return { dispose: () => void timers.delete(timer) };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers.delete(due);
        now = Math.max(now, due.at);
        due.call();
      }
      now = end;
    },
    get timers() {
      return timers.size;
    },
  };
}

/** Lets all promises that can go on do so. */
export async function turn(times = 5): Promise<void> {
  for (let i = 0; i < times; i++) await new Promise((resolve) => setImmediate(resolve));
}

export interface TestStore extends Store {
  /** Commits throw this. */
  refusal: unknown;
  /** Syncs wait until `sync()`. */
  held: boolean;
  loadFails: boolean;
  sync(): void;
  /** The lock is lost; the disk goes on. */
  takeOver(): void;
  /** A sync failed: those who wait for it hear of it. */
  fail(reason?: Coded): void;
  readonly closed: boolean;
  readonly ticks: number;
}

/** Keeps what was committed, so that it can be loaded again. */
export function testStore(kept = createState(64)): TestStore {
  let waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const listeners = new Set<(reason: Coded) => void>();
  let ticks = 0;
  let closed = false;
  const write = (changes: readonly Change[]) => {
    if (store.refusal) throw store.refusal;
    apply(kept, structuredClone(changes) as Change[]);
  };
  const store: TestStore = {
    refusal: null,
    held: false,
    loadFails: false,
    load(): StoredState {
      if (store.loadFails) throw new Error('damaged');
      const tasks = [...kept.tasks.values()];
      return structuredClone({
        tasks: tasks.map(({ row }) => row),
        units: tasks.flatMap(({ units }) => [...units.values()].map(({ row }) => row)),
        runs: tasks.flatMap(({ run }) => (run ? [run] : [])),
        queue: tasks.flatMap(({ row, queue }) =>
          Array.from(queue, (entry) => ({
            taskId: row.id,
            unitId: entry.row.id,
            order: entry.queueOrder ?? 0,
            addedAt: entry.queuedAt,
          })),
        ),
      });
    },
    runs: (taskId) => [kept.tasks.get(taskId)?.run].flatMap((run) => run ?? []),
    attempts: () => [],
    transact(changes) {
      write(changes);
      if (!store.held) return Promise.resolve();
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    commit: write,
    tick(changes) {
      ticks++;
      write(changes);
    },
    onFailure(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    close: async () => {
      closed = true;
    },
    sync() {
      const done = waiting;
      waiting = [];
      for (const { resolve } of done) resolve();
    },
    takeOver() {
      for (const listener of listeners) listener({ code: 'folder.takenOver', args: {} });
    },
    fail(reason = { code: 'store.failed', args: {} }) {
      for (const listener of listeners) listener(reason);
      const lost = waiting;
      waiting = [];
      for (const { reject } of lost) reject(new Error(reason.code));
    },
    get closed() {
      return closed;
    },
    get ticks() {
      return ticks;
    },
  };
  return store;
}

export interface TestExecutor extends Executor {
  readonly running: Map<string, { job: UnitJob; report: (report: UnitReport) => void }>;
  readonly stopped: string[];
  readonly aborted: string[];
  readonly released: string[];
  readonly proceeded: string[];
  /** Names of the units of the next plans. */
  units: string[];
  /** Plans wait for it. */
  planning: Promise<void>;
  startFails: (job: UnitJob) => boolean;
  finish(name: string, outcome?: UnitOutcome): void;
}

export const DONE: UnitOutcome = {
  kind: 'completed',
  processed: 1,
  bytes: 1,
  rejected: 0,
  verified: 'none',
  note: null,
};
export const STOPPED: UnitOutcome = { kind: 'stopped', processed: 0, bytes: 0, checkpoint: null };

export function testExecutor(): TestExecutor {
  const running: TestExecutor['running'] = new Map();
  const nameOf = (unitId: string) => [...running].find(([, { job }]) => job.unitId === unitId)?.[0];
  const executor: TestExecutor = {
    running,
    stopped: [],
    aborted: [],
    released: [],
    proceeded: [],
    units: ['a'],
    planning: Promise.resolve(),
    startFails: () => false,
    start(job, report) {
      if (executor.startFails(job)) throw new Error('no thread');
      running.set(job.unitName, { job, report });
    },
    proceed: (unitId) => void executor.proceeded.push(nameOf(unitId) ?? unitId),
    stop: (unitId) => void executor.stopped.push(nameOf(unitId) ?? unitId),
    setLimits: () => undefined,
    connections: () => 0,
    abort(unitId, attempt, error) {
      const [name, unit] = [...running].find(([, { job }]) => job.unitId === unitId && job.attempt === attempt) ?? [];
      if (!name || !unit) return;
      executor.aborted.push(name);
      executor.finish(name, { kind: 'failed', error, processed: 0, bytes: 0 });
    },
    async plan(): Promise<PlanResult> {
      const units = executor.units.map((name) => ({
        name,
        type: 'table' as const,
        targetName: name,
        rows: 1,
        key: ['id'],
        resume: 'row' as const,
        lanes: 1,
        after: [],
        create: null,
        warnings: [],
        refusals: [],
      }));
      await executor.planning;
      return { units, warnings: [] };
    },
    verify: async () => {
      throw new Error('not here');
    },
    testConnection: async () => ({ server: '' }),
    release: async (taskId) => void executor.released.push(taskId),
    dispose: async () => undefined,
    finish(name, outcome = DONE) {
      const unit = running.get(name);
      if (!unit) throw new Error(`${name} does not run`);
      running.delete(name);
      unit.report({ type: 'finished', outcome });
    },
  };
  return executor;
}

export interface TestFolder extends Folder {
  readonly store: TestStore;
  grant: () => StoreGrant;
  acquired: number;
  released: number;
  ownerChanged(): void;
  define(target?: object, task?: object): void;
}

export function testFolder(key: string, store = testStore()): TestFolder {
  const watchers = new Set<() => void>();
  const listeners = new Set<() => void>();
  const modelOf = (target: object, task: object) => {
    const text = JSON.stringify({
      version: 1,
      connections: { from: { type: 'sqlite', file: 'from.db' }, to: { type: 'sqlite', file: 'to.db', ...target } },
      tasks: { copy: { source: 'from', target: 'to', concurrency: 4, ...task } },
    });
    const { model, problems } = parse(text, join('/tmp', key, 'datatrace.json'));
    if (!model) throw new Error(JSON.stringify(problems));
    return model;
  };
  let model = modelOf({}, {});
  const definitions: Definitions = {
    current: () => ({ model, problems: 0 }),
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
  const access: StoreAccess = {
    async acquire() {
      folder.acquired++;
      return folder.grant();
    },
    owner: () => undefined,
    stamp: () => '',
    onOwnerChange(listener) {
      watchers.add(listener);
      return { dispose: () => void watchers.delete(listener) };
    },
  };
  const folder: TestFolder = {
    key,
    path: join('/tmp', key),
    name: key,
    definitions,
    secrets: { get: async () => undefined },
    access,
    trusted: () => true,
    store,
    acquired: 0,
    released: 0,
    grant: () => ({
      kind: 'owned',
      store,
      notices: [],
      release: async () => {
        folder.released++;
      },
    }),
    ownerChanged() {
      for (const watcher of [...watchers]) watcher();
    },
    define(target = {}, task = {}) {
      model = modelOf(target, task);
      for (const listener of listeners) listener();
    },
  };
  return folder;
}

export interface TestEngine {
  readonly manager: TaskManager;
  readonly clock: TestClock;
  readonly executor: TestExecutor;
}

export function testEngine(maxRunningUnits = 64): TestEngine {
  const clock = testClock();
  const executor = testExecutor();
  const manager = createTaskManager({
    clock,
    executor,
    random: { next: () => 0.5 },
    environment: () => undefined,
    secretKnown: () => {},
    maxRunningUnits,
    log: () => undefined,
  });
  return { manager, clock, executor };
}
