/** Reports a run while it goes on: a live frame on a terminal, a line now and then elsewhere, JSON lines for programs. */
import type { Coded, TaskId, UnitRow, UnitStatus } from '../core/model.ts';
import type { Disposable } from '../core/ports.ts';
import type { TaskManager, ViewChange } from '../engine/api.ts';
import { escapeControls } from '../host/logger.ts';
import type { TaskHeader } from '../protocol/panel.ts';
import type { CliHost, Voice } from './host.ts';
import { overallLine, progressFrame } from './progress-frame.ts';

/** Most unit lines of a live frame. */
const MAX_UNIT_LINES = 16;
const FRAME_MS = 200;
const JSON_PROGRESS_MS = 500;
const PLAIN_PROGRESS_MS = 5_000;
const PLAIN_COLUMNS = 80;

/** What keeps progress from being recorded for a while: the engine tries again and again. */
const DISK_REFUSALS: ReadonlySet<string> = new Set(['store.full', 'store.readOnly', 'store.io']);

export interface RunReport extends Disposable {
  /** Says everything that is not said yet. */
  flush(): void;
  /** Whether this was said as a notice of the task. */
  said(text: Coded): boolean;
}

export function reportRun(manager: TaskManager, taskId: TaskId, host: CliHost, voice: Voice): RunReport {
  const units = unitReporter(manager, taskId, voice, (text) => frame.above(text));
  const frame = liveFrame(host, voice);
  let lastState = '';
  let lastNotices = new Set<string>();
  let lastWait = '';
  let progressAt = host.now();

  function update(final: boolean): void {
    const header = manager.header(taskId);
    if (header === undefined) return;
    reportState(header);
    reportNotices(header);
    reportWait(header);
    const now = host.now();
    const due = voice.structured ? JSON_PROGRESS_MS : frame.live ? FRAME_MS : PLAIN_PROGRESS_MS;
    if (!final && now - progressAt < due) return;
    progressAt = now;
    if (voice.structured) voice.json('progress', progressFields(header));
    else if (frame.live) frame.draw(header, manager.units(taskId, 'running', -1, MAX_UNIT_LINES).units);
    else if (!final) voice.say(overallLine(header, PLAIN_COLUMNS, voice));
  }

  function reportState(header: TaskHeader): void {
    const state = JSON.stringify([header.runState, header.planning, header.outcome, header.mode]);
    if (state === lastState) return;
    lastState = state;
    const { name, runState, planning, outcome, mode, units: total, concurrency } = header;
    voice.json('task', { task: name, state: runState, planning, outcome, mode, units: total, concurrency });
  }

  function reportNotices(header: TaskHeader): void {
    const notices = new Map(header.notices.map((notice) => [JSON.stringify(notice.text), notice]));
    for (const [key, { severity, text }] of notices) {
      if (lastNotices.has(key)) continue;
      if (voice.structured) voice.tell(severity, text);
      else frame.above(voice.word(text.code, text.args));
    }
    lastNotices = new Set(notices.keys());
  }

  /** Without a word a run that waits for the disk looks as if it hung. */
  function reportWait({ blocked }: TaskHeader): void {
    const waits = blocked !== null && DISK_REFUSALS.has(blocked.code);
    const wait = waits ? JSON.stringify(blocked) : '';
    if (wait === lastWait) return;
    lastWait = wait;
    if (!waits) return;
    if (voice.structured) voice.tell('warning', blocked);
    else frame.above(voice.word(blocked.code, blocked.args));
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

/** Says what became of units, each status of each attempt once. */
function unitReporter(manager: TaskManager, taskId: TaskId, voice: Voice, above: (text: string) => void) {
  const said = new Map<string, string>();
  const orders = new Map<string, number>();

  function look(unit: Readonly<UnitRow>): void {
    orders.set(unit.id, unit.planOrder);
    const state = `${unit.status} ${unit.attempt}`;
    if (said.get(unit.id) === state) return;
    const first = !said.has(unit.id);
    said.set(unit.id, state);
    // What was pending or over when the command began is no news.
    if (first && unit.status !== 'running' && (unit.status === 'pending' || unit.attempt === 0)) return;
    const task = manager.header(taskId)?.name;
    voice.json('unit', { task, ...unitFields(unit, voice) });
    if (unit.status === 'failed') above(describeFailure(unit, voice));
  }

  function all(): void {
    for (let after = -1, more = true; more; ) {
      const page = manager.units(taskId, null, after, 1_000);
      for (const unit of page.units) look(unit);
      more = page.more;
      after = page.units.at(-1)?.planOrder ?? after;
    }
  }

  function some(ids: ReadonlySet<string>): void {
    if ([...ids].some((id) => !orders.has(id))) {
      all();
      return;
    }
    for (const id of ids) {
      const [unit] = manager.units(taskId, null, orders.get(id)! - 1, 1).units;
      if (unit?.id === id) look(unit);
    }
  }

  return { all, some };
}

export function unitFields(unit: Readonly<UnitRow>, voice: Voice): Record<string, unknown> {
  const { name, status, processed, total, attempt, error, reason, rejected } = unit;
  return {
    unit: name,
    status: status satisfies UnitStatus,
    processed,
    total,
    attempt,
    ...(rejected > 0 ? { rejected } : {}),
    ...(error === null ? {} : { error: errorFields(error, voice) }),
    ...(reason === null ? {} : { reason: { ...reason, message: voice.word(reason.code, reason.args) } }),
  };
}

function errorFields(error: NonNullable<UnitRow['error']>, voice: Voice): Record<string, unknown> {
  const { code, args, class: errorClass, message: detail } = error;
  return { code, args, class: errorClass, message: voice.word(code, args), detail };
}

function describeFailure(unit: Readonly<UnitRow>, voice: Voice): string {
  const { error } = unit;
  const cause = error === null ? '' : voice.word(error.code, error.args);
  const detail =
    error?.message && error.message !== error.code && !cause.includes(error.message) ? ` (${error.message})` : '';
  return voice.word('cli.unitFailed', { unit: unit.name, cause: `${cause}${detail}` });
}

/** A block of lines at the end of a terminal that is drawn again and again; other lines go above it. */
function liveFrame(host: CliHost, voice: Voice) {
  const terminal = voice.structured ? null : host.terminal;
  let shown = 0;
  let last: string[] = [];

  function clear(): string {
    return shown === 0 ? '' : `\u001b[${shown}A\u001b[J`;
  }

  function put(lines: readonly string[], before = ''): void {
    host.err(`${clear()}${before}${lines.map((line) => `${line}\n`).join('')}`);
    shown = lines.length;
  }

  return {
    live: terminal !== null,
    draw(header: TaskHeader, running: readonly UnitRow[]): void {
      if (terminal === null) return;
      const { columns, rows } = terminal();
      last = progressFrame(header, running.slice(0, Math.max(0, rows - 4)), columns, voice);
      put(last);
    },
    above(text: string): void {
      if (terminal === null) voice.say(text);
      else put(last, `${escapeControls(text)}\n`);
    },
    end(): void {
      shown = 0;
      last = [];
    },
  };
}
