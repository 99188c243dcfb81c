/**
 * The Executor port over worker threads. The units of all tasks share a few workers, never more than cores: rows flow
 * there, the host thread only passes messages. A worker that dies ends its units as failures with a reason; the host
 * and the other workers go on.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Limits, TaskId, UnitError, UnitId } from '../core/model.ts';
import {
  type Clock,
  DataError,
  type Disposable,
  type Executor,
  type PlanResult,
  type UnitJob,
  type UnitReport,
  type VerifyResult,
} from '../core/ports.ts';
import type { FromWorker, ToWorker } from '../worker/protocol.ts';

export interface ExecutorOptions {
  /** The bundled worker, or its TypeScript entry where the runtime strips types. */
  readonly workerFile: string | URL;
  readonly clock: Clock;
  readonly maxWorkers?: number;
  /** A worker is started at once: it loads its modules while the host opens what it needs itself. */
  readonly eager?: boolean;
  /** A heap that grows beyond this ends the worker, not the host. MB. */
  readonly maxHeapMb?: number;
  /** A worker without work is ended after this time, ms. */
  readonly idleMs?: number;
  /** Told when a connection of the file has more network connections than before, and when its last one is closed. */
  readonly connections?: (figures: ConnectionFigures) => void;
  /** How long a worker may take to let go of an aborted unit before it is ended itself, ms. */
  readonly abortMs?: number;
}

/** Network connections of all workers to one system. `most` since there were none. */
export interface ConnectionFigures {
  readonly connection: string;
  readonly now: number;
  readonly most: number;
}

const MAX_HEAP_MB = 512;
/** Pages are garbage soon: more room for it costs memory (a third of the peak) and saves no time. MB. */
const YOUNG_HEAP_MB = 32;
const IDLE_MS = 30_000;
const ABORT_MS = 4_000;
/** A thread inside of a call of SQLite ends only after it: so long its end is waited for, ms. */
const EXIT_MS = 3_000;

type Requested = PlanResult | VerifyResult | { server: string } | null;
type Request = Extract<ToWorker, { requestId: number }>;
/** `Omit` over each member of the union, so that its parts stay together. */
type WithoutId<T> = T extends unknown ? Omit<T, 'requestId'> : never;

interface Running {
  readonly job: UnitJob;
  readonly stop: Int32Array;
  readonly report: (report: UnitReport) => void;
  /** Figures last heard of: what is said of it when its worker dies. */
  processed: number;
  bytes: number;
  /** Aborted: its error, and the end of the patience with its worker. */
  aborted: { readonly error: UnitError; readonly patience: Disposable } | null;
}

interface Hand {
  readonly worker: Worker;
  readonly running: Map<string, Running>;
  readonly asked: Map<number, { resolve: (value: Requested) => void; reject: (error: Error) => void }>;
  /** Tasks that may keep connections open there. */
  readonly tasks: Set<TaskId>;
  /** SQLite files written there: one thread each, because a file has one write lock and waiting for it stops a thread. */
  readonly files: Set<string>;
  /** Network connections it has, by the name of the connection. */
  connections: ReadonlyMap<string, number>;
  idle: Disposable | undefined;
  dead: boolean;
}

