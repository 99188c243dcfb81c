/** The folders of the window that have tasks: taken in when `datatrace.json` is there or appears. */
import * as vscode from 'vscode';
import type { TaskId } from '../core/model.ts';
import type { Folder, TaskManager } from '../engine/api.ts';
import { CONFIG_NAME, createDefinitions, type FileDefinitions } from './config/definitions.ts';
import { createSecrets, type StoredSecrets } from './config/secrets.ts';
import { watchFile } from './config/watch-file.ts';
import type { EngineSlot } from './engine-slot.ts';
import { exists } from './exists.ts';
import type { Log } from './log.ts';
import { plainText } from './plain-text.ts';

export interface OpenFolder {
  readonly key: string;
  readonly name: string;
  readonly uri: vscode.Uri;
  readonly definitions: FileDefinitions;
  readonly secrets: StoredSecrets;
}

export interface Folders extends vscode.Disposable {
  all(): readonly OpenFolder[];
  ofTask(taskId: TaskId): OpenFolder | undefined;
  /** Name of an open folder, by its key. */
  nameOf(key: string): string | undefined;
  /** Takes in what is there now; folders and files that come later are taken in by themselves. */
  open(): Promise<void>;
  /** Looks at a folder again, for example after its first task was written. */
  refresh(uri: vscode.Uri): Promise<void>;
}

export interface FoldersPorts {
  readonly slot: EngineSlot;
  readonly secretStorage: vscode.SecretStorage;
  readonly log: Log;
  /** Composes what the engine needs of a folder. */
  engineFolder(parts: {
    readonly path: string;
    readonly name: string;
    readonly definitions: FileDefinitions;
    readonly secrets: (key: string) => StoredSecrets;
    readonly manager: TaskManager;
  }): Promise<Folder>;
}

export function createFolders(ports: FoldersPorts): Folders {
  const { slot, log } = ports;
  const opened = new Map<string, OpenFolder>();
  const waiting = new Map<string, vscode.Disposable>();
  let work = Promise.resolve();

  /** One after another: a folder is never taken in twice. */
  const inOrder = (step: () => Promise<void>): Promise<void> => {
    work = work.then(step).catch((error: unknown) => {
      log.error('A folder was not opened', { error });
      const detail = error instanceof Error ? error.message : String(error);
      const sentence = vscode.l10n.t('DataTrace could not open a folder: {detail}', { detail });
      void vscode.window.showErrorMessage(plainText(log.redactor.redact(sentence)));
    });
    return work;
  };

  async function take(folder: vscode.WorkspaceFolder): Promise<void> {
    const id = folder.uri.toString();
    if (opened.has(id) || folder.uri.scheme !== 'file') return;
    if (!(await exists(vscode.Uri.joinPath(folder.uri, CONFIG_NAME)))) return waitForFile(folder);
    waiting.get(id)?.dispose();
    waiting.delete(id);
    const [manager, definitions] = await Promise.all([slot.get(), createDefinitions(folder.uri, log)]);
    let secrets: StoredSecrets | undefined;
    const composed = ports.engineFolder({
      path: folder.uri.fsPath,
      name: folder.name,
      definitions,
      secrets(key) {
        secrets = createSecrets(ports.secretStorage, key, () => definitions.current().model, log);
        return secrets;
      },
      manager,
    });
    composed.catch(() => definitions.dispose());
    const engineFolder = await composed;
    secrets ??= createSecrets(ports.secretStorage, engineFolder.key, () => definitions.current().model, log);
    opened.set(id, { key: engineFolder.key, name: folder.name, uri: folder.uri, definitions, secrets });
    definitions.onChange(() => {
      showBadFile();
      slot.announce({ kind: 'tasks' });
    });
    await manager.addFolder(engineFolder);
    showBadFile();
    slot.announce({ kind: 'tasks' });
  }

  function waitForFile(folder: vscode.WorkspaceFolder): void {
    const id = folder.uri.toString();
    if (waiting.has(id)) return;
    const look = (): void => void inOrder(() => take(folder));
    waiting.set(id, watchFile(folder.uri, CONFIG_NAME, look));
  }

  async function drop(folder: vscode.WorkspaceFolder): Promise<void> {
    const id = folder.uri.toString();
    waiting.get(id)?.dispose();
    waiting.delete(id);
    const held = opened.get(id);
    if (!held) return;
    opened.delete(id);
    held.definitions.dispose();
    showBadFile();
    await slot.current()?.removeFolder(held.key);
    slot.announce({ kind: 'tasks' });
  }

  function showBadFile(): void {
    const bad = [...opened.values()].some(({ definitions }) => {
      const { model, problems } = definitions.current();
      return model === null && problems > 0;
    });
    void vscode.commands.executeCommand('setContext', 'datatrace.badFile', bad);
  }

  const takeAll = async (): Promise<void> => {
    for (const folder of vscode.workspace.workspaceFolders ?? []) await take(folder);
  };

  const subscriptions = [
    vscode.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      for (const folder of removed) void inOrder(() => drop(folder));
      for (const folder of added) void inOrder(() => take(folder));
    }),
    // Trusted now: what could only be looked at is opened.
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      void inOrder(async () => {
        for (const folder of vscode.workspace.workspaceFolders ?? []) await drop(folder);
        await takeAll();
      });
    }),
  ];

  return {
    all: () => [...opened.values()],
    nameOf: (key) => [...opened.values()].find((folder) => folder.key === key)?.name,
    ofTask(taskId) {
      const key = slot
        .current()
        ?.list()
        .find(({ id }) => id === taskId)?.folder;
      return [...opened.values()].find((folder) => folder.key === key);
    },
    open: () => inOrder(takeAll),
    refresh: (uri) =>
      inOrder(async () => {
        const folder = vscode.workspace.getWorkspaceFolder(uri);
        if (folder) await take(folder);
        await opened.get(folder?.uri.toString() ?? '')?.definitions.reload();
      }),
    dispose() {
      for (const each of [...subscriptions, ...waiting.values()]) each.dispose();
      for (const { definitions } of opened.values()) definitions.dispose();
    },
  };
}
