/**
 * Edits of the queue, one after the other: each is based on the revision that the one before has led to, so that keys
 * pressed quickly refuse nothing. Steps of the same units that wait are joined into one move.
 */
import type { CommandArgs, CommandType } from '../src/protocol/panel.ts';
import type { Shown } from './filter.ts';

export type QueueEdit =
  | {
      readonly kind: 'add';
      readonly units: readonly number[];
      readonly place: 'top' | 'bottom';
      readonly again: boolean;
    }
  | { readonly kind: 'remove'; readonly units: readonly number[] }
  | { readonly kind: 'clear' }
  | { readonly kind: 'jump'; readonly units: readonly number[]; readonly place: 'top' | 'bottom' }
  /** Past so many entries, up is negative. */
  | { readonly kind: 'step'; readonly units: readonly number[]; readonly by: number };

const COMMANDS: readonly CommandType[] = ['queueAdd', 'queueRemove', 'queueClear', 'queueMove'];

export interface QueueEditsPorts {
  pending(command: CommandType): boolean;
  queue(): Shown;
  revision(): number;
  /** @returns false when nobody would hear it */
  send(command: CommandType, args: CommandArgs): boolean;
}

export interface QueueEdits {
  ask(edit: QueueEdit): void;
  /** The edit that was answered last was taken; goes on with the next. */
  taken(): QueueEdit | null;
  /** What still waits is given up: the queue is not what it was based on. */
  giveUp(): void;
}

export function isQueueCommand(command: CommandType): boolean {
  return COMMANDS.includes(command);
}

export function createQueueEdits(ports: QueueEditsPorts): QueueEdits {
  let waiting: QueueEdit[] = [];
  let asked: QueueEdit | null = null;

  function goOn(): void {
    while (waiting.length > 0 && !COMMANDS.some(ports.pending)) {
      const [next, ...rest] = waiting;
      waiting = rest;
      const request = next && requestOf(next, ports.queue());
      if (next === undefined || request === undefined) continue;
      asked = next;
      const [command, args] = request;
      if (!ports.send(command, { ...args, queueRev: ports.revision() })) waiting = [];
    }
  }

  return {
    ask(edit) {
      const last = waiting.at(-1);
      if (last?.kind === 'step' && edit.kind === 'step' && sameUnits(last.units, edit.units)) {
        waiting = [...waiting.slice(0, -1), { ...edit, by: last.by + edit.by }];
      } else waiting = [...waiting, edit];
      goOn();
    },
    taken() {
      const done = asked;
      asked = null;
      goOn();
      return done;
    },
    giveUp() {
      waiting = [];
      asked = null;
    },
  };
}

type Request = readonly [CommandType, CommandArgs];

/** @returns undefined when there is nothing to do */
function requestOf(edit: QueueEdit, queue: Shown): Request | undefined {
  switch (edit.kind) {
    case 'add': {
      const { units, place, again } = edit;
      return units.length === 0 ? undefined : ['queueAdd', { units, place, ...(again ? { again } : {}) }];
    }
    case 'remove': {
      const units = standing(edit.units, queue);
      return units.length === 0 ? undefined : ['queueRemove', { units }];
    }
    case 'clear':
      return ['queueClear', {}];
    case 'jump': {
      const units = standing(edit.units, queue);
      return units.length === 0 ? undefined : ['queueMove', { units, place: edit.place }];
    }
    case 'step':
      return stepOf(standing(edit.units, queue), edit.by, queue);
  }
}

/** Units that still stand in the queue, in its order. */
function standing(units: readonly number[], queue: Shown): number[] {
  return units
    .filter((index) => queue.positionOf(index) !== -1)
    .sort((a, b) => queue.positionOf(a) - queue.positionOf(b));
}

/** The units as one block past `by` of the others. */
function stepOf(units: readonly number[], by: number, queue: Shown): Request | undefined {
  const [first, last] = [units[0], units.at(-1)];
  if (first === undefined || last === undefined || by === 0) return undefined;
  if (Math.abs(by) === 1) return ['queueMove', { units, place: by < 0 ? 'up' : 'down' }];
  const moving = new Set(units);
  const others: number[] = [];
  let target = 0;
  const from = by < 0 ? queue.positionOf(first) : queue.positionOf(last);
  for (let position = 0; position < queue.length; position += 1) {
    const index = queue.at(position);
    if (moving.has(index)) continue;
    if (position < from) target += 1;
    others.push(index);
  }
  target += by;
  if (target <= 0) return ['queueMove', { units, place: 'top' }];
  const before = others[target];
  return ['queueMove', before === undefined ? { units, place: 'bottom' } : { units, place: 'before', before }];
}

function sameUnits(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((index, at) => index === b[at]);
}
