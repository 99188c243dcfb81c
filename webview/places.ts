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
  /** Units that the filter means and that cannot be added: they run, wait or are completed. */
  readonly elsewhere: number;
}

export function placesOf(units: Units, filter: Filter): Places {
  const { count, status } = units;
  const taken = new Uint8Array(count);
  const pinned: number[] = [];
  let unfinished = 0;
  for (let index = 0; index < count; index += 1) {
    if (status[index] === RUNNING) pinned.push(index);
    if (status[index] !== COMPLETED) unfinished += 1;
  }
  const running = pinned.length;
  for (const index of [...units.due].sort((a, b) => a - b)) if (waitsForRetry(units, index)) pinned.push(index);
  for (const index of pinned) taken[index] = 1;
  // What has started, or was done, since the queue was told is not there any more.
  const queue = units.queue.filter((index) => taken[index] === 0 && status[index] !== COMPLETED);
  for (const index of queue) taken[index] = 1;
  const wanted = filter.status === null ? -1 : STATUS_ORDER.indexOf(filter.status);
  const meant = (index: number): boolean => wanted === -1 || status[index] === wanted;
  const addable = (index: number): boolean => taken[index] === 0 && (wanted !== -1 || status[index] !== COMPLETED);
  const available = shownWhere(units, filter.text, (index) => meant(index) && addable(index));
  const elsewhere = available.length > 0 ? 0 : shownWhere(units, filter.text, meant).length;
  return {
    available,
    pinned: inOrder(pinned, count),
    queue: inOrder(queue, count),
    running,
    unfinished: unfinished - pinned.length - queue.length,
    elsewhere,
  };
}
