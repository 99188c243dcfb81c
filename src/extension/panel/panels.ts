/**
 * The panels of tasks in the editor area: one for each task, restored after a reload, reloaded when they stay blank,
 * closed and opened again when the extension host died under them.
 */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Answer } from '../../core/events.ts';
import { assertNever, type TaskId } from '../../core/model.ts';
import type { Clock } from '../../core/ports.ts';
import type { TaskManager } from '../../engine/api.ts';
import type { TaskHeader, ViewMessage } from '../../protocol/panel.ts';
import { percentText } from '../../wording/percent.ts';
import { sentencesOf } from '../../wording/word.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Log } from '../log.ts';
import { newNonce, pageOf } from './page.ts';
import { createPanelSession, type PanelSession } from './session.ts';
import { createWatchdog } from './watchdog.ts';

export const VIEW_TYPE = 'datatrace.task';

const STATE_KEY = 'datatrace.openPanels';

type Command = Extract<ViewMessage, { type: 'command' }>;

export interface PanelsPorts {
  readonly extensionUri: vscode.Uri;
  readonly state: vscode.Memento;
  readonly slot: EngineSlot;
  readonly clock: Clock;
  readonly log: Log;
  /** The workspace folder of a task, for the page's kept state. */
  folderUri(taskId: TaskId): string;
  run(taskId: TaskId, command: Command): Promise<Answer>;
}

export interface Panels extends vscode.Disposable {
  open(taskId: TaskId, column?: vscode.ViewColumn): Promise<void>;
  /** Closes tabs that a dead extension host left in this window and opens them again. */
  replaceStale(): Promise<void>;
  readonly count: number;
}

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly folderUri: string;
  /** Ends everything of ours; the tab stays. */
  readonly letGo: () => void;
}

interface KeptPanels {
  readonly sessionId: string;
  readonly panels: readonly { readonly taskId: TaskId; readonly column: number }[];
}

