/** Reads the configuration for a command and says what is wrong with it. */
import path from 'node:path';
import { type Loaded, loadFile, loadFolder } from '../config/load.ts';
import type { ConfigModel } from '../config/model.ts';
import { nearest } from '../config/nearest.ts';
import { formatPath, type Problem } from '../config/problem.ts';
import type { Coded } from '../core/model.ts';
import type { CliHost, Voice } from './host.ts';

/** Tasks named in the answer to a wrong name. */
const MOST_NAMES = 10;

export function load(host: CliHost, config: string | undefined): Promise<Loaded> {
  return config === undefined ? loadFolder(host.cwd) : loadFile(path.resolve(host.cwd, config));
}

/** `file:line:column: error: sentence (path)`, which editors and terminals make clickable. */
export function describeProblem(problem: Problem, voice: Voice, cwd: string): string {
  const relative = path.relative(cwd, problem.file);
  const file = relative === '' || relative.startsWith('..') ? problem.file : relative;
  const where = problem.path.length === 0 ? '' : ` (${formatPath(problem.path)})`;
  const severity = voice.word(`cli.severity.${problem.severity}`);
  return `${file}:${problem.line}:${problem.column}: ${severity}: ${voice.word(problem.code, problem.args)}${where}`;
}

/** The model, or undefined after its errors were said. Warnings are said too. */
export async function usableConfig(
  host: CliHost,
  voice: Voice,
  config: string | undefined,
): Promise<ConfigModel | undefined> {
  const loaded = await load(host, config);
  for (const problem of loaded.problems) {
    if (voice.structured) reportProblem(problem, voice);
    else voice.say(describeProblem(problem, voice, host.cwd));
  }
  return loaded.model;
}

export function reportProblem(problem: Problem, voice: Voice): void {
  const { severity, code, args, file, line, column, endLine, endColumn } = problem;
  const message = voice.word(code, args);
  const place = { file, line, column, endLine, endColumn, path: formatPath(problem.path) };
  voice.json('problem', { severity, code, args, message, ...place });
}

/** Whether the configuration has the task; says the nearest name when not. */
export function hasTask(model: ConfigModel, task: string, voice: Voice): boolean {
  if (model.tasks.has(task)) return true;
  const meant = nearest(task, model.tasks.keys());
  if (meant === undefined) voice.tell('error', unknownTask(model, task));
  else voice.tell('error', { code: 'task.unknownNearest', args: { task, nearest: meant } });
  return false;
}

function unknownTask(model: ConfigModel, task: string): Coded {
  const names = [...model.tasks.keys()];
  if (names.length === 0) return { code: 'task.unknown', args: { task } };
  const more = names.length > MOST_NAMES ? ', ..' : '';
  return { code: 'cli.unknownTask', args: { task, tasks: names.slice(0, MOST_NAMES).join(', ') + more } };
}
