/** `datatrace.openOnStart`: shows a task when the window opens, and starts it if it has never run. */
import * as vscode from 'vscode';
import type { TaskActions } from './commands/task-actions.ts';
import type { EngineSlot } from './engine-slot.ts';
import type { Log } from './log.ts';
import { type Panels, panelTabs } from './panel/panels.ts';
import type { TasksView } from './tree/tasks-view.ts';

export async function openOnStart(parts: {
  readonly slot: EngineSlot;
  readonly panels: Panels;
  readonly view: TasksView;
  readonly actions: TaskActions;
  readonly log: Log;
}): Promise<void> {
  const name = vscode.workspace.getConfiguration('datatrace').get<string>('openOnStart', '');
  if (name === '' || !vscode.workspace.isTrusted) return;
  const task = parts.slot
    .current()
    ?.list()
    .find((each) => each.name === name);
  if (!task) return;
  // After a reload the editor restores what was open.
  if (panelTabs().length === 0) await parts.panels.open(task.id);
  await parts.view.reveal(task.id);
  const untouched = task.runState === 'idle' && task.units === 0 && task.outcome === null && !task.blocked;
  if (!untouched) return;
  parts.log.info(`Starting ${name}: datatrace.openOnStart asks for it.`);
  await parts.actions.start(task.id);
  await parts.view.reveal(task.id); // its units are known now
}
