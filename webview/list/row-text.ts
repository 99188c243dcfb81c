/** What a row says, as plain strings: the row writes only those that changed. */
import { secondsUntil } from '../host-clock.ts';
import { statusOf } from '../units.ts';
import type { Look } from './unit-row.ts';

export interface RowText {
  readonly percent: string;
  readonly count: string;
  /** Speed while running, time taken when it is over. */
  readonly rate: string;
  /** Time left, or why it is as it is. */
  readonly reason: string;
}

export function rowText(look: Look, index: number): RowText {
  const { units } = look;
  const { format, strings } = look.words;
  const status = statusOf(units, index);
  const percent = units.percent[index] ?? Number.NaN;
  const processed = units.processed[index] ?? 0;
  const reason = reasonText(look, index);
  const shown = Number.isNaN(percent) ? '' : format.percent(percent);
  switch (status) {
    case 'pending':
      return { percent: processed > 0 ? shown : '', count: sizeText(look, index), rate: '', reason };
    case 'running': {
      const rate = units.rate[index] ?? 0;
      const left = units.timeLeft[index] ?? Number.NaN;
      const time = Number.isNaN(left) ? '' : strings.unitLeft(format.clock(left));
      return {
        percent: shown,
        count: progressed(look, index),
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
        count: progressed(look, index),
        rate: '',
        reason: reason === '' ? strings.status[status] : reason,
      };
  }
}

/** What can be added: how much it is, or what became of it. */
export function availableNote(look: Look, index: number): string {
  const status = statusOf(look.units, index);
  const reason = reasonText(look, index);
  if (status === 'pending') return reason === '' ? sizeText(look, index) : reason;
  if (status === 'completed') return rowText(look, index).count;
  return reason === '' ? `${look.words.strings.status[status]} · ${progressed(look, index)}` : reason;
}

/** Why it does not start yet, or how much it is. */
export function queueNote(look: Look, index: number): string {
  const reason = reasonText(look, index);
  return reason === '' ? sizeText(look, index) : reason;
}

/** A running unit's speed, a waiting one's countdown. */
export function pinnedNote(look: Look, index: number): string {
  if (statusOf(look.units, index) !== 'running') return reasonText(look, index);
  const { rate, count } = rowText(look, index);
  return rate === '' ? count : rate;
}

/** The reason in full, as what the pointer finds; empty = none. */
export function hintOf(look: Look, index: number): string {
  return look.units.reasons.has(index) ? reasonText(look, index) : '';
}

/** A reason in words; the seconds of one that counts down are those of now. */
export function reasonText({ units, words, clock }: Look, index: number): string {
  const said = units.reasons.get(index);
  if (said === undefined) return '';
  if (said.dueAt === null) return words.word(said.text);
  const seconds = secondsUntil(said.dueAt, clock.now());
  return words.word({ ...said.text, args: { ...said.text.args, seconds } });
}

/** How far a unit at rest is, or how much it will be. */
function sizeText(look: Look, index: number): string {
  return (look.units.processed[index] ?? 0) > 0 ? progressed(look, index) : expected(look, index);
}

function progressed({ units, words: { format, strings } }: Look, index: number): string {
  const processed = units.processed[index] ?? 0;
  const done = format.count(processed);
  const total = units.total[index] ?? Number.NaN;
  return Number.isNaN(total) ? strings.rows(processed, done) : strings.pair(done, format.count(total));
}

function expected({ units, words: { format, strings } }: Look, index: number): string {
  const total = units.total[index] ?? Number.NaN;
  if (Number.isNaN(total)) return '';
  return total === 0 ? strings.empty : strings.rows(total, format.count(total));
}
