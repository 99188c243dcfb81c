/** What a row says, as plain strings: the row writes only those that changed. */
import { statusOf, type Units } from '../units.ts';
import type { Words } from '../words.ts';

export interface RowText {
  readonly percent: string;
  readonly count: string;
  /** Speed while running, time taken when it is over. */
  readonly rate: string;
  /** Time left, or why it is as it is. */
  readonly reason: string;
}

export function rowText(units: Units, index: number, words: Words): RowText {
  const { format, strings } = words;
  const status = statusOf(units, index);
  const percent = units.percent[index] ?? Number.NaN;
  const processed = units.processed[index] ?? 0;
  const said = units.reasons.get(index);
  const reason = said === undefined ? '' : words.word(said.text);
  const shown = Number.isNaN(percent) ? '' : format.percent(percent);
  switch (status) {
    case 'pending':
      return {
        percent: processed > 0 ? shown : '',
        count: processed > 0 ? progressed(units, index, words) : expected(units, index, words),
        rate: '',
        reason,
      };
    case 'running': {
      const rate = units.rate[index] ?? 0;
      const left = units.timeLeft[index] ?? Number.NaN;
      const time = Number.isNaN(left) ? '' : strings.unitLeft(format.clock(left));
      return {
        percent: shown,
        count: progressed(units, index, words),
        rate: rate > 0 ? strings.rowsPerSecond(format.count(rate)) : '',
        reason: reason === '' ? time : reason,
      };
    }
    case 'completed': {
      const took = units.duration[index] ?? Number.NaN;
      return {
        percent: '100%',
        count: strings.rows(processed, format.count(processed)),
        rate: Number.isNaN(took) ? '' : format.duration(took),
        reason,
      };
    }
    case 'failed':
    case 'paused':
      return {
        percent: shown,
        count: progressed(units, index, words),
        rate: '',
        reason: reason === '' ? strings.status[status] : reason,
      };
  }
}

function progressed(units: Units, index: number, { format, strings }: Words): string {
  const processed = units.processed[index] ?? 0;
  const done = format.count(processed);
  const total = units.total[index] ?? Number.NaN;
  return Number.isNaN(total) ? strings.rows(processed, done) : strings.pair(done, format.count(total));
}

function expected(units: Units, index: number, { format, strings }: Words): string {
  const total = units.total[index] ?? Number.NaN;
  if (Number.isNaN(total)) return '';
  return total === 0 ? strings.empty : strings.rows(total, format.count(total));
}
