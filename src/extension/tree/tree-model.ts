/**
 * What the Tasks tree shows, as data: no editor in here, so that a test can read it as indented text.
 * Ids are stable and unique; everything that changes by itself stands in descriptions.
 */

import { assertNever, type Coded, type TaskId, type UnitId, type UnitRow, type UnitStatus } from '../../core/model.ts';
import { percentOf } from '../../core/progress.ts';
import type { TaskSummary, UnitPage } from '../../engine/api.ts';
import { percentText } from '../../wording/percent.ts';
import { formatNumber } from '../numbers.ts';
import type { Translate } from '../translate.ts';
import {
  flag,
  type GroupName,
  groupIcon,
  groupWord,
  type Icon,
  isDone,
  stateWord,
  statusWord,
  taskContext,
  taskIcon,
  unitIcon,
  usable,
} from './looks.ts';

/** What runs, what comes next, then the order in which people look for trouble. */
const GROUP_ORDER: readonly GroupName[] = ['running', 'queue', 'failed', 'paused', 'pending', 'completed'];
export const GROUP_LIMIT = 200;
/** Reasons that all waiting units share: said once at most, at their group or by their task. */
const SHARED_REASONS: readonly string[] = ['waitingForSlots', 'waitingForTurn', 'waitingForSwitch'];

export interface TaskNode {
  readonly kind: 'task';
  readonly id: string;
  readonly taskId: TaskId;
}

export type TreeNode =
  | { readonly kind: 'folder'; readonly id: string; readonly key: string; readonly name: string }
  /** Who else manages the tasks below; one of them stands for all. */
  | { readonly kind: 'managed'; readonly id: string; readonly taskId: TaskId }
  | TaskNode
  | GroupNode
  | UnitNode
  | { readonly kind: 'more'; readonly id: string; readonly taskId: TaskId; readonly group: GroupName };

export interface GroupNode {
  readonly kind: 'group';
  readonly id: string;
  readonly taskId: TaskId;
  readonly group: GroupName;
}

export interface UnitNode {
  readonly kind: 'unit';
  readonly id: string;
  readonly taskId: TaskId;
  readonly group: GroupName;
  readonly unit: Readonly<UnitRow>;
}

/** What the tree reads; the engine's manager is one. */
export interface TreeSource {
  folders(): readonly { readonly key: string; readonly name: string }[];
  list(): readonly TaskSummary[];
  units(taskId: TaskId, status: UnitStatus | null, afterPlanOrder: number, limit: number): UnitPage;
  /** The head of the queue, in its order. */
  queue(taskId: TaskId, limit: number): UnitPage;
  queuedIds(taskId: TaskId): ReadonlySet<UnitId>;
  /** Why a unit does not run now, beyond its own reason. */
  whyWaiting(unitId: UnitId): Coded | null;
}

export interface TreeWords {
  readonly t: Translate;
  readonly word: (coded: Coded) => string;
  readonly locale: string;
}

export interface TreeRow {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: Icon;
  readonly contextValue: string;
  readonly expands: 'no' | 'open' | 'closed';
  readonly opensPanel: boolean;
  readonly accessibleLabel: string;
}

export function childrenOf(node: TreeNode | undefined, source: TreeSource): TreeNode[] {
  if (node === undefined) {
    const folders = source.folders();
    if (folders.length === 1) return taskNodes(source, null);
    return folders.map(({ key, name }) => ({ kind: 'folder', id: `folder/${key}`, key, name }));
  }
  switch (node.kind) {
    case 'folder':
      return taskNodes(source, node.key);
    case 'task':
      return groupNodes(node.taskId, source);
    case 'group':
      return unitNodes(node, source);
    case 'managed':
    case 'unit':
    case 'more':
      return [];
    default:
      return assertNever(node);
  }
}

function taskNodes(source: TreeSource, folder: string | null): TreeNode[] {
  const tasks = source.list().filter((task) => folder === null || task.folder === folder);
  const managed = tasks.find(({ managedBy }) => managedBy !== null);
  const line: TreeNode[] = managed ? [{ kind: 'managed', id: `managed/${managed.folder}`, taskId: managed.id }] : [];
  return [...line, ...tasks.map(taskNode)];
}

