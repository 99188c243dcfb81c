import { createHash } from 'node:crypto';
import type { Cursor, UnitSchema } from '../connectors/contract.ts';
import type { UnitJob } from '../core/ports.ts';
import { addressOf } from '../core/settings.ts';

/** A position after which a copy goes on, and what must still be true for that. Kept as versioned JSON text. */
export interface Checkpoint {
  readonly v: 1;
  readonly cursor: Cursor;
  /** Rows and bytes committed in the target up to the cursor, over all attempts. */
  readonly rows: number;
  readonly bytes: number;
  /** Of the unit's schema when the copy began. */
  readonly fingerprint: string;
  /** Which rows of which system go where: another source, target or condition is another copy. */
  readonly identity: string;
  /** The target's table or collection alone: `placeOf`. */
  readonly place: string;
  /** Upper border taken when the copy began. */
  readonly upTo: Cursor | null;
}

export function encodeCheckpoint(checkpoint: Checkpoint): string {
  return JSON.stringify(checkpoint);
}

/**
 * The checkpoint, if it is one of this copy. null only when it is proven to be unusable (another version, schema or
 * source): what merely fails for the moment is an error elsewhere and keeps it.
 */
export function usableCheckpoint(text: string | null, fingerprint: string, identity: string): Checkpoint | null {
  let parsed: Partial<Checkpoint> | null;
  try {
    parsed = JSON.parse(text ?? 'null') as Partial<Checkpoint> | null;
  } catch {
    return null;
  }
  const sound =
    parsed?.v === 1 &&
    typeof parsed.cursor === 'string' &&
    typeof parsed.rows === 'number' &&
    typeof parsed.bytes === 'number' &&
    (parsed.upTo === null || typeof parsed.upTo === 'string');
  if (!sound || parsed?.fingerprint !== fingerprint || parsed.identity !== identity) return null;
  return parsed as Checkpoint;
}

/** Rows and bytes that a kept text says are committed; none when it says nothing of them. */
export function committedFigures(text: string | null): { readonly rows: number; readonly bytes: number } {
  try {
    const { rows, bytes } = (JSON.parse(text ?? 'null') ?? {}) as Partial<Checkpoint>;
    if (typeof rows === 'number' && typeof bytes === 'number') return { rows, bytes };
  } catch {
    // Not ours: the execution itself decides what it is worth.
  }
  return { rows: 0, bytes: 0 };
}

/** Short name of a copy: where from, where to, which rows and columns. Holds no secret. */
export function copyIdentity(job: UnitJob, schema: UnitSchema): string {
  const { where, targetName } = job.settings;
  const columns = schema.columns.map((column) => column.name);
  const parts = [addressOf(job.source), job.unitName, addressOf(job.target), targetName, where, columns, schema.key];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/**
 * What is kept from the moment when a target was prepared until the first checkpoint: which target that was. What its
 * preparation found or made says nothing about another one.
 * @param distrusted what an earlier execution wrote there must be removed before the first row, where that is allowed
 */
export function encodePreparedPlace(job: UnitJob, { distrusted }: { readonly distrusted: boolean }): string {
  return JSON.stringify({ v: 1, place: placeOf(job), ...(distrusted ? { distrusted } : {}) });
}

/** Whether the kept text says that the rows in the target are not to be trusted: written anew, not gone on from. */
export function isDistrusted(text: string | null): boolean {
  try {
    return (JSON.parse(text ?? 'null') as { readonly distrusted?: unknown } | null)?.distrusted === true;
  } catch {
    return false;
  }
}

/** Whether the unit's kept text (a checkpoint or what `encodePreparedPlace` made) speaks of another target than now. */
export function isOfAnotherTarget(text: string | null, job: UnitJob): boolean {
  if (text === null) return false;
  try {
    const { place } = JSON.parse(text) as { readonly place?: unknown };
    return typeof place === 'string' && place !== placeOf(job);
  } catch {
    return false;
  }
}

/** Short name of the table or collection that is written to. Holds no secret. */
export function placeOf(job: UnitJob): string {
  const parts = [addressOf(job.target), job.settings.targetName];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
