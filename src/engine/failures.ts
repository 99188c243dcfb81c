/** The one place where what was thrown becomes an answer. */
import { codedOf } from '../core/coded-error.ts';
import type { Answer } from '../core/events.ts';
import type { Coded, UnitError } from '../core/model.ts';
import { DataError } from '../core/ports.ts';

export function refusal(reason: Coded): Answer {
  return { ok: false, refusal: { code: reason.code, args: reason.args } };
}

export function failureOf(reason: Coded): DataError {
  return new DataError({ ...reason, class: 'permanent', message: '' });
}

/** What was thrown as a coded error; anything unexpected is named as such, with its own words as detail. */
export function errorOf(thrown: unknown): UnitError {
  if (thrown instanceof DataError) return thrown.error;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const reason = codedOf(thrown) ?? { code: 'unexpected', args: { detail: message } };
  return { ...reason, class: 'permanent', message };
}