/**
 * With its first units a task becomes a new row: the editor remembers a row that could not be expanded as closed.
 */
export function taskNode({ id, units }: Pick<TaskSummary, 'id' | 'units'>): TaskNode {
  return { kind: 'task', id: units === 0 ? `task/${id}/new` : `task/${id}`, taskId: id };
}

/** Groups without units are left out, but for the queue of manual mode: it says that it is empty. */
export function groupNodes(taskId: TaskId, source: TreeSource): GroupNode[] {
  const task = find(source, taskId);
  if (!task || task.units === 0) return [];
  const isShown = (group: GroupName): boolean =>
    group === 'queue' ? task.queued > 0 || task.mode === 'manual' : countOf(task, group, source) > 0;
  // An empty queue is another row, for the reason of `taskNode`.
  const idOf = (group: GroupName): string => (group === 'queue' && task.queued === 0 ? 'queue/empty' : group);
  return GROUP_ORDER.filter(isShown).map((group) => {
    return { kind: 'group', id: `task/${taskId}/${idOf(group)}`, taskId, group };
  });
}

/** What waits in the queue stands there, and not among the pending or paused ones. */
function countOf(task: TaskSummary, group: GroupName, source: TreeSource): number {
  if (group === 'queue') return task.queued;
  const count = task.counts[group];
  if (task.queued === 0 || (group !== 'pending' && group !== 'paused')) return count;
  const paused = queuedPaused(task, source);
  return Math.max(0, count - (group === 'paused' ? paused : task.queued - paused));
}

/** Paused units are few: no more than have run at a time. */
function queuedPaused({ id, counts }: TaskSummary, source: TreeSource): number {
  if (counts.paused === 0) return 0;
  const queued = source.queuedIds(id);
  return source.units(id, 'paused', -1, counts.paused).units.filter((unit) => queued.has(unit.id)).length;
}

function unitNodes({ taskId, group }: GroupNode, source: TreeSource): TreeNode[] {
  const { units, more } = pageOf(taskId, group, source);
  const nodes: TreeNode[] = units.map((unit) => unitNode(taskId, group, unit));
  if (more) nodes.push({ kind: 'more', id: `task/${taskId}/${group}/more`, taskId, group });
  return nodes;
}

function pageOf(taskId: TaskId, group: GroupName, source: TreeSource): UnitPage {
  if (group === 'queue') return source.queue(taskId, GROUP_LIMIT);
  if (group !== 'pending' && group !== 'paused') return source.units(taskId, group, -1, GROUP_LIMIT);
  const queued = source.queuedIds(taskId);
  const units: Readonly<UnitRow>[] = [];
  for (let after = -1, more = true; more; ) {
    const page = source.units(taskId, group, after, GROUP_LIMIT + queued.size);
    units.push(...page.units.filter(({ id }) => !queued.has(id)));
    if (units.length > GROUP_LIMIT) return { units: units.slice(0, GROUP_LIMIT), more: true };
    after = page.units.at(-1)?.planOrder ?? after;
    more = page.more;
  }
  return { units, more: false };
}

/** The group is part of the id: while a unit moves between groups both of them may be on the screen. */
export function unitNode(taskId: TaskId, group: GroupName, unit: Readonly<UnitRow>): UnitNode {
  return { kind: 'unit', id: `task/${taskId}/${group}/${unit.id}`, taskId, group, unit };
}

function find(source: TreeSource, taskId: TaskId): TaskSummary | undefined {
  return source.list().find(({ id }) => id === taskId);
}

export function rowOf(node: TreeNode, source: TreeSource, words: TreeWords): TreeRow {
  switch (node.kind) {
    case 'folder':
      return {
        ...plainRow(node.id, node.name, ''),
        icon: { name: 'root-folder', color: null },
        contextValue: 'folder',
        expands: 'open',
      };
    case 'task':
      return taskRow(node.id, node.taskId, source, words);
    case 'group':
      return groupRow(node, source, words);
    case 'unit':
      return unitRow(node, source, words);
    case 'managed':
      return managedRow(node, source, words);
    case 'more':
      return {
        ...plainRow(node.id, words.t('Show all in panel'), ''),
        icon: { name: 'ellipsis', color: null },
        contextValue: 'more',
        opensPanel: true,
      };
    default:
      return assertNever(node);
  }
}

