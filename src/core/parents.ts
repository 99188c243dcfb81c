/** Units that come after others: what a plan may not ask for, and what waits for whom. */
import { coded } from './codes.ts';
import { isDone } from './indexes.ts';
import type { Coded, UnitRow } from './model.ts';
import type { TaskState, UnitEntry } from './state.ts';

/** A parent that the task does not have, or a cycle: neither can ever be started. null = there is none. */
export function impossibleParents(task: TaskState): Coded | null {
  for (const [name, children] of task.children) {
    if (parentEntry(task, name)) continue;
    for (const { row } of children)
      if (!row.removed) return coded('unknownParent', { unit: row.name, parent: name, task: task.row.name });
  }
  const path = cycleOf(task);
  return path && coded('unitCycle', { path: path.join(' -> '), task: task.row.name });
}

/** The first cycle found, with its first name again at its end. */
function cycleOf(task: TaskState): string[] | null {
  const done = new Set<string>();
  for (const children of task.children.values()) {
    for (const child of children) {
      const path = child.row.removed ? null : walk(task, child.row.name, done);
      if (path) return path;
    }
  }
  return null;
}

function walk(task: TaskState, start: string, done: Set<string>): string[] | null {
  const path: string[] = [];
  const onPath = new Set<string>();
  const rest: Iterator<string>[] = [];
  const enter = (name: string) => {
    path.push(name);
    onPath.add(name);
    rest.push((parentEntry(task, name)?.row.after ?? []).values());
  };
  if (done.has(start)) return null;
  enter(start);
  while (rest.length > 0) {
    const { value: name } = rest.at(-1)!.next();
    if (name === undefined) {
      rest.pop();
      const left = path.pop()!;
      onPath.delete(left);
      done.add(left);
    } else if (onPath.has(name)) return [...path.slice(path.indexOf(name)), name];
    else if (!done.has(name)) enter(name);
  }
  return null;
}

/** By name what a unit of one task cannot be completed before; null = nothing. Holds until the next event. */
export type Blockers = Map<string, Coded | null>;

/** Why a unit with parents does not start: it waits for one, or one of them will not come to its end in this run. */
export function whyDependent(task: TaskState, row: UnitRow, known: Blockers): Coded | null {
  let waits: Coded | null = null;
  for (const name of row.after) {
    const parent = parentEntry(task, name);
    if (parent && isDone(parent.row)) continue;
    const blocker = blockerOf(task, name, known);
    if (blocker) return blocker;
    waits ??= coded('waitingForUnit', { unit: name });
  }
  return waits;
}

/**
 * The failed unit, or the one outside of the run, that this one cannot be completed before; null = it can. Each unit is
 * looked at once for all that come after it; of units that wait for each other, which no run has, none blocks another.
 */
function blockerOf(task: TaskState, start: string, known: Blockers): Coded | null {
  const path: { readonly name: string; readonly parents: Iterator<string> }[] = [];
  const visit = (name: string): Coded | null => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const row = parentEntry(task, name)?.row;
    const blocker = row ? ownBlocker(task, row) : coded('blockedByAbsent', { unit: name });
    known.set(name, blocker);
    if (row && !blocker && !isDone(row) && row.status !== 'running') path.push({ name, parents: row.after.values() });
    return blocker;
  };
  let blocker = visit(start);
  while (!blocker && path.length > 0) {
    const { value: name } = path.at(-1)!.parents.next();
    if (name === undefined) path.pop();
    else blocker = visit(name);
  }
  for (const { name } of path) known.set(name, blocker);
  return blocker;
}

/** Whether a unit by itself keeps others from being completed in this run. */
function ownBlocker(task: TaskState, row: UnitRow): Coded | null {
  if (isDone(row) || row.status === 'running') return null;
  if (task.runNames !== null && !task.runNames.has(row.name)) return coded('blockedByAbsent', { unit: row.name });
  return row.status === 'failed' ? coded('blockedByFailed', { unit: row.name }) : null;
}

/**
 * Units that come after this one, directly or not, and are not completed; itself not.
 * @param most looks no further when there are more
 */
export function dependents(task: TaskState, name: string, most = Number.POSITIVE_INFINITY): Set<string> {
  const found = new Set<string>();
  const names = [name];
  for (let next = names.pop(); next !== undefined; next = names.pop()) {
    for (const { row } of task.children.get(next) ?? []) {
      if (row.removed || row.status === 'completed' || row.name === name || found.has(row.name)) continue;
      found.add(row.name);
      if (found.size > most) return found;
      names.push(row.name);
    }
  }
  return found;
}

function parentEntry(task: TaskState, name: string): UnitEntry | undefined {
  const entry = task.units.get(task.idByName.get(name) ?? '');
  return entry?.row.removed ? undefined : entry;
}
