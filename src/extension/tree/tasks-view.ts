/**
 * The Tasks view. Events say what changed; this view redraws what is on the screen, at most every 500 ms, and has no
 * timer while it is hidden or nothing changes.
 */
import * as vscode from 'vscode';
import type { TaskId } from '../../core/model.ts';
import type { ViewChange } from '../../engine/api.ts';
import type { EngineSlot } from '../engine-slot.ts';
import { draggable, type QueueDrop, queueDrop } from './queue-drop.ts';
import {
  childrenOf,
  rowOf,
  type TaskLines,
  type TaskNode,
  type TreeNode,
  type TreeSource,
  type TreeWords,
  taskLines,
  taskNode,
  tooltipOf,
  type UnitNode,
} from './tree-model.ts';

/** What is dragged within this view, for VS Code. */
const ROWS = 'application/vnd.code.tree.datatrace.tasks';
const REDRAW_MS = 500;
/** A task's own line draws its open groups along. */
const TASK_REDRAW_MS = 2_000;

/** `at` = when the task's own line was drawn, ms. */
type ShownTask = TaskLines & { readonly at: number };

export interface TasksView extends vscode.Disposable {
  /** What is selected: for commands that a key of the view starts. */
  selection(): readonly TreeNode[];
  reveal(taskId: TaskId): Promise<void>;
}

