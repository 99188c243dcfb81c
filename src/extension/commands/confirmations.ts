/** What is asked before something that cannot be taken back. */
import * as vscode from 'vscode';
import type { ConfigModel, TaskConfig } from '../../config/model.ts';
import { outsidePaths } from '../../config/outside-paths.ts';
import { productionTarget } from '../../config/unsupported.ts';
import type { StartOptions } from '../../engine/api.ts';
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

export async function confirmRunAgain(task: string, target: string): Promise<boolean> {
  const yes = vscode.l10n.t('Run again');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Copy all units of {task} to {target} again?', { task, target }),
    { modal: true, detail: vscode.l10n.t('Every unit starts from its beginning, completed ones too.') },
    yes,
  );
  return answer === yes;
}

export async function confirmReset(task: string): Promise<boolean> {
  const yes = vscode.l10n.t('Reset progress');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Forget the progress of {task}?', { task }),
    { modal: true, detail: vscode.l10n.t('Every unit becomes pending; what is in the target stays there.') },
    yes,
  );
  return answer === yes;
}
