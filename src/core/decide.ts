/**
 * What follows from an event. Only reads: the same state and event always give the same decision. The caller commits
 * the changes, takes them into memory with `apply`, and then acts on the effects.
 */
import type { Decision, Event } from './events.ts';
import {
  decideDefine,
  decideOffer,
  decideSetConcurrency,
  decideSetMaxRunning,
  decideSetOnError,
} from './live-settings.ts';
import { assertNever } from './model.ts';
import { decideCheckpoint, decideFinished, decidePrepared, decideProgress } from './reports.ts';
import { decidePause, decideRecover, decideReset, decideResume, decideRetry, decideStop } from './run-control.ts';
import { decideStart, decideStartFailed } from './start.ts';
import type { CoreState } from './state.ts';

export function decide(state: CoreState, event: Event): Decision {
  switch (event.type) {
    case 'define':
      return decideDefine(state, event);
    case 'start':
      return decideStart(state, event);
    case 'startFailed':
      return decideStartFailed(state, event);
    case 'resume':
      return decideResume(state, event);
    case 'pause':
      return decidePause(state, event);
    case 'stop':
      return decideStop(state, event);
    case 'reset':
      return decideReset(state, event);
    case 'retry':
      return decideRetry(state, event);
    case 'setConcurrency':
      return decideSetConcurrency(state, event);
    case 'setOnError':
      return decideSetOnError(state, event);
    case 'setMaxRunning':
      return decideSetMaxRunning(state, event);
    case 'offer':
      return decideOffer(state, event);
    case 'prepared':
      return decidePrepared(state, event);
    case 'checkpoint':
      return decideCheckpoint(state, event);
    case 'progress':
      return decideProgress(state, event);
    case 'finished':
      return decideFinished(state, event);
    case 'recover':
      return decideRecover(state, event);
    default:
      return assertNever(event);
  }
}
