/** Dates and times as text, checked by the calendar: fields of dates keep moments, and no others. */

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const MOMENT = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;
/** Last second that 64 bits of nanoseconds reach, and the first one: 1970. */
const LAST_NANOS = '2262-04-11 23:47:16';
const FIRST_NANOS = '1970-01-01 00:00:00';

/** @param nanos the field keeps nanoseconds, else milliseconds */
export function isDate(text: string, nanos: boolean): boolean {
  const found = DATE.exec(text);
  return found !== null && isDay(found) && (!nanos || isInReach(`${text} 00:00:00`));
}

/** Whether `YYYY-MM-DD HH:MM:SS[.f]` is a moment that the field keeps to its last digit. */
export function isMoment(text: string, nanos: boolean): boolean {
  const found = MOMENT.exec(text);
  if (found === null || !isDay(found)) return false;
  const [, , , , hour, minute, second, fraction = ''] = found;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return false;
  return nanos ? isInReach(text.slice(0, 19)) : !/[1-9]/.test(fraction.slice(3));
}

/** ISO 8601; without a zone where the database knows none. */
export function isoMoment(text: string, isInstant: boolean): string {
  return `${text.slice(0, 10)}T${text.slice(11)}${isInstant ? 'Z' : ''}`;
}

/** The text that `isoMoment` was given; null = it did not make this. */
export function plainMoment(iso: string, isInstant: boolean): string | null {
  if (iso[10] !== 'T' || iso.endsWith('Z') !== isInstant) return null;
  const text = `${iso.slice(0, 10)} ${isInstant ? iso.slice(11, -1) : iso.slice(11)}`;
  return MOMENT.test(text) ? text : null;
}

function isDay([, year, month, day]: RegExpExecArray): boolean {
  const number = Number(day);
  if (number < 1 || number > 31) return false;
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1];
  return days !== undefined && number <= days;
}

function isInReach(second: string): boolean {
  return second >= FIRST_NANOS && second < LAST_NANOS;
}

/** Whether a text is one of a date, also of one that no calendar has, as databases may keep them. */
export function isNeutralDate(text: string): boolean {
  return DATE.test(text);
}

/** `[-]HHH:MM:SS[.f]` with at most so many digits of a second. */
export function isNeutralTime(text: string, fraction: number): boolean {
  const found = /^-?\d{2,3}:\d\d:\d\d(?:\.(\d{1,9}))?$/.exec(text);
  return found !== null && (found[1] ?? '').length <= fraction;
}

/** `YYYY-MM-DD HH:MM:SS[.f]` with at most so many digits of a second, also where no calendar has it. */
export function isNeutralMoment(text: string, fraction: number): boolean {
  const found = MOMENT.exec(text);
  return found !== null && (found[7] ?? '').length <= fraction;
}
