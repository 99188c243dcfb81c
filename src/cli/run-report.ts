/** Reports a run while it goes on: a live frame on a terminal, a line now and then elsewhere, JSON lines for programs. */
import type { Coded, Mode, TaskId } from '../core/model.ts';
import type { Disposable } from '../core/ports.ts';
import type { TaskManager, ViewChange } from '../engine/api.ts';
import type { TaskHeader } from '../protocol/panel.ts';
import type { CliHost, Voice } from './host.ts';
import { createLiveFrame } from './live-frame.ts';
import { overallLine, switchingText } from './progress-frame.ts';
import { namesOf, queueFields } from './queue.ts';
import { createUnitReport } from './unit-report.ts';

/** Most unit lines of a live frame. */
const MAX_UNIT_LINES = 16;
const FRAME_MS = 200;
const JSON_PROGRESS_MS = 500;
const PLAIN_PROGRESS_MS = 5_000;
const PLAIN_COLUMNS = 80;
/** Most names of a `queue` line of a run: the queue may hold 100,000 and changes with every start. */
const QUEUE_NAMES = 1_000;

/** What keeps progress from being recorded for a while: the engine tries again and again. */
const DISK_REFUSALS: ReadonlySet<string> = new Set(['store.full', 'store.readOnly', 'store.io']);

export interface RunReport extends Disposable {
  /** Says everything that is not said yet. */
  flush(): void;
  /** A line for people, above what is drawn live. */
  above(text: string): void;
  /** Whether this was said as a notice of the task. */
  said(text: Coded): boolean;
}

export function reportRun(manager: TaskManager, taskId: TaskId, host: CliHost, voice: Voice): RunReport {
  const frame = createLiveFrame(host, voice);
  const units = createUnitReport(manager, taskId, host.now(), voice, frame.above);
  let lastState = '';
  let lastNotices = new Set<string>();
  let lastWait = '';
  let lastQueue = '';
  let lastSwitch: Mode | null = null;
  let lastAdditions = false;
  let progressAt = host.now();

  function update(final: boolean): void {
    const header = manager.header(taskId);
    if (header === undefined) return;
    reportState(header);
    reportNotices(header);
    reportWait(header);
    reportMode(header);
    const now = host.now();
    const due = voice.structured ? JSON_PROGRESS_MS : frame.live ? FRAME_MS : PLAIN_PROGRESS_MS;
    if (!final && now - progressAt < due) return;
    progressAt = now;
    if (voice.structured) {
      reportQueue(header);
      voice.json('progress', progressFields(header));
    } else if (frame.live) {
      const running = manager.units(taskId, 'running', -1, MAX_UNIT_LINES).units;
      frame.draw(header, running, manager.queue(taskId).unitIds.length);
    } else if (!final) voice.say(overallLine(header, PLAIN_COLUMNS, voice));
  }

  function reportState(header: TaskHeader): void {
    const { name, runState, planning, outcome, mode, switchingTo, waitsForAdditions, units, concurrency } = header;
    const how = { state: runState, planning, outcome, mode, switchingTo, waitsForAdditions, concurrency };
    const managedBy = header.managedBy && voice.coded(header.managedBy);
    const state = JSON.stringify([how, managedBy]);
    if (state === lastState) return;
    lastState = state;
    voice.json('task', { task: name, ...how, units, managedBy });
  }

  function reportNotices(header: TaskHeader): void {
    const notices = new Map(header.notices.map((notice) => [JSON.stringify(notice.text), notice]));
    for (const [key, { severity, text }] of notices) {
      if (lastNotices.has(key)) continue;
      if (voice.structured) voice.tell(severity, text);
      else frame.above(voice.sentence(text));
    }
    lastNotices = new Set(notices.keys());
  }

  /** Without a word a run that waits for the disk, or for an answer of the host that manages it, looks as if it hung. */
  function reportWait({ blocked, managedBy }: TaskHeader): void {
    const waits = blocked !== null && (managedBy !== null || DISK_REFUSALS.has(blocked.code));
    const wait = waits ? JSON.stringify(blocked) : '';
    if (wait === lastWait) return;
    lastWait = wait;
    if (!waits) return;
    if (voice.structured) voice.tell('warning', blocked);
    else frame.above(voice.sentence(blocked));
  }

  /** For people: what the mode makes the task wait for. */
  function reportMode(header: TaskHeader): void {
    const { switchingTo, waitsForAdditions, runState } = header;
    if (switchingTo !== lastSwitch) {
      lastSwitch = switchingTo;
      if (switchingTo !== null) frame.above(switchingText(header, voice));
      else if (runState === 'running') frame.above(voice.word('cli.modeInForce', { mode: modeName(header) }));
    }
    if (waitsForAdditions !== lastAdditions) {
      lastAdditions = waitsForAdditions;
      if (waitsForAdditions) frame.above(voice.word('cli.status.waitsForAdditions'));
    }
  }

  function modeName({ mode }: TaskHeader): string {
    return voice.word(`cli.mode.${mode}`);
  }

  function reportQueue({ name, mode }: TaskHeader): void {
    const { rev, unitIds } = manager.queue(taskId);
    if (lastQueue === '' && unitIds.length === 0) return;
    const queue = JSON.stringify([rev, unitIds.length, ...unitIds.slice(0, QUEUE_NAMES)]);
    if (queue === lastQueue) return;
    lastQueue = queue;
    const names = namesOf(manager, taskId, unitIds.slice(0, QUEUE_NAMES));
    voice.json('queue', { ...queueFields(name, mode, rev, names), count: unitIds.length });
  }

  function onChange(change: ViewChange): void {
    if ('taskId' in change && change.taskId !== taskId) return;
    if (change.kind === 'plan') units.all();
    if (change.kind === 'task') units.some(change.units);
    update(false);
  }

  const subscription = manager.subscribe(onChange);
  // Rates and the time left change also while nothing else does.
  const timer = setInterval(() => update(false), FRAME_MS);
  return {
    flush() {
      units.all();
      update(true);
    },
    above: frame.above,
    said: (text) => lastNotices.has(JSON.stringify(text)),
    dispose() {
      clearInterval(timer);
      subscription.dispose();
      frame.end();
    },
  };
}

function progressFields(header: TaskHeader): Record<string, unknown> {
  const { name, rowsProcessed, rowsTotal, bytesProcessed, percent, counts } = header;
  const { rowsPerSecond, bytesPerSecond, timeLeftMs } = header;
  const figures = { processed: rowsProcessed, total: rowsTotal, bytes: bytesProcessed, percent };
  return { task: name, ...figures, rowsPerSecond, bytesPerSecond, timeLeftMs, ...counts };
}
