/**
 * What the Tasks tree shows, as data: no editor in here, so that a test can read it as indented text.
 * Ids are stable and unique; everything that changes by itself stands in descriptions.
 */

import {
  assertNever,
  type Coded,
  type RunState,
  type TaskId,
  type UnitRow,
  type UnitStatus,
} from '../../core/model.ts';
import type { TaskSummary, UnitPage } from '../../engine/api.ts';
import { formatNumber } from '../numbers.ts';
import type { Translate } from '../translate.ts';

/** The order in which people look for trouble. */
export const GROUP_ORDER: readonly UnitStatus[] = ['running', 'failed', 'paused', 'pending', 'completed'];
export const GROUP_LIMIT = 200;

export interface TaskNode {
  readonly kind: 'task';
  readonly id: string;
  readonly taskId: TaskId;
}

export type TreeNode =
  | { readonly kind: 'folder'; readonly id: string; readonly key: string; readonly name: string }
  | TaskNode
  | { readonly kind: 'group'; readonly id: string; readonly taskId: TaskId; readonly status: UnitStatus }
  | {
      readonly kind: 'unit';
      readonly id: string;
      readonly taskId: TaskId;
      readonly status: UnitStatus;
      readonly unit: Readonly<UnitRow>;
    }
  | { readonly kind: 'more'; readonly id: string; readonly taskId: TaskId; readonly status: UnitStatus };

/** What the tree reads; the engine's manager is one. */
export interface TreeSource {
  folders(): readonly { readonly key: string; readonly name: string }[];
  list(): readonly TaskSummary[];
  units(taskId: TaskId, status: UnitStatus | null, afterPlanOrder: number, limit: number): UnitPage;
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
  readonly icon: { readonly name: string; readonly color: string | null };
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
      return unitNodes(node.taskId, node.status, source);
    case 'unit':
    case 'more':
      return [];
    default:
      return assertNever(node);
  }
}

function taskNodes(source: TreeSource, folder: string | null): TreeNode[] {
  return source
    .list()
    .filter((task) => folder === null || task.folder === folder)
    .map(taskNode);
}

/**
 * With its first units a task becomes a new row: the editor remembers a row that could not be expanded as closed.
 */
export function taskNode({ id, units }: Pick<TaskSummary, 'id' | 'units'>): TaskNode {
  return { kind: 'task', id: units === 0 ? `task/${id}/new` : `task/${id}`, taskId: id };
}

/** Groups without units are left out. */
export function groupNodes(taskId: TaskId, source: TreeSource): TreeNode[] {
  const task = source.list().find(({ id }) => id === taskId);
  if (!task) return [];
  return GROUP_ORDER.filter((status) => task.counts[status] > 0).map((status) => ({
    kind: 'group',
    id: `task/${taskId}/${status}`,
    taskId,
    status,
  }));
}

function unitNodes(taskId: TaskId, status: UnitStatus, source: TreeSource): TreeNode[] {
  const { units, more } = source.units(taskId, status, -1, GROUP_LIMIT);
  const nodes: TreeNode[] = units.map((unit) => unitNode(taskId, status, unit));
  if (more) nodes.push({ kind: 'more', id: `task/${taskId}/${status}/more`, taskId, status });
  return nodes;
}

/** The status is part of the id: while a unit moves between groups both of them may be on the screen. */
export function unitNode(taskId: TaskId, status: UnitStatus, unit: Readonly<UnitRow>): TreeNode {
  return { kind: 'unit', id: `task/${taskId}/${status}/${unit.id}`, taskId, status, unit };
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
      return unitRow(node.id, node.status, node.unit, words);
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
  const task = source.list().find((each) => each.id === taskId);
  if (!task) return plainRow(id, taskId, '');
  // Of a task of another window the state is not known here.
  const parts = [task.blocked ? words.word(task.blocked) : stateWord(task, words.t)];
  if (task.units > 0 && !isDone(task)) parts.push(percent(task.percent, words.locale));
  if (task.counts.failed > 0) parts.push(words.t('{count} failed', { count: task.counts.failed }));
  if (task.definitionRemoved) parts.push(words.t('definition removed'));
  const row = plainRow(id, task.name, parts.join(' · '));
  return {
    ...row,
    icon: taskIcon(task),
    contextValue: taskContext(task),
    expands: task.units === 0 ? 'no' : task.runState === 'idle' ? 'closed' : 'open',
    opensPanel: task.units === 0,
  };
}

function groupRow(node: Extract<TreeNode, { kind: 'group' }>, source: TreeSource, words: TreeWords): TreeRow {
  const task = source.list().find(({ id }) => id === node.taskId);
  const count = formatNumber(task?.counts[node.status] ?? 0, words.locale);
  return {
    ...plainRow(node.id, statusWord(node.status, words.t), count),
    icon: statusIcon(node.status),
    contextValue: `group.${node.status}.${task?.blocked ? 'blocked' : 'ready'}`,
    expands: node.status === 'running' || node.status === 'failed' ? 'open' : 'closed',
  };
}

function unitRow(id: string, status: UnitStatus, unit: Readonly<UnitRow>, words: TreeWords): TreeRow {
  return {
    ...plainRow(id, unit.name, unitDescription(status, unit, words)),
    icon: statusIcon(status),
    contextValue: `unit.${status}`,
    opensPanel: true,
  };
}

