/** `datatrace runs` and `datatrace report`: what happened. */
import type { RunRow } from '../core/model.ts';
import { redacted } from '../host/redaction.ts';
import { reportJson, reportMarkdown } from '../wording/report-text.ts';
import type { ReportCommand, RunsCommand } from './command.ts';
import { clock, column, grouped } from './figures.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { reportStanding } from './result.ts';
import { refuse, withTask } from './task-session.ts';

/** Newest first. */
export function runsCommand(command: RunsCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'now', host, voice, async ({ manager, taskId, task }) => {
    const runs = await manager.runs(taskId, command.limit);
    for (const run of runs) showRun(task.name, run, host.now(), voice);
    if (runs.length === 0) voice.tell('info', { code: 'cli.runs.none', args: { task: task.name } });
    reportStanding(manager, taskId, voice);
    return 0;
  });
}

/** Markdown on stdout, to be read or passed on. */
export function reportCommand(command: ReportCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'now', host, voice, async ({ manager, taskId, task }) => {
    const { run = null } = command;
    if (run === null && (await manager.runs(taskId, 1)).length === 0) {
      return refuse({ code: 'cli.runs.none', args: { task: task.name } }, voice);
    }
    const report = redacted(await manager.report(taskId, run), voice.redactor.redact);
    if (voice.structured) voice.json('report', JSON.parse(reportJson(report, voice.sentence)));
    else
      for (const line of reportMarkdown(report, voice.sentence, voice.locale).trimEnd().split('\n')) voice.print(line);
    reportStanding(manager, taskId, voice);
    return 0;
  });
}

function showRun(task: string, run: Readonly<RunRow>, now: number, voice: Voice): void {
  const { id, startedAt, endedAt, outcome, startedBy, mode, concurrency, units, rows, bytes, rejected } = run;
  const durationMs = endedAt === null ? null : endedAt - startedAt;
  const how = { outcome, startedBy, mode, concurrency, units };
  voice.json('run', { task, run: id, startedAt, endedAt, durationMs, ...how, rows, bytes, rejected });
  const ended = outcome === null ? voice.word('cli.runs.unfinished') : voice.word(`cli.outcome.${outcome}`);
  const started = new Date(startedAt).toISOString().slice(0, 19).replace('T', ' ');
  const amount = voice.word('cli.runs.amount', { rows: grouped(rows), time: clock((endedAt ?? now) - startedAt) });
  const set = rejected > 0 ? `  ${voice.word('cli.runs.rejected', { rows: grouped(rejected) })}` : '';
  voice.print(
    `${id}  ${started} UTC  ${column(ended, 24)} ${column(voice.word(`cli.mode.${mode}`), 12)} ${amount}${set}`,
  );
}
