/** Commands about units: of the selected rows, or chosen in two lists (task, units). */
import * as vscode from 'vscode';
import type { Place } from '../../core/events.ts';
import type { TaskId, UnitId, UnitRow } from '../../core/model.ts';
import type { TaskManager, TaskSummary } from '../../engine/api.ts';
import { pickQueueEntry, pickTask, pickUnits } from './picks.ts';
import type { CommandRooms } from './rooms.ts';
import { allUnits, givenUnits, queueOf, type UnitChoice } from './targets.ts';
import type { ActionAnswer } from './task-actions.ts';
import { tell } from './tell.ts';

export type UnitCommandName =
  | 'addToQueue'
  | 'addToQueueTop'
  | 'addToQueueBefore'
  | 'removeFromQueue'
  | 'queueUp'
  | 'queueDown'
  | 'queueTop'
  | 'queueBottom'
  | 'queueBefore'
  | 'syncNow'
  | 'restartUnits'
  | 'abortUnits'
  | 'retryUnits'
  | 'retryRejectedUnits'
  | 'runUnitsAgain';

type Unit = Readonly<UnitRow>;
type Ids = readonly UnitId[];

interface UnitCommand {
  /** Which task? Which units? */
  readonly questions: readonly [task: string, units: string];
  /** Why there is no unit to choose, and what to do. */
  readonly none: string;
  readonly fitsTask: (task: TaskSummary) => boolean;
  /** Of a selection the others are left out. */
  readonly fits: (unit: Unit, isQueued: boolean) => boolean;
  /** What the list of units offers; `fits` by default. */
  readonly offers?: (unit: Unit, isQueued: boolean) => boolean;
  readonly run: (taskId: TaskId, units: readonly Unit[]) => Promise<ActionAnswer>;
}

type UnitCommandMap = Readonly<Record<UnitCommandName, (target?: unknown, selected?: unknown) => Promise<unknown>>>;

