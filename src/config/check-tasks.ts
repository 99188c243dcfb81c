/** What the schema cannot say about tasks: connections that exist, order without cycles, distinct target names. */

import { isGlob } from '../core/glob.ts';
import { findCycles } from './cycles.ts';
import { type DocNode, itemsOf, member, membersOf, type Reporter, textOf, textsOf } from './document.ts';
import type { Connection } from './model.ts';
import { nearest } from './nearest.ts';

/** `connections` are the ones that could be made sense of: their addresses are compared. */
export function checkTasks(root: DocNode, connections: ReadonlyMap<string, Connection>, reporter: Reporter): void {
  const names = membersOf(member(root, 'connections'));
  const tasks = membersOf(member(root, 'tasks'));
  for (const [name, task] of tasks) {
    for (const side of ['source', 'target']) checkKnown(member(task, side), names, 'connection', reporter);
    checkSameSystem(task, connections, reporter);
    checkUnitOrder(task, reporter);
    checkTargetNames(task, reporter);
    checkUnitPatterns(task, reporter);
    for (const parent of itemsOf(member(task, 'after'))) {
      if (textOf(parent) === name) reporter.error(parent, parent.path, { code: 'after.itself', args: { name } });
      else checkKnown(parent, tasks, 'task', reporter);
    }
    checkFormerNames(name, task, tasks, reporter);
  }
  reportCycles(tasks, 'after.taskCycle', reporter);
}

/** A name of something in this file; says the nearest one when there is none like it. */
export function checkKnown(
  node: DocNode | undefined,
  known: ReadonlyMap<string, unknown>,
  what: 'connection' | 'task',
  reporter: Reporter,
): void {
  const name = textOf(node);
  if (node === undefined || name === undefined || known.has(name)) return;
  const meant = nearest(name, known.keys());
  if (meant === undefined) reporter.error(node, node.path, { code: `${what}.unknown`, args: { [what]: name } });
  else {
    const fix = { kind: 'replaceValue', to: meant } as const;
    reporter.error(node, node.path, { code: `${what}.unknownNearest`, args: { [what]: name, nearest: meant } }, fix);
  }
}

function checkSameSystem(task: DocNode, connections: ReadonlyMap<string, Connection>, reporter: Reporter): void {
  const target = member(task, 'target');
  const sourceName = textOf(member(task, 'source'));
  const targetName = textOf(target);
  if (target === undefined || sourceName === undefined || targetName === undefined) return;
  if (sourceName === targetName) {
    reporter.error(target, target.path, { code: 'task.targetIsSource', args: { name: targetName } });
    return;
  }
  const from = connections.get(sourceName);
  const to = connections.get(targetName);
  if (from !== undefined && to !== undefined && sameSystem(from, to)) {
    const args = { source: sourceName, target: targetName };
    reporter.error(target, target.path, { code: 'task.sameSystem', args });
  }
}

/** Two search connections may well name one cluster: that copies an index to another name. */
function sameSystem(a: Connection, b: Connection): boolean {
  if (a.type === 'sqlite' && b.type === 'sqlite') return a.file === b.file;
  if (a.type === 'files' && b.type === 'files')
    return a.folder === b.folder && a.format === b.format && a.compress === b.compress;
  if (a.type !== 'mysql' || b.type !== 'mysql' || a.database !== b.database) return false;
  if (a.socket !== null || b.socket !== null) return a.socket === b.socket;
  return a.host.toLowerCase() === b.host.toLowerCase() && a.port === b.port;
}

function checkUnitOrder(task: DocNode, reporter: Reporter): void {
  const overrides = membersOf(member(task, 'overrides'));
  for (const [name, override] of overrides) {
    for (const parent of itemsOf(member(override, 'after'))) {
      if (textOf(parent) === name) reporter.error(parent, parent.path, { code: 'after.itself', args: { name } });
    }
  }
  reportCycles(overrides, 'after.unitCycle', reporter);
}

function reportCycles(nodes: ReadonlyMap<string, DocNode>, code: string, reporter: Reporter): void {
  const edges = new Map<string, string[]>();
  for (const [name, node] of nodes) {
    const parents = (textsOf(member(node, 'after')) ?? []).filter((parent) => parent !== name);
    if (parents.length > 0) edges.set(name, parents);
  }
  for (const cycle of findCycles(edges)) {
    const place = member(nodes.get(cycle[0]!), 'after');
    if (place !== undefined) reporter.error(place, place.path, { code, args: { cycle: cycle.join(' -> ') } });
  }
}

/** Checks the names that the file itself gives away; the plan checks the rest. */
function checkTargetNames(task: DocNode, reporter: Reporter): void {
  const prefix = textOf(member(task, 'prefix')) ?? '';
  const suffix = textOf(member(task, 'suffix')) ?? '';
  for (const name of ['prefix', 'suffix']) reportWildcard(member(task, name), reporter);
  const overrides = membersOf(member(task, 'overrides'));
  const places = new Map<string, DocNode>();
  for (const item of itemsOf(member(task, 'units'))) {
    const unit = textOf(item);
    if (unit !== undefined && !isGlob(unit)) places.set(unit, item);
  }
  for (const [unit, override] of overrides) places.set(unit, member(override, 'as') ?? override);
  const takenBy = new Map<string, string>();
  for (const [unit, place] of places) {
    const as = member(overrides.get(unit), 'as');
    reportWildcard(as, reporter);
    const target = textOf(as) ?? `${prefix}${unit}${suffix}`;
    const other = takenBy.get(target);
    if (other === undefined) takenBy.set(target, unit);
    else reporter.error(place, place.path, { code: 'units.sameTarget', args: { unit, other, target } });
  }
}

function reportWildcard(node: DocNode | undefined, reporter: Reporter): void {
  if (node !== undefined && textOf(node)?.includes('*') === true) {
    reporter.error(node, node.path, { code: 'units.wildcardTarget', args: {} });
  }
}

function checkUnitPatterns(task: DocNode, reporter: Reporter): void {
  const units = member(task, 'units');
  const patterns = textsOf(units);
  if (units === undefined || patterns === undefined || patterns.length === 0) return;
  if (patterns.every((pattern) => pattern.startsWith('!'))) {
    reporter.error(units, units.path, { code: 'units.onlyExclusions', args: {} });
  }
}

function checkFormerNames(name: string, task: DocNode, tasks: ReadonlyMap<string, DocNode>, reporter: Reporter): void {
  for (const former of itemsOf(member(task, 'formerly'))) {
    const text = textOf(former);
    if (text !== undefined && (text === name || tasks.has(text))) {
      reporter.error(former, former.path, { code: 'task.formerNameInUse', args: { name: text } });
    }
  }
}
