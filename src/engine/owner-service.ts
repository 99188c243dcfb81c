/**
 * What the owner of a store tells the other hosts of the folder and does for them. Those who watch get its rows in pages
 * and then its durable changes, coalesced; the owner's thread is not held up by either, and costs nothing while nobody
 * watches.
 */
import { CodedError } from '../core/coded-error.ts';
import type { Change } from '../core/events.ts';
import type { TaskId, UnitId, UnitRow } from '../core/model.ts';
import type { Clock, Disposable } from '../core/ports.ts';
import { tasksOf } from '../core/select.ts';
import type { CoreState, TaskState } from '../core/state.ts';
import {
  asOwnerCall,
  OWNER_HEARTBEAT_MS,
  type OwnerCall,
  type OwnerDesk,
  type OwnerFacts,
  type OwnerPush,
  type ViewerLine,
} from '../protocol/owner.ts';
import { errorOf } from './failures.ts';
import { createChangeBatch } from './owner-changes.ts';

const FLUSH_MS = 100;
/** Rows pushed at a time: well under a millisecond of the owner's thread per hundred. */
const PAGE = 500;

export interface OwnerServicePorts {
  /** Key of the folder. */
  readonly key: string;
  readonly state: CoreState;
  readonly clock: Clock;
  /** Whether every commit so far is durable: only then may anything be told. */
  quiet(): boolean;
  facts(): OwnerFacts;
  /** Rows per second of a running task, one sample a second. */
  samples(taskId: TaskId): readonly number[];
  /** Carries out a call of this folder's tasks. */
  perform(call: OwnerCall): Promise<unknown>;
  /** Lets go of the store once nothing of it runs any more. */
  leave(): Promise<void>;
}

export interface OwnerService extends OwnerDesk {
  /** The store was taken in: those who asked before are answered now. */
  opened(): void;
  /** The store is not ours any more; what was not told is not known to be true. */
  closed(): void;
  /** Memory has changed; only changes of this folder's store. */
  changed(changes: readonly Change[]): void;
  /** Something of the facts may have changed. */
  factsChanged(): void;
  /** Call when the last commit under way is durable. */
  allDurable(): void;
  /** How long those who watch have been waiting for durability, ms. */
  overdueMs(): number;
}

