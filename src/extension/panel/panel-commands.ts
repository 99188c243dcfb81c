/** What a panel may ask for. Its messages were checked for shape; here its indexes are held against the state. */
import type { Answer, Place } from '../../core/events.ts';
import { assertNever, type TaskId, type UnitId } from '../../core/model.ts';
import type { CommandArgs, ViewMessage } from '../../protocol/panel.ts';
import type { ActionAnswer, TaskActions } from '../commands/task-actions.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Log } from '../log.ts';

type Command = Extract<ViewMessage, { type: 'command' }>;

const DONE: Answer = { ok: true, note: null };
const OUTDATED: Answer = { ok: false, refusal: { code: 'view.outdated', args: {} } };

export function createPanelCommands(
  slot: Pick<EngineSlot, 'current'>,
  actions: TaskActions,
  log: Pick<Log, 'info' | 'show'>,
  /** Runs a command of the editor. */
  execute: (command: string, target: unknown) => PromiseLike<unknown>,
): (taskId: TaskId, command: Command) => Promise<Answer> {
  const other = async (name: string, taskId: TaskId): Promise<Answer> => {
    await execute(`datatrace.${name}`, { taskId });
    return DONE;
  };

  async function run(taskId: TaskId, { command, args }: Command): Promise<ActionAnswer> {
    const units = args.units && unitIds(taskId, args.units);
    const to = placeOf(taskId, args);
    // A row that is no unit of the task: the page looked at another list.
    if (units === 'unknown' || to === 'unknown') return OUTDATED;
    const named = units ?? [];
    const baseRev = args.queueRev;
    switch (command) {
      case 'start':
      case 'pause':
      case 'resume':
      case 'stop':
      case 'reset':
      case 'takeOver':
      case 'copyReport':
        return actions[command](taskId);
      case 'runAgain':
        return units ? actions.runUnitsAgain(taskId, units) : actions.runAgain(taskId);
      case 'retryFailed':
      case 'retryRejected':
        return actions[command](taskId, units);
      case 'openRejected':
        return actions.openRejected(taskId, named[0]);
      case 'setConcurrency':
        return actions.setConcurrency(taskId, args.concurrency);
      case 'setMode':
        return actions.setMode(taskId, args.mode);
      case 'queueAdd':
        return actions.addToQueue(taskId, args.again ? named : unfinished(taskId, args.units ?? [], named), {
          to,
          ...(args.again === undefined ? {} : { again: args.again }),
          ...(baseRev === undefined ? {} : { baseRev }),
        });
      case 'queueRemove':
        return actions.removeFromQueue(taskId, named, baseRev);
      case 'queueClear':
        return actions.clearQueue(taskId, baseRev);
      case 'queueMove':
        return actions.moveInQueue(taskId, named, to, baseRev);
      case 'abort':
      case 'restart':
      case 'syncNow':
        return actions[command](taskId, named);
      case 'openConfig':
      case 'plan':
        return other(command, taskId);
      case 'openLog':
        return other('showLog', taskId);
      case 'showUnitDetails':
        return showUnits(taskId, args.units ?? []);
      default:
        return assertNever(command);
    }
  }

  function unitIds(taskId: TaskId, indexes: readonly number[]): UnitId[] | 'unknown' {
    const manager = slot.current();
    const found: UnitId[] = [];
    for (const index of indexes) {
      const unit = manager?.unitAt(taskId, index);
      if (!unit) return 'unknown';
      found.push(unit.id);
    }
    return found;
  }

  /** Completed while the request was on its way: the others are added. When all are, the engine says what to do. */
  function unfinished(taskId: TaskId, indexes: readonly number[], ids: readonly UnitId[]): readonly UnitId[] {
    const manager = slot.current();
    const left = ids.filter((_id, at) => manager?.unitAt(taskId, indexes[at] ?? -1)?.status !== 'completed');
    return left.length > 0 ? left : ids;
  }

  function placeOf(taskId: TaskId, { place = 'bottom', before }: CommandArgs): Place | 'unknown' {
    if (place !== 'before') return { kind: place };
    const unit = before === undefined ? undefined : slot.current()?.unitAt(taskId, before);
    return unit ? { kind: 'before', unitId: unit.id } : 'unknown';
  }

  /** Units in the log: for a person who wants to copy a long message. */
  function showUnits(taskId: TaskId, indexes: readonly number[]): Answer {
    for (const index of indexes.slice(0, 100)) {
      const unit = slot.current()?.unitAt(taskId, index);
      if (!unit) continue;
      const { name, status, processed, total, attempt, error, reason } = unit;
      log.info(`Unit ${name}`, { status, processed, total, attempt, error, reason });
    }
    log.show();
    return DONE;
  }

  return async (taskId, command) => {
    const answer = await run(taskId, command);
    return answer === 'cancelled' ? DONE : answer;
  };
}