/** @param dropped what is done with units that were dragged to another place of a queue */
export function createTasksView(
  slot: EngineSlot,
  source: TreeSource,
  words: TreeWords,
  dropped: (drop: QueueDrop) => Promise<void>,
): TasksView {
  const changed = new vscode.EventEmitter<TreeNode | TreeNode[] | undefined>();
  const nodes = new Map<string, TreeNode>();
  const shown = new Map<TaskId, ShownTask>();
  const openGroups = new Set<string>();
  const dirtyTasks = new Set<TaskId>();
  const dirtyUnits = new Set<string>();
  const dirtyQueues = new Set<TaskId>();
  let dirtyAll = false;
  let timer: NodeJS.Timeout | undefined;
  let drawnAt = 0;

  /** The editor finds rows by the identity of these objects: one for each id. */
  function known(node: TreeNode): TreeNode {
    const before = nodes.get(node.id);
    if (before && (node.kind !== 'unit' || (before.kind === 'unit' && before.unit === node.unit))) return before;
    nodes.set(node.id, node);
    return node;
  }

  const provider: vscode.TreeDataProvider<TreeNode> = {
    onDidChangeTreeData: changed.event,
    async getChildren(node) {
      await slot.ready();
      if (node === undefined) nodes.clear();
      const children = childrenOf(node, source).map(known);
      if (node === undefined || node.kind === 'folder')
        for (const child of children) if (child.kind === 'task') remember(child);
      if (node?.kind === 'group' && children.length > 0) openGroups.add(node.id);
      return children;
    },
    getTreeItem(node) {
      const row = rowOf(node, source, words);
      const item = new vscode.TreeItem(row.label, expansion(row.expands));
      item.id = row.id;
      item.description = row.description;
      item.contextValue = row.contextValue;
      item.accessibilityInformation = { label: row.accessibleLabel };
      const color = row.icon.color === null ? undefined : new vscode.ThemeColor(row.icon.color);
      item.iconPath = new vscode.ThemeIcon(row.icon.name, color);
      if (row.opensPanel && node.kind !== 'folder') {
        item.command = { command: 'datatrace.openPanel', title: words.t('Open panel'), arguments: [node] };
      }
      return item;
    },
    resolveTreeItem(item, node) {
      item.tooltip = tooltipOf(node, source, words);
      return item;
    },
    getParent: (node) => parentOf(node),
  };

  const dragAndDropController: vscode.TreeDragAndDropController<TreeNode> = {
    dragMimeTypes: [],
    dropMimeTypes: [ROWS],
    handleDrag: (rows, data) => data.set(ROWS, new vscode.DataTransferItem(draggable(rows))),
    async handleDrop(target, data) {
      const rows: unknown = data.get(ROWS)?.value;
      const drop = Array.isArray(rows) ? queueDrop(rows as UnitNode[], target) : undefined;
      if (drop) await dropped(drop);
    },
  };
  const view = vscode.window.createTreeView('datatrace.tasks', {
    treeDataProvider: provider,
    showCollapseAll: true,
    canSelectMany: true,
    dragAndDropController,
  });
  const subscriptions = [
    changed,
    view,
    view.onDidExpandElement(({ element }) => openGroups.add(element.id)),
    view.onDidCollapseElement(({ element }) => openGroups.delete(element.id)),
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) schedule();
    }),
    slot.onChange(onChange),
  ];

  function onChange(change: ViewChange): void {
    if (change.kind === 'tasks') dirtyAll = true;
    else dirtyTasks.add(change.taskId);
    if (change.kind === 'plan') shown.delete(change.taskId);
    if (change.kind === 'task') {
      for (const unit of change.units) dirtyUnits.add(unit);
      if (change.queue) dirtyQueues.add(change.taskId);
    }
    // What nobody sees is drawn when somebody does; then all of it.
    if (!view.visible) {
      dirtyAll = true;
      dirtyTasks.clear();
      dirtyUnits.clear();
      dirtyQueues.clear();
    }
    schedule();
  }

  function schedule(): void {
    if (timer || !view.visible || !(dirtyAll || dirtyTasks.size > 0)) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        redraw();
      },
      Math.max(0, REDRAW_MS - (Date.now() - drawnAt)),
    );
  }

  function redraw(): void {
    drawnAt = Date.now();
    const stale = dirtyAll ? undefined : [...dirtyTasks].flatMap(staleNodes);
    dirtyAll = false;
    dirtyTasks.clear();
    dirtyUnits.clear();
    dirtyQueues.clear();
    if (stale?.includes(undefined) !== false) changed.fire(undefined);
    else if (stale.length > 0) changed.fire(stale as TreeNode[]);
  }

  /** As little as possible: drawing a task costs all of its open groups, a group its units, a unit itself. */
  function staleNodes(taskId: TaskId): (TreeNode | undefined)[] {
    const task = source.list().find(({ id }) => id === taskId);
    const node = task && nodes.get(taskNode(task).id);
    const before = shown.get(taskId);
    if (node?.kind !== 'task' || !before) return [undefined];
    const now = remember(node);
    if (before.structure !== now.structure) return [node];
    if (before.description !== now.description && Date.now() - before.at >= TASK_REDRAW_MS) return [node];
    // The line of the task keeps the time, and the text, of its last drawing.
    shown.set(taskId, { ...now, at: before.at, description: before.description });
    const queue = `task/${taskId}/queue`;
    const isStale = ([id, count]: [string, string]): boolean =>
      before.groups.get(id) !== count || (id === queue && dirtyQueues.has(taskId));
    const groups = [...now.groups].filter(isStale).map(([id]) => id);
    const running = `task/${taskId}/running`;
    const units = openGroups.has(running) && !groups.includes(running) ? [...dirtyUnits] : [];
    return [...groups, ...units.map((unit) => `${running}/${unit}`)].flatMap((id) => nodes.get(id) ?? []);
  }

  /** Everything the lines of a task and of its groups show. */
  function remember(node: TaskNode): ShownTask {
    const lines = { ...taskLines(node.taskId, source, words), at: Date.now() };
    shown.set(node.taskId, lines);
    return lines;
  }

  function parentOf(node: TreeNode): TreeNode | undefined {
    if (node.kind === 'unit' || node.kind === 'more') return nodes.get(`task/${node.taskId}/${node.group}`);
    if (node.kind === 'group') return nodes.get(`task/${node.taskId}`);
    if ((node.kind !== 'task' && node.kind !== 'managed') || source.folders().length === 1) return undefined;
    const folder = source.list().find(({ id }) => id === node.taskId)?.folder;
    return folder === undefined ? undefined : nodes.get(`folder/${folder}`);
  }

  return {
    selection: () => view.selection,
    async reveal(taskId) {
      await vscode.commands.executeCommand('datatrace.tasks.focus');
      await slot.ready();
      const task = source.list().find(({ id }) => id === taskId);
      if (!task) return;
      const node = known(taskNode(task));
      await view.reveal(node, { select: true, focus: false, expand: true });
    },
    dispose() {
      clearTimeout(timer);
      vscode.Disposable.from(...subscriptions).dispose();
    },
  };
}

function expansion(expands: 'no' | 'open' | 'closed'): vscode.TreeItemCollapsibleState {
  switch (expands) {
    case 'no':
      return vscode.TreeItemCollapsibleState.None;
    case 'open':
      return vscode.TreeItemCollapsibleState.Expanded;
    case 'closed':
      return vscode.TreeItemCollapsibleState.Collapsed;
  }
}
