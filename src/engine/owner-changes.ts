/** The owner's changes on their way to those who watch: in order, one for each row that changed several times. */
import type { Change } from '../core/events.ts';

export interface ChangeBatch {
  add(changes: readonly Change[]): void;
  /** What was added since the last call; applied in order it leads to the same state. */
  take(): Change[];
}

export function createChangeBatch(): ChangeBatch {
  let list: Change[] = [];
  /** Where the change of a row stands that later ones are merged into. */
  const places = new Map<string, number>();

  function merge(key: string, change: Extract<Change, { set: object }>): void {
    const place = places.get(key);
    const before = place === undefined ? undefined : list[place];
    if (place === undefined || before === undefined || !('set' in before)) {
      places.set(key, list.length);
      list.push(change);
    } else list[place] = { ...change, set: { ...before.set, ...change.set } } as Change;
  }

  function add(change: Change): void {
    switch (change.kind) {
      case 'unit':
        merge(change.unitId, change);
        break;
      case 'task':
        merge(`task ${change.taskId}`, change);
        break;
      case 'run':
        merge(`run ${change.runId}`, change);
        break;
      case 'enqueue':
      case 'dequeue':
      case 'clearQueue':
        list.push(change);
        break;
      case 'putAttempt':
      case 'attempt':
      case 'forgetRuns':
      case 'maxRunning':
        break; // stored only, or told otherwise
      default:
        // What these do depends on the rows as they are then: nothing later may be drawn in front of them.
        places.clear();
        list.push(change);
    }
  }

  return {
    add: (changes) => changes.forEach(add),
    take() {
      const taken = list;
      list = [];
      places.clear();
      return taken;
    },
  };
}