export function createUnitCommands(rooms: CommandRooms): UnitCommandMap {
  const { slot, folders, actions, view, log, words } = rooms;

  async function about(target: unknown, selected: unknown, command: UnitCommand): Promise<unknown> {
    await slot.ready();
    const manager = await slot.get();
    const given = givenUnits(target, selected, view.selection, manager);
    const choices = given ?? (await askFor(target, command, manager));
    let last: ActionAnswer | undefined;
    for (const { taskId, units } of choices) {
      const queued = new Set(manager.queue(taskId).unitIds);
      const fitting = units.filter((unit) => command.fits(unit, queued.has(unit.id)));
      if (fitting.length === 0) {
        void vscode.window.showInformationMessage(vscode.l10n.t('Nothing to do for the chosen units.'));
        continue;
      }
      last = await command.run(taskId, fitting);
      tell(last, log, words);
    }
    return last;
  }

  async function askFor(target: unknown, command: UnitCommand, manager: TaskManager): Promise<readonly UnitChoice[]> {
    const [whichTask, placeHolder] = command.questions;
    const taskId = await pickTask(target, { slot, folders }, command.fitsTask, whichTask);
    if (taskId === undefined) return [];
    const queue = queueOf(taskId, manager);
    const queued = new Set(queue.map(({ id }) => id));
    const offers = command.offers ?? command.fits;
    // Entries of the queue in their order, then the others in that of the plan.
    const rest = allUnits(taskId, null, manager).filter(({ id }) => !queued.has(id));
    const offered = [...queue, ...rest].filter((unit) => offers(unit, queued.has(unit.id)));
    const none = (manager.list().find(({ id }) => id === taskId)?.units ?? 0) === 0 ? noUnits : command.none;
    const units = await pickUnits(offered, words, { placeHolder, none });
    return units === undefined ? [] : [{ taskId, units }];
  }

  const { t } = words;
  const noUnits = t('The task has no units yet: Start reads them from its source.');

  const adding = (to: Place['kind'], questions: UnitCommand['questions']): UnitCommand => ({
    questions,
    none: t('Every unit is completed, running or in the queue already. Run Units Again is for completed ones.'),
    fitsTask: ({ mode, counts }) => mode === 'manual' && counts.pending + counts.failed + counts.paused > 0,
    fits: ({ status }) => status !== 'running',
    offers: ({ status }, isQueued) => !isQueued && (status === 'pending' || status === 'failed' || status === 'paused'),
    run: (taskId, units) => add(taskId, units, to),
  });

  /** Completed units among others are left out: running them again is another wish. */
  async function add(taskId: TaskId, units: readonly Unit[], kind: Place['kind']): Promise<ActionAnswer> {
    const unfinished = units.filter(({ status }) => status !== 'completed');
    const again = unfinished.length === 0;
    const chosen = idsOf(again ? units : unfinished);
    const to = kind === 'before' ? await beforeWhich(taskId, chosen) : { kind };
    if (to === undefined) return 'cancelled';
    const left = again ? 0 : units.length - unfinished.length;
    if (left > 0) {
      const sentence = vscode.l10n.t('Completed units are left out ({count}): Run Units Again is for them.', {
        count: left,
      });
      void vscode.window.showInformationMessage(sentence);
    }
    return actions.addToQueue(taskId, chosen, again ? { to, again } : { to });
  }

  async function beforeWhich(taskId: TaskId, moved: Ids): Promise<Place | undefined> {
    const entries = queueOf(taskId, await slot.get()).filter(({ id }) => !moved.includes(id));
    if (entries.length === 0) return { kind: 'bottom' };
    const entry = await pickQueueEntry(entries, words, vscode.l10n.t('Before which entry of the queue?'));
    return entry && { kind: 'before', unitId: entry.id };
  }

  const queueCommand = (
    questions: UnitCommand['questions'],
    run: (taskId: TaskId, unitIds: Ids) => Promise<ActionAnswer>,
  ): UnitCommand => ({
    questions,
    none: t('The queue is empty: add units to it first.'),
    fitsTask: ({ queued }) => queued > 0,
    fits: (_unit, isQueued) => isQueued,
    run: (taskId, units) => run(taskId, idsOf(units)),
  });

  const moving = (kind: Place['kind'], questions: UnitCommand['questions']): UnitCommand =>
    queueCommand(questions, async (taskId, unitIds) => {
      const to = kind === 'before' ? await beforeWhich(taskId, unitIds) : { kind };
      return to === undefined ? 'cancelled' : actions.moveInQueue(taskId, unitIds, to);
    });

  const inWhichQueue = t('In the queue of which task?');
  const toWhichQueue = t('To the queue of which task?');
  const commands: Readonly<Record<UnitCommandName, UnitCommand>> = {
    addToQueue: adding('bottom', [toWhichQueue, t('Add which units to the end of the queue?')]),
    addToQueueTop: adding('top', [toWhichQueue, t('Add which units to the head of the queue?')]),
    addToQueueBefore: adding('before', [toWhichQueue, t('Add which units to the queue?')]),
    removeFromQueue: queueCommand([inWhichQueue, t('Remove which units from the queue?')], (taskId, unitIds) =>
      actions.removeFromQueue(taskId, unitIds),
    ),
    queueUp: moving('up', [inWhichQueue, t('Move which units up?')]),
    queueDown: moving('down', [inWhichQueue, t('Move which units down?')]),
    queueTop: moving('top', [inWhichQueue, t('Move which units to the head of the queue?')]),
    queueBottom: moving('bottom', [inWhichQueue, t('Move which units to the end of the queue?')]),
    queueBefore: moving('before', [inWhichQueue, t('Move which units?')]),
    syncNow: {
      questions: [t('Sync units of which task?'), t('Sync which units now?')],
      none: t('Every unit is completed or running. Run Units Again is for completed ones.'),
      fitsTask: ({ counts }) => counts.pending + counts.failed + counts.paused > 0,
      fits: ({ status }) => status !== 'running' && status !== 'completed',
      run: (taskId, units) => actions.syncNow(taskId, idsOf(units)),
    },
    restartUnits: {
      questions: [t('Restart units of which task?'), t('Start which units from their beginning?')],
      none: t('Every unit is completed: Run Units Again starts them from their beginning.'),
      fitsTask: ({ units, counts }) => units > counts.completed,
      fits: ({ status }) => status !== 'completed',
      run: (taskId, units) => actions.restart(taskId, idsOf(units)),
    },
    abortUnits: {
      questions: [t('Abort units of which task?'), t('Abort which units?')],
      none: t('No unit is running: there is nothing to abort.'),
      fitsTask: ({ counts }) => counts.running > 0,
      fits: ({ status }) => status === 'running',
      run: (taskId, units) => actions.abort(taskId, idsOf(units)),
    },
    retryUnits: {
      questions: [t('Retry units of which task?'), t('Retry which units?')],
      none: t('No unit failed, is paused or waits for a retry. Sync This Unit Now runs a pending one.'),
      fitsTask: ({ counts }) => counts.failed + counts.paused + counts.pending > 0,
      fits: ({ status, nextRetryAt }) => status === 'failed' || status === 'paused' || nextRetryAt !== null,
      run: (taskId, units) => actions.retryFailed(taskId, idsOf(units)),
    },
    retryRejectedUnits: {
      questions: [t('Retry rejected rows of which task?'), t('Retry the rejected rows of which units?')],
      none: t('No completed unit has rejected rows.'),
      fitsTask: ({ rejected }) => rejected > 0,
      fits: ({ status, rejected }) => status === 'completed' && rejected > 0,
      run: (taskId, units) => actions.retryRejected(taskId, idsOf(units)),
    },
    runUnitsAgain: {
      questions: [t('Run units of which task again?'), t('Run which units again?')],
      none: t('No unit is completed yet: Start runs those that are left.'),
      fitsTask: ({ counts }) => counts.completed > 0,
      fits: () => true,
      offers: ({ status }) => status === 'completed',
      run: (taskId, units) => actions.runUnitsAgain(taskId, idsOf(units)),
    },
  };

  const entries = Object.entries(commands).map(([name, command]) => [
    name,
    (target?: unknown, selected?: unknown) => about(target, selected, command),
  ]);
  return Object.fromEntries(entries) as UnitCommandMap;
}

function idsOf(units: readonly Unit[]): Ids {
  return units.map(({ id }) => id);
}