function plainRow(id: string, label: string, description: string): TreeRow {
  return {
    id,
    label,
    description,
    icon: { name: 'circle-outline', color: null },
    contextValue: 'none',
    expands: 'no',
    opensPanel: false,
    accessibleLabel: description === '' ? label : `${label}, ${description}`,
  };
}

function taskRow(id: string, taskId: TaskId, source: TreeSource, words: TreeWords): TreeRow {
  const task = find(source, taskId);
  if (!task) return plainRow(id, taskId, '');
  const { t, locale } = words;
  // Of a task that cannot be reached the state is not known here.
  const parts = [task.blocked ? words.word(task.blocked) : stateWord(task, words)];
  // Only manual mode waits for units.
  if (task.mode === 'manual' && task.switchingTo === null && !task.waitsForAdditions) parts.push(t('manual'));
  if (task.units > 0 && !isDone(task)) parts.push(percentText(task.percent, locale));
  if (task.counts.failed > 0) parts.push(t('{count} failed', { count: formatNumber(task.counts.failed, locale) }));
  if (task.definitionRemoved) parts.push(t('definition removed'));
  return {
    ...plainRow(id, task.name, parts.join(' · ')),
    icon: taskIcon(task),
    contextValue: taskContext(task),
    expands: task.units === 0 ? 'no' : task.runState === 'idle' ? 'closed' : 'open',
    opensPanel: task.units === 0,
  };
}

function managedRow(node: Extract<TreeNode, { kind: 'managed' }>, source: TreeSource, words: TreeWords): TreeRow {
  const managedBy = find(source, node.taskId)?.managedBy;
  return {
    ...plainRow(node.id, words.t('Managed elsewhere'), managedBy ? words.word(managedBy) : ''),
    icon: { name: 'multiple-windows', color: null },
    contextValue: 'managed',
  };
}

function groupRow(node: GroupNode, source: TreeSource, words: TreeWords): TreeRow {
  const task = find(source, node.taskId);
  const count = task ? countOf(task, node.group, source) : 0;
  const shared = node.group === 'pending' || node.group === 'queue' ? sharedReason(node, source) : null;
  const parts = [count === 0 ? words.t('empty') : formatNumber(count, words.locale)];
  if (shared) parts.push(words.word(shared));
  const expands = node.group === 'running' || node.group === 'queue' || node.group === 'failed' ? 'open' : 'closed';
  return {
    ...plainRow(node.id, groupWord(node.group, task, words.t), parts.join(' · ')),
    icon: groupIcon(node.group),
    contextValue: `group.${node.group}.${usable(task) ? 'ready' : 'blocked'}${flag('manual', task?.mode === 'manual')}`,
    expands: count === 0 ? 'no' : expands,
  };
}

/** That other tasks keep all of these units waiting; that they wait for their turn goes without saying. */
function sharedReason({ taskId, group }: GroupNode, source: TreeSource): Coded | null {
  const [first] = (group === 'queue' ? source.queue(taskId, 1) : source.units(taskId, 'pending', -1, 1)).units;
  const reason = first ? source.whyWaiting(first.id) : null;
  return reason?.code === 'waitingForSlots' ? reason : null;
}

function unitRow(node: UnitNode, source: TreeSource, words: TreeWords): TreeRow {
  const { unit, group } = node;
  const task = find(source, node.taskId);
  const flags = [
    flag('manual', task?.mode === 'manual'),
    flag('retry', unit.nextRetryAt !== null),
    flag('rejected', unit.rejected > 0),
  ];
  const state = group === 'queue' ? 'queued' : group;
  return {
    ...plainRow(node.id, unit.name, unitDescription(node, source, words)),
    icon: unitIcon(unit, group),
    contextValue: `unit.${state}${flags.join('')}${flag('blocked', !usable(task))}`,
    opensPanel: true,
  };
}

