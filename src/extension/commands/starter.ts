/** The first `datatrace.json` of a folder, and a task added to one that is there: text in, text out. */

import { withValue } from '../../config/edit.ts';
import type { Json } from '../../config/model.ts';

export interface NewEnd {
  readonly name: string;
  /** null = the connection is in the file already. */
  readonly connection: Json | null;
}

export interface NewTask {
  readonly name: string;
  readonly description: string;
  readonly source: NewEnd;
  readonly target: NewEnd;
}

/** @param header lines of the comment at the top of a new file. */
export function withNewTask(text: string | null, task: NewTask, header: readonly string[]): string {
  let edited = text === null || text.trim() === '' ? emptyFile(header) : text;
  for (const { name, connection } of [task.source, task.target]) {
    if (connection !== null) edited = withValue(edited, ['connections', name], connection);
  }
  const definition: Json = {
    ...(task.description === '' ? {} : { description: task.description }),
    source: task.source.name,
    target: task.target.name,
    concurrency: 4,
    resume: 'row',
  };
  return withValue(edited, ['tasks', task.name], definition);
}

function emptyFile(header: readonly string[]): string {
  const comment = header.map((line) => `// ${line}\n`).join('');
  return `${comment}{\n  "version": 1,\n  "connections": {},\n  "tasks": {}\n}\n`;
}

/** A name that is not taken (compared without regard to case), as the file allows it. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  const base =
    wanted
      .replace(/[^A-Za-z0-9_.-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 56) || 'connection';
  let free = base;
  for (let n = 2; used.has(free.toLowerCase()); n++) free = `${base}-${n}`;
  return free;
}

/** Why a name cannot be used; undefined = it can. */
export function nameProblem(name: string, taken: Iterable<string>): 'form' | 'taken' | undefined {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) return 'form';
  const used = new Set([...taken].map((each) => each.toLowerCase()));
  return used.has(name.toLowerCase()) ? 'taken' : undefined;
}

/** The address of a search server as it is written in the file; undefined = it is none, or holds a login. */
export function searchAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (!/^https?:\/\/[^\s?#]+$/i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const { username, password } = new URL(trimmed);
  return username === '' && password === '' ? trimmed.replace(/\/+$/, '') : undefined;
}

/** Whether `${env:NAME}` can name it. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
