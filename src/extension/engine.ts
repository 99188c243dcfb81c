/** Loads the engine when it is needed, and gives it the machine's parts: workers, store files, environment. */
import * as vscode from 'vscode';
import type { Coded } from '../core/model.ts';
import type { Folder, TaskManager } from '../engine/api.ts';
import type { FoldersPorts } from './folders.ts';
import type { Log } from './log.ts';

export interface EnginePorts {
  readonly extensionUri: vscode.Uri;
  readonly log: Log;
  readonly word: (coded: Coded) => string;
}

export async function loadEngine(ports: EnginePorts): Promise<TaskManager> {
  const [{ createTaskManager }, { createExecutor }, { systemClock, systemRandom }] = await Promise.all([
    import('../engine/manager.ts'),
    import('../engine/executor.ts'),
    import('../workspace/system-clock.ts'),
  ]);
  const workerFile = vscode.Uri.joinPath(ports.extensionUri, 'dist', 'worker.js').fsPath;
  return createTaskManager({
    clock: systemClock,
    executor: createExecutor({
      workerFile,
      clock: systemClock,
      connections: (args) => ports.log.debug(ports.word({ code: 'connections.open', args: { ...args } })),
    }),
    random: systemRandom,
    environment: (name) => process.env[name],
    secretKnown: ports.log.redactor.add,
    maxRunningUnits: maxRunningUnits(),
    log: (line) => ports.log.warn(ports.word(line), { code: line.code }),
  });
}

/** Follows the setting while the engine is there. */
export function followSettings(current: () => TaskManager | undefined): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('datatrace.maxRunningUnits')) current()?.setMaxRunningUnits(maxRunningUnits());
  });
}

function maxRunningUnits(): number {
  const value = vscode.workspace.getConfiguration('datatrace').get<number>('maxRunningUnits', 64);
  return Number.isInteger(value) && value >= 1 ? Math.min(value, 1024) : 64;
}

/** What the engine needs of a folder: its file, its secrets, its store. */
export function engineFolders(ports: EnginePorts): FoldersPorts['engineFolder'] {
  return async ({ path, name, definitions, secrets, manager }): Promise<Folder> => {
    const [{ createStoreAccess }, { folderStatus }] = await Promise.all([
      import('../workspace/store-access.ts'),
      import('../workspace/status.ts'),
    ]);
    const storeFolder = vscode.workspace.getConfiguration('datatrace').get<string>('storeFolder', '');
    const wasmFile = vscode.Uri.joinPath(ports.extensionUri, 'dist', 'sql-wasm-debug.wasm').fsPath;
    const access = createStoreAccess({
      workspaceFolder: path,
      storeFolder: storeFolder === '' ? undefined : storeFolder,
      app: vscode.env.appName,
      wasmFile,
      status: () => folderStatus(manager, access.place.key),
      log: (line) => ports.log.warn(ports.word(line), { code: line.code }),
    });
    const { key } = access.place;
    const trusted = (): boolean => vscode.workspace.isTrusted;
    return { key, name, path, definitions, secrets: secrets(key), access, trusted };
  };
}
