/** One folder's engine for the length of a command. */

import type { ConfigModel } from '../config/model.ts';
import { environmentSecrets } from '../config/secrets.ts';
import type { Coded, TaskId } from '../core/model.ts';
import type { Folder, TaskManager } from '../engine/api.ts';
import { createExecutor } from '../engine/executor.ts';
import { createTaskManager } from '../engine/manager.ts';
import { folderStatus } from '../workspace/status.ts';
import { createStoreAccess } from '../workspace/store-access.ts';
import { systemClock } from '../workspace/system-clock.ts';
import type { CliHost, Voice } from './host.ts';

export interface Session {
  readonly manager: TaskManager;
  /** Key of the folder. */
  readonly key: string;
  /** Folder of the store. */
  readonly dataFolder: string;
  taskId(name: string): TaskId;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly model: ConfigModel;
  readonly store: string | undefined;
  readonly maxRunning?: number | undefined;
  readonly verbose: boolean;
  /**
   * `never`: the store is not touched (plan, verify); `look`: opened and read, no task starts;
   * `act`: opened by the first command, so that no other task resumes by itself.
   */
  readonly use: 'never' | 'look' | 'act';
}

const MAX_RUNNING_UNITS = 64;

/** Throws when the folder does not exist. */
export async function openSession(host: CliHost, voice: Voice, options: SessionOptions): Promise<Session> {
  const log = (line: Coded): void => {
    if (options.verbose) voice.tell('info', line);
  };
  const executor = createExecutor({ workerFile: host.workerFile, clock: systemClock });
  const manager = createTaskManager({
    clock: systemClock,
    executor,
    environment: (name) => host.env[name],
    maxRunningUnits: options.maxRunning ?? MAX_RUNNING_UNITS,
    log,
  });
  const model = options.use === 'look' ? withoutResumeOnStart(options.model) : options.model;
  const access = createStoreAccess({
    workspaceFolder: options.model.folder,
    storeFolder: options.store,
    app: 'command line',
    wasmFile: host.wasmFile,
    status: () => folderStatus(manager, access.place.key),
    log,
  });
  let trusted = options.use === 'look';
  const folder: Folder = {
    key: access.place.key,
    path: options.model.folder,
    name: access.place.workspace,
    definitions: { current: () => ({ model, problems: 0 }), onChange: () => ({ dispose: () => undefined }) },
    secrets: environmentSecrets(host.env),
    access,
    trusted: () => trusted,
  };
  await manager.addFolder(folder);
  trusted = options.use !== 'never';
  const alive = host.keepAlive();
  return {
    manager,
    key: folder.key,
    dataFolder: access.place.folder,
    taskId(name) {
      const id = manager.taskId(folder.key, name);
      if (id === undefined) throw new Error(`task ${name} is not in the configuration`);
      return id;
    },
    async close() {
      try {
        await manager.dispose();
      } finally {
        alive.dispose();
      }
    },
  };
}

/** Looking at tasks must not start them. */
function withoutResumeOnStart(model: ConfigModel): ConfigModel {
  const tasks = [...model.tasks].map(([name, task]) => [name, { ...task, resumeOnStart: false }] as const);
  return { ...model, tasks: new Map(tasks) };
}
