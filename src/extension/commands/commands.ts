/** Every command of the manifest. Each works from the palette, a key, the tree and other code. */
import * as vscode from 'vscode';
import { assertNever, type TaskId } from '../../core/model.ts';
import type { TaskSummary } from '../../engine/api.ts';
import { askForSecret, usesStoredSecret } from '../config/secrets.ts';
import type { EditorWords } from '../editor-words.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Folders } from '../folders.ts';
import type { Log } from '../log.ts';
import type { Panels } from '../panel/panels.ts';
import { plainText } from '../plain-text.ts';
import { confirmLook } from './confirmations.ts';
import { pickConnection, pickFolder, pickTask } from './picks.ts';
import { type CommandMap, sentenceOf } from './register.ts';
import type { ActionAnswer, TaskActions } from './task-actions.ts';
import type { Texts } from './texts.ts';

export interface CommandParts {
  readonly slot: EngineSlot;
  readonly folders: Folders;
  readonly panels: Panels;
  readonly actions: TaskActions;
  /** Where consents are kept. */
  readonly state: vscode.Memento;
  readonly texts: Texts;
  readonly log: Log;
  readonly words: EditorWords;
  readonly version: string;
}

type ActionName = keyof TaskActions;

export function createCommands(parts: CommandParts): CommandMap {
  const { slot, folders, panels, actions, state, texts, log, words } = parts;
  const { word } = words;

  const act = (name: ActionName) => async (target?: unknown) => {
    const taskId = await pickTask(target, slot, fits(name), placeHolder(name));
    if (taskId === undefined) return undefined;
    const answer = await actions[name](taskId);
    tell(answer);
    return answer;
  };

  function tell(answer: ActionAnswer): void {
    if (answer === 'cancelled') return;
    const coded = answer.ok ? answer.note : answer.refusal;
    if (!coded) return;
    const sentence = plainText(word(coded));
    log[answer.ok ? 'info' : 'warn'](sentence, { code: coded.code });
    if (answer.ok) void vscode.window.showInformationMessage(sentence);
    else void vscode.window.showWarningMessage(sentence);
  }

  /** @returns false when a person was asked for a secret or a consent and gave up. */
  async function mayLook(taskId: TaskId): Promise<boolean> {
    const folder = folders.ofTask(taskId);
    const task = folder?.definitions.current().model?.tasks.get(nameOf(taskId));
    return !folder || !task || confirmLook(folder, task, task.name, state);
  }

  const nameOf = (taskId: TaskId): string =>
    slot
      .current()
      ?.list()
      .find(({ id }) => id === taskId)?.name ?? taskId;

  return {
    start: act('start'),
    pause: act('pause'),
    resume: act('resume'),
    stop: act('stop'),
    runAgain: act('runAgain'),
    retryFailed: act('retryFailed'),
    reset: act('reset'),
    setConcurrency: act('setConcurrency'),

    async plan(target) {
      const taskId = await pickTask(target, slot, () => true, vscode.l10n.t('Show the plan of which task?'));
      if (taskId === undefined || !(await mayLook(taskId))) return;
      const manager = await slot.get();
      const { planText } = await import('./plan-text.ts');
      const title = vscode.l10n.t('Planning {task}', { task: nameOf(taskId) });
      const plan = await working(title, () => manager.plan(taskId));
      await texts.show(
        vscode.l10n.t('Plan of {task}', { task: nameOf(taskId) }),
        planText(nameOf(taskId), plan, words),
      );
    },

    async verify(target) {
      const taskId = await pickTask(target, slot, () => true, vscode.l10n.t('Verify the target of which task?'));
      if (taskId === undefined || !(await mayLook(taskId))) return;
      const manager = await slot.get();
      const { verifyText } = await import('./plan-text.ts');
      const name = nameOf(taskId);
      const results = await working(vscode.l10n.t('Verifying {task}', { task: name }), (report) =>
        manager.verify(taskId, ({ unit }) => report(unit)),
      );
      await texts.show(vscode.l10n.t('Verification of {task}', { task: name }), verifyText(name, results, words));
    },

    async openPanel(target) {
      const taskId = await pickTask(target, slot, () => true, vscode.l10n.t('Open the panel of which task?'));
      if (taskId !== undefined) await panels.open(taskId);
    },

    async openConfig(target) {
      const { showTask } = await import('./create-task.ts');
      const taskId = hasTaskId(target) ? target.taskId : undefined;
      const folder =
        taskId === undefined
          ? await pickFolder(folders, vscode.l10n.t('Open the configuration of which folder?'))
          : folders.ofTask(taskId);
      if (!folder) return vscode.commands.executeCommand('datatrace.createTask');
      const file = vscode.Uri.joinPath(folder.uri, 'datatrace.json');
      return showTask(file, taskId === undefined ? undefined : nameOf(taskId));
    },

    async createTask() {
      await (await import('./create-task.ts')).createTask(folders);
    },

    async openDemo() {
      await (await import('./demo.ts')).openDemo(folders);
    },

    async testConnection() {
      const picked = await pickConnection(folders, () => true, vscode.l10n.t('Test which connection?'));
      if (!picked) return;
      const { name } = picked.connection;
      if (!(await confirmLook(picked.folder, { source: name, target: name }, name, state))) return;
      const manager = await slot.get();
      try {
        const { server } = await working(vscode.l10n.t('Testing {connection}', { connection: name }), () =>
          manager.testConnection(picked.folder.key, name),
        );
        void vscode.window.showInformationMessage(
          plainText(vscode.l10n.t('{connection} answers: {server}', { connection: name, server })),
        );
      } catch (error) {
        log.warn(`Connection ${name} failed`, { error });
        await tellConnectionFailure(name, log.redactor.redact(sentenceOf(error, word)), picked);
      }
    },

    async setPassword() {
      const placeHolder = vscode.l10n.t('Set the password of which connection?');
      const picked = await pickConnection(folders, usesStoredSecret, placeHolder);
      if (picked) await askForSecret(picked.connection, picked.folder.secrets);
    },

    showLog: () => log.show(),

    async copyDiagnostics() {
      const { diagnosticsReport } = await import('./report.ts');
      const report = diagnosticsReport({
        versions: {
          DataTrace: parts.version,
          [vscode.env.appName]: vscode.version,
          Node: process.versions.node,
          platform: `${process.platform} ${process.arch}`,
          remote: vscode.env.remoteName ?? 'none',
        },
        tasks: slot.current()?.list() ?? [],
        log: log.recent(),
        redact: (text) => log.redactor.redact(text),
      });
      await vscode.env.clipboard.writeText(report);
      void vscode.window.showInformationMessage(vscode.l10n.t('The diagnostics were copied to the clipboard.'));
    },
  };

  async function tellConnectionFailure(
    name: string,
    sentence: string,
    picked: NonNullable<Awaited<ReturnType<typeof pickConnection>>>,
  ): Promise<void> {
    const again = vscode.l10n.t('Set password');
    const buttons = usesStoredSecret(picked.connection) ? [again] : [];
    const answer = await vscode.window.showErrorMessage(plainText(`${name}: ${sentence}`), ...buttons);
    if (answer === again) await askForSecret(picked.connection, picked.folder.secrets);
  }
}