export function createPanels(ports: PanelsPorts): Panels {
  const open = new Map<TaskId, OpenPanel>();
  const dist = vscode.Uri.joinPath(ports.extensionUri, 'dist', 'webview');
  const media = vscode.Uri.joinPath(ports.extensionUri, 'media');
  const keptAtStart = ports.state.get<KeptPanels>(STATE_KEY);

  const restoring = new Set<Promise<void>>();

  const serializer = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
    deserializeWebviewPanel(panel, state: unknown) {
      const restored = restore(panel, taskIdOf(state)).finally(() => restoring.delete(restored));
      restoring.add(restored);
      return restored;
    },
  });

  /** What left the window leaves no panel that looks alive. */
  const folders = vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
    const gone = new Set(removed.map(({ uri }) => uri.toString()));
    for (const { panel, folderUri } of [...open.values()]) if (gone.has(folderUri)) panel.dispose();
  });

  async function restore(panel: vscode.WebviewPanel, taskId: TaskId | undefined): Promise<void> {
    await ports.slot.ready();
    const manager = ports.slot.current();
    const task = taskId === undefined ? undefined : manager?.list().find(({ id }) => id === taskId);
    // Its folder is not part of this window any more.
    if (!manager || !task || open.has(task.id)) {
      panel.dispose();
      return;
    }
    panel.webview.options = webviewOptions();
    adopt(panel, task.id, manager);
  }

  const webviewOptions = (): vscode.WebviewOptions => ({ enableScripts: true, localResourceRoots: [dist] });

  function adopt(panel: vscode.WebviewPanel, taskId: TaskId, manager: TaskManager): void {
    panel.iconPath = vscode.Uri.joinPath(media, 'icon.png');
    const watchdog = createWatchdog(ports.clock, (count, most) => {
      ports.log.warn(`A panel stayed blank and is loaded again (${count} of ${most}).`);
      load();
    });
    const session: PanelSession = createPanelSession({
      taskId,
      manager,
      clock: ports.clock,
      locale: vscode.env.language,
      post: async (message) => panel.webview.postMessage(message),
      newEpoch: randomUUID,
      run: (command) => ports.run(taskId, command),
      onReady: watchdog.ready,
      onHeader: (header) => {
        const title = titleOf(header);
        if (panel.title !== title) panel.title = title;
      },
      onForeignMessage: () => ports.log.warn('The panel sent a message that is none; it was ignored.'),
    });
    const disposables = [
      ports.slot.onChange((change) => session.onChange(change)),
      panel.webview.onDidReceiveMessage((message: unknown) => session.receive(message)),
      panel.onDidChangeViewState(() => {
        session.setVisible(panel.visible);
        if (panel.visible) watchdog.awaitPage();
        else watchdog.hidden();
        keep();
      }),
      panel.onDidDispose(() => {
        letGo();
        open.delete(taskId);
        keep();
      }),
    ];
    const letGo = (): void => {
      for (const each of [session, watchdog, ...disposables]) each.dispose();
    };
    open.set(taskId, { panel, folderUri: ports.folderUri(taskId), letGo });
    load();
    keep();

    function load(): void {
      const uri = (name: string): string => panel.webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
      const parts = {
        cspSource: panel.webview.cspSource,
        script: uri('panel.js'),
        style: uri('panel.css'),
        title: 'DataTrace',
        locale: vscode.env.language,
        taskId,
        folderUri: ports.folderUri(taskId),
        sentences: sentencesOf(vscode.env.language),
      };
      panel.webview.html = pageOf(parts, newNonce());
      if (panel.visible) watchdog.awaitPage();
    }
  }

  /** For {@link replaceStale} of the next extension host in this window. */
  function keep(): void {
    const panels = [...open].map(([taskId, { panel }]) => ({ taskId, column: panel.viewColumn ?? 1 }));
    void ports.state.update(STATE_KEY, { sessionId: vscode.env.sessionId, panels } satisfies KeptPanels);
  }

  return {
    get count() {
      return open.size;
    },
    async open(taskId, column) {
      const manager = await ports.slot.get();
      const shown = open.get(taskId);
      if (shown) return shown.panel.reveal();
      const name = manager.list().find(({ id }) => id === taskId)?.name ?? 'DataTrace';
      const options = { ...webviewOptions(), retainContextWhenHidden: false };
      const place = { viewColumn: column ?? vscode.ViewColumn.Active, preserveFocus: column !== undefined };
      adopt(vscode.window.createWebviewPanel(VIEW_TYPE, name, place, options), taskId, manager);
    },
    async replaceStale() {
      // After a reload of the window the serializer takes care; its session id is another one.
      if (keptAtStart?.sessionId !== vscode.env.sessionId) return;
      await Promise.allSettled(restoring);
      const stale = panelTabs().filter((tab) => ![...open.values()].some(({ panel }) => panel.title === tab.label));
      if (stale.length === 0) return;
      ports.log.info(`Opening ${stale.length} panels again: the extension host was restarted.`);
      await vscode.window.tabGroups.close(stale, true);
      const known = new Set(
        ports.slot
          .current()
          ?.list()
          .map(({ id }) => id),
      );
      for (const { taskId, column } of keptAtStart.panels) if (known.has(taskId)) await this.open(taskId, column);
    },
    dispose() {
      serializer.dispose();
      folders.dispose();
      for (const { letGo } of open.values()) letGo();
    },
  };
}

/** Tabs of our panels, ours or left behind. */
export function panelTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(VIEW_TYPE));
}

function titleOf(header: TaskHeader): string {
  switch (header.runState) {
    case 'running':
    case 'pausing':
    case 'stopping':
      return `${header.name} ${percentText(header.percent, vscode.env.language)}`;
    case 'idle':
    case 'paused':
    case 'interrupted':
      return header.name;
    default:
      return assertNever(header.runState);
  }
}

function taskIdOf(state: unknown): TaskId | undefined {
  if (typeof state !== 'object' || state === null || !('taskId' in state)) return undefined;
  return typeof state.taskId === 'string' ? state.taskId : undefined;
}
