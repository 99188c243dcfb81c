/** The composition root: what the editor loads. Everything heavy is loaded later, when something needs it. */
import * as vscode from 'vscode';
import type { TaskId } from '../core/model.ts';
import type { TaskSummary } from '../engine/api.ts';
import { systemClock } from '../workspace/system-clock.ts';
import { createCommands } from './commands/commands.ts';
import { registerCommands } from './commands/register.ts';
import { createTaskActions } from './commands/task-actions.ts';
import { tell } from './commands/tell.ts';
import { createTexts } from './commands/texts.ts';
import { createConfigProblems } from './config/problems.ts';
import { editorWords } from './editor-words.ts';
import { engineFolders, followSettings, loadEngine } from './engine.ts';
import { createEngineSlot, type EngineSlot } from './engine-slot.ts';
import { createFolders } from './folders.ts';
import { createLog } from './log.ts';
import { openOnStart } from './open-on-start.ts';
import { createPanelCommands } from './panel/panel-commands.ts';
import { createPanels } from './panel/panels.ts';
import { createRunNotifications } from './run-notifications.ts';
import { createStatusBar } from './status-bar.ts';
import { createTasksView } from './tree/tasks-view.ts';
import { treeAsText } from './tree/tree-model.ts';
import { treeSource } from './tree/tree-source.ts';

/** What other extensions, and tests, may ask. */
export interface DataTraceApi {
  readonly version: 1;
  /** Resolves when the folders of the window have been looked at. */
  ready(): Promise<void>;
  tasks(): readonly TaskSummary[];
  treeAsText(): string;
  /** ms the editor waited for the activation. */
  readonly activationMs: number;
}

let slot: EngineSlot | undefined;

export function activate(context: vscode.ExtensionContext): DataTraceApi {
  const begun = performance.now();
  const { extensionUri, workspaceState: state, secrets: secretStorage } = context;
  const words = editorWords();
  const { word } = words;
  const log = createLog();
  const engine = createEngineSlot(() => loadEngine({ extensionUri, log, word }));
  slot = engine;

  const folders = createFolders({
    slot: engine,
    secretStorage,
    log,
    engineFolder: engineFolders({ extensionUri, log, word }),
  });
  const source = treeSource(engine, folders);
  const actions = createTaskActions({ slot: engine, folders, state, words, log });
  const view = createTasksView(engine, source, words, async (drop) => tell(await actions.drop(drop), log, words));
  const panels = createPanels({
    extensionUri,
    state,
    slot: engine,
    clock: systemClock,
    log,
    folderUri: (taskId: TaskId) => folders.ofTask(taskId)?.uri.toString() ?? '',
    run: createPanelCommands(engine, actions, log, (command, target) =>
      vscode.commands.executeCommand(command, target),
    ),
  });
  const texts = createTexts();
  const { version } = context.extension.packageJSON as { version: string };
  const commands = createCommands({ slot: engine, folders, panels, view, actions, state, texts, log, words, version });
  context.subscriptions.push(
    log,
    folders,
    view,
    panels,
    texts,
    createStatusBar(engine, words),
    createRunNotifications(engine, folders, log),
    createConfigProblems(folders, word),
    followSettings(engine.current),
    registerCommands(commands, log, word),
  );

  const opened = folders.open();
  engine.setReady(opened);
  void opened
    .then(() => panels.replaceStale())
    .then(() => openOnStart({ slot: engine, panels, view, actions, log }))
    .catch((error: unknown) => log.error('The window was not opened completely', { error }));

  const activationMs = performance.now() - begun;
  log.info(`DataTrace ${version} is active after ${activationMs.toFixed(1)} ms.`);
  return {
    version: 1,
    ready: () => engine.ready(),
    tasks: () => engine.current()?.list() ?? [],
    treeAsText: () => treeAsText(source, words),
    activationMs,
  };
}

/** Units stop as by a crash: nothing is lost. The editor waits 5 s at most. */
export async function deactivate(): Promise<void> {
  await slot?.dispose();
}
