import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../core/events.ts';
import type { Coded, TaskId } from '../core/model.ts';
import type { RunSummary, StartOptions, TaskManager } from '../engine/api.ts';
import { errorOf } from '../engine/failures.ts';
import type { RunCommand } from './arguments.ts';
import { hasTask, usableConfig } from './configuration.ts';
import { clock, grouped } from './figures.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { reportRun } from './run-report.ts';
import { openSession, type Session } from './session.ts';

const FORCED_CLOSE_MS = 1_000;

/** `datatrace run`: starts or resumes a task and stays until it rests. */
export async function runCommand(command: RunCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  const model = await usableConfig(host, voice, command.config);
  if (model === undefined || !hasTask(model, command.task, voice)) return refused(voice);
  const { store, verbose, maxRunning } = command;
  const session = await openSession(host, voice, { model, store, verbose, maxRunning, use: 'act' });
  let forced = false;
  try {
    const code = await runTask(session, command, host, voice);
    forced = code === 130;
    return code;
  } finally {
    // A person who asks twice does not wait for what may be stuck; the store is as after a crash at worst.
    await (forced ? Promise.race([session.close(), delay(FORCED_CLOSE_MS)]) : session.close());
  }
}

async function runTask(session: Session, command: RunCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  const { manager } = session;
  const taskId = session.taskId(command.task);
  const report = reportRun(manager, taskId, host, voice);
  const interrupts = pauseOnInterrupt(manager, taskId, host, voice);
  const failure = storeFailure(manager, taskId);
  try {
    // A server that does not answer holds a start up: a person who asks twice does not wait for it.
    const answer = await Promise.race([manager.start(taskId, startOptions(command)), interrupts.forced]);
    if (answer === 'forced') return endedEarly(manager, taskId, voice, 130);
    if (!answer.ok) {
      if (!report.said(answer.refusal)) voice.tell('error', forCommandLine(answer.refusal));
      return refused(voice);
    }
    tellNote(answer, voice);
    interrupts.started();
    const settled = manager.settled(taskId).catch((error: unknown): Coded => errorOf(error));
    const end = await Promise.race([settled, interrupts.forced, failure.happened]);
    report.flush();
    if (end === 'forced') return endedEarly(manager, taskId, voice, 130);
    if ('code' in end) {
      voice.tell('error', { code: end.code, args: end.args });
      return endedEarly(manager, taskId, voice, 1);
    }
    return conclude(end, answer.note?.code === 'nothingToDo', voice);
  } finally {
    failure.dispose();
    interrupts.dispose();
    report.dispose();
  }
}

function startOptions(command: RunCommand): StartOptions {
  const { again, units, mode, concurrency, confirmProduction, allowOutside } = command;
  return {
    by: 'command',
    again,
    confirmOutside: allowOutside,
    ...(units === undefined ? {} : { units }),
    ...(mode === undefined ? {} : { mode }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(confirmProduction === undefined ? {} : { confirmProduction }),
  };
}

function tellNote(answer: Answer & { ok: true }, voice: Voice): void {
  if (answer.note) voice.tell('info', answer.note);
}

/** Where the editor would ask, the command line has an option. */
export function forCommandLine(refusal: Coded): Coded {
  switch (refusal.code) {
    case 'target.production':
      return { ...refusal, code: 'cli.confirmProduction' };
    case 'path.outside':
      return { ...refusal, code: 'cli.confirmOutside' };
    default:
      return refusal;
  }
}

/** The first interrupt pauses at the next batch borders, the second ends the process's work at once. */
function pauseOnInterrupt(manager: TaskManager, taskId: TaskId, host: CliHost, voice: Voice) {
  let presses = 0;
  let running = false;
  let force: (value: 'forced') => void = () => undefined;
  const forced = new Promise<'forced'>((resolve) => {
    force = resolve;
  });
  const pause = (): void => {
    manager.pause(taskId).then(
      (answer) => {
        if (!answer.ok && answer.refusal.code !== 'notRunning') voice.tell('error', answer.refusal);
      },
      (error: unknown) => voice.tell('error', { code: 'unexpected', args: { detail: String(error) } }),
    );
  };
  const subscription = host.onInterrupt(() => {
    presses++;
    if (presses > 1) {
      force('forced');
      return;
    }
    voice.tell('info', { code: 'cli.pausing', args: {} });
    if (running) pause();
  });
  return {
    forced,
    /** The start was accepted: an interrupt that came before counts now. */
    started(): void {
      running = true;
      if (presses > 0) pause();
    },
    dispose: () => subscription.dispose(),
  };
}

/** Resolves when the store is lost for good: nothing can be recorded any more, so nothing may go on. */
function storeFailure(manager: TaskManager, taskId: TaskId) {
  let tell: (reason: Coded) => void = () => undefined;
  const happened = new Promise<Coded>((resolve) => {
    tell = resolve;
  });
  const subscription = manager.subscribe(() => {
    const blocked = manager.header(taskId)?.blocked;
    if (blocked && FINAL_FAILURES.has(blocked.code)) tell(blocked);
  });
  return { happened, dispose: () => subscription.dispose() };
}

const FINAL_FAILURES: ReadonlySet<string> = new Set(['store.failed', 'store.notOwner', 'folder.takenOver']);

function conclude(summary: RunSummary, nothingToDo: boolean, voice: Voice): ExitCode {
  const { counts, rows, bytes, rejected, durationMs, outcome, runState } = summary;
  const seconds = Math.round(durationMs) / 1000;
  const { completed, failed, paused, pending } = counts;
  voice.json('result', {
    completed,
    failed,
    paused,
    pending,
    rows,
    bytes,
    seconds,
    rejected,
    outcome,
    state: runState,
  });
  const figures = { completed, failed, rows: grouped(rows), time: clock(durationMs) };
  if (nothingToDo) return 0;
  if (outcome === 'completed') {
    voice.print(voice.word('cli.result.completed', figures));
    return 0;
  }
  if (outcome === 'completed_with_errors') {
    voice.print(voice.word('cli.result.errors', figures));
    return 3;
  }
  if (runState === 'paused' || runState === 'pausing' || outcome === null) {
    voice.print(voice.word('cli.result.paused', { ...figures, left: paused + pending }));
    return 4;
  }
  voice.print(voice.word('cli.result.refused', figures));
  return 2;
}

/** Ends the JSON lines of a run that could not be followed to its rest: how it stands as far as is known. */
function endedEarly(manager: TaskManager, taskId: TaskId, voice: Voice, code: ExitCode): ExitCode {
  const header = manager.header(taskId);
  const { completed = 0, failed = 0, paused = 0, pending = 0 } = header?.counts ?? {};
  const { rowsProcessed: rows = 0, bytesProcessed: bytes = 0, runState = 'idle' } = header ?? {};
  const seconds = header?.startedAt == null ? 0 : Math.round(header.now - header.startedAt) / 1000;
  const figures = { completed, failed, paused, pending, rows, bytes, seconds, rejected: 0 };
  voice.json('result', { ...figures, outcome: null, state: runState });
  return code;
}

/** Ends the JSON lines of a command that did nothing. */
export function refused(voice: Voice): ExitCode {
  const nothing = { completed: 0, failed: 0, paused: 0, pending: 0, rows: 0, bytes: 0, seconds: 0, rejected: 0 };
  voice.json('result', { ...nothing, outcome: null, refused: true });
  return 2;
}
