import type { Command } from './command.ts';
import { describeProblem, load, reportProblem } from './configuration.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';

/** `datatrace validate`: every problem with its place; 2 when there are any. */
export async function validateCommand(
  command: Extract<Command, { name: 'validate' }>,
  host: CliHost,
  voice: Voice,
): Promise<ExitCode> {
  const { problems, file, model } = await load(host, command.config);
  for (const problem of problems) {
    voice.print(describeProblem(problem, voice, host.cwd));
    reportProblem(problem, voice);
  }
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const counts = { errors, warnings: problems.length - errors };
  voice.json('result', { file, ...counts, tasks: model?.tasks.size ?? 0, connections: model?.connections.size ?? 0 });
  if (problems.length > 0) voice.print(voice.word('cli.problems', counts));
  else if (model)
    voice.print(voice.word('cli.valid', { file, connections: model.connections.size, tasks: model.tasks.size }));
  return problems.length > 0 ? 2 : 0;
}
