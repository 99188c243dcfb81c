/** Every command of the manifest. Each works from the palette, a key, the tree and other code. */
import * as vscode from 'vscode';
import type { TaskId } from '../../core/model.ts';
import { askForSecret, usesStoredSecret } from '../config/secrets.ts';
import { plainText } from '../plain-text.ts';
import { tasksOf } from '../tasks.ts';
import { confirmLook } from './confirmations.ts';
import { pickConnection, pickFolder, pickTask } from './picks.ts';
import { createRecordCommands } from './record-commands.ts';
import { type CommandMap, sentenceOf } from './register.ts';
import type { CommandRooms } from './rooms.ts';
import { hasTask } from './targets.ts';
import { createTaskCommands } from './task-commands.ts';
import { createUnitCommands } from './unit-commands.ts';

export function createCommands(rooms: CommandRooms): CommandMap {
  const { slot, folders, panels, state, texts, log, words } = rooms;
  const { word } = words;
  const tasks = tasksOf(slot, folders.nameOf);

  /** @returns false when a person was asked for a secret or a consent and gave up. */
  async function mayLook(taskId: TaskId): Promise<boolean> {
    const folder = folders.ofTask(taskId);
    const task = folder?.definitions.current().model?.tasks.get(tasks.name(taskId));
    return !folder || !task || confirmLook(folder, task, task.name, state);
  }

  const any = (): boolean => true;

  return {
    ...createTaskCommands(rooms),
    ...createUnitCommands(rooms),
    ...createRecordCommands(rooms, tasks),

    async plan(target) {
      const taskId = await pickTask(target, { slot, folders }, any, vscode.l10n.t('Show the plan of which task?'));
      if (taskId === undefined || !(await mayLook(taskId))) return;
      const manager = await slot.get();
      const { planText } = await import('./plan-text.ts');
      const title = vscode.l10n.t('Planning {task}', { task: tasks.title(taskId) });
      const plan = await working(title, () => manager.plan(taskId));
      await texts.show(
        vscode.l10n.t('Plan of {task}', { task: tasks.title(taskId) }),
        planText(tasks.title(taskId), plan, words),
      );
    },

    async verify(target) {
      const taskId = await pickTask(target, { slot, folders }, any, vscode.l10n.t('Verify the target of which task?'));
      if (taskId === undefined || !(await mayLook(taskId))) return;
      const manager = await slot.get();
      const { verifyText } = await import('./plan-text.ts');
      const name = tasks.title(taskId);
      const results = await working(vscode.l10n.t('Verifying {task}', { task: name }), (report) =>
        manager.verify(taskId, ({ unit }) => report(unit)),
      );
      await texts.show(vscode.l10n.t('Verification of {task}', { task: name }), verifyText(name, results, words));
    },

    async openPanel(target) {
      const taskId = await pickTask(target, { slot, folders }, any, vscode.l10n.t('Open the panel of which task?'));
      if (taskId !== undefined) await panels.open(taskId);
    },

    async openConfig(target) {
      const { showTask } = await import('./create-task.ts');
      const taskId = hasTask(target) ? target.taskId : undefined;
      const folder =
        taskId === undefined
          ? await pickFolder(folders, vscode.l10n.t('Open the configuration of which folder?'))
          : folders.ofTask(taskId);
      if (!folder) return vscode.commands.executeCommand('datatrace.createTask');
      const file = vscode.Uri.joinPath(folder.uri, 'datatrace.json');
      return showTask(file, taskId === undefined ? undefined : tasks.name(taskId));
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
          DataTrace: rooms.version,
          [vscode.env.appName]: vscode.version,
          Node: process.versions.node,
          platform: `${process.platform} ${process.arch}`,
          remote: vscode.env.remoteName ?? 'none',
        },
        tasks: tasks.all(),
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
