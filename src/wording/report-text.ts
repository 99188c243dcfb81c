/** The report of a run for people (Markdown) and for machines (JSON). */
import type { AttemptRow, Coded, RunOutcome, RunRow, StartedBy, UnitStatus } from '../core/model.ts';
import { codeCell, escapeMarkdown, inlineCode, tableHead, tableRow } from './markdown.ts';

/** Where a run copied from or to. */
export interface ReportedEnd {
  readonly name: string;
  readonly system: string;
  readonly environment: string | null;
}

/** What is said of a unit: why it failed or waits, what to know about its copy. */
export interface ReportedRemark {
  readonly unit: string;
  readonly status: UnitStatus;
  readonly reason: { readonly text: Coded; readonly detail: string | null; readonly severity: string };
}

/** A run as the engine's `report` answers it; instants in ms since the epoch. */
export interface ReportedRun {
  readonly task: string;
  readonly source: ReportedEnd;
  readonly target: ReportedEnd;
  readonly run: Readonly<RunRow>;
  readonly counts: Readonly<Record<UnitStatus, number>>;
  readonly attempts: readonly (AttemptRow & { readonly unit: string })[];
  readonly remarks: readonly ReportedRemark[];
}

type Word = (coded: Coded) => string;

/** Lines of a table; a report is read, or pasted into an issue. */
const MOST_LINES = 500;
/** Characters of the system's own words. */
const MOST_DETAIL = 500;
const MOST_NAMES = 20;

/**
 * Markdown with everything from outside escaped. Instants are in UTC: reports are passed on.
 * @param word the sentence of a code in the reader's language
 * @param locale for numbers
 */
export function reportMarkdown(report: ReportedRun, word: Word, locale: string): string {
  const say = (code: string, args: Coded['args'] = {}): string => word({ code: `report.${code}`, args });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const { run, source, target, counts } = report;

  const lines = [
    `# ${say('title', { task: escapeMarkdown(report.task) })}`,
    '',
    `- ${say('ends', { source: endText(source), target: endText(target) })}`,
    `- ${say('outcome', { outcome: say(outcomeCode(run.outcome)) })}`,
    `- ${say('started', { at: instant(run.startedAt), by: say(startedByCode(run.startedBy)) })}`,
    ...(run.endedAt === null ? [] : [`- ${say('ended', { at: instant(run.endedAt), duration: spent(run) })}`]),
    `- ${say(run.mode, { concurrency: run.concurrency })}`,
    ...(run.units === null ? [] : [`- ${say('limited', { count: run.units.length, units: names(run.units) })}`]),
    `- ${say('amount', { rows: number.format(run.rows), bytes: bytesText(run.bytes, locale) })}`,
    ...(run.rejected === 0 ? [] : [`- ${say('rejected', { rows: number.format(run.rejected) })}`]),
    `- ${say('counts', { counts: countsText() })}`,
    '',
  ];
  if (report.remarks.length > 0) {
    lines.push(`## ${say('remarks')}`, '', ...tableHead([say('unit'), say('status'), say('reason')]));
    lines.push(...report.remarks.slice(0, MOST_LINES).map(remarkLine), ...more(report.remarks.length), '');
  }
  if (report.attempts.length > 0) {
    const titles = ['unit', 'attempt', 'result', 'duration', 'rows', 'perSecond'].map((code) => say(code));
    lines.push(`## ${say('executions')}`, '', ...tableHead(titles, [1, 3, 4, 5]));
    lines.push(...report.attempts.slice(0, MOST_LINES).map(attemptLine), ...more(report.attempts.length), '');
  }
  return lines.join('\n');

  function countsText(): string {
    const order: readonly UnitStatus[] = ['completed', 'failed', 'running', 'paused', 'pending'];
    const shown = order.filter((status) => counts[status] > 0);
    return shown.map((status) => say(`count${capital(status)}`, { count: number.format(counts[status]) })).join(', ');
  }

  function remarkLine({ unit, status, reason }: ReportedRemark): string {
    const { text, detail } = reason;
    const said = [word(text), ...(detail === null ? [] : [detail.slice(0, MOST_DETAIL)])];
    const worded = status === 'completed' ? say('completed') : say(`status${capital(status)}`);
    return tableRow([codeCell(unit), worded, said.map(escapeMarkdown).join('<br>')]);
  }

  function attemptLine(attempt: ReportedRun['attempts'][number]): string {
    const { unit, rows, errorCode } = attempt;
    const ms = attempt.endedAt === null ? null : attempt.endedAt - attempt.startedAt;
    const perSecond = ms === null || ms <= 0 ? '' : number.format((rows / ms) * 1000);
    const code = errorCode === null ? '' : ` (${codeCell(errorCode)})`;
    const result = `${say(attemptCode(attempt.outcome))}${code}`;
    const duration = ms === null ? '' : clockText(ms);
    return tableRow([codeCell(unit), String(attempt.attempt), result, duration, number.format(rows), perSecond]);
  }

  function more(count: number): string[] {
    return count > MOST_LINES ? ['', say('more', { count: number.format(count - MOST_LINES) })] : [];
  }
}

