/** What people ask of tasks and units, as events: each answer is given when the change is durable. */
import type { Answer, Event } from '../core/events.ts';
import type { TaskId, UnitId } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import { taskOf, unitCount, unitOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import type { TaskManager } from './api.ts';
import type { Starting } from './starting.ts';

export type Commands = Pick<
  TaskManager,
  | 'start'
  | 'resume'
  | 'pause'
  | 'stop'
  | 'reset'
  | 'retryFailed'
  | 'retryRejected'
  | 'adjust'
  | 'setMode'
  | 'addToQueue'
  | 'removeFromQueue'
  | 'clearQueue'
  | 'moveInQueue'
  | 'abortUnits'
  | 'restartUnits'
  | 'syncNow'
  | 'deleteTask'
>;

export interface CommandsPorts {
  readonly state: CoreState;
  readonly clock: Clock;
  readonly starting: Starting;
  /** Sends an event to a task of an open store. */
  act(taskId: TaskId, event: Event): Promise<Answer>;
  /** Opens the store when the task is not known from it yet, and takes the definition in. */
  known(taskId: TaskId): Promise<Answer>;
  /** The stored data of the task are gone. */
  forgotten(taskId: TaskId): void;
}

export function createCommands({ state, clock, starting, act, known, forgotten }: CommandsPorts): Commands {
  const isIdle = (taskId: TaskId): boolean => (taskOf(state, taskId)?.runState ?? 'idle') === 'idle';
  const now = () => clock.now();

  /** A task that was never started has a definition and, at the first edit of its queue, a plan. */
  async function withUnits(taskId: TaskId): Promise<Answer> {
    if (unitCount(state, taskId) > 0 || !isIdle(taskId)) return { ok: true, note: null };
    return starting.takePlan(taskId);
  }

  return {
    start: starting.start,
    resume: (taskId, options = { by: 'person' }) => starting.resume(taskId, options),
    pause: (taskId) => act(taskId, { type: 'pause', at: now(), taskId, reason: null }),
    stop: (taskId) => act(taskId, { type: 'stop', at: now(), taskId }),
    reset: (taskId) => act(taskId, { type: 'reset', at: now(), taskId }),
    deleteTask: async (taskId) => {
      const answer = await act(taskId, { type: 'deleteTask', at: now(), taskId });
      if (answer.ok) forgotten(taskId);
      return answer;
    },
    retryFailed(taskId, options = { by: 'person' }, unitIds = null) {
      if (isIdle(taskId)) return starting.retryFailed(taskId, options, unitIds);
      return act(taskId, { type: 'retry', at: now(), taskId, unitIds });
    },
    retryRejected(taskId, options = { by: 'person' }, unitIds = null) {
      if (isIdle(taskId)) return starting.replay(taskId, options, unitIds);
      return act(taskId, { type: 'replay', at: now(), taskId, unitIds });
    },
    adjust: async (taskId, set) => {
      const answer = await known(taskId);
      return answer.ok ? act(taskId, { type: 'adjust', at: now(), taskId, set }) : answer;
    },
    setMode: async (taskId, mode) => {
      const answer = await known(taskId);
      return answer.ok ? act(taskId, { type: 'setMode', at: now(), taskId, mode }) : answer;
    },
    async addToQueue(taskId, unitIds, { to, again = false, baseRev = null }) {
      const answer = await withUnits(taskId);
      if (!answer.ok) return answer;
      return act(taskId, { type: 'queueAdd', at: now(), taskId, unitIds, to, again, baseRev });
    },
    removeFromQueue: (taskId, unitIds, baseRev = null) =>
      act(taskId, { type: 'queueRemove', at: now(), taskId, unitIds, baseRev }),
    clearQueue: (taskId, baseRev = null) => act(taskId, { type: 'queueClear', at: now(), taskId, baseRev }),
    moveInQueue: (taskId, unitIds, to, baseRev = null) =>
      act(taskId, { type: 'queueMove', at: now(), taskId, unitIds, to, baseRev }),
    abortUnits: (taskId, unitIds) => act(taskId, { type: 'abort', at: now(), taskId, unitIds }),
    restartUnits(taskId, unitIds, { again, ...options }) {
      if (!isIdle(taskId)) return act(taskId, { type: 'restart', at: now(), taskId, unitIds, again });
      const completed = again ? undefined : unitIds.find((unitId) => unitOf(state, unitId)?.status === 'completed');
      if (completed !== undefined) return Promise.resolve(refuseCompleted(completed));
      return starting.startUnits(taskId, unitIds, { ...options, again: true });
    },
    async syncNow(taskId, unitIds, options) {
      if (isIdle(taskId)) return starting.startUnits(taskId, unitIds, options);
      if (options.again) return act(taskId, { type: 'restart', at: now(), taskId, unitIds, again: true });
      return act(taskId, { type: 'retry', at: now(), taskId, unitIds, first: true });
    },
  };

  function refuseCompleted(unitId: UnitId): Answer {
    const units = unitOf(state, unitId)?.name ?? unitId;
    return { ok: false, refusal: { code: 'completedUnits', args: { units, count: 1 } } };
  }
}
