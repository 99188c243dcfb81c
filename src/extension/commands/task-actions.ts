/**
 * What people can do with a task and its units, whether they ask by the palette, the tree or the panel. Each answers
 * as the engine does; `cancelled` = the person gave up, which is no error. What cannot be taken back is asked here, so
 * that it is asked wherever the wish comes from.
 */
import * as vscode from 'vscode';
import type { Answer, Place } from '../../core/events.ts';
import type { ErrorPolicy, Limits, LiveSettings, Mode, RetryPolicy, TaskId, UnitId } from '../../core/model.ts';
import type { StartOptions, TaskManager, TaskSummary } from '../../engine/api.ts';
import { redacted } from '../../host/redaction.ts';
import type { EditorWords } from '../editor-words.ts';
import type { EngineSlot } from '../engine-slot.ts';
import type { Folders } from '../folders.ts';
import type { Log } from '../log.ts';
import { tasksOf } from '../tasks.ts';
import type { QueueDrop } from '../tree/queue-drop.ts';
import * as ask from './confirmations.ts';
import * as asked from './live-settings.ts';
import { showRejectedRows } from './rejected-rows.ts';

export type ActionAnswer = Answer | 'cancelled';

export type ReportForm = 'markdown' | 'json';

/** How units are put into the queue. */
export interface AddToQueue {
  readonly to: Place;
  /** Completed units run again; asked once, naming the target. */
  readonly again?: boolean;
  /** The queue's revision that the wish is based on; a list that has changed since refuses it. */
  readonly baseRev?: number;
}

export interface TaskActions {
  start(taskId: TaskId): Promise<ActionAnswer>;
  pause(taskId: TaskId): Promise<ActionAnswer>;
  resume(taskId: TaskId): Promise<ActionAnswer>;
  stop(taskId: TaskId): Promise<ActionAnswer>;
  /** All units; asked once, naming the target. */
  runAgain(taskId: TaskId): Promise<ActionAnswer>;
  /** @param unitIds only these (failed, waiting for a retry, aborted); all failed ones by default */
  retryFailed(taskId: TaskId, unitIds?: readonly UnitId[]): Promise<ActionAnswer>;
  /** Rejected rows again, and nothing else. @param unitIds all units that have some by default */
  retryRejected(taskId: TaskId, unitIds?: readonly UnitId[]): Promise<ActionAnswer>;
  /** The file with the rejected rows of a unit, or of the unit that was completed last, in an editor. */
  openRejected(taskId: TaskId, unitId?: UnitId): Promise<ActionAnswer>;
  /** Asked once. */
  reset(taskId: TaskId): Promise<ActionAnswer>;

  /** The mode in force cancels a pending switch. @param mode asked for when it is not given */
  setMode(taskId: TaskId, mode?: Mode): Promise<ActionAnswer>;
  addToQueue(taskId: TaskId, unitIds: readonly UnitId[], options: AddToQueue): Promise<ActionAnswer>;
  removeFromQueue(taskId: TaskId, unitIds: readonly UnitId[], baseRev?: number): Promise<ActionAnswer>;
  clearQueue(taskId: TaskId, baseRev?: number): Promise<ActionAnswer>;
  moveInQueue(taskId: TaskId, unitIds: readonly UnitId[], to: Place, baseRev?: number): Promise<ActionAnswer>;

  /** What a drag in the tree means. */
  drop(drop: QueueDrop): Promise<ActionAnswer>;

  /** Running units end at their next batch border and stay paused. */
  abort(taskId: TaskId, unitIds: readonly UnitId[]): Promise<ActionAnswer>;
  /** From the beginning and before all others; completed ones are refused, see `runUnitsAgain`. */
  restart(taskId: TaskId, unitIds: readonly UnitId[]): Promise<ActionAnswer>;
  /** As `restart`, completed ones too; asked once, naming the target. */
  runUnitsAgain(taskId: TaskId, unitIds: readonly UnitId[]): Promise<ActionAnswer>;
  /** Next in a running task, else a run limited to these units. */
  syncNow(taskId: TaskId, unitIds: readonly UnitId[]): Promise<ActionAnswer>;

  /** Live settings, "until changed in the file"; a value that is not given is asked for. */
  setConcurrency(taskId: TaskId, concurrency?: number): Promise<ActionAnswer>;
  setErrorPolicy(taskId: TaskId, onError?: ErrorPolicy): Promise<ActionAnswer>;
  setRetry(taskId: TaskId, retry?: RetryPolicy): Promise<ActionAnswer>;
  setLimits(taskId: TaskId, limits?: Limits): Promise<ActionAnswer>;

