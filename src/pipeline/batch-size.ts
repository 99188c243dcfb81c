import type { UnitSchema } from '../connectors/contract.ts';
import type { UnitSettings } from '../core/settings.ts';

/** What a batch has where nothing is known of its rows; bytes. Measured: docs/benchmarks.md. */
const USUAL_BYTES = 512 * 1024;
const LEAST_BYTES = 256 * 1024;
const MOST_BYTES = 1024 * 1024;

/**
 * Bytes of a batch. Unless the file says how many: as many as `batchRows` rows have, between 256 KB and 1 MB. Fewer make
 * a commit of every few rows; more do not help the target and are repeated after a kill.
 */
export function batchBytesOf({ batchBytes, batchRows }: UnitSettings, { rowBytes }: UnitSchema): number {
  if (batchBytes !== 'auto') return batchBytes;
  if (rowBytes === undefined) return USUAL_BYTES;
  return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, batchRows * rowBytes));
}
