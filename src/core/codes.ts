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
  /** Manual mode is in force: units run when they are added to the queue. {queued} = entries waiting there. */
  | 'startedManual'
  /** The switch begins: nothing is dispatched until {units} running units have ended. {mode} */
  | 'switching'
  /** A switch to this mode is under way already. {mode} {units} */
  | 'alreadySwitching'
  /** The mode has changed. {mode} */
  | 'switched'
  /** The task stays in this mode. {mode} */
  | 'switchCancelled'
  /** The mode asked for is the one in force. {mode} */
  | 'alreadyInMode'
  /** {units} units were added to the queue. */
  | 'queued'
  /** All of them stand in the queue, or run, already. {units} */
  | 'queuedAlready'
  /** {units} entries left the queue. */
  | 'unqueued'
  /** {units} entries were moved. */
  | 'moved'
  /** None of the units waits in the queue (any more). {units} */
  | 'notQueued'
  /** The queue is empty already. */
  | 'queueEmpty'
  /** {units} running units end at their next batch border and stay paused. */
  | 'aborting'
  /** {units} units run from their beginning, before all others. */
  | 'restarting'
  /** The rejected rows of {units} units are written again. */
  | 'replayStarted'
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
  /** The task's mode is auto: its queue is not edited. {task} */
  | 'queueNeedsManual'
  /** A switch is under way, which empties the queue. {task} {mode} {units} */
  | 'queueSwitching'
  /** The queue was edited since the request was made. {task} {rev} */
  | 'queueChanged'
  /** A request without any unit. {task} */
  | 'noUnits'
  /** A request of more units than there are. {task} {count} {units} */
  | 'tooManyUnits'
  /** A request that names a unit twice. {unit} */
  | 'unitTwice'
  /** Completed units run only by "Run again". {units} = names, {count} */
  | 'completedUnits'
  /** None of the units waits: they run, or are completed. {task} */
  | 'unitsNotWaiting'
  /** None of the units runs. {task} */
  | 'unitsNotRunning'
  /** Neither auto nor manual. {value} */
  | 'badMode'
  /** A live setting with a value that it cannot have. {setting} {value} */
  | 'badSetting'
  /** `after` names a unit that the task does not have. {unit} {parent} {task} */
  | 'unknownParent'
  /** Units that wait for each other. {path} {task} */
  | 'unitCycle'
  /** Tasks that have to be completed before. {task} {tasks} */
  | 'parentsNotDone'
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
  /** No completed unit has rejected rows. {task} */
  | 'nothingRejected'
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
  /** Is asked to end by itself. */
  | 'unitAborting'
  /** Is asked to end, and runs from its beginning then. */
  | 'unitRestarting'
  /** Completed, but for rows that the target rejected. {rows} */
  | 'rowsRejected'
  /** The same of a unit with a note, which is the cause. {rows} */
  | 'rowsRejectedAnd'
  /** Writes its rejected rows again. {rows} */
  | 'replaying'
  /** Waits for a retry; the cause is the failure. {retry} {of} {seconds} */
  | 'retryWaits'
  /** Waits for a retry that its task, which rests or switches, does not begin now; the cause is the failure. {retry} {of} */
  | 'retryWaitsForTask'
  /** Starts when this unit is completed. {unit} */
  | 'waitingForUnit'
  /** Cannot start in this run: the unit it comes after has failed. {unit} */
  | 'blockedByFailed'
  /** Cannot start in this run: the unit it comes after is not part of it. {unit} */
  | 'blockedByAbsent'
  /** Nothing starts until the switch is complete. {units} = units still running */
  | 'waitingForSwitch'
  /** Waits for a slot: all of them are in use. {running} {most} */
  | 'waitingForSlots'
  /** Waits until fewer units of its task run. {running} {most} */
  | 'waitingForTurn';

export function coded(code: CoreCode, args: Coded['args'] = {}): Coded {
  return { code, args };
}
