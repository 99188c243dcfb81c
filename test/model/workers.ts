/** Workers that copy, one thing at a time: prepare, write a batch, record it, end; or fail, or die. */
import type { ErrorClass, RetryPolicy, UnitError, UnitId, UnitRow } from '../../src/core/model.ts';
import { type SimTask, type SourceUnit, sourceOf } from './sources.ts';
import { happen, over, targetOf, type World } from './world.ts';

/** Rows that a worker writes at a time. */
export const BATCH = 3;
/** A row in a target that nothing but a beginning of the copy takes away. */
export const SPOILT = -1;
/** The checkpoint of a copy that is not to be trusted: it says nothing but that. */
const DISTRUSTED = 'distrusted';

export interface Execution {
  readonly task: SimTask;
  readonly unitId: UnitId;
  readonly source: SourceUnit;
  readonly attempt: number;
  prepared: boolean;
  /** Rows read and acknowledged. */
  position: number;
  /** Rows at the last recorded checkpoint. */
  recorded: number;
  stop: boolean;
  /** Rejected rows that are written again, and nothing else; null = the unit is copied. */
  readonly replay: number | null;
  /** For its preparation or checkpoint to be recorded. */
  waits: boolean;
}

/** `quiet` = as `goOn`, but says less; `brief` = says only what must be said. */
export type Whim = 'goOn' | 'quiet' | 'brief' | 'fail' | 'failForNow' | 'die' | 'distrust';

export function executionOf(task: SimTask, row: UnitRow): Execution {
  const source = sourceOf(task, row.name);
  const goesOn = source.resume === 'row' && row.checkpoint !== null && row.checkpoint !== DISTRUSTED;
  const position = goesOn ? Number(row.checkpoint) : 0;
  return {
    task,
    unitId: row.id,
    source,
    attempt: row.attempt,
    prepared: row.prepared !== null,
    position,
    recorded: position,
    stop: false,
    replay: row.replay ? row.rejected : null,
    waits: false,
  };
}

/** @param chance in [0, 1), for the wait of a retry */
export function work(world: World, execution: Execution, whim: Whim, chance: number): void {
  if (execution.waits && whim !== 'die') return;
  const { unitId, attempt, source } = execution;
  const report = { at: world.at, unitId, attempt };
  const bytes = execution.position * 10;
  if (whim === 'distrust' && execution.replay !== null) return;
  if (whim === 'fail' || whim === 'die' || whim === 'failForNow' || whim === 'distrust') {
    fails(world, execution, whim, chance);
    return;
  }
  if (execution.replay !== null) {
    replays(world, execution, execution.replay, whim === 'quiet', chance);
    return;
  }
  if (execution.stop) {
    over(world, execution);
    const checkpoint = source.resume === 'row' && execution.position > 0 ? String(execution.position) : null;
    const outcome = { kind: 'stopped', processed: execution.position, bytes, checkpoint } as const;
    happen(world, { type: 'finished', ...report, outcome, random: chance });
    return;
  }
  const target = targetOf(world, unitId);
  if (!execution.prepared) {
    target.clear();
    execution.prepared = true;
    execution.waits = true;
    happen(world, { type: 'prepared', ...report, prepared: 'emptied', total: whim === 'quiet' ? null : source.rows });
    return;
  }
  const unrecorded = execution.recorded < execution.position;
  if (source.resume === 'row' && unrecorded && (whim !== 'quiet' || execution.position === source.rows)) {
    execution.recorded = execution.position;
    execution.waits = true;
    const checkpoint = String(execution.position);
    world.checker.records(target.size, execution.position);
    happen(world, { type: 'checkpoint', ...report, checkpoint, processed: execution.position, bytes });
    return;
  }
  if (execution.position < source.rows) {
    copies(world, execution, target, whim !== 'goOn');
    return;
  }
  if (target.has(SPOILT)) {
    fails(world, execution, 'distrust', chance); // its verification says so, once more
    return;
  }
  over(world, execution);
  const outcome = {
    kind: 'completed',
    processed: source.rows,
    bytes,
    rejected: whim !== 'brief' && chance < 0.1 ? Math.min(source.rows, 1 + Math.floor(chance * 30)) : 0,
    verified: 'count',
    note: null,
  } as const;
  happen(world, { type: 'finished', ...report, outcome, random: chance });
}

/** Some of the rejected rows are refused again; the target's other rows are not touched. */
function replays(world: World, execution: Execution, rejected: number, quiet: boolean, chance: number): void {
  const { unitId, attempt, stop } = execution;
  const { processed, bytes, checkpoint } = world.state.taskOfUnit.get(unitId)!.units.get(unitId)!.row;
  const report = { at: world.at, unitId, attempt };
  if (!stop && quiet) {
    happen(world, { type: 'progress', ...report, processed, bytes, total: null });
    return;
  }
  over(world, execution);
  const left = { rejected: Math.floor(chance * rejected), verified: 'count', note: null } as const;
  const outcome = stop
    ? ({ kind: 'stopped', processed, bytes, checkpoint } as const)
    : ({ kind: 'completed', processed, bytes, ...left } as const);
  happen(world, { type: 'finished', ...report, outcome, random: chance });
}

/** At most one batch is ever open: a worker does not go on before its batch is recorded. */
function copies(world: World, execution: Execution, target: Set<number>, quiet: boolean): void {
  const { unitId, attempt, source } = execution;
  if (source.resume === 'row' && execution.recorded < execution.position) return;
  const end = Math.min(source.rows, execution.position + BATCH);
  for (let row = execution.position; row < end; row++) target.add(row);
  execution.position = end;
  if (quiet) return;
  const total = end % 2 ? source.rows : null;
  happen(world, { type: 'progress', at: world.at, unitId, attempt, processed: end, bytes: end * 10, total });
}

function fails(world: World, execution: Execution, whim: 'fail' | 'failForNow' | 'die' | 'distrust', chance: number) {
  const { unitId, attempt } = execution;
  const processed = whim === 'die' || execution.replay !== null ? 0 : execution.position;
  const retryable = whim === 'die' || whim === 'failForNow' || (whim === 'distrust' && chance < 0.5);
  const error = errorOf(whim === 'die' ? 'workerDied' : whim, retryable ? 'retryable' : 'permanent');
  if (whim === 'distrust') {
    targetOf(world, unitId).add(SPOILT);
    const told = { checkpoint: DISTRUSTED, processed, bytes: processed * 10 };
    happen(world, { type: 'checkpoint', at: world.at, unitId, attempt, ...told });
  }
  over(world, execution);
  const outcome = {
    kind: 'failed',
    error,
    processed,
    bytes: processed * 10,
    ...(whim === 'distrust' && { forget: true }),
  } as const;
  const own = chance >= 0.9 ? { retry: OWN_POLICY } : {};
  happen(world, { type: 'finished', at: world.at, unitId, attempt, outcome, random: chance, ...own });
}

/** Of a unit that has one of its own in the file. */
const OWN_POLICY: RetryPolicy = { attempts: 1, delayMs: 300, factor: 3, maxDelayMs: 1000, jitter: 0.5 };

export function errorOf(code: string, kind: ErrorClass): UnitError {
  return { class: kind, code, args: {}, message: '' };
}
