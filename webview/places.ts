/** Manual mode: each unit has one place. It runs or waits for a retry, stands in the queue, or can be added to it. */
import { STATUS_ORDER } from '../src/protocol/panel.ts';
import { type Filter, inOrder, type Shown, shownWhere } from './filter.ts';
import { COMPLETED, RUNNING, type Units, waitsForRetry } from './units.ts';

export interface Places {
  /** What can be added, in plan order; completed units only when they are asked for. */
  readonly available: Shown;
  /** Running ones, then those that wait for a retry: above the queue, nobody moves them. */
  readonly pinned: Shown;
  readonly queue: Shown;
  /** Of the pinned ones. */
  readonly running: number;
  /** What can be added when no filter is set. */
  readonly unfinished: number;
}

export function placesOf(units: Units, filter: Filter): Places {
  const taken = new Uint8Array(units.count);
  const running: number[] = [];
  const retrying: number[] = [];
  for (let index = 0; index < units.count; index += 1) if (units.status[index] === RUNNING) running.push(index);
  for (const index of [...units.reasons.keys()].sort((a, b) => a - b))
    if (waitsForRetry(units, index)) retrying.push(index);
  const pinned = [...running, ...retrying];
  for (const index of pinned) taken[index] = 1;
  // What has started, or failed, since the queue was told is not there any more.
  const queue = units.queue.filter((index) => taken[index] === 0 && units.status[index] !== COMPLETED);
  for (const index of queue) taken[index] = 1;
  let unfinished = 0;
  for (let index = 0; index < units.count; index += 1)
    if (taken[index] === 0 && units.status[index] !== COMPLETED) unfinished += 1;
  const wanted = filter.status === null ? -1 : STATUS_ORDER.indexOf(filter.status);
  const available = shownWhere(units, filter.text, (index) => {
    if (taken[index] === 1) return false;
    return wanted === -1 ? units.status[index] !== COMPLETED : units.status[index] === wanted;
  });
  return { available, pinned: inOrder(pinned), queue: inOrder(queue), running: running.length, unfinished };
}