function working<T>(title: string, work: (report: (message: string) => void) => Promise<T>): Promise<T> {
  return Promise.resolve(
    vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, (progress) =>
      work((message) => progress.report({ message: plainText(message) })),
    ),
  );
}

function hasTaskId(target: unknown): target is { readonly taskId: TaskId } {
  return typeof target === 'object' && target !== null && 'taskId' in target && typeof target.taskId === 'string';
}

/** Tasks that an action makes sense for. */
function fits(name: ActionName): (task: TaskSummary) => boolean {
  switch (name) {
    case 'start':
      return ({ runState, planning }) => runState === 'idle' && !planning;
    case 'pause':
      return ({ runState }) => runState === 'running';
    case 'resume':
      return ({ runState }) => runState === 'paused' || runState === 'interrupted';
    case 'stop':
      return ({ runState }) => runState !== 'idle' && runState !== 'stopping';
    case 'retryFailed':
      return ({ counts }) => counts.failed > 0;
    case 'runAgain':
    case 'reset':
      return ({ units, runState }) => units > 0 && runState !== 'running';
    case 'setConcurrency':
      return () => true;
    default:
      return assertNever(name);
  }
}

function placeHolder(name: ActionName): string {
  switch (name) {
    case 'start':
      return vscode.l10n.t('Start which task?');
    case 'pause':
      return vscode.l10n.t('Pause which task?');
    case 'resume':
      return vscode.l10n.t('Resume which task?');
    case 'stop':
      return vscode.l10n.t('Stop which task?');
    case 'retryFailed':
      return vscode.l10n.t('Retry the failed units of which task?');
    case 'runAgain':
      return vscode.l10n.t('Run which task again?');
    case 'reset':
      return vscode.l10n.t('Reset the progress of which task?');
    case 'setConcurrency':
      return vscode.l10n.t('Set the units at a time of which task?');
    default:
      return assertNever(name);
  }
}
