/** What all commands on one task share: configuration, session, what goes wrong, and the end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskConfig } from '../config/model.ts';
import type { Coded, TaskId } from '../core/model.ts';
import type { TaskManager } from '../engine/api.ts';
import { errorOf } from '../engine/failures.ts';
import type { OnTask } from './command.ts';
import { hasTask, usableConfig } from './configuration.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { othersRest } from './others.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

const FORCED_CLOSE_MS = 1_000;
const STAYING: ReadonlySet<string> = new Set(['run', 'resume', 'retry', 'restart']);

export interface TaskSession {
  readonly session: Session;
  readonly manager: TaskManager;
  readonly taskId: TaskId;
  readonly task: TaskConfig;
}

/** Opens a session for a task of the configuration and closes it; says what goes wrong (2). */
export async function withTask(
  command: OnTask,
  opens: SessionOptions['opens'],
  host: CliHost,
  voice: Voice,
  work: (at: TaskSession) => Promise<ExitCode>,
): Promise<ExitCode> {
  const model = await usableConfig(host, voice, command.config);
  const task = model?.tasks.get(command.task);
  if (model === undefined || !hasTask(model, command.task, voice) || task === undefined) return 2;
  const { store, verbose } = command;
  const maxRunning = command.name === 'run' ? command.maxRunning : undefined;
  const session = await openSession(host, voice, {
    model,
    store,
    verbose,
    maxRunning,
    opens,
    stays: STAYING.has(command.name),
  });
  let forced = false;
  let interrupted = false;
  const interrupts = STAYING.has(command.name)
    ? host.onInterrupt(() => {
        interrupted = true;
      })
    : undefined;
  try {
    const code = await work({ session, manager: session.manager, taskId: session.taskId(task.name), task });
    forced = code === 130 || !(await othersRest(session.manager, interrupted, host, voice));
    return forced ? 130 : code;
  } catch (error) {
    tellError(error, voice);
    return 2;
  } finally {
    interrupts?.dispose();
    // A person who asks twice does not wait for what may be stuck; the store is as after a crash at worst.
    await (forced ? Promise.race([session.close(), delay(FORCED_CLOSE_MS)]) : session.close());
  }
}

export function tellError(error: unknown, voice: Voice): void {
  const { code, args, message } = errorOf(error);
  voice.tell('error', { code, args });
  if (message !== '' && code !== 'unexpected') voice.say(`  ${message}`);
}

/** Says why nothing was done; where the editor would ask, the command line has an option. */
export function refuse(refusal: Coded, voice: Voice): 2 {
  voice.tell('error', forCommandLine(refusal));
  return 2;
}

export function forCommandLine(refusal: Coded): Coded {
  switch (refusal.code) {
    case 'target.production':
      return { ...refusal, code: 'cli.confirmProduction' };
    case 'completedUnits':
      return { ...refusal, code: 'cli.completedUnits' };
    case 'path.outside':
      return { ...refusal, code: 'cli.confirmOutside' };
    default:
      return refusal;
  }
}
