/** One execution of a unit, as the steps of a copy share it. */
import type { Scope, Source, Target } from '../connectors/contract.ts';
import type { UnitJob, UnitReport } from '../core/ports.ts';
import type { Buffers } from './buffers.ts';
import type { BigUnit } from './lanes.ts';
import type { Progress } from './progress.ts';
import type { Throttle } from './throttle.ts';

/** What an execution needs from the worker it runs in. */
export interface CopyPorts {
  report(report: UnitReport): void;
  /** Resolves when the host has recorded the last `prepared` or `checkpoint` report. */
  proceed(): Promise<void>;
  /** Whether the host asked for the end; looked at before every batch. */
  stopped(): boolean;
  /** Aborted some time after `stopped` became true, or with `cut`: ends waits and reads. */
  readonly signal: AbortSignal;
  /** Aborted with a DataError when the unit is not waited for any more: that error is its outcome. */
  readonly cut: AbortSignal;
  readonly throttle: Throttle;
  readonly buffers: Buffers;
  /** Cores of the machine: what `lanes: auto` goes by. Absent: 1. */
  readonly cores?: number;
  /** What is big enough to be copied in several ranges. Absent: `LANES_FROM`. */
  readonly lanesFrom?: BigUnit;
  /** ms, monotonic. */
  now(): number;
}

export interface Run {
  readonly job: UnitJob;
  source: Source;
  /** The source for the verification. */
  verified: Source;
  readonly target: Target;
  readonly ports: CopyPorts;
  readonly progress: Progress;
  readonly wait: Scope['wait'];
  /** What the unit goes on from when it ends now. */
  checkpoint: string | null;
  /** `checkpoint` was not reported: it goes with the outcome. */
  unreported: boolean;
  /** The host's record that is not waited for yet; the next report that has to be recorded does. */
  record: Promise<void> | null;
}

/** A stop was asked for: no failure. */
export class Stopped extends Error {
  override name = 'Stopped';
}

export function isInterruption(error: unknown): boolean {
  if (error instanceof Stopped) return true;
  const { name, code, error: coded } = error as { name?: unknown; code?: unknown; error?: { code?: unknown } };
  return name === 'AbortError' || code === 'ABORT_ERR' || String(coded?.code).endsWith('.stopped');
}

export function throwIfStopped(ports: CopyPorts): void {
  if (ports.stopped()) throw new Stopped();
}

/** Has the host keep a checkpoint with the figures of now. */
export function report(run: Run, checkpoint: string): void {
  const { ports, progress } = run;
  run.unreported = false;
  const { rows: processed, bytes } = progress;
  ports.report({ type: 'checkpoint', checkpoint, processed, bytes, phase: progress.reported() });
}

/** Nothing that was reported is unrecorded any more. */
export async function allRecorded(run: Run): Promise<void> {
  if (run.record !== null) await run.wait(run.record);
}

/** Waits for the host's record of the last report; a stop ends the wait, too. */
export async function recorded(ports: CopyPorts): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const abort = () => resolve();
  if (ports.signal.aborted) resolve();
  ports.signal.addEventListener('abort', abort);
  await Promise.race([ports.proceed(), aborted]);
  ports.signal.removeEventListener('abort', abort);
}
