/** From the words of a command line to its exit code. */
import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { abortCommand, controlCommand, executeCommand, modeCommand, setCommand } from './control.ts';
import { helpText, usageText } from './help.ts';
import { type CliHost, createVoice, type ExitCode, type Voice } from './host.ts';
import { planCommand } from './plan.ts';
import { queueCommand } from './queue.ts';
import { reportCommand, runsCommand } from './records.ts';
import { reportNothing } from './result.ts';
import { runCommand } from './run.ts';
import { statusCommand } from './status.ts';
import { tellError } from './task-session.ts';
import { validateCommand } from './validate.ts';
import { verifyCommand } from './verify.ts';

/** Never rejects: what is unexpected is said, with exit code 1. JSON lines always end with a `result`. */
export async function runCli(argv: readonly string[], host: CliHost): Promise<ExitCode> {
  const parsed = parseArguments(argv);
  const voice = createVoice(host, argv.includes('--json'));
  if (!parsed.ok) {
    voice.tell('error', parsed.problem);
    if (!voice.structured) host.err(usageText(voice, parsed.command));
    reportNothing(parsed.command, 2, voice);
    return 2;
  }
  const { command } = parsed;
  const code = await execute(command, host, voice).catch((error: unknown): ExitCode => {
    tellError(error, voice);
    return 1;
  });
  if (!voice.concluded() && !TEXT_ONLY.has(command.name)) reportNothing(command.name, code, voice);
  return code;
}

async function execute(command: Command, host: CliHost, voice: Voice): Promise<ExitCode> {
  if (WITH_WORKERS.has(command.name) && !runsWorkers(host.nodeVersion)) {
    voice.tell('error', { code: 'cli.nodeTooOld', args: { version: host.nodeVersion } });
    return 2;
  }
  switch (command.name) {
    case 'help':
      host.out(helpText(voice, command.topic));
      return 0;
    case 'version':
      host.out(`${host.version()}\n`);
      return 0;
    case 'validate':
      return validateCommand(command, host, voice);
    case 'plan':
      return planCommand(command, host, voice);
    case 'run':
      return runCommand(command, host, voice);
    case 'verify':
      return verifyCommand(command, host, voice);
    case 'status':
      return statusCommand(command, host, voice);
    case 'queue':
      return queueCommand(command, host, voice);
    case 'mode':
      return modeCommand(command, host, voice);
    case 'pause':
    case 'stop':
    case 'reset':
    case 'delete-data':
      return controlCommand(command, host, voice);
    case 'resume':
    case 'retry':
    case 'restart':
      return executeCommand(command, host, voice);
    case 'abort':
      return abortCommand(command, host, voice);
    case 'set':
      return setCommand(command, host, voice);
    case 'report':
      return reportCommand(command, host, voice);
    case 'runs':
      return runsCommand(command, host, voice);
  }
}

const TEXT_ONLY: ReadonlySet<string> = new Set(['help', 'version']);
const WITH_WORKERS: ReadonlySet<string> = new Set(['plan', 'run', 'verify', 'queue', 'resume', 'retry', 'restart']);

/** The data plane reads SQLite by the runtime's own module, which came without a flag in Node 22.13. */
function runsWorkers(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13);
}
