/** Memory as a whole: against the stored rows, and against itself. */
import { deepStrictEqual } from 'node:assert/strict';
import { type CoreState, createState, loadStore, type UnitEntry } from '../../src/core/state.ts';
import type { Fail } from './checks/context.ts';
import { storedOf } from './fake-store.ts';
import type { World } from './world.ts';

/** Memory, indexes included, is what a rebuild from the stored rows gives. */
export function checkWhole(world: World, fail: Fail): void {
  const rebuilt = createState(world.state.maxRunningUnits);
  for (const [name, store] of world.stores) if (world.open.has(name)) loadStore(rebuilt, name, storedOf(store.seen));
  const memory = pictureOf(world.state, true);
  const stored = pictureOf(rebuilt, true);
  if (memory === stored) return;
  try {
    deepStrictEqual(JSON.parse(memory), JSON.parse(stored));
    fail('memory', 'memory is not what the store holds');
  } catch (error) {
    fail('memory', `memory is not what the store holds: ${(error as Error).message}`);
  }
}

/** A text that changes with anything in the state, the order of its lists included. */
export function digestOf(state: CoreState): string {
  return pictureOf(state, false);
}

/** @param stored leaves out what is not stored: whose turn it is, and figures of the running executions */
function pictureOf({ tasks, taskOfUnit, ring, running, maxRunningUnits }: CoreState, stored: boolean): string {
  const turns = stored ? [...ring].sort() : [...ring];
  return JSON.stringify([running, maxRunningUnits, turns, taskOfUnit.size, plain(tasks, stored)]);
}

/** Means something while a unit runs only, and is not stored. */
const TRANSIENT: readonly string[] = ['startProcessed', 'startBytes'];

/** The order of maps and sets says nothing; entries of units are shown once, and named elsewhere. */
function plain(value: unknown, stored: boolean, whole = false): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) {
    const entries: [string, unknown][] = [];
    for (const [key, one] of value) entries.push([key, plain(one, stored, true)]);
    return entries.sort(byKey);
  }
  if (value instanceof Set) return Array.from(value, nameOf).sort();
  if (Array.isArray(value)) return value.map((one) => plain(one, stored));
  if ('next' in value && 'count' in value) return members(value as Positions);
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, nameOf);
  if (isEntry(value) && !whole) return value.row.id;
  const removed = isEntry(value) && value.position < 0;
  const entries: [string, unknown][] = [];
  for (const [key, one] of Object.entries(value)) {
    if (typeof one === 'function' || one === undefined) continue;
    if (stored && (TRANSIENT.includes(key) || (removed && key === 'openParents'))) continue;
    entries.push([key, plain(one, stored)]);
  }
  return entries.sort(byKey);
}

function isEntry(value: object): value is UnitEntry {
  return 'openParents' in value && 'row' in value;
}

function nameOf(value: unknown): string {
  return typeof value === 'object' && value !== null && isEntry(value) ? value.row.id : String(value);
}

interface Positions {
  readonly count: number;
  next(from: number): number;
}

function members(set: Positions): unknown {
  const list: number[] = [];
  for (let at = set.next(0); at >= 0; at = set.next(at + 1)) list.push(at);
  return [set.count, ...list];
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
