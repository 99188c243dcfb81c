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
    return `- ${task.name}: ${task.runState}, outcome ${task.outcome ?? 'none'}, ${counts.join(', ')}${blocked}`;
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
  return parts.redact(text).replaceAll(homedir(), '~');
}