/**
 * JSON text with stable names; later versions only add. Instants are ms since the epoch, null = not known or not yet:
 * `format` ("datatrace.run/1"), `task`, `source` and `target` {`name`, `system`, `environment`},
 * `run` {`id`, `startedAt`, `endedAt`, `durationMs`, `outcome`, `startedBy`, `mode`, `concurrency`, `units` (names of a
 * limited run), `rows`, `bytes`, `rejected`}, `counts` (by status),
 * `remarks` [{`unit`, `status`, `severity`, `code`, `args`, `text`, `detail`}],
 * `attempts` [{`unit`, `attempt`, `startedAt`, `endedAt`, `outcome`, `rows`, `bytes`, `errorCode`}], oldest first.
 */
export function reportJson(report: ReportedRun, word: Word): string {
  const { run, counts } = report;
  const { id, startedAt, endedAt, outcome, startedBy, mode, concurrency, units, rows, bytes, rejected } = run;
  const durationMs = endedAt === null ? null : endedAt - startedAt;
  const figures = { concurrency, units, rows, bytes, rejected };
  const end = ({ name, system, environment }: ReportedEnd) => ({ name, system, environment });
  const { pending, running, completed, failed, paused } = counts;
  const value = {
    format: 'datatrace.run/1',
    task: report.task,
    source: end(report.source),
    target: end(report.target),
    run: { id, startedAt, endedAt, durationMs, outcome, startedBy, mode, ...figures },
    counts: { pending, running, completed, failed, paused },
    remarks: report.remarks.map(({ unit, status, reason: { text, detail, severity } }) => {
      return { unit, status, severity, code: text.code, args: text.args, text: word(text), detail };
    }),
    attempts: report.attempts.map((each) => ({
      unit: each.unit,
      attempt: each.attempt,
      startedAt: each.startedAt,
      endedAt: each.endedAt,
      outcome: each.outcome,
      rows: each.rows,
      bytes: each.bytes,
      errorCode: each.errorCode,
    })),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function endText({ name, system, environment }: ReportedEnd): string {
  const about = environment === null ? system : `${system}, ${environment}`;
  return `${inlineCode(name)} (${escapeMarkdown(about)})`;
}

function names(units: readonly string[]): string {
  const shown = units.slice(0, MOST_NAMES).map(inlineCode);
  return units.length > MOST_NAMES ? `${shown.join(', ')} ..` : shown.join(', ');
}

/** `2026-11-21 16:20:11 UTC` */
function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function spent({ startedAt, endedAt }: Readonly<RunRow>): string {
  return endedAt === null ? '' : clockText(endedAt - startedAt);
}

/** `1:02:03`, `2:03`, and `0:04.5` below ten seconds. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `0:0${(Math.floor(seconds * 10) / 10).toFixed(1)}`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function bytesText(bytes: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const format = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    maximumFractionDigits: step === 0 ? 0 : 1,
  });
  return format.format(bytes / 1000 ** step);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function outcomeCode(outcome: RunOutcome | null): string {
  switch (outcome) {
    case null:
      return 'unfinished';
    case 'completed_with_errors':
      return 'completedWithErrors';
    case 'completed':
    case 'stopped':
    case 'failed':
      return outcome;
  }
}

function attemptCode(outcome: AttemptRow['outcome']): string {
  switch (outcome) {
    case null:
      return 'statusRunning';
    case 'completed':
      return 'completed';
    case 'failed':
      return 'statusFailed';
    case 'stopped':
      return 'endedStopped';
    case 'lost':
      return 'lost';
  }
}

function startedByCode(by: StartedBy): string {
  return `by${capital(by)}`;
}
