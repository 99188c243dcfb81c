/** Which views a change concerns. */
import type { Change } from '../core/events.ts';
import type { TaskId, UnitId } from '../core/model.ts';
import { childrenOf, dependentsOf, mayBlock, retriesOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import type { ViewFeed } from './view-feed.ts';

/** Units told one by one because something else changed; for more of them the whole list is told anew. */
const MOST_TOLD = 2_000;

/** @param state the one that the changes were applied to */
export function tellViews(feed: ViewFeed, state: CoreState, changes: readonly Change[]): void {
  if (!feed.watched()) return;
  const plans = new Set<TaskId>();
  let told = 0;

  function planChanged(taskId: TaskId): void {
    plans.add(taskId);
    feed.planChanged(taskId);
  }

  /** Units that show another reason now. @param find its argument: more of them are of no use */
  function reasonsChanged(taskId: TaskId, find: (most: number) => readonly UnitId[]): void {
    if (plans.has(taskId)) return; // told with all the others
    const unitIds = find(MOST_TOLD - told);
    told += unitIds.length;
    if (told > MOST_TOLD) planChanged(taskId);
    else for (const unitId of unitIds) feed.unitChanged(taskId, unitId);
  }

  function unitChanged({ taskId, unitId, set }: Extract<Change, { kind: 'unit' }>): void {
    if (set.removed !== undefined || set.planOrder !== undefined || set.after !== undefined) planChanged(taskId);
    else feed.unitChanged(taskId, unitId);
    if (set.status === undefined) return;
    // A failure blocks all that come after it, until a person lets the unit run again: with a new budget of retries.
    const throughout = set.retriesUsed === 0 || mayBlock(state, unitId);
    reasonsChanged(taskId, (most) => (throughout ? dependentsOf(state, unitId, most) : childrenOf(state, unitId)));
  }

  for (const change of changes) {
    switch (change.kind) {
      case 'putTask':
        feed.tasksChanged();
        planChanged(change.task.id);
        break;
      case 'task': {
        const { taskId, set } = change;
        feed.taskChanged(taskId);
        feed.tasksChanged();
        // A retry counts its seconds only while its task dispatches.
        if (set.runState !== undefined || set.switchingTo !== undefined)
          reasonsChanged(taskId, () => retriesOf(state, taskId));
        break;
      }
      case 'run':
        // Units that are not part of a run block those that come after them.
        if (change.set.units !== undefined) planChanged(change.taskId);
        feed.taskChanged(change.taskId);
        feed.tasksChanged();
        break;
      case 'putRun':
        planChanged(change.run.taskId);
        feed.taskChanged(change.run.taskId);
        break;
      case 'unit':
        unitChanged(change);
        break;
      case 'enqueue':
      case 'dequeue':
      case 'clearQueue':
        feed.queueChanged(change.taskId);
        feed.tasksChanged();
        break;
      case 'putUnits':
      case 'unitsWhere':
      case 'dropTask':
        planChanged(change.taskId);
        feed.tasksChanged();
        break;
      default:
        break;
    }
  }
}
