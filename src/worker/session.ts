/** What a worker does with each message. One unit's failure is that unit's outcome; the others never notice. */
import { availableParallelism } from 'node:os';
import type { Scope } from '../connectors/contract.ts';
import { testConnection } from '../connectors/registry.ts';
import type { UnitOutcome } from '../core/events.ts';
import type { Limits, TaskId, UnitError } from '../core/model.ts';
import {
  DataError,
  type PlanRequest,
  type PlanResult,
  type UnitJob,
  type UnitReport,
  type VerifyResult,
} from '../core/ports.ts';
import type { ResolvedConnection } from '../core/settings.ts';
import { createBuffers } from '../pipeline/buffers.ts';
import { committedFigures } from '../pipeline/checkpoint.ts';
import { copyUnit } from '../pipeline/copy.ts';
import { toUnitError } from '../pipeline/failure.ts';
import { planTask } from '../pipeline/plan.ts';
import { createThrottle, type Throttle } from '../pipeline/throttle.ts';
import { verifyUnit } from '../pipeline/verify-unit.ts';
import { createConnections } from './connections.ts';
import type { Execution, FromWorker, ToWorker } from './protocol.ts';

/** Pages held by all units of this worker before nothing is read ahead any more, bytes. */
const READ_AHEAD_BYTES = 48 * 1024 * 1024;

const CORES = availableParallelism();

type Answer = Extract<FromWorker, { type: 'answer' }>['value'];

type Send = (message: FromWorker) => void;

export interface WorkerSession {
  receive(message: ToWorker): void;
}

interface Running {
  /** Ends waits and reads: a pause, or the end of all patience. */
  readonly stop: AbortController;
  /** Ends everything; the reason is the unit's error. */
  readonly cut: AbortController;
  /** The host's record of the last report that has to be recorded. */
  record: PromiseWithResolvers<void>;
}

/**
 * @param send posts a message to the host
 * @param sendSoon posts it with the others of this turn: for what has turns, as only systems behind a network do
 */
export function createWorkerSession(send: Send, sendSoon: Send = send): WorkerSession {
  const connections = createConnections();
  const buffers = createBuffers(READ_AHEAD_BYTES);
  const throttles = new Map<TaskId, Throttle>();
  const running = new Map<string, Running>();
  const requests = new Map<number, AbortController>();
  const now = () => performance.now();

  function throttleOf(taskId: TaskId, limits: Limits): Throttle {
    const throttle = throttles.get(taskId) ?? createThrottle(limits, now);
    throttles.set(taskId, throttle);
    return throttle;
  }

  async function run(job: UnitJob, flags: SharedArrayBuffer): Promise<void> {
    const { unitId, attempt } = job;
    const flag = new Int32Array(flags);
    const stop = new AbortController();
    const cut = new AbortController();
    const own: Running = { stop, cut, record: Promise.withResolvers() };
    running.set(keyOf(job), own);
    const tell = isRemote(job.source) && isRemote(job.target) ? sendSoon : send;
    const report = (report: UnitReport) => {
      // Before it is sent: the answer may come at once.
      if (report.type === 'prepared' || report.type === 'checkpoint') own.record = Promise.withResolvers();
      tell({ type: 'report', unitId, attempt, report });
    };
    const stopped = () => Atomics.load(flag, 0) !== 0;
    try {
      const sides = await bothSides(job, stop.signal);
      const throttle = throttleOf(job.taskId, job.limits);
      // An earlier unit's may be older than this job; a share of it, if there are others, follows at once.
      throttle.setLimits(job.limits);
      const proceed = () => own.record.promise;
      const signals = { signal: stop.signal, cut: cut.signal, cores: CORES };
      await copyUnit(job, sides.source, sides.target, { report, proceed, stopped, ...signals, throttle, buffers, now });
    } catch (error) {
      // Only connecting is left to fail: copyUnit turns everything into its own outcome. A pause is no failure.
      const paused = !cut.signal.aborted && (stopped() || stop.signal.aborted);
      report({ type: 'finished', outcome: paused ? stoppedBefore(job) : failedBefore(job, error) });
    } finally {
      running.delete(keyOf(job));
    }
  }

  async function bothSides(of: Pick<UnitJob, 'taskId' | 'source' | 'target'>, signal: AbortSignal) {
    const source = await connections.source(of.taskId, of.source, signal);
    return { source, target: await connections.target(of.taskId, of.target, signal) };
  }

  async function plan(request: PlanRequest, signal: AbortSignal): Promise<PlanResult> {
    const { source, target } = await bothSides(request, signal);
    return planTask(request, source.within(alone(signal)), target.within(alone(signal)), CORES);
  }

  async function verify(request: PlanRequest, unit: string, signal: AbortSignal): Promise<VerifyResult> {
    const { source, target } = await bothSides(request, signal);
    return verifyUnit(request, unit, source.within(alone(signal)), target.within(alone(signal)));
  }

  async function release(taskId: TaskId): Promise<null> {
    throttles.delete(taskId);
    await connections.release(taskId);
    return null;
  }

  function answer(requestId: number, call: (signal: AbortSignal) => Promise<Answer>): void {
    const asked = new AbortController();
    requests.set(requestId, asked);
    call(asked.signal)
      .then(
        (value) => send({ type: 'answer', requestId, value }),
        (error) => send({ type: 'refusal', requestId, error: toUnitError(error) }),
      )
      .finally(() => requests.delete(requestId));
  }

  function abort(execution: Execution, error: UnitError): void {
    const found = running.get(keyOf(execution));
    if (found === undefined || found.cut.signal.aborted) return;
    const reason = new DataError(error);
    found.cut.abort(reason);
    found.stop.abort(reason);
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'run':
          void run(message.job, message.stop);
          break;
        case 'stop':
          running.get(keyOf(message))?.stop.abort();
          break;
        case 'abort':
          abort(message, message.error);
          break;
        case 'proceed':
          running.get(keyOf(message))?.record.resolve();
          break;
        case 'limits':
          throttleOf(message.taskId, message.limits).setLimits(message.limits);
          break;
        case 'plan':
          return answer(message.requestId, (signal) => plan(message.request, signal));
        case 'verify':
          return answer(message.requestId, (signal) => verify(message.request, message.unit, signal));
        case 'test':
          return answer(message.requestId, (signal) => testConnection(message.connection, signal));
        case 'release':
          return answer(message.requestId, () => release(message.taskId));
        case 'cancel':
          requests.get(message.of)?.abort();
          break;
      }
    },
  };
}

/** A question that nobody else's turn holds up. */
function alone(signal: AbortSignal): Scope {
  return { signal, wait: (turn) => turn };
}

/** Nothing of it holds up the thread: a file may do so for minutes. */
function isRemote({ type }: ResolvedConnection): boolean {
  return type === 'mysql' || type === 'elasticsearch';
}

/** Nothing was done: the unit stands where its last execution ended. */
function stoppedBefore({ checkpoint }: UnitJob): UnitOutcome {
  const { rows, bytes } = committedFigures(checkpoint);
  return { kind: 'stopped', processed: rows, bytes, checkpoint };
}

function failedBefore({ checkpoint }: UnitJob, error: unknown): UnitOutcome {
  const { rows, bytes } = committedFigures(checkpoint);
  return { kind: 'failed', error: toUnitError(error), processed: rows, bytes };
}

function keyOf({ unitId, attempt }: Execution): string {
  return `${attempt} ${unitId}`;
}
