/** The part of `startup.ts` that runs inside the extension host: activates the extension and looks at what it leaves. */
import { createHook } from 'node:async_hooks';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DataTraceApi } from '../../src/extension/extension.ts';
import { ownTasks, recordWhile } from '../host/own-tasks.ts';

/** A store is given back 30 s after the last work: by then a window that does nothing must own nothing. */
const AT_REST_MS = 40_000;

export interface ActivationFigures {
  /** Loading the script, and `activate()` itself: what other extensions have to wait for. */
  readonly load_ms: number;
  readonly activate_ms: number;
  /** Until VS Code had the extension's answer, and until the folder and its store were open. */
  readonly resolved_ms: number;
  readonly ready_ms: number;
}

export interface TaskFigures {
  readonly longest_task_ms: number;
  readonly wall_ms: number;
  readonly places: readonly string[];
}

export interface IdleFigures {
  readonly tcp_sockets: number;
  readonly timers: number;
  readonly listening_sockets: number;
  /** Where the timers were set. */
  readonly places: readonly string[];
}

/** Called by VS Code (extensionTestsPath). What to measure is the name of the folder that is open. */
export async function run(): Promise<void> {
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const config = path.join(workspace, 'datatrace.json');
  // It is put there now, so that the window did not activate the extension before we look.
  fs.renameSync(`${config}.later`, config);
  const measure = { activation, tasks, idle }[path.basename(workspace).replace(/-\d+$/, '')];
  if (measure === undefined) throw new Error(`nothing is known to be measured in ${workspace}`);
  console.log('%s', `[host-test] figures ${JSON.stringify(await measure())}`);
}

async function activation(): Promise<ActivationFigures> {
  let load = 0;
  const extensions = loaders();
  const script = scriptOf(extension());
  const original = extensions['.js'];
  if (original === undefined) throw new Error('this Node loads scripts in another way');
  extensions['.js'] = (module: unknown, file: string) => {
    const begun = performance.now();
    original(module, file);
    if (fs.realpathSync(file) === script) load = performance.now() - begun;
  };
  const begun = performance.now();
  const api = await extension().activate();
  const resolved = performance.now() - begun;
  extensions['.js'] = original;
  await api.ready();
  if (load === 0) throw new Error(`the loading of ${script} was not seen`);
  return { load_ms: load, activate_ms: api.activationMs, resolved_ms: resolved, ready_ms: performance.now() - begun };
}

async function tasks(): Promise<TaskFigures> {
  const record = await recordWhile(async () => {
    const api = await extension().activate();
    await api.ready();
  });
  const script = scriptOf(extension());
  const [longest] = ownTasks(record, (url) => url.endsWith(script));
  return { longest_task_ms: longest?.ms ?? 0, wall_ms: longest?.wallMs ?? 0, places: longest?.places ?? [] };
}

async function idle(): Promise<IdleFigures> {
  const script = scriptOf(extension());
  const installed = path.join(extension().extensionPath, 'dist', 'extension.js');
  const live = new Map<number, string>();
  const hook = createHook({
    init(id, type) {
      if (type !== 'Timeout') return;
      // Who asked Node for it: the editor's own timers are set while it answers our calls, too.
      const [, , ...callers] = new Error().stack?.split('\n') ?? [];
      const caller = callers.find((line) => !line.includes('node:'));
      if (caller?.includes(script) || caller?.includes(installed)) live.set(id, caller.trim());
    },
    destroy: (id) => void live.delete(id),
  }).enable();
  const tcpBefore = tcpSockets();
  const listeningBefore = listening();
  const api = await extension().activate();
  await api.ready();
  if (api.tasks().length !== 1) throw new Error('the task of the folder is not there');
  if (live.size === 0) throw new Error('no timer is seen while the store is owned: then none would be seen later');
  const deadline = performance.now() + AT_REST_MS;
  while (live.size > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 250));
  hook.disable();
  return {
    tcp_sockets: [...tcpSockets()].filter((socket) => !tcpBefore.has(socket)).length,
    timers: live.size,
    listening_sockets: listening() - listeningBefore,
    places: [...live.values()],
  };
}

type Loader = (module: unknown, file: string) => void;

/** How this process loads a script: the extension host requires extensions. */
function loaders(): Record<string, Loader | undefined> {
  return (createRequire(__filename)('node:module') as { _extensions: Record<string, Loader> })._extensions;
}

function extension(): vscode.Extension<DataTraceApi> {
  const found = vscode.extensions.getExtension<DataTraceApi>('datatrace.datatrace');
  if (found === undefined) throw new Error('the host knows no extension datatrace.datatrace');
  return found;
}

function scriptOf({ extensionPath }: vscode.Extension<DataTraceApi>): string {
  return fs.realpathSync(path.join(extensionPath, 'dist', 'extension.js'));
}

/** The TCP sockets of this process, by their inodes. */
function tcpSockets(): Set<string> {
  const ofMachine = new Set(
    ['tcp', 'tcp6'].flatMap((table) =>
      fs
        .readFileSync(`/proc/self/net/${table}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/)[9] ?? ''),
    ),
  );
  const mine = fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
    } catch {
      return []; // the descriptor of the listing itself
    }
  });
  return new Set(mine.filter((inode) => ofMachine.has(inode)));
}

function listening(): number {
  return process.getActiveResourcesInfo().filter((kind) => /Server/.test(kind)).length;
}
