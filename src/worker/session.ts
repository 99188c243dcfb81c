/** What a worker does with each message. One unit's failure is that unit's outcome; the others never notice. */
import { testConnection } from '../connectors/registry.ts';
import type { UnitOutcome } from '../core/events.ts';
import type { TaskId } from '../core/model.ts';
import type { PlanRequest, PlanResult, UnitJob, UnitReport, VerifyResult } from '../core/ports.ts';
import type { Limits } from '../core/model.ts';
import { createBuffers } from '../pipeline/buffers.ts';
import { committedFigures } from '../pipeline/checkpoint.ts';
import { copyUnit } from '../pipeline/copy.ts';
import { toUnitError } from '../pipeline/failure.ts';
import { planTask, verifyUnit } from '../pipeline/plan.ts';
import { createThrottle, type Throttle } from '../pipeline/throttle.ts';
import { createConnections } from './connections.ts';
import type { Execution, FromWorker, ToWorker } from './protocol.ts';

/** Pages held by all units of this worker before nothing is read ahead any more, bytes. */
const READ_AHEAD_BYTES = 48 * 1024 * 1024;

type Answer = Extract<FromWorker, { type: 'answer' }>['value'];

export interface WorkerSession {
  receive(message: ToWorker): void;
}

interface Running {
  readonly abort: AbortController;
  /** The host's record of the last report that has to be recorded. */
  record: PromiseWithResolvers<void>;
}

/** @param send posts a message to the host */
export function createWorkerSession(send: (message: FromWorker) => void): WorkerSession {
  const connections = createConnections();
  const buffers = createBuffers(READ_AHEAD_BYTES);
  const throttles = new Map<TaskId, Throttle>();
  const running = new Map<string, Running>();
  const now = () => performance.now();

  function throttleOf(taskId: TaskId, limits: Limits): Throttle {
    const throttle = throttles.get(taskId) ?? createThrottle(limits, now);
    throttles.set(taskId, throttle);
    return throttle;
  }

  async function run(job: UnitJob, stop: SharedArrayBuffer): Promise<void> {
    const { unitId, attempt } = job;
    const flag = new Int32Array(stop);
    const abort = new AbortController();
    const own: Running = { abort, record: Promise.withResolvers() };
    running.set(keyOf(job), own);
    const report = (report: UnitReport) => {
      // Before it is sent: the answer may come at once.
      if (report.type === 'prepared' || report.type === 'checkpoint') own.record = Promise.withResolvers();
      send({ type: 'report', unitId, attempt, report });
    };
    const stopped = () => Atomics.load(flag, 0) !== 0;
    try {
      const sides = await unlessAborted(bothSides(job, abort.signal), abort.signal);
      if (sides === null) return report({ type: 'finished', outcome: stoppedBefore(job) });
      const throttle = throttleOf(job.taskId, job.limits);
      // An earlier unit's may be older than this job; a share of it, if there are others, follows at once.
      throttle.setLimits(job.limits);
      const { signal } = abort;
      const proceed = () => own.record.promise;
      await copyUnit(job, sides.source, sides.target, { report, proceed, stopped, signal, throttle, buffers, now });
    } catch (error) {
      // Only connecting is left to fail: copyUnit turns everything into its own outcome. A pause is no failure.
      const failed = { kind: 'failed', error: toUnitError(error), processed: 0, bytes: 0 } as const;
      report({ type: 'finished', outcome: stopped() ? stoppedBefore(job) : failed });
    } finally {
      running.delete(keyOf(job));
    }
  }

  async function bothSides(job: UnitJob, signal: AbortSignal) {
    const source = await connections.source(job.taskId, job.source);
    // What is opened after the task has let go of its connections would stay open.
    signal.throwIfAborted();
    return { source, target: await connections.target(job.taskId, job.target) };
  }

  async function plan(request: PlanRequest): Promise<PlanResult> {
    const source = await connections.source(request.taskId, request.source);
    return planTask(request, source, await connections.target(request.taskId, request.target));
  }

  async function verify(request: PlanRequest, unit: string): Promise<VerifyResult> {
    const source = await connections.source(request.taskId, request.source);
    return verifyUnit(request, unit, source, await connections.target(request.taskId, request.target));
  }

  async function release(taskId: TaskId): Promise<null> {
    throttles.delete(taskId);
    await connections.release(taskId);
    return null;
  }

  function answer(requestId: number, call: Promise<Answer>): void {
    call.then(
      (value) => send({ type: 'answer', requestId, value }),
      (error) => send({ type: 'refusal', requestId, error: toUnitError(error) }),
    );
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'run':
          void run(message.job, message.stop);
          break;
        case 'stop':
          running.get(keyOf(message))?.abort.abort();
          break;
        case 'proceed':
          running.get(keyOf(message))?.record.resolve();
          break;
        case 'limits':
          throttleOf(message.taskId, message.limits).setLimits(message.limits);
          break;
        case 'plan':
          return answer(message.requestId, plan(message.request));
        case 'verify':
          return answer(message.requestId, verify(message.request, message.unit));
        case 'test':
          return answer(message.requestId, testConnection(message.connection));
        case 'release':
          return answer(message.requestId, release(message.taskId));
      }
    },
  };
}

/** Nothing was done: the unit stands where its last execution ended. */
function stoppedBefore({ checkpoint }: UnitJob): UnitOutcome {
  const { rows, bytes } = committedFigures(checkpoint);
  return { kind: 'stopped', processed: rows, bytes, checkpoint };
}

/** What the work comes to, or null as soon as the signal is aborted; what still comes of it then is nobody's. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const { promise: aborted, resolve } = Promise.withResolvers<null>();
  const abort = () => resolve(null);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function keyOf({ unitId, attempt }: Execution): string {
  return `${attempt} ${unitId}`;
}
