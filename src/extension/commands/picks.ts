/** Which task or connection a command is about: the clicked one, the only one, or the chosen one. */
import * as vscode from 'vscode';
import type { Connection } from '../../config/model.ts';
import type { TaskId } from '../../core/model.ts';
import type { TaskSummary } from '../../engine/api.ts';
import { translate } from '../editor-words.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Folders, OpenFolder } from '../folders.ts';
import { stateWord } from '../tree/tree-model.ts';

/**
 * @param target what the editor passed: a row of the tree, `{taskId}`, or nothing (palette, key)
 * @param fits tasks worth offering; when none fits, all are, so that the engine can say why not
 */
export async function pickTask(
  target: unknown,
  slot: EngineSlot,
  fits: (task: TaskSummary) => boolean,
  placeHolder: string,
): Promise<TaskId | undefined> {
  await slot.ready();
  const tasks = slot.current()?.list() ?? [];
  const given = taskIdIn(target);
  if (given !== undefined) return tasks.find(({ id }) => id === given)?.id;
  if (tasks.length === 0) {
    await offerFirstTask();
    return undefined;
  }
  const fitting = tasks.filter(fits);
  const offered = fitting.length > 0 ? fitting : tasks;
  if (offered.length === 1) return offered[0]?.id;
  const items = offered.map((task) => ({
    label: task.name,
    description: `${stateWord(task, translate)} · ${Math.floor(task.percent)}%`,
    detail: task.description,
    id: task.id,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.id;
}

function taskIdIn(target: unknown): TaskId | undefined {
  if (typeof target !== 'object' || target === null || !('taskId' in target)) return undefined;
  return typeof target.taskId === 'string' ? target.taskId : undefined;
}

async function offerFirstTask(): Promise<void> {
  const create = vscode.l10n.t('Create sync task');
  const demo = vscode.l10n.t('Open the demo');
  const answer = await vscode.window.showInformationMessage(vscode.l10n.t('There is no task yet.'), create, demo);
  if (answer === create) await vscode.commands.executeCommand('datatrace.createTask');
  if (answer === demo) await vscode.commands.executeCommand('datatrace.openDemo');
}

export async function pickFolder(folders: Folders, placeHolder: string): Promise<OpenFolder | undefined> {
  const all = folders.all();
  if (all.length <= 1) return all[0];
  const items = all.map((folder) => ({ label: folder.name, description: folder.uri.fsPath, folder }));
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.folder;
}

export async function pickConnection(
  folders: Folders,
  fits: (connection: Connection) => boolean,
  placeHolder: string,
): Promise<{ readonly folder: OpenFolder; readonly connection: Connection } | undefined> {
  const items = folders.all().flatMap((folder) =>
    [...(folder.definitions.current().model?.connections.values() ?? [])].filter(fits).map((connection) => ({
      label: connection.name,
      description: connection.type,
      detail: folders.all().length > 1 ? folder.name : '',
      folder,
      connection,
    })),
  );
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No connection of datatrace.json fits.'));
    return undefined;
  }
  return vscode.window.showQuickPick(items, { placeHolder });
}