export function createOwnerService(ports: OwnerServicePorts): OwnerService {
  const { clock, state } = ports;
  const viewers = new Set<ViewerLine>();
  const batch = createChangeBatch();
  /** Called when the store was taken in, and when everything is durable. */
  const awaitingStore = new Set<() => void>();
  const awaitingQuiet = new Set<() => void>();
  let open = false;
  /** Another one each time the store was ours. */
  let era = 0;
  let factsTold = '';
  let timer: Disposable | undefined;
  let heartbeat: Disposable | undefined;
  let waitingSince: number | undefined;

  // Telling

  function schedule(): void {
    if (viewers.size === 0) return;
    timer ??= clock.timer(FLUSH_MS, () => {
      timer = undefined;
      flush();
    });
  }

  /** @returns whether everything was told: not while a commit is not durable. */
  function flush(): boolean {
    if (!ports.quiet()) {
      if (viewers.size > 0) waitingSince ??= clock.monotonic();
      return false;
    }
    waitingSince = undefined;
    timer?.dispose();
    timer = undefined;
    const changes = batch.take();
    if (viewers.size === 0) return true;
    const facts = ports.facts();
    const now = JSON.stringify(facts);
    const news = now === factsTold ? null : facts;
    factsTold = now;
    if (changes.length === 0 && news === null) return true;
    const push = textOf({ type: 'changes', changes, facts: news });
    for (const viewer of [...viewers]) viewer.send(push);
    return true;
  }

  /** Runs `then` in the very moment in which everything was told. */
  async function whenTold(then: () => void = () => undefined): Promise<void> {
    while (!flush()) await new Promise<void>((resolve) => awaitingQuiet.add(resolve));
    then();
  }

  async function opened(): Promise<void> {
    if (!open) await new Promise<void>((resolve) => awaitingStore.add(resolve));
  }

  function beat(): void {
    heartbeat = viewers.size === 0 ? undefined : clock.timer(OWNER_HEARTBEAT_MS, beat);
    const push = textOf({ type: 'heartbeat' });
    for (const viewer of [...viewers]) viewer.send(push);
  }

  async function performed(call: OwnerCall): Promise<unknown> {
    try {
      return await ports.perform(call);
    } catch (error) {
      const { code, args, message } = errorOf(error);
      throw new CodedError(code, message, args);
    }
  }

  // The rows, for one who begins to watch

  /**
   * Each page is read from a state of which everything else was told before: changes of rows that were not sent yet find
   * nothing there and lie in the page that follows.
   */
  async function bringUp(viewer: ViewerLine, gone: () => boolean): Promise<void> {
    const page = async (read: () => readonly Change[]): Promise<void> => {
      await whenTold(() => {
        if (!gone()) viewer.send(textOf({ type: 'page', changes: read() }));
      });
      if (await viewer.drained()) await turn();
    };
    await opened();
    if (gone()) return;
    await whenTold(() => {
      if (gone()) return; // it left, or the store did, while a sync was waited for
      viewers.add(viewer);
      if (!heartbeat) beat();
    });
    await page(() => tasksOf(state, ports.key).flatMap(({ id }) => taskChanges(state.tasks.get(id))));
    for (const { id } of tasksOf(state, ports.key)) {
      const unitIds = inPlanOrder(state.tasks.get(id));
      for (let from = 0; from < unitIds.length && !gone(); from += PAGE) {
        await page(() => unitChanges(state.tasks.get(id), unitIds.slice(from, from + PAGE)));
      }
    }
    await whenTold(() => {
      if (gone()) return;
      viewer.send(textOf({ type: 'changes', changes: [], facts: ports.facts() }));
      viewer.send(textOf({ type: 'loaded', samples: samples() }));
    });
  }

  function samples(): (readonly [TaskId, readonly number[]])[] {
    const running = tasksOf(state, ports.key).filter(({ runState }) => runState === 'running');
    return running.map(({ id }) => [id, ports.samples(id)]);
  }

  function turn(): Promise<void> {
    return new Promise((resolve) => clock.timer(0, resolve));
  }

  function release(waiting: Set<() => void>): void {
    const all = [...waiting];
    waiting.clear();
    for (const resolve of all) resolve();
  }

  return {
    async call(request) {
      const call = asOwnerCall(request);
      if (!call) throw new CodedError('host.badMessage', 'no call', { reason: 'a call with wrong arguments' });
      await opened();
      const answer = await performed(call);
      await whenTold(); // who asked sees what came of it before the answer
      return answer;
    },
    async release() {
      await opened();
      await ports.leave();
    },
    subscribe(viewer) {
      const since = era;
      let left = false;
      const leave = (): void => {
        left = true;
        viewers.delete(viewer);
      };
      viewer.onClosed(leave);
      void bringUp(viewer, () => left || since !== era);
      return { dispose: leave };
    },
    opened() {
      open = true;
      release(awaitingStore);
    },
    closed() {
      open = false;
      era++;
      awaitingStore.clear();
      release(awaitingQuiet);
      batch.take();
      viewers.clear();
      factsTold = '';
      timer?.dispose();
      heartbeat?.dispose();
      timer = undefined;
      heartbeat = undefined;
      waitingSince = undefined;
    },
    changed(changes) {
      if (viewers.size === 0) return; // one who comes later reads the rows
      batch.add(changes);
      schedule();
    },
    factsChanged: schedule,
    allDurable() {
      if (waitingSince !== undefined) flush();
      release(awaitingQuiet);
    },
    overdueMs: () => (waitingSince === undefined ? 0 : clock.monotonic() - waitingSince),
  };
}

function textOf(push: OwnerPush): string {
  return JSON.stringify(push);
}

function taskChanges(task: TaskState | undefined): Change[] {
  if (!task) return [];
  const put: Change = { kind: 'putTask', task: task.row };
  return task.run === null ? [put] : [put, { kind: 'putRun', run: task.run }];
}

/** The units of the plan first, so that each page goes to the end of the viewer's lists. */
function inPlanOrder(task: TaskState | undefined): UnitId[] {
  if (!task) return [];
  const removed = [...task.units.values()].filter(({ row }) => row.removed);
  return [...task.order, ...removed].map(({ row }) => row.id);
}

function unitChanges(task: TaskState | undefined, unitIds: readonly UnitId[]): Change[] {
  if (!task) return []; // deleted meanwhile
  const taskId = task.row.id;
  const entries = unitIds.flatMap((id) => task.units.get(id) ?? []);
  const units: UnitRow[] = entries.map(({ row }) => row);
  const queued = entries.flatMap(({ row, queueOrder, queuedAt }) =>
    queueOrder === null ? [] : [{ unitId: row.id, order: queueOrder, addedAt: queuedAt }],
  );
  const put: Change = { kind: 'putUnits', taskId, units };
  return queued.length === 0 ? [put] : [put, { kind: 'enqueue', taskId, entries: queued }];
}
