import type { StartOptions } from '../engine/api.ts';
import type { Consent, RunCommand } from './command.ts';
import { followTask } from './follow.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { withTask } from './task-session.ts';

/** `datatrace run`: starts or resumes a task, here or in the host that manages it, and stays until it rests. */
export function runCommand(command: RunCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  // Which rows were rejected is known from the store.
  return withTask(command, command.rejected ? 'now' : 'whenNeeded', host, voice, (at) => {
    const options = startOptions(command);
    const begin = () =>
      command.rejected ? at.manager.retryRejected(at.taskId, options) : at.manager.start(at.taskId, options);
    const following = { begin, wait: command.wait, elsewhere: true };
    const limit = command.maxRunning;
    if (limit === undefined) return followTask(at, following, host, voice);
    const notElsewhere = { code: 'cli.maxRunningElsewhere', args: { limit } };
    return followTask(at, { ...following, notElsewhere }, host, voice);
  });
}

function startOptions(command: RunCommand): StartOptions {
  const { again, units, mode, concurrency } = command;
  return {
    ...consentOptions(command),
    again,
    ...(units === undefined ? {} : { units }),
    ...(mode === undefined ? {} : { mode }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
}

/** What a person agreed to by options of the command line. */
export function consentOptions({ confirmProduction, allowOutside, ignoreAfter }: Consent): StartOptions {
  return {
    by: 'command',
    confirmOutside: allowOutside,
    ignoreAfter,
    ...(confirmProduction === undefined ? {} : { confirmProduction }),
  };
}
