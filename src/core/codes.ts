/**
 * Everything the core can say, as codes with arguments; {task} is a task's name (its id in unknownTask). The sentences, English and Simplified Chinese, stand in
 * src/wording; a code without one fails a test there.
 */
import type { Coded } from './model.ts';

export type CoreCode =
  // Notes of an accepted command.
  /** Auto mode is in force: all units are scheduled automatically. {units} = how many are to be executed. */
  | 'startedAuto'
  /** All units (of the plan, or of those asked for) are completed: nothing was started. */
  | 'nothingToDo'
  /** The pause asked for is already under way. */
  | 'alreadyPausing'
  /** The task rests already. */
  | 'alreadyPaused'
  /** The stop asked for is already under way. */
  | 'alreadyStopping'
  /** {units} failed units run again now. */
  | 'retryStarted'
  /** {units} failed units run again at the next start or resume. */
  | 'retryAtStart'
  // Refusals.
  /** No task with this id. {task} */
  | 'unknownTask'
  /** The task's id belongs to a task of another folder. {task} */
  | 'taskElsewhere'
  /** A second start of a running task: nothing was changed. {task} */
  | 'alreadyRunning'
  /** The task is still on its way to a pause: its running units end at their next batch border. {task} {units} */
  | 'stillPausing'
  /** The task is still on its way to a stop. {task} {units} */
  | 'stillStopping'
  /** There is nothing to pause or stop: the task does not run. {task} */
  | 'notRunning'
  /** There is nothing to resume: the task is neither paused nor interrupted. {task} */
  | 'notPaused'
  /** The task has to be stopped or paused first. {task} */
  | 'stopFirst'
  /** Manual mode comes with a later version. {task} */
  | 'manualNotAvailable'
  /** Units at a time: a whole number from {least} to {most}. {value} */
  | 'badConcurrency'
  /** Units of all tasks at a time: a whole number from {least} to {most}. {value} */
  | 'badMaxRunning'
  /** Units asked for that the task does not have. {units} = names, {count} */
  | 'unknownUnits'
  /** A plan that names a unit twice. {unit} */
  | 'planRepeatsUnit'
  /** No failed unit to run again. {task} */
  | 'nothingFailed'
  /** A report of an execution that is over: dropped. {unit} {attempt} */
  | 'staleReport'
  // Reasons of a task.
  /** The host ended while the task ran: Resume goes on. */
  | 'taskInterrupted'
  /** `onError: pause`, and a unit failed. {unit} */
  | 'pausedByFailure'
  /** Only units that were ended by themselves are left. {units} */
  | 'pausedByAborts'
  // Reasons of a unit.
  /** Ended by itself, while its task went on; waits for a person or the next start. */
  | 'unitAborted'
  /** Waits for a slot: all of them are in use. {running} {most} */
  | 'waitingForSlots'
  /** Waits until fewer units of its task run. {running} {most} */
  | 'waitingForTurn';

export function coded(code: CoreCode, args: Coded['args'] = {}): Coded {
  return { code, args };
}