export function createExecutor(options: ExecutorOptions): Executor {
  const most = Math.max(1, options.maxWorkers ?? availableParallelism());
  const hands: Hand[] = [];
  /** Limits of a task; each worker gets its share. */
  const limits = new Map<TaskId, Limits>();
  const sharing = new Set<TaskId>();
  /** Most network connections at a time, by the name of the connection; without those that have none. */
  const mostConnections = new Map<string, number>();
  let lastRequest = 0;
  let disposed = false;

  function hire(): Hand {
    const worker = new Worker(options.workerFile, {
      resourceLimits: {
        maxOldGenerationSizeMb: options.maxHeapMb ?? MAX_HEAP_MB,
        maxYoungGenerationSizeMb: YOUNG_HEAP_MB,
      },
      name: 'datatrace',
    });
    const hand: Hand = {
      worker,
      running: new Map(),
      asked: new Map(),
      tasks: new Set(),
      files: new Set(),
      connections: new Map(),
      idle: undefined,
      dead: false,
    };
    worker.on('message', (told: FromWorker | readonly FromWorker[]) => {
      if ('type' in told) receive(hand, told);
      else for (const message of told) receive(hand, message);
    });
    worker.on('error', (error: Error & { code?: string }) => lose(hand, diedError(error.code ?? error.message)));
    worker.on('exit', (code) => lose(hand, diedError(`exit code ${code}`)));
    hands.push(hand);
    return hand;
  }

  /**
   * The least busy worker; a new one while all are busy and cores are left. A target file stays with one worker.
   * @param few units that a worker has room for before another one is worth its start
   */
  function pick(few = 1, file?: string): Hand {
    if (disposed) throw failure('workersEnded', 'permanent', {});
    let best = hands.find((hand) => file !== undefined && hand.files.has(file));
    if (!best) {
      for (const hand of hands) if (!best || load(hand) < load(best)) best = hand;
      if (!best || (load(best) >= few && hands.length < most)) best = hire();
    }
    const chosen = best;
    if (file !== undefined) chosen.files.add(file);
    chosen.idle?.dispose();
    chosen.idle = undefined;
    return chosen;
  }

  function receive(hand: Hand, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        break;
      case 'connections':
        hand.connections = message.open;
        countConnections(message.open.keys());
        break;
      case 'report': {
        const key = keyOf(message.unitId, message.attempt);
        const running = hand.running.get(key);
        if (!running) return;
        if (message.report.type === 'finished') finish(hand, key, running, message.report);
        else pass(running, message.report);
        break;
      }
      case 'answer':
        settle(hand, message.requestId)?.resolve(message.value);
        break;
      case 'refusal':
        settle(hand, message.requestId)?.reject(new DataError(message.error));
        break;
    }
  }

  function countConnections(changed: Iterable<string>): void {
    for (const connection of new Set([...changed, ...mostConnections.keys()])) {
      const now = connectionsNow(connection);
      const before = mostConnections.get(connection) ?? 0;
      const most = Math.max(now, before);
      if (now === 0) mostConnections.delete(connection);
      else mostConnections.set(connection, most);
      if (now > before || (now === 0 && most > 0)) options.connections?.({ connection, now, most });
    }
  }

  function connectionsNow(connection: string): number {
    return hands.reduce((sum, hand) => sum + (hand.connections.get(connection) ?? 0), 0);
  }

  function pass(running: Running, report: UnitReport): void {
    if (report.type === 'checkpoint' || report.type === 'progress') {
      running.processed = report.processed;
      running.bytes = report.bytes;
    }
    running.report(report);
  }

  function finish(hand: Hand, key: string, running: Running, report: UnitReport): void {
    hand.running.delete(key);
    running.aborted?.patience.dispose();
    shareLimitsSoon(running.job.taskId);
    rest(hand);
    running.report(report);
  }

  function settle(hand: Hand, requestId: number) {
    const asked = hand.asked.get(requestId);
    hand.asked.delete(requestId);
    rest(hand);
    return asked;
  }

  /** Called for `error` and again for `exit`: only the first word counts. */
  function lose(hand: Hand, error: UnitError): void {
    if (hand.dead) return;
    strike(hand);
    failAll(hand, error);
  }

  /** A worker that does not let go of an aborted unit: its other units fail with it, and may be tried again. */
  async function giveUp(hand: Hand, unit: string): Promise<void> {
    if (hand.dead) return;
    strike(hand);
    const gone = Promise.withResolvers<void>();
    const patience = options.clock.timer(EXIT_MS, gone.resolve);
    // Not before it has ended, if possible: what it still writes must not meet the next execution.
    await Promise.race([hand.worker.terminate(), gone.promise]);
    patience.dispose();
    failAll(hand, { code: 'workerLost', args: { unit }, class: 'retryable', message: 'the worker did not answer' });
  }

  function strike(hand: Hand): void {
    hand.dead = true;
    hand.idle?.dispose();
    const at = hands.indexOf(hand);
    if (at >= 0) hands.splice(at, 1);
    countConnections([]);
  }

  function failAll(hand: Hand, error: UnitError): void {
    for (const { reject } of hand.asked.values()) reject(new DataError(error));
    hand.asked.clear();
    const lost = [...hand.running.values()];
    hand.running.clear();
    for (const { aborted } of lost) aborted?.patience.dispose();
    if (disposed) return; // the units end as by a crash: nothing more is said of them
    for (const { report, processed, bytes, aborted } of lost) {
      report({ type: 'finished', outcome: { kind: 'failed', error: aborted?.error ?? error, processed, bytes } });
    }
  }

  function rest(hand: Hand): void {
    if (load(hand) > 0 || hand.idle || hand.dead) return;
    hand.idle = options.clock.timer(options.idleMs ?? IDLE_MS, () => {
      hand.idle = undefined;
      if (load(hand) === 0 && hand.tasks.size === 0) void dismiss(hand);
    });
  }

  async function dismiss(hand: Hand): Promise<void> {
    strike(hand);
    for (const { reject } of hand.asked.values()) reject(failure('workersEnded', 'permanent', {}));
    hand.asked.clear();
    for (const { aborted } of hand.running.values()) aborted?.patience.dispose();
    await hand.worker.terminate();
  }

  function post(hand: Hand, message: ToWorker): void {
    hand.worker.postMessage(message);
  }

  async function ask(hand: Hand, request: WithoutId<Request>, signal?: AbortSignal): Promise<Requested> {
    signal?.throwIfAborted();
    const requestId = ++lastRequest;
    const { promise, resolve, reject } = Promise.withResolvers<Requested>();
    const cancel = () => {
      settle(hand, requestId)?.reject(signal?.reason);
      if (!hand.dead) post(hand, { type: 'cancel', of: requestId });
    };
    signal?.addEventListener('abort', cancel, { once: true });
    hand.asked.set(requestId, { resolve, reject });
    post(hand, { ...request, requestId } as Request);
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  function findRunning(unitId: UnitId, attempt: number): { hand: Hand; running: Running } | undefined {
    const key = keyOf(unitId, attempt);
    for (const hand of hands) {
      const running = hand.running.get(key);
      if (running) return { hand, running };
    }
    return undefined;
  }

  function sharesOf(taskId: TaskId): Hand[] {
    return hands.filter((hand) => [...hand.running.values()].some(({ job }) => job.taskId === taskId));
  }

  /** Many units start and end in one turn: their shares are told once, after it. */
  function shareLimitsSoon(taskId: TaskId): void {
    if (sharing.size === 0) void Promise.resolve().then(shareAll);
    sharing.add(taskId);
  }

  function shareAll(): void {
    for (const each of sharing) shareLimits(each);
    sharing.clear();
  }

  /** The task's limits, divided by how many of its units each worker runs. */
  function shareLimits(taskId: TaskId): void {
    const whole = limits.get(taskId);
    if (!whole || (whole.rowsPerSecond === 0 && whole.bytesPerSecond === 0)) return;
    const counts = hands.map((hand) => [...hand.running.values()].filter(({ job }) => job.taskId === taskId).length);
    const all = counts.reduce((sum, count) => sum + count, 0);
    for (const [index, hand] of hands.entries()) {
      const share = (counts[index] ?? 0) / Math.max(1, all);
      if (share === 0) continue;
      const part = (limit: number) => (limit === 0 ? 0 : Math.max(1, limit * share));
      const { rowsPerSecond, bytesPerSecond } = whole;
      post(hand, {
        type: 'limits',
        taskId,
        limits: { rowsPerSecond: part(rowsPerSecond), bytesPerSecond: part(bytesPerSecond) },
      });
    }
  }

  if (options.eager) rest(hire());

  return {
    start(job, report) {
      const hand = pick(fewOf(job), fileOf(job));
      const shared = new SharedArrayBuffer(4);
      const stop = new Int32Array(shared);
      hand.running.set(keyOf(job.unitId, job.attempt), {
        job,
        stop,
        report,
        ...{ processed: 0, bytes: 0, aborted: null },
      });
      hand.tasks.add(job.taskId);
      limits.set(job.taskId, job.limits);
      post(hand, { type: 'run', job, stop: shared });
      shareLimitsSoon(job.taskId);
    },
    proceed(unitId, attempt) {
      const found = findRunning(unitId, attempt);
      if (found) post(found.hand, { type: 'proceed', unitId, attempt });
    },
    stop(unitId, attempt) {
      const found = findRunning(unitId, attempt);
      if (!found) return;
      Atomics.store(found.running.stop, 0, 1);
      post(found.hand, { type: 'stop', unitId, attempt });
    },
    abort(unitId, attempt, error) {
      const found = findRunning(unitId, attempt);
      if (!found || found.running.aborted) return;
      const { hand, running } = found;
      const { unitName } = running.job;
      const patience = options.clock.timer(options.abortMs ?? ABORT_MS, () => void giveUp(hand, unitName));
      running.aborted = { error, patience };
      post(hand, { type: 'abort', unitId, attempt, error });
    },
    setLimits(taskId, whole) {
      limits.set(taskId, whole);
      // No limit any more has to be said as well.
      for (const hand of sharesOf(taskId)) post(hand, { type: 'limits', taskId, limits: whole });
      shareLimits(taskId);
    },
    async plan(request, signal) {
      const hand = pick();
      hand.tasks.add(request.taskId);
      return (await ask(hand, { type: 'plan', request }, signal)) as PlanResult;
    },
    async verify(request, unit, signal) {
      const hand = pick();
      hand.tasks.add(request.taskId);
      return (await ask(hand, { type: 'verify', request, unit }, signal)) as VerifyResult;
    },
    async testConnection(connection, signal) {
      return (await ask(pick(), { type: 'test', connection }, signal)) as { server: string };
    },
    connections: connectionsNow,
    async release(taskId) {
      limits.delete(taskId);
      const holding = hands.filter((hand) => hand.tasks.delete(taskId));
      await Promise.all(holding.map((hand) => ask(hand, { type: 'release', taskId })));
    },
    async dispose() {
      disposed = true;
      await Promise.all([...hands].map(dismiss));
    },
  };
}

function load(hand: Hand): number {
  return hand.running.size + hand.asked.size;
}

/** Rows between two servers pass through a worker in a fraction of the time that the servers take for them. */
const UNITS_BETWEEN_SERVERS = 2;

function fewOf({ source, target }: UnitJob): number {
  return source.type === 'mysql' && target.type === 'mysql' ? UNITS_BETWEEN_SERVERS : 1;
}

function fileOf({ target }: UnitJob): string | undefined {
  return target.type === 'sqlite' ? target.file : undefined;
}

function keyOf(unitId: UnitId, attempt: number): string {
  return `${attempt} ${unitId}`;
}

function diedError(cause: string): UnitError {
  const code = cause === 'ERR_WORKER_OUT_OF_MEMORY' ? 'workerOutOfMemory' : 'workerDied';
  return { code, args: { cause }, class: 'retryable', message: cause };
}

function failure(code: string, errorClass: UnitError['class'], args: UnitError['args']): DataError {
  return new DataError({ code, args, class: errorClass, message: '' });
}
