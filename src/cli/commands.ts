/** From the words of a command line to its exit code. */
import { parseArguments } from './arguments.ts';
import { helpText } from './help.ts';
import { type CliHost, createVoice, type ExitCode } from './host.ts';
import { planCommand, tellError } from './plan.ts';
import { refused, runCommand } from './run.ts';
import { statusCommand } from './status.ts';
import { validateCommand } from './validate.ts';
import { verifyCommand } from './verify.ts';

/** Never rejects: what is unexpected is said, with exit code 1. */
export async function runCli(argv: readonly string[], host: CliHost): Promise<ExitCode> {
  const parsed = parseArguments(argv);
  const structured = argv.includes('--json');
  const voice = createVoice(host, structured);
  if (!parsed.ok) {
    voice.tell('error', parsed.problem);
    if (!structured) host.err(helpText(voice, parsed.command));
    else if (parsed.command === 'run') refused(voice);
    return 2;
  }
  const { command } = parsed;
  if (needsWorkers(command.name) && !runsWorkers(host.nodeVersion)) {
    voice.tell('error', { code: 'cli.nodeTooOld', args: { version: host.nodeVersion } });
    if (command.name === 'run') refused(voice);
    return 2;
  }
  try {
    switch (command.name) {
      case 'help':
        host.out(helpText(voice, command.topic));
        return 0;
      case 'version':
        host.out(`${host.version()}\n`);
        return 0;
      case 'validate':
        return await validateCommand(command, host, voice);
      case 'plan':
        return await planCommand(command, host, voice);
      case 'run':
        return await runCommand(command, host, voice);
      case 'verify':
        return await verifyCommand(command, host, voice);
      case 'status':
        return await statusCommand(command, host, voice);
    }
  } catch (error) {
    tellError(error, voice);
    return 1;
  }
}

function needsWorkers(command: string): boolean {
  return command === 'plan' || command === 'run' || command === 'verify';
}

/** The data plane reads SQLite by the runtime's own module, which came without a flag in Node 22.13. */
function runsWorkers(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13);
}
