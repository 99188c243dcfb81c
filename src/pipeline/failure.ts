import type { Coded, UnitError } from '../core/model.ts';
import { DataError } from '../core/ports.ts';

/** A permanent failure of the pipeline's own making. */
export function refusal(code: string, args: Coded['args'], message: string): DataError {
  return new DataError({ code, args, class: 'permanent', message });
}

/** What a failed unit says: coded as it was thrown, or as something nobody expected. */
export function toUnitError(error: unknown): UnitError {
  if (error instanceof DataError) return error.error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unexpected', args: { detail: message }, class: 'permanent', message };
}

/** The target must say of every row that it has it. @throws DataError `pipeline.notAcknowledged` */
export function requireAcknowledged(unit: string, rows: number, acknowledged: number): void {
  if (acknowledged === rows) return;
  throw refusal('pipeline.notAcknowledged', { unit, rows, acknowledged }, 'the target did not acknowledge every row');
}
