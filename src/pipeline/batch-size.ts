import type { Target, UnitSchema } from '../connectors/contract.ts';
import type { UnitSettings } from '../core/settings.ts';

/** What a batch has where nothing is known of its rows; bytes. Measured: docs/benchmarks.md. */
const USUAL_BYTES = 512 * 1024;
const USUAL = { least: 256 * 1024, most: 1024 * 1024 };

/**
 * Bytes of a batch. Unless the file says how many: as many as `batchRows` rows have, between 256 KB and 1 MB or what the
 * target likes better. Fewer make a commit of every few rows; more do not help the target and are repeated after a kill.
 */
export function batchBytesOf(
  { batchBytes, batchRows }: UnitSettings,
  { rowBytes }: UnitSchema,
  target: Pick<Target, 'batchBytes'> = {},
): number {
  if (batchBytes !== 'auto') return batchBytes;
  const { least, most } = target.batchBytes ?? USUAL;
  if (rowBytes === undefined) return Math.max(least, USUAL_BYTES);
  return Math.min(most, Math.max(least, batchRows * rowBytes));
}
