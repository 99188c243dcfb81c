/** One folder's engine for the length of a command. */

import type { ConfigModel } from '../config/model.ts';
import { environmentSecrets } from '../config/secrets.ts';
import type { Coded, TaskId } from '../core/model.ts';
import type { Disposable, Executor, PlanResult } from '../core/ports.ts';
import type { Folder, TaskManager } from '../engine/api.ts';
import { createExecutor } from '../engine/executor.ts';
import { createTaskManager } from '../engine/manager.ts';
import { folderStatus } from '../workspace/status.ts';
import { createStoreAccess } from '../workspace/store-access.ts';
import { systemClock, systemRandom } from '../workspace/system-clock.ts';
import type { CliHost, Voice } from './host.ts';

export interface Session {
  readonly manager: TaskManager;
  readonly model: ConfigModel;
  taskId(name: string): TaskId;
  /** Called with each plan that a start in this process makes, before anything is done about it. */
  onPlan(listener: (taskId: TaskId, plan: PlanResult) => void): Disposable;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly model: ConfigModel;
  readonly store: string | undefined;
  readonly maxRunning?: number | undefined;
  readonly verbose: boolean;
  /**
   * `now`: opened and read, as names and figures are asked for; `whenNeeded`: by the first command, after what it may be
   * refused for was looked at (plan and verify never need it). Nothing starts by itself.
   */
  readonly opens: 'now' | 'whenNeeded';
  /** The command lasts as long as its task runs: others may begin something in this process. */
  readonly stays: boolean;
}

const MAX_RUNNING_UNITS = 64;

/** Throws when the folder does not exist. */
export async function openSession(host: CliHost, voice: Voice, options: SessionOptions): Promise<Session> {
  const log = (line: Coded): void => {
    if (options.verbose) voice.tell('info', line);
  };
  const planListeners = new Set<(taskId: TaskId, plan: PlanResult) => void>();
  const executor = tellingPlans(
    createExecutor({
      workerFile: host.workerFile,
      clock: systemClock,
      eager: options.stays,
      connections: (args) => log({ code: 'connections.open', args: { ...args } }),
    }),
    (taskId, plan) => {
      for (const listener of planListeners) listener(taskId, plan);
    },
  );
  const manager = createTaskManager({
    clock: systemClock,
    executor,
    random: systemRandom,
    environment: (name) => host.env[name],
    secretKnown: voice.redactor.add,
    maxRunningUnits: options.maxRunning ?? MAX_RUNNING_UNITS,
    log,
  });
  let model = withoutResumeOnStart(options.model);
  const access = createStoreAccess({
    workspaceFolder: options.model.folder,
    storeFolder: options.store,
    app: 'command line',
    wasmFile: host.wasmFile,
    status: () => folderStatus(manager, access.place.key),
    log,
  });
  let trusted = options.opens === 'now';
  let closing = false;
  const folder: Folder = {
    key: access.place.key,
    path: options.model.folder,
    name: access.place.workspace,
    definitions: { current: () => ({ model, problems: 0 }), onChange: () => ({ dispose: () => undefined }) },
    secrets: environmentSecrets(host.env),
    access,
    trusted: () => trusted,
    stays: () => options.stays && !closing,
  };
  // Also while another process is waited for: its timers keep nothing alive.
  const alive = host.keepAlive();
  try {
    await manager.addFolder(folder);
  } catch (error) {
    alive.dispose();
    throw error;
  }
  trusted = true;
  model = options.model;
  return {
    manager,
    model: options.model,
    onPlan(listener) {
      planListeners.add(listener);
      return { dispose: () => void planListeners.delete(listener) };
    },
    taskId(name) {
      const id = manager.taskId(folder.key, name);
      if (id === undefined) throw new Error(`task ${name} is not in the configuration`);
      return id;
    },
    async close() {
      closing = true;
      try {
        await manager.dispose();
      } finally {
        alive.dispose();
      }
    },
  };
}

function tellingPlans(executor: Executor, planned: (taskId: TaskId, plan: PlanResult) => void): Executor {
  return {
    ...executor,
    async plan(request) {
      const plan = await executor.plan(request);
      planned(request.taskId, plan);
      return plan;
    },
  };
}

/** While the store is opened: a command starts what it was asked for, not what else was interrupted. */
function withoutResumeOnStart(model: ConfigModel): ConfigModel {
  const tasks = [...model.tasks].map(([name, task]) => [name, { ...task, resumeOnStart: false }] as const);
  return { ...model, tasks: new Map(tasks) };
}
