/** `datatrace.json` of one folder, followed on the disk. The saved file is in force; a bad one leaves the last good one. */
import * as vscode from 'vscode';
import type { ConfigModel } from '../../config/model.ts';
import type { Definitions } from '../../engine/api.ts';
import type { Logger } from '../../host/logger.ts';
import { watchFile } from './watch-file.ts';

export const CONFIG_NAME = 'datatrace.json';

export interface FileDefinitions extends Definitions, vscode.Disposable {
  /** Reads the file again; listeners hear of it when something changed. */
  reload(): Promise<void>;
  readonly found: boolean;
}

/** @returns after the first reading. */
export async function createDefinitions(folder: vscode.Uri, log: Logger): Promise<FileDefinitions> {
  // The checks and their schema are loaded when there is something to check.
  const { loadFolder } = await import('../../config/load.ts');
  const listeners = new Set<() => void>();
  const file = vscode.Uri.joinPath(folder, CONFIG_NAME);
  let model: ConfigModel | null = null;
  let problems = 0;
  let found = false;
  let text: string | null | undefined;
  let reading = Promise.resolve();

  async function read(): Promise<void> {
    const loaded = await loadFolder(folder.fsPath);
    const errors = loaded.problems.filter(({ severity }) => severity === 'error').length;
    const same = loaded.text === text && loaded.found === found && loaded.text !== null;
    ({ found, text } = loaded);
    if (same) return;
    problems = found ? errors : 0;
    if (loaded.model) model = loaded.model;
    else if (!found) model = null;
    if (errors > 0 && found) log.warn(`${file.fsPath} has ${errors} errors; what was in force before stays in force.`);
    for (const listener of [...listeners]) listener();
  }

  const reload = (): Promise<void> => {
    reading = reading.then(read).catch((error: unknown) => log.error('The configuration was not read', { error }));
    return reading;
  };

  const watcher = watchFile(folder, CONFIG_NAME, () => void reload());
  await reload();

  return {
    current: () => ({ model, problems }),
    get found() {
      return found;
    },
    reload,
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose() {
      listeners.clear();
      watcher.dispose();
    },
  };
}
