/** How a command ends: its exit code, a line for people, the `result` line for programs. */
import type { Coded, TaskId } from '../core/model.ts';
import type { RunSummary, TaskManager } from '../engine/api.ts';
import { clock, grouped } from './figures.ts';
import type { ExitCode, Voice } from './host.ts';
import { unitsOf } from './unit-words.ts';

/** Most units whose wait is told at the end of a run. */
const MOST_BLOCKED = 20;

/** The end of a run that was followed to its rest. */
export function concludeRun(summary: RunSummary, nothingToDo: boolean, voice: Voice): ExitCode {
  const { counts, rows, bytes, rejected, durationMs, outcome, runState } = summary;
  const { completed, failed, paused, pending } = counts;
  const seconds = Math.round(durationMs) / 1000;
  const done = { completed, failed, paused, pending, rows, bytes, seconds, rejected };
  voice.json('result', { ...done, outcome, state: runState });
  if (nothingToDo) return 0;
  const figures = { completed, failed, rows: grouped(rows), time: clock(durationMs) };
  const unfinished = { ...figures, left: paused + pending };
  switch (outcome) {
    case 'completed':
      voice.print(voice.word('cli.result.completed', figures));
      return 0;
    case 'completed_with_errors':
      voice.print(voice.word('cli.result.errors', figures));
      return 3;
    case null:
      voice.print(voice.word(unfinishedCode(runState), unfinished));
      return 4;
    default:
      voice.print(voice.word('cli.result.refused', figures));
      return 2;
  }
}

function unfinishedCode(runState: RunSummary['runState']): string {
  if (runState === 'interrupted') return 'cli.result.interrupted';
  return runState === 'idle' || runState === 'stopping' ? 'cli.result.stopped' : 'cli.result.paused';
}

/** Names what is left of a run that ended with errors, with the reasons. */
export function tellBlocked(manager: TaskManager, taskId: TaskId, voice: Voice): void {
  const pending = manager.header(taskId)?.counts.pending ?? 0;
  if (pending === 0) return;
  let told = 0;
  let more = 0;
  for (const unit of unitsOf(manager, taskId)) {
    const reason = unit.status === 'pending' ? manager.whyWaiting(unit.id) : null;
    if (reason === null) continue;
    if (told === MOST_BLOCKED) {
      more++;
      continue;
    }
    told++;
    if (voice.structured) voice.json('log', { level: 'warning', unit: unit.name, ...voice.coded(reason) });
    else voice.say(`${unit.name}: ${voice.sentence(reason)}`);
  }
  if (more > 0) voice.tell('warning', { code: 'cli.moreProblems', args: { count: more } });
}

/** Says where the rejected rows of a run are, and what can be done about them. */
export function tellRejected(manager: TaskManager, taskId: TaskId, task: string, rows: number, voice: Voice): void {
  const file = rows > 0 ? manager.rejectedFile(taskId, null) : null;
  if (file !== null) voice.tell('warning', { code: 'cli.result.rejected', args: { task, rows, file } });
}

/** The `result` line of a command on a task that it does not follow to an end: how the task stands. */
export function reportStanding(manager: TaskManager, taskId: TaskId, voice: Voice): void {
  const header = manager.header(taskId);
  const { completed = 0, failed = 0, paused = 0, pending = 0, running = 0 } = header?.counts ?? {};
  const {
    rowsProcessed: rows = 0,
    bytesProcessed: bytes = 0,
    runState = 'idle',
    outcome = null,
    rejected = 0,
  } = header ?? {};
  const { mode = 'auto', switchingTo = null } = header ?? {};
  const until = header?.endedAt ?? header?.now ?? 0;
  const seconds = header?.startedAt == null ? 0 : Math.max(0, Math.round(until - header.startedAt)) / 1000;
  const figures = { completed, failed, paused, pending, running, rows, bytes, seconds, rejected };
  voice.json('result', { ...figures, outcome, state: runState, mode, switchingTo });
}

/** Ends the JSON lines of a command that did nothing, or not what it was asked for. */
export function reportNothing(command: string | undefined, code: ExitCode, voice: Voice): void {
  const refused = code === 2;
  if (command === 'plan') voice.json('result', { units: 0, refused: 0, rows: 0, ok: false });
  else if (command === 'verify') voice.json('result', { units: 0, equal: 0, different: 0, failed: 0, refused });
  else {
    const counts = { completed: 0, failed: 0, paused: 0, pending: 0 };
    voice.json('result', { ...counts, rows: 0, bytes: 0, seconds: 0, rejected: 0, outcome: null, refused });
  }
}

/** A command that was accepted: its note as a sentence of its own. */
export function tellNote(note: Coded | null, voice: Voice): void {
  if (note) voice.tell('info', note);
}