function unitDescription({ group, unit }: UnitNode, source: TreeSource, words: TreeWords): string {
  const { t, locale } = words;
  const rows = (count: number): string =>
    count === 1 ? t('1 row') : t('{count} rows', { count: formatNumber(count, locale) });
  switch (group) {
    case 'running':
    case 'paused':
      return unit.total === null || unit.total === 0 ? rows(unit.processed) : percentText(percentOf(unit) ?? 0, locale);
    case 'failed':
      return unit.error ? words.word(unit.error) : '';
    case 'completed':
      return unit.rejected > 0
        ? `${rows(unit.processed)} · ${t('{count} rejected', { count: formatNumber(unit.rejected, locale) })}`
        : rows(unit.processed);
    case 'queue':
    case 'pending':
      return waitOf(unit, source, words) ?? (unit.total === null ? '' : rows(unit.total));
    default:
      return assertNever(group);
  }
}

/** What this unit waits for, in words that stay true while nobody draws them again. */
function waitOf(unit: Readonly<UnitRow>, source: TreeSource, { t, word, locale }: TreeWords): string | undefined {
  if (unit.nextRetryAt !== null) {
    const time = new Date(unit.nextRetryAt).toLocaleTimeString(locale);
    return unit.error
      ? t('retry at {time}: {cause}', { time, cause: word(unit.error) })
      : t('retry at {time}', { time });
  }
  const reason = source.whyWaiting(unit.id) ?? unit.reason;
  return reason === null || SHARED_REASONS.includes(reason.code) ? undefined : word(reason);
}

/** Plain text: names and messages come from outside. Made only when the pointer rests on a row. */
export function tooltipOf(node: TreeNode, source: TreeSource, words: TreeWords): string {
  const row = rowOf(node, source, words);
  const lines = [row.label];
  if (node.kind === 'task') {
    const task = find(source, node.taskId);
    if (task?.description) lines.push(task.description);
    lines.push(row.description);
  } else if (node.kind === 'unit') {
    const { unit } = node;
    const { t, locale } = words;
    const total = unit.total === null ? t('unknown') : formatNumber(unit.total, locale);
    lines.push(`${statusWord(unit.status, t)}: ${formatNumber(unit.processed, locale)} / ${total}`);
    if (unit.rejected > 0) lines.push(t('{count} rejected', { count: formatNumber(unit.rejected, locale) }));
    if (unit.error) lines.push(words.word(unit.error));
    if (unit.error?.message) lines.push(unit.error.message.slice(0, 500));
    const reasons = [unit.reason, source.whyWaiting(unit.id)].flatMap((reason) => (reason ? words.word(reason) : []));
    lines.push(...new Set(reasons));
  } else if (row.description !== '') {
    lines.push(row.description);
  }
  return lines.join('\n');
}

/** What a task's lines show, in the parts that are drawn differently. */
export interface TaskLines {
  /** Which groups there are, and what can be done: when it changes the task is drawn anew. */
  readonly structure: string;
  /** Moves on by itself all the time. */
  readonly description: string;
  /** Number of units in each group that is shown. */
  readonly groups: ReadonlyMap<string, string>;
}

export function taskLines(taskId: TaskId, source: TreeSource, words: TreeWords): TaskLines {
  const { description, accessibleLabel: _label, ...rest } = taskRow('', taskId, source, words);
  const groups = groupNodes(taskId, source);
  return {
    structure: JSON.stringify([rest, groups.map(({ id }) => id)]),
    description,
    groups: new Map(groups.map((group) => [group.id, rowOf(group, source, words).description])),
  };
}

/** The whole tree (of open and closed nodes alike) as indented text: for tests and "Copy Diagnostics". */
export function treeAsText(source: TreeSource, words: TreeWords): string {
  const lines: string[] = [];
  const add = (node: TreeNode, depth: number): void => {
    const row = rowOf(node, source, words);
    lines.push(`${'  '.repeat(depth)}${row.label}${row.description === '' ? '' : ` (${row.description})`}`);
    for (const child of childrenOf(node, source)) add(child, depth + 1);
  };
  for (const node of childrenOf(undefined, source)) add(node, 0);
  return lines.join('\n');
}
