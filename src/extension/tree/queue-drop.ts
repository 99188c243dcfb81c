/** What it means to drop rows of the tree on another row: units go into the queue, within it, or out of it. */
import type { Place } from '../../core/events.ts';
import type { TaskId, UnitId } from '../../core/model.ts';
import type { TreeNode, UnitNode } from './tree-model.ts';

export type QueueDrop =
  | { readonly kind: 'add' | 'move'; readonly taskId: TaskId; readonly unitIds: readonly UnitId[]; readonly to: Place }
  | { readonly kind: 'remove'; readonly taskId: TaskId; readonly unitIds: readonly UnitId[] };

/** Rows that may be dragged: what waits, or may wait, in a queue. */
export function draggable(nodes: readonly TreeNode[]): UnitNode[] {
  return nodes.flatMap((node) =>
    node.kind === 'unit' && node.group !== 'running' && node.group !== 'completed' ? [node] : [],
  );
}

/** undefined = nothing: another task, a place that is none, a row on itself. */
export function queueDrop(dragged: readonly UnitNode[], target: TreeNode | undefined): QueueDrop | undefined {
  if (target === undefined || (target.kind !== 'unit' && target.kind !== 'group')) return undefined;
  const { taskId } = target;
  const units = dragged.filter((node) => node.taskId === taskId);
  if (units.length === 0) return undefined;
  if (target.group === 'pending') {
    const unitIds = units.filter(({ group }) => group === 'queue').map(({ unit }) => unit.id);
    return unitIds.length === 0 ? undefined : { kind: 'remove', taskId, unitIds };
  }
  if (target.group !== 'queue') return undefined;
  const unitIds = units.map(({ unit }) => unit.id);
  if (target.kind === 'unit' && unitIds.includes(target.unit.id)) return undefined;
  const to: Place = target.kind === 'unit' ? { kind: 'before', unitId: target.unit.id } : { kind: 'bottom' };
  const kind = units.every(({ group }) => group === 'queue') ? 'move' : 'add';
  return { kind, taskId, unitIds, to };
}
