/**
 * Messages between the host and its worker threads. Structured clones: plain data and typed arrays only.
 * The worker answers `prepared` and `checkpoint` reports by waiting: it goes on when `proceed` arrives.
 */
import type { Limits, TaskId, UnitError, UnitId } from '../core/model.ts';
import type { PlanRequest, PlanResult, UnitJob, UnitReport, VerifyResult } from '../core/ports.ts';
import type { ResolvedConnection } from '../core/settings.ts';

/** One execution of a unit: reports of another attempt are somebody else's. */
export interface Execution {
  readonly unitId: UnitId;
  readonly attempt: number;
}

export type ToWorker =
  /** `stop` holds one Int32: not 0 = begin no further batch. Set by the host before it acknowledges a pause. */
  | { readonly type: 'run'; readonly job: UnitJob; readonly stop: SharedArrayBuffer }
  /** Wakes an execution that waits (throttle, acknowledgement) after its stop flag was set. */
  | ({ readonly type: 'stop' } & Execution)
  /** Ends an execution at once, whatever it waits for: it fails with this error. */
  | ({ readonly type: 'abort'; readonly error: UnitError } & Execution)
  | ({ readonly type: 'proceed' } & Execution)
  | { readonly type: 'limits'; readonly taskId: TaskId; readonly limits: Limits }
  | { readonly type: 'plan'; readonly requestId: number; readonly request: PlanRequest }
  | { readonly type: 'verify'; readonly requestId: number; readonly request: PlanRequest; readonly unit: string }
  | { readonly type: 'test'; readonly requestId: number; readonly connection: ResolvedConnection }
  | { readonly type: 'release'; readonly requestId: number; readonly taskId: TaskId }
  /** Nobody waits for the answer any more. */
  | { readonly type: 'cancel'; readonly of: number };

export type FromWorker =
  | { readonly type: 'ready' }
  /** Network connections that this worker has now, by the name of the connection; none are left out. */
  | { readonly type: 'connections'; readonly open: ReadonlyMap<string, number> }
  | ({ readonly type: 'report'; readonly report: UnitReport } & Execution)
  | {
      readonly type: 'answer';
      readonly requestId: number;
      readonly value: PlanResult | VerifyResult | { server: string } | null;
    }
  | { readonly type: 'refusal'; readonly requestId: number; readonly error: UnitError };
