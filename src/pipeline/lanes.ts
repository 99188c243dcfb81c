/** Which units are copied in several ranges at the same time, and in which ranges. */
import type { Cursor, Source, Target, UnitSchema } from '../connectors/contract.ts';
import type { Coded } from '../core/model.ts';
import type { UnitSettings } from '../core/settings.ts';
import type { LanePosition } from './checkpoint.ts';

/** A unit that reaches one of these is copied in several ranges. */
export interface BigUnit {
  readonly rows: number;
  readonly bytes: number;
}

/** Below, opening the ranges costs more than they save. */
export const LANES_FROM: BigUnit = { rows: 100_000, bytes: 64 * 1024 * 1024 };

/** More cores do not help one unit: its target is the slower side. */
const MOST_BY_ITSELF = 4;

/** Rows of so many bytes are moved by the servers, not by us: a second writer costs them more than it saves. */
const WIDE_BYTES = 1024;

export interface LanesOf {
  readonly schema: UnitSchema;
  readonly settings: UnitSettings;
  readonly source: Pick<Source, 'borders'>;
  readonly target: Pick<Target, 'takesLanes'>;
  /** Of the machine. */
  readonly cores: number;
}

/**
 * Most ranges of the unit at a time, whatever its size.
 * @returns with a warning where more were asked for than can be had
 */
export function lanesOf(of: LanesOf): { readonly lanes: number; readonly warning: Coded | null } {
  const { schema, settings, source, target, cores } = of;
  const asked = settings.lanes === 'auto' ? byItself(schema, cores) : settings.lanes;
  if (asked === 1 || settings.snapshot) return { lanes: 1, warning: null };
  const divisible = schema.key.length > 0 && schema.keyIsPosition !== true;
  if (divisible && source.borders !== undefined && target.takesLanes === true) return { lanes: asked, warning: null };
  const warning = { code: 'pipeline.lanesNotUsed', args: { unit: schema.unit, lanes: asked } };
  return { lanes: 1, warning: settings.lanes === 'auto' ? null : warning };
}

function byItself({ rowBytes = 0 }: UnitSchema, cores: number): number {
  const hands = rowBytes < WIDE_BYTES ? cores : Math.floor(cores / 2);
  return Math.max(1, Math.min(MOST_BY_ITSELF, hands));
}

/** @param rows to be copied; null = unknown */
export function isBig(schema: UnitSchema, rows: number | null, from: BigUnit = LANES_FROM): boolean {
  if (rows === null) return false;
  return rows >= from.rows || (schema.rowBytes !== undefined && rows * schema.rowBytes >= from.bytes);
}

/** Lanes that nothing was copied of yet. @param borders ascending, before `upTo` */
export function newLanes(borders: readonly Cursor[], upTo: Cursor | null): LanePosition[] {
  return [...borders, upTo].map((end) => ({ end, cursor: null, rows: 0, bytes: 0, done: false }));
}

/** After which key a lane goes on; null = from the first row. */
export function laneStart(lanes: readonly LanePosition[], at: number): Cursor | null {
  return lanes[at]?.cursor ?? lanes[at - 1]?.end ?? null;
}