  /** Asked once, naming what is lost and what stays. */
  deleteStoredData(taskId: TaskId): Promise<ActionAnswer>;
  /** The tasks of the folder, from the window or command that manages them; asked once. */
  takeOver(taskId: TaskId): Promise<ActionAnswer>;
  /** The report of a run (the newest by default) to the clipboard. */
  copyReport(taskId: TaskId, form?: ReportForm, runId?: string): Promise<ActionAnswer>;
}

export interface TaskActionsPorts {
  readonly slot: EngineSlot;
  readonly folders: Folders;
  /** Where consents are kept. */
  readonly state: vscode.Memento;
  readonly words: EditorWords;
  readonly log: Log;
}

export function createTaskActions(ports: TaskActionsPorts): TaskActions {
  const { slot, folders, state, words, log } = ports;
  const tasks = tasksOf(slot, folders.nameOf);

  /** Asks what a start needs, then starts; asks again when parent tasks have not run. */
  async function begin(
    taskId: TaskId,
    go: (manager: TaskManager, options: StartOptions) => Promise<Answer>,
  ): Promise<ActionAnswer> {
    const manager = await slot.get();
    const agreed = await ask.confirmStart(folders.ofTask(taskId), tasks.name(taskId), state);
    if (agreed === undefined) return 'cancelled';
    const options: StartOptions = { by: 'person', ...agreed };
    const answer = await go(manager, options);
    if (answer.ok || answer.refusal.code !== 'parentsNotDone') return answer;
    if (!(await ask.confirmIgnoreAfter(words.word(answer.refusal)))) return 'cancelled';
    return go(manager, { ...options, ignoreAfter: true });
  }

  /** A running task was asked when it began. */
  async function whileRunning(
    taskId: TaskId,
    go: (manager: TaskManager, options: StartOptions) => Promise<Answer>,
  ): Promise<ActionAnswer> {
    if (tasks.find(taskId)?.runState === 'running') return go(await slot.get(), { by: 'person' });
    return begin(taskId, go);
  }

  async function adjust<K extends keyof LiveSettings>(
    taskId: TaskId,
    key: K,
    value: LiveSettings[K] | undefined,
  ): Promise<ActionAnswer> {
    if (value === undefined) return 'cancelled';
    return (await slot.get()).adjust(taskId, { [key]: value });
  }

  /** What the file says: the start of a question about a live setting. */
  const inFile = (taskId: TaskId) => {
    const model = folders.ofTask(taskId)?.definitions.current().model;
    return model?.tasks.get(tasks.name(taskId));
  };

  function targetOf(manager: TaskManager, taskId: TaskId): string {
    const target = manager.header(taskId)?.target;
    return target === undefined ? '' : `${target.name} (${target.system})`;
  }

  function nameOf(manager: TaskManager, taskId: TaskId, unitId: UnitId | undefined): string | undefined {
    const [index] = unitId === undefined ? [] : manager.delta(taskId, new Set([unitId]), false).numbers;
    return index === undefined ? undefined : manager.unitAt(taskId, index)?.name;
  }

  async function mayRunAgain(taskId: TaskId, unitIds: readonly UnitId[]): Promise<boolean> {
    const manager = await slot.get();
    return ask.confirmUnitsAgain(tasks.title(taskId), unitIds.length, targetOf(manager, taskId));
  }

  return {
    start: (taskId) => begin(taskId, (manager, options) => manager.start(taskId, options)),
    pause: async (taskId) => (await slot.get()).pause(taskId),
    resume: (taskId) => begin(taskId, (manager, options) => manager.resume(taskId, options)),
    stop: async (taskId) => (await slot.get()).stop(taskId),
    async runAgain(taskId) {
      const manager = await slot.get();
      if (!(await ask.confirmRunAgain(tasks.title(taskId), targetOf(manager, taskId)))) return 'cancelled';
      return begin(taskId, (engine, options) => engine.start(taskId, { ...options, again: true }));
    },
    retryFailed: (taskId, unitIds) =>
      whileRunning(taskId, (manager, options) => manager.retryFailed(taskId, options, unitIds ?? null)),
    retryRejected: (taskId, unitIds) =>
      whileRunning(taskId, (manager, options) => manager.retryRejected(taskId, options, unitIds ?? null)),
    async openRejected(taskId, unitId) {
      const manager = await slot.get();
      const file = manager.rejectedFile(taskId, unitId ?? null);
      if (file === null) return { ok: true, note: { code: 'nothingRejected', args: { task: tasks.name(taskId) } } };
      await showRejectedRows(file, nameOf(manager, taskId, unitId));
      return { ok: true, note: null };
    },
    async reset(taskId) {
      const manager = await slot.get();
      return (await ask.confirmReset(tasks.title(taskId))) ? manager.reset(taskId) : 'cancelled';
    },

    async setMode(taskId, given) {
      const manager = await slot.get();
      const mode = given ?? (await ask.chooseMode(tasks.find(taskId)));
      return mode === undefined ? 'cancelled' : manager.setMode(taskId, mode);
    },
    async addToQueue(taskId, unitIds, options) {
      const manager = await slot.get();
      if (options.again && !(await mayRunAgain(taskId, unitIds))) return 'cancelled';
      return manager.addToQueue(taskId, unitIds, options);
    },
    removeFromQueue: async (taskId, unitIds, baseRev) =>
      (await slot.get()).removeFromQueue(taskId, unitIds, baseRev ?? null),
    clearQueue: async (taskId, baseRev) => (await slot.get()).clearQueue(taskId, baseRev ?? null),
    moveInQueue: async (taskId, unitIds, to, baseRev) =>
      (await slot.get()).moveInQueue(taskId, unitIds, to, baseRev ?? null),

    async drop(drop) {
      const manager = await slot.get();
      const { kind, taskId, unitIds } = drop;
      if (kind === 'remove') return manager.removeFromQueue(taskId, unitIds);
      if (kind === 'move') return manager.moveInQueue(taskId, unitIds, drop.to);
      return manager.addToQueue(taskId, unitIds, { to: drop.to });
    },

    abort: async (taskId, unitIds) => (await slot.get()).abortUnits(taskId, unitIds),
    restart: (taskId, unitIds) =>
      whileRunning(taskId, (manager, options) => manager.restartUnits(taskId, unitIds, { ...options, again: false })),
    async runUnitsAgain(taskId, unitIds) {
      if (!(await mayRunAgain(taskId, unitIds))) return 'cancelled';
      return whileRunning(taskId, (manager, options) =>
        manager.restartUnits(taskId, unitIds, { ...options, again: true }),
      );
    },
    syncNow: (taskId, unitIds) => whileRunning(taskId, (manager, options) => manager.syncNow(taskId, unitIds, options)),

    async setConcurrency(taskId, given) {
      const manager = await slot.get();
      const now = manager.header(taskId)?.concurrency ?? 1;
      return adjust(taskId, 'concurrency', given ?? (await asked.askForConcurrency(now)));
    },
    setErrorPolicy: async (taskId, given) =>
      adjust(taskId, 'onError', given ?? (await asked.chooseErrorPolicy(inFile(taskId)?.onError))),
    setRetry: async (taskId, given) =>
      adjust(taskId, 'retry', given ?? (await asked.askForRetry(inFile(taskId)?.settings.retry))),
    setLimits: async (taskId, given) =>
      adjust(taskId, 'limits', given ?? (await asked.askForLimits(inFile(taskId)?.settings.limits))),

    async deleteStoredData(taskId) {
      const manager = await slot.get();
      const agreed = await ask.confirmDelete(tasks.title(taskId), targetOf(manager, taskId));
      return agreed ? manager.deleteTask(taskId) : 'cancelled';
    },
    async takeOver(taskId) {
      const manager = await slot.get();
      const task: TaskSummary | undefined = tasks.find(taskId);
      const managed = manager.header(taskId)?.managedBy;
      if (!task || !managed) return { ok: true, note: { code: 'view.notManaged', args: {} } };
      const folder = folders.ofTask(taskId)?.name ?? task.name;
      return (await ask.confirmTakeOver(folder, words.word(managed))) ? manager.takeOver(task.folder) : 'cancelled';
    },
    async copyReport(taskId, form = 'markdown', runId) {
      const manager = await slot.get();
      const [whole, { reportJson, reportMarkdown }] = await Promise.all([
        manager.report(taskId, runId ?? null),
        import('../../wording/report-text.ts'),
      ]);
      const report = redacted(whole, log.redactor.redact);
      const text = form === 'json' ? reportJson(report, words.word) : reportMarkdown(report, words.word, words.locale);
      await vscode.env.clipboard.writeText(text);
      return { ok: true, note: { code: 'view.reportCopied', args: {} } };
    },
  };
}
