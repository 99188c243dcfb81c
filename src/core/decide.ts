/**
 * What follows from an event. Only reads: the same state and event always give the same decision. The caller commits
 * the changes, takes them into memory with `apply`, and then acts on the effects.
 */
import { accept, refuse } from './decision.ts';
import { type Draft, decideInDraft, type Verdict } from './draft.ts';
import type { Decision, Event } from './events.ts';
import { decideAdjust, decideDefine, decideOffer, decideSetMaxRunning } from './live-settings.ts';
import { decideSetMode } from './mode.ts';
import { assertNever, type TaskId } from './model.ts';
import { decideTakePlan } from './plan-intake.ts';
import { decideQueueAdd, decideQueueClear, decideQueueMove, decideQueueRemove } from './queue.ts';
import { decideCheckpoint, decideFinished, decidePrepared, decideProgress } from './reports.ts';
import {
  decideAbort,
  decideDue,
  decidePause,
  decideRecover,
  decideReplay,
  decideReset,
  decideRestart,
  decideResume,
  decideRetry,
  decideStop,
  notAtRest,
} from './run-control.ts';
import { decideStart, decideStartFailed } from './start.ts';
import type { CoreState } from './state.ts';

export function decide(state: CoreState, event: Event): Decision {
  switch (event.type) {
    // What changes one row each, or too many of them for a draft.
    case 'define':
      return decideDefine(state, event);
    case 'takePlan':
      return decideTakePlan(state, event);
    case 'deleteTask':
      return decideDelete(state, event.taskId);
    case 'prepared':
      return decidePrepared(state, event);
    case 'checkpoint':
      return decideCheckpoint(state, event);
    case 'progress':
      return decideProgress(state, event);
    default:
      return decideInDraft(state, (draft) => verdictOf(draft, event));
  }
}

type Drafted = Exclude<Event, { type: 'define' | 'takePlan' | 'deleteTask' | 'prepared' | 'checkpoint' | 'progress' }>;

function verdictOf(draft: Draft, event: Drafted): Verdict {
  switch (event.type) {
    case 'start':
      return decideStart(draft, event);
    case 'startFailed':
      return decideStartFailed(draft, event);
    case 'resume':
      return decideResume(draft, event);
    case 'pause':
      return decidePause(draft, event);
    case 'stop':
      return decideStop(draft, event);
    case 'reset':
      return decideReset(draft, event);
    case 'retry':
      return decideRetry(draft, event);
    case 'abort':
      return decideAbort(draft, event);
    case 'restart':
      return decideRestart(draft, event);
    case 'replay':
      return decideReplay(draft, event);
    case 'queueAdd':
      return decideQueueAdd(draft, event);
    case 'queueRemove':
      return decideQueueRemove(draft, event);
    case 'queueClear':
      return decideQueueClear(draft, event);
    case 'queueMove':
      return decideQueueMove(draft, event);
    case 'setMode':
      return decideSetMode(draft, event);
    case 'adjust':
      return decideAdjust(draft, event);
    case 'setMaxRunning':
      return decideSetMaxRunning(draft, event);
    case 'offer':
      return decideOffer(draft, event);
    case 'due':
      return decideDue(draft, event);
    case 'finished':
      return decideFinished(draft, event);
    case 'recover':
      return decideRecover(draft, event);
    default:
      return assertNever(event);
  }
}

/** Everything that is stored of a task at rest; its definition and its target stay as they are. */
function decideDelete(state: CoreState, taskId: TaskId): Decision {
  const task = state.tasks.get(taskId);
  if (!task) return refuse('unknownTask', { task: taskId });
  const refusal = notAtRest(task);
  if (refusal) return refuse('stopFirst', refusal.args);
  return accept([{ changes: [{ kind: 'dropTask', taskId }], effects: [{ kind: 'release', taskId }] }]);
}
