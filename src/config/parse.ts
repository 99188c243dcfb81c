/** The text of `datatrace.json` to a model, or to everything that is wrong with it. */
import path from 'node:path';
import { checkConnections } from './check-connections.ts';
import { checkNames } from './check-names.ts';
import { checkSchedules } from './check-schedules.ts';
import { checkTasks } from './check-tasks.ts';
import { createReporter, type DocNode, member, membersOf, type Reporter, readDocument } from './document.ts';
import type { ConfigModel, Connection } from './model.ts';
import { type Problem, sortProblems } from './problem.ts';
import { resolveDefinition } from './resolve-connection.ts';
import { resolveSchedule } from './resolve-schedule.ts';
import { resolveTask } from './resolve-task.ts';
import { configSchema } from './schema.ts';
import { validate } from './validate.ts';

export interface Parsed {
  /** Undefined when there is an error: the last good configuration stays in force. */
  readonly model: ConfigModel | undefined;
  /** All of them, in file order. */
  readonly problems: readonly Problem[];
}

/**
 * Never throws for what stands in `text`.
 * @param file absolute path of the file: relative paths in it start at its folder, and problems name it
 */
export function parse(text: string, file: string): Parsed {
  const folder = path.dirname(file);
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const reporter = createReporter(plain, file);
  const root = readDocument(plain, reporter);
  if (root === null) return { model: undefined, problems: sortProblems(reporter.problems) };
  if (!validJson(reporter)) {
    const problems = [...reporter.problems, ...problemsBeforeBreak(root, plain, file, reporter)];
    return { model: undefined, problems: sortProblems(problems) };
  }
  validate(root, configSchema, reporter);
  checkNames(root, reporter);
  checkConnections(root, folder, reporter);
  const connections = soundConnections(root, folder, reporter);
  checkTasks(root, connections, reporter);
  checkSchedules(root, reporter);
  const problems = sortProblems(reporter.problems);
  if (problems.some((problem) => problem.severity === 'error')) return { model: undefined, problems };
  return { model: resolve(root, file, folder, connections), problems };
}

function validJson(reporter: Reporter): boolean {
  return reporter.problems.every((problem) => problem.code !== 'config.syntax');
}

/**
 * What is wrong before the first place that is not JSON: behind it the tree is a guess, and so is whatever is missing
 * or names something else.
 */
function problemsBeforeBreak(root: DocNode, text: string, file: string, syntax: Reporter): Problem[] {
  const found = createReporter(text, file);
  validate(root, configSchema, found);
  const [first] = sortProblems(syntax.problems.filter((problem) => problem.code === 'config.syntax'));
  return found.problems.filter(
    (problem) =>
      first !== undefined &&
      problem.code !== 'value.required' &&
      (problem.endLine < first.line || (problem.endLine === first.line && problem.endColumn <= first.column)),
  );
}

/** The connections without an error of their own. */
function soundConnections(root: DocNode, folder: string, reporter: Reporter): Map<string, Connection> {
  const broken = new Set<unknown>();
  for (const problem of reporter.problems) {
    if (problem.severity === 'error' && problem.path[0] === 'connections') broken.add(problem.path[1]);
  }
  const sound = new Map<string, Connection>();
  if (broken.has(undefined)) return sound;
  for (const [name, node] of membersOf(member(root, 'connections'))) {
    if (!broken.has(name)) sound.set(name, resolveDefinition(name, node, folder));
  }
  return sound;
}

function resolve(
  root: DocNode,
  file: string,
  folder: string,
  connections: ReadonlyMap<string, Connection>,
): ConfigModel {
  const tasks = [...membersOf(member(root, 'tasks'))].map(([name, node]) => resolveTask(name, node));
  const schedules = [...membersOf(member(root, 'schedules'))].map(([name, node]) => resolveSchedule(name, node));
  return {
    version: 1,
    file,
    folder,
    connections,
    tasks: new Map(tasks.map((task) => [task.name, task])),
    schedules: new Map(schedules.map((schedule) => [schedule.name, schedule])),
  };
}
