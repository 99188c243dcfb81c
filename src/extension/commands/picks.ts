/** Which task, units or connection a command is about: the clicked one, the only one, or the chosen one. */
import * as vscode from 'vscode';
import type { Connection } from '../../config/model.ts';
import type { TaskId, UnitRow } from '../../core/model.ts';
import type { TaskSummary } from '../../engine/api.ts';
import { percentText } from '../../wording/percent.ts';
import { type EditorWords, editorWords } from '../editor-words.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Folders, OpenFolder } from '../folders.ts';
import { stateWord, statusWord } from '../tree/looks.ts';
import { meantItems } from './meant-items.ts';
import { hasTask } from './targets.ts';

/** Units in one list: more would make the list slow, and nobody reads them; the filter of the panel finds the others. */
const MOST_UNITS = 5_000;

interface PickParts {
  readonly slot: EngineSlot;
  readonly folders: Folders;
}

/**
 * @param target what the editor passed: a row of the tree, `{taskId}`, or nothing (palette, key)
 * @param fits tasks worth offering; when none fits, all are, so that the engine can say why not
 */
export async function pickTask(
  target: unknown,
  { slot, folders }: PickParts,
  fits: (task: TaskSummary) => boolean,
  placeHolder: string,
): Promise<TaskId | undefined> {
  await slot.ready();
  const tasks = slot.current()?.list() ?? [];
  if (hasTask(target)) return tasks.find(({ id }) => id === target.taskId)?.id;
  if (tasks.length === 0) {
    await offerFirstTask();
    return undefined;
  }
  const fitting = tasks.filter(fits);
  const offered = fitting.length > 0 ? fitting : tasks;
  if (offered.length === 1) return offered[0]?.id;
  const folderOf = folderWords(folders);
  const words = editorWords();
  const stateOf = (task: TaskSummary): string[] => [stateWord(task, words), percentText(task.percent, words.locale)];
  const items = offered.map((task) => ({
    label: task.name,
    description: [...folderOf(task.folder), ...stateOf(task)].join(' · '),
    detail: task.description,
    id: task.id,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.id;
}

/** The name of a folder when there are several; its path, too, when names are not enough. */
function folderWords(folders: Folders): (key: string) => readonly string[] {
  const all = folders.all();
  return (key) => {
    const folder = all.find((each) => each.key === key);
    if (all.length < 2 || !folder) return [];
    const isAmbiguous = all.some((each) => each !== folder && each.name === folder.name);
    return [isAmbiguous ? folder.uri.fsPath : folder.name];
  };
}

/**
 * @param none what is said when there is no unit to choose: why, and what to do
 * @returns undefined when the person gave up or there is none to choose
 */
export async function pickUnits(
  units: readonly Readonly<UnitRow>[],
  words: EditorWords,
  { placeHolder, none }: { readonly placeHolder: string; readonly none: string },
): Promise<readonly Readonly<UnitRow>[] | undefined> {
  if (units.length === 0) {
    void vscode.window.showInformationMessage(none);
    return undefined;
  }
  const items = units.slice(0, MOST_UNITS).map((unit) => unitItem(unit, words));
  const shown =
    units.length > MOST_UNITS
      ? vscode.l10n.t('{question} (the first {count})', { question: placeHolder, count: MOST_UNITS })
      : placeHolder;
  const picked = await pickSome(items, shown);
  return picked?.map(({ unit }) => unit);
}

/**
 * A list to check items in, in which Enter alone takes the one that the keyboard stands on or that was named by typing.
 * (The editor's own multi-pick closes on Enter with nothing checked, as if a person had given up.)
 */
function pickSome<T extends vscode.QuickPickItem>(
  items: readonly T[],
  placeholder: string,
): Promise<readonly T[] | undefined> {
  const pick = vscode.window.createQuickPick<T>();
  Object.assign(pick, { items, placeholder, canSelectMany: true, matchOnDescription: true });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const taken = meantItems(items, pick);
      if (taken.length === 0) {
        pick.title = vscode.l10n.t('Check units with the mouse or with ↓ and Space, then press Enter');
        return;
      }
      resolve(taken);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

export async function pickQueueEntry(
  entries: readonly Readonly<UnitRow>[],
  words: EditorWords,
  placeHolder: string,
): Promise<Readonly<UnitRow> | undefined> {
  const items = entries.slice(0, MOST_UNITS).map((unit, index) => {
    return { ...unitItem(unit, words), description: `${index + 1}` };
  });
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.unit;
}

function unitItem(unit: Readonly<UnitRow>, { t, word }: EditorWords) {
  const parts = [statusWord(unit.status, t), ...(unit.error ? [word(unit.error)] : [])];
  return { label: unit.name, description: parts.join(' · '), unit };
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
  const folderOf = folderWords(folders);
  const items = folders.all().flatMap((folder) =>
    [...(folder.definitions.current().model?.connections.values() ?? [])].filter(fits).map((connection) => ({
      label: connection.name,
      description: connection.type,
      detail: folderOf(folder.key).join(''),
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
