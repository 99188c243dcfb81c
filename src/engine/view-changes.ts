/** Which views a change concerns. */
import type { Change } from '../core/events.ts';
import { dependentsOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import type { ViewFeed } from './view-feed.ts';

/** @param state the one that the changes were applied to */
export function tellViews(feed: ViewFeed, state: CoreState, changes: readonly Change[]): void {
  for (const change of changes) {
    switch (change.kind) {
      case 'putTask':
        feed.tasksChanged();
        feed.planChanged(change.task.id);
        break;
      case 'task':
      case 'run':
        feed.taskChanged(change.taskId);
        feed.tasksChanged();
        break;
      case 'putRun':
        feed.taskChanged(change.run.taskId);
        break;
      case 'unit':
        if (change.set.removed !== undefined || change.set.planOrder !== undefined) feed.planChanged(change.taskId);
        else feed.unitChanged(change.taskId, change.unitId);
        if (change.set.status === undefined) break;
        for (const unitId of dependentsOf(state, change.unitId)) feed.unitChanged(change.taskId, unitId);
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
        feed.planChanged(change.taskId);
        feed.tasksChanged();
        break;
      default:
        break;
    }
  }
}
