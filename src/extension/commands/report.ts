/** "Copy Diagnostics": what helps to find a fault, without secrets, contents or full paths of the user. */
import { homedir } from 'node:os';
import type { TaskSummary } from '../../engine/api.ts';

export interface ReportParts {
  readonly versions: Readonly<Record<string, string>>;
  readonly tasks: readonly TaskSummary[];
  readonly log: readonly string[];
  redact(text: string): string;
}

export function diagnosticsReport(parts: ReportParts): string {
  const versions = Object.entries(parts.versions).map(([name, value]) => `- ${name}: ${value}`);
  const tasks = parts.tasks.map((task) => {
    const counts = Object.entries(task.counts).map(([status, count]) => `${status} ${count}`);
    const blocked = task.blocked ? `, blocked ${task.blocked.code}` : '';
    const switching = task.switchingTo ? `, switching to ${task.switchingTo}` : '';
    const managed = task.managedBy ? `, managed ${task.managedBy.code}` : '';
    const mode = `mode ${task.mode}, queued ${task.queued}${switching}`;
    const state = `${task.runState}, outcome ${task.outcome ?? 'none'}`;
    return `- ${task.name}: ${state}, ${counts.join(', ')}, ${mode}${blocked}${managed}`;
  });
  const text = [
    '# DataTrace diagnostics',
    '',
    ...versions,
    '',
    '## Tasks',
    '',
    ...(tasks.length === 0 ? ['none'] : tasks),
    '',
    '## Log',
    '',
    '```',
    ...parts.log,
    '```',
    '',
  ].join('\n');
  return withoutHome(parts.redact(text), homedir());
}

/** Lines of the log hold paths also as JSON writes them, with doubled backslashes. */
export function withoutHome(text: string, home: string): string {
  // The home of a user without one is the root: every path would change.
  if (home.length < 2) return text;
  return text.replaceAll(JSON.stringify(home).slice(1, -1), '~').replaceAll(home, '~');
}
