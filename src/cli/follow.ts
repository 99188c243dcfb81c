/** Begins something that a task executes and stays until the task rests, here or in the host that manages it. */
import type { Answer } from '../core/events.ts';
import type { Coded, TaskId } from '../core/model.ts';
import type { PlanResult } from '../core/ports.ts';
import type { RunSummary, TaskManager } from '../engine/api.ts';
import { errorOf } from '../engine/failures.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { tellPlanWarnings } from './plan-warnings.ts';
import { concludeRun, reportStanding, tellBlocked, tellNote, tellRejected } from './result.ts';
import { reportRun } from './run-report.ts';
import { refuse, type TaskSession } from './task-session.ts';

export interface Following {
  begin(): Promise<Answer>;
  /** Manual mode: stay when nothing in the queue can start. */
  readonly wait: boolean;
  /** Beside a host that manages the task: follow it there; false = its answer is all. */
  readonly elsewhere: boolean;
  /** What cannot be asked of that host: said when it is the one that runs the task. */
  readonly notElsewhere?: Coded;
}

const NOTHING_TO_DO: ReadonlySet<string> = new Set(['nothingToDo', 'nothingRejected']);

/** 4 also when nothing in the manual queue can start: the run stays unfinished. */
export async function followTask(
  { session, manager, taskId, task }: TaskSession,
  following: Following,
  host: CliHost,
  voice: Voice,
): Promise<ExitCode> {
  const report = reportRun(manager, taskId, host, voice);
  const interrupts = onInterrupts(manager, taskId, host, voice);
  const failure = storeFailure(manager, taskId);
  const plans = session.onPlan((planned: TaskId, plan: PlanResult) => {
    if (planned === taskId) tellPlanWarnings(plan, task, (line) => report.above(line), voice);
  });
  try {
    // A server that does not answer holds a start up: a person who asks twice does not wait for it.
    const answer = await Promise.race([following.begin(), interrupts.forced]);
    if (answer === 'forced') return leave(manager, taskId, voice, 130);
    if (!answer.ok) {
      if (report.said(answer.refusal)) return 2;
      return refuse(answer.refusal, voice);
    }
    tellNote(answer.note, voice);
    if (following.notElsewhere && isElsewhere(manager, taskId)) voice.tell('warning', following.notElsewhere);
    const nothingToDo = NOTHING_TO_DO.has(answer.note?.code ?? '');
    if (!isBusy(manager, taskId) && !nothingToDo && !following.elsewhere) return leave(manager, taskId, voice, 0);
    if (isElsewhere(manager, taskId) && !following.elsewhere) return leave(manager, taskId, voice, 0);
    interrupts.started();
    const end = await untilRest(manager, taskId, following.wait, interrupts.forced, failure.happened, voice);
    report.flush();
    if (end === 'forced') return leave(manager, taskId, voice, 130);
    if (end === 'waits') return leave(manager, taskId, voice, 4);
    if ('code' in end) {
      voice.tell('error', { code: end.code, args: end.args });
      return leave(manager, taskId, voice, 1);
    }
    if (end.outcome === 'completed_with_errors') tellBlocked(manager, taskId, voice);
    if (!nothingToDo) tellRejected(manager, taskId, task.name, end.rejected, voice);
    return concludeRun(end, nothingToDo, voice);
  } finally {
    plans.dispose();
    failure.dispose();
    interrupts.dispose();
    report.dispose();
  }
}

/** `waits`: the host that manages the task waits for additions to its queue; this process does not. */
async function untilRest(
  manager: TaskManager,
  taskId: TaskId,
  wait: boolean,
  forced: Promise<'forced'>,
  failure: Promise<Coded>,
  voice: Voice,
): Promise<RunSummary | Coded | 'forced' | 'waits'> {
  const settled = manager.settled(taskId).catch((error: unknown): Coded => errorOf(error));
  const additions = waitsForAdditions(manager, taskId);
  try {
    const rest = [settled, forced, failure] as const;
    const first = await Promise.race(wait ? rest : [...rest, additions.happened]);
    if (first !== 'waits') return first;
    if (isElsewhere(manager, taskId)) {
      voice.tell('info', { code: 'cli.waitsElsewhere', args: {} });
      return 'waits';
    }
    voice.tell('info', { code: 'cli.nothingStarts', args: {} });
    const answer = await manager.stop(taskId);
    if (!answer.ok && answer.refusal.code !== 'notRunning') return answer.refusal;
    return await Promise.race(rest);
  } finally {
    additions.dispose();
  }
}

/** How the task stands now, without waiting for its rest. */
function leave(manager: TaskManager, taskId: TaskId, voice: Voice, code: ExitCode): ExitCode {
  reportStanding(manager, taskId, voice);
  return code;
}

export function isElsewhere(manager: TaskManager, taskId: TaskId): boolean {
  return (manager.header(taskId)?.managedBy ?? null) !== null;
}

function isBusy(manager: TaskManager, taskId: TaskId): boolean {
  const header = manager.header(taskId);
  if (header === undefined) return false;
  const { planning, runState } = header;
  return planning || runState === 'running' || runState === 'pausing' || runState === 'stopping';
}

/**
 * A task of this process: the first interrupt pauses at the next batch borders, the second ends the process's work at
 * once. A task of another host: any interrupt only ends the following.
 */
function onInterrupts(manager: TaskManager, taskId: TaskId, host: CliHost, voice: Voice) {
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
  const leaveRunning = (): void => {
    voice.tell('info', { code: 'cli.leftRunning', args: {} });
    force('forced');
  };
  const subscription = host.onInterrupt(() => {
    presses++;
    if (isElsewhere(manager, taskId)) {
      leaveRunning();
      return;
    }
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
      if (presses === 0) return;
      if (isElsewhere(manager, taskId)) leaveRunning();
      else pause();
    },
    dispose: () => subscription.dispose(),
  };
}

/** Resolves when the task runs and nothing happens until somebody adds units. */
function waitsForAdditions(manager: TaskManager, taskId: TaskId) {
  let tell: (value: 'waits') => void = () => undefined;
  const happened = new Promise<'waits'>((resolve) => {
    tell = resolve;
  });
  const look = (): void => {
    const header = manager.header(taskId);
    if (header?.waitsForAdditions && header.runState === 'running') tell('waits');
  };
  const subscription = manager.subscribe(look);
  look();
  return { happened, dispose: () => subscription.dispose() };
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

const FINAL_FAILURES: ReadonlySet<string> = new Set([
  'store.failed',
  'store.gone',
  'store.damaged',
  'store.notOwner',
  'folder.takenOver',
]);
