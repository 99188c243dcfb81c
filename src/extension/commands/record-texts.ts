/** Runs and executions in words; no editor in here. */
import { type AttemptRow, assertNever, type Coded, type RunRow, type UnitRow } from '../../core/model.ts';
import { codeCell, escapeMarkdown, tableHead, tableRow } from '../../wording/markdown.ts';
import { clockText } from '../../wording/report-text.ts';
import { formatNumber } from '../numbers.ts';
import type { Translate } from '../translate.ts';

interface Words {
  readonly t: Translate;
  readonly word: (coded: Coded) => string;
  readonly locale: string;
}

/** In the zone of the person who reads. */
export function whenText(ms: number, locale: string): string {
  return new Date(ms).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Empty while it goes on. */
export function spentText(startedAt: number, endedAt: number | null): string {
  return endedAt === null ? '' : clockText(endedAt - startedAt);
}

export function outcomeIcon({ outcome }: Readonly<RunRow>): string {
  switch (outcome) {
    case null:
      return 'sync';
    case 'completed':
      return 'pass';
    case 'completed_with_errors':
      return 'warning';
    case 'stopped':
      return 'circle-slash';
    case 'failed':
      return 'error';
    default:
      return assertNever(outcome);
  }
}

export function outcomeText({ outcome }: Readonly<RunRow>, t: Translate): string {
  switch (outcome) {
    case null:
      return t('unfinished');
    case 'completed':
      return t('completed');
    case 'completed_with_errors':
      return t('completed with errors');
    case 'stopped':
      return t('given up');
    case 'failed':
      return t('could not start');
    default:
      return assertNever(outcome);
  }
}

/** Every kept execution of a unit, newest first, as Markdown. */
export function attemptsText(
  task: string,
  unit: Readonly<UnitRow>,
  attempts: readonly AttemptRow[],
  { t, word, locale }: Words,
): string {
  const titles = [t('Started'), t('Attempt'), t('Result'), t('Duration'), t('Rows'), t('Error')];
  const line = (attempt: AttemptRow): string =>
    tableRow([
      whenText(attempt.startedAt, locale),
      formatNumber(attempt.attempt, locale),
      attemptWord(attempt, t),
      spentText(attempt.startedAt, attempt.endedAt),
      formatNumber(attempt.rows, locale),
      attempt.errorCode === null ? '' : codeCell(attempt.errorCode),
    ]);
  return [
    `# ${t('Executions of {unit} in {task}', { unit: escapeMarkdown(unit.name), task: escapeMarkdown(task) })}`,
    '',
    ...(unit.error
      ? [`> ${escapeMarkdown([word(unit.error), unit.error.message].filter(Boolean).join(' '))}`, '']
      : []),
    ...(attempts.length === 0
      ? [t('It has not been executed yet.')]
      : [...tableHead(titles, [1, 3, 4]), ...attempts.map(line)]),
    '',
  ].join('\n');
}

function attemptWord({ outcome }: AttemptRow, t: Translate): string {
  switch (outcome) {
    case null:
      return t('running');
    case 'completed':
      return t('completed');
    case 'failed':
      return t('failed');
    case 'stopped':
      return t('stopped');
    case 'lost':
      return t('lost with its host');
    default:
      return assertNever(outcome);
  }
}