function unitDescription(status: UnitStatus, unit: Readonly<UnitRow>, words: TreeWords): string {
  const rows = (count: number): string => words.t('{count} rows', { count: formatNumber(count, words.locale) });
  switch (status) {
    case 'running':
    case 'paused':
      return unit.total === null || unit.total === 0
        ? rows(unit.processed)
        : percent(Math.min(99.9, (unit.processed / unit.total) * 100), words.locale);
    case 'failed':
      return unit.error ? words.word(unit.error) : '';
    case 'completed':
      return unit.rejected > 0
        ? `${rows(unit.processed)} · ${words.t('{count} rejected', { count: unit.rejected })}`
        : rows(unit.processed);
    case 'pending':
      return unit.reason ? words.word(unit.reason) : unit.total === null ? '' : rows(unit.total);
    default:
      return assertNever(status);
  }
}

/** Plain text: names and messages come from outside. Made only when the pointer rests on a row. */
export function tooltipOf(node: TreeNode, source: TreeSource, words: TreeWords): string {
  const row = rowOf(node, source, words);
  const lines = [row.label];
  if (node.kind === 'task') {
    const task = source.list().find(({ id }) => id === node.taskId);
    if (task?.description) lines.push(task.description);
    lines.push(row.description);
  } else if (node.kind === 'unit') {
    const { unit } = node;
    const { t, locale } = words;
    const total = unit.total === null ? t('unknown') : formatNumber(unit.total, locale);
    lines.push(`${statusWord(node.status, t)}: ${formatNumber(unit.processed, locale)} / ${total}`);
    if (unit.error) lines.push(words.word(unit.error));
    if (unit.error?.message) lines.push(unit.error.message.slice(0, 500));
    if (unit.reason) lines.push(words.word(unit.reason));
  } else if (row.description !== '') {
    lines.push(row.description);
  }
  return lines.join('\n');
}

function isDone(task: TaskSummary): boolean {
  return task.units > 0 && task.counts.completed === task.units;
}

/** Values that the manifest's `when` clauses read. */
export function taskContext(task: TaskSummary): string {
  const failed = task.counts.failed > 0 ? '+failed' : '';
  return `task.${contextState(task)}${failed}`;
}

function contextState(task: TaskSummary): RunState | 'blocked' | 'planning' | 'done' {
  if (task.blocked || (task.definitionRemoved && task.runState === 'idle')) return 'blocked';
  if (task.planning) return 'planning';
  if (task.runState === 'idle' && isDone(task)) return 'done';
  return task.runState;
}

export function stateWord(task: TaskSummary, t: Translate): string {
  if (task.planning) return t('planning');
  switch (task.runState) {
    case 'running':
      return t('running');
    case 'pausing':
      return t('pausing');
    case 'paused':
      return t('paused');
    case 'stopping':
      return t('stopping');
    case 'interrupted':
      return t('interrupted');
    case 'idle':
      return idleWord(task, t);
    default:
      return assertNever(task.runState);
  }
}

function idleWord(task: TaskSummary, t: Translate): string {
  if (task.outcome === 'failed') return t('could not start');
  if (isDone(task)) return t('completed');
  if (task.outcome === 'completed_with_errors') return t('completed with errors');
  if (task.units > 0 && task.percent > 0) return t('stopped');
  return t('ready');
}

export function statusWord(status: UnitStatus, t: Translate): string {
  switch (status) {
    case 'pending':
      return t('Pending');
    case 'running':
      return t('Running');
    case 'completed':
      return t('Completed');
    case 'failed':
      return t('Failed');
    case 'paused':
      return t('Paused');
    default:
      return assertNever(status);
  }
}

/** Shapes differ, not only colours. */
export function statusIcon(status: UnitStatus): TreeRow['icon'] {
  switch (status) {
    case 'pending':
      return { name: 'circle-outline', color: null };
    case 'running':
      return { name: 'sync', color: 'charts.blue' };
    case 'completed':
      return { name: 'pass', color: 'charts.green' };
    case 'failed':
      return { name: 'error', color: 'charts.red' };
    case 'paused':
      return { name: 'debug-pause', color: 'charts.yellow' };
    default:
      return assertNever(status);
  }
}

function taskIcon(task: TaskSummary): TreeRow['icon'] {
  if (task.blocked) return { name: 'lock', color: null };
  if (task.planning) return { name: 'loading~spin', color: null };
  switch (task.runState) {
    case 'running':
      return { name: 'sync~spin', color: 'charts.blue' };
    case 'pausing':
    case 'stopping':
      return { name: 'loading~spin', color: null };
    case 'paused':
      return { name: 'debug-pause', color: 'charts.yellow' };
    case 'interrupted':
      return { name: 'warning', color: 'charts.yellow' };
    case 'idle':
      if (task.counts.failed > 0 || task.outcome === 'failed') return { name: 'error', color: 'charts.red' };
      return isDone(task) ? { name: 'pass', color: 'charts.green' } : { name: 'database', color: null };
    default:
      return assertNever(task.runState);
  }
}

/** Whole numbers; below 1 and from 99 to 100 one decimal, so that it never shows 0 % of something or 100 % of less. */
export function percent(value: number, locale: string): string {
  const digits = (value > 0 && value < 1) || (value > 99 && value < 100) ? 1 : 0;
  const shown = digits === 1 ? Math.floor(value * 10) / 10 : Math.floor(value);
  return `${formatNumber(shown, locale, digits)}%`;
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
