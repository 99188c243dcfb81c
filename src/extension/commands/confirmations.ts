/** What is asked before something that cannot be taken back. */
import * as vscode from 'vscode';
import type { ConfigModel, TaskConfig } from '../../config/model.ts';
import { outsidePaths } from '../../config/outside-paths.ts';
import { productionTarget } from '../../config/unsupported.ts';
import type { Mode } from '../../core/model.ts';
import type { StartOptions, TaskSummary } from '../../engine/api.ts';
import { askForMissingSecrets } from '../config/secrets.ts';
import type { OpenFolder } from '../folders.ts';

const CONSENT_KEY = 'datatrace.outsidePaths';

/** @returns what the person agreed to, or undefined when they gave up. */
export async function confirmStart(
  folder: OpenFolder | undefined,
  taskName: string,
  state: vscode.Memento,
): Promise<Pick<StartOptions, 'confirmProduction' | 'confirmOutside'> | undefined> {
  // The saved file is in force, also when nobody told us that it changed.
  await folder?.definitions.reload();
  const model = folder?.definitions.current().model;
  const task = model?.tasks.get(taskName);
  // The engine says what is wrong with a task that is not defined.
  if (!folder || !model || !task) return {};
  const connections = [model.connections.get(task.source), model.connections.get(task.target)];
  if (!(await askForMissingSecrets(connections, folder.secrets))) return undefined;
  const outside = await pathsOutside(task, model);
  if (outside.length > 0 && !(await agreeToPaths(outside, taskName, state))) return undefined;
  const agreed = outside.length > 0 ? { confirmOutside: true } : {};
  const production = productionTarget(task, model);
  if (production === null) return agreed;
  return (await typeName(production)) ? { ...agreed, confirmProduction: production } : undefined;
}

/**
 * What looking at both ends asks for: it writes nothing, but it opens files and hands secrets to servers.
 * @returns false when the person gave up.
 */
export async function confirmLook(
  folder: OpenFolder,
  ends: Ends,
  name: string,
  state: vscode.Memento,
): Promise<boolean> {
  const model = folder.definitions.current().model;
  if (!model) return true;
  const connections = [model.connections.get(ends.source), model.connections.get(ends.target)];
  if (!(await askForMissingSecrets(connections, folder.secrets))) return false;
  const outside = await pathsOutside(ends, model);
  return outside.length === 0 || agreeToPaths(outside, name, state);
}

/** Names of two connections; the same one twice when only one is looked at. */
type Ends = Pick<TaskConfig, 'source' | 'target'>;

async function pathsOutside(ends: Ends, model: ConfigModel): Promise<string[]> {
  return [...new Set((await outsidePaths(ends, model)).map((each) => each.path))];
}

/** Asked once for each set of paths. */
async function agreeToPaths(paths: readonly string[], name: string, state: vscode.Memento): Promise<boolean> {
  const consent = JSON.stringify([...paths].sort());
  const given = state.get<readonly string[]>(CONSENT_KEY, []);
  if (given.includes(consent)) return true;
  const yes = vscode.l10n.t('Use these files');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('{name} uses files outside of the workspace folder.', { name }),
    { modal: true, detail: paths.join('\n') },
    yes,
  );
  if (answer !== yes) return false;
  await state.update(CONSENT_KEY, [...given, consent]);
  return true;
}

async function typeName(target: string): Promise<boolean> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('{target} is a production system', { target }),
    prompt: vscode.l10n.t('Type {target} to write to it.', { target }),
    ignoreFocusOut: true,
    validateInput: (value) =>
      value === '' || target.startsWith(value) ? undefined : vscode.l10n.t('This is not {target}.', { target }),
  });
  return typed === target;
}

export function confirmRunAgain(task: string, target: string): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Copy all units of {task} to {target} again?', { task, target }),
    vscode.l10n.t('Every unit starts from its beginning, completed ones too.'),
    vscode.l10n.t('Run again'),
  );
}

export function confirmUnitsAgain(task: string, count: number, target: string): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Copy the chosen units of {task} to {target} again ({count})?', { task, target, count }),
    vscode.l10n.t('Every chosen unit starts from its beginning, completed ones too.'),
    vscode.l10n.t('Run again'),
  );
}

export function confirmReset(task: string): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Forget the progress of {task}?', { task }),
    vscode.l10n.t('Every unit becomes pending; what is in the target stays there.'),
    vscode.l10n.t('Reset progress'),
  );
}

export function confirmDelete(task: string, target: string): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Delete everything that is stored of {task}?', { task }),
    [
      vscode.l10n.t('Lost: its progress and checkpoints, its queue and mode, the records of its runs.'),
      vscode.l10n.t('Kept: its definition in datatrace.json, and everything in the target {target}.', { target }),
    ].join('\n'),
    vscode.l10n.t('Delete stored data'),
  );
}

/** @param reason which tasks must complete first, as the engine says it */
export function confirmIgnoreAfter(reason: string): Promise<boolean> {
  return confirm(reason, vscode.l10n.t('Start anyway, without waiting for them?'), vscode.l10n.t('Start anyway'));
}

/** @param managed who manages the folder, as the engine says it */
export function confirmTakeOver(folder: string, managed: string): Promise<boolean> {
  return confirm(
    vscode.l10n.t('Take over the tasks of {folder}?', { folder }),
    `${managed}\n${vscode.l10n.t('What runs there ends as by a crash: nothing is lost, and Resume goes on here.')}`,
    vscode.l10n.t('Take over'),
  );
}

/** @returns undefined when the person gave up */
export async function chooseMode(task: TaskSummary | undefined): Promise<Mode | undefined> {
  const describe = (mode: Mode): string => {
    if (task?.switchingTo === mode) return vscode.l10n.t('switching');
    if (task?.mode !== mode) return '';
    return task.switchingTo === null ? vscode.l10n.t('in force') : vscode.l10n.t('in force: cancels the switch');
  };
  const items: readonly (vscode.QuickPickItem & { readonly mode: Mode })[] = [
    {
      label: vscode.l10n.t('Auto'),
      description: describe('auto'),
      detail: vscode.l10n.t('All unfinished units are scheduled automatically.'),
      mode: 'auto',
    },
    {
      label: vscode.l10n.t('Manual'),
      description: describe('manual'),
      detail: vscode.l10n.t('Only the units that you add to the queue run, in your order.'),
      mode: 'manual',
    },
  ];
  const placeHolder = vscode.l10n.t('Mode of {task}: running units finish first', { task: task?.name ?? '' });
  // The other mode is what somebody wants who asks.
  const sorted = task?.mode === 'auto' && task.switchingTo === null ? [...items].reverse() : items;
  return (await vscode.window.showQuickPick(sorted, { placeHolder }))?.mode;
}

/** A modal question with one way on. */
async function confirm(question: string, detail: string, yes: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}
