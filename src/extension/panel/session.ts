/**
 * The host's end of the panel protocol for one page: complete snapshots, then deltas, at most one per 100 ms and only
 * after the previous post arrived. A post that does not arrive means a hidden page: be quiet until it says `ready`.
 * Knows nothing of the editor, so that a test can drive it.
 */
import type { Answer } from '../../core/events.ts';
import type { Coded, TaskId } from '../../core/model.ts';
import type { Clock, Disposable } from '../../core/ports.ts';
import type { TaskManager, ViewChange } from '../../engine/api.ts';
import { asViewMessage } from '../../protocol/guards.ts';
import { type HostMessage, PROTOCOL_VERSION, type TaskHeader, type ViewMessage } from '../../protocol/panel.ts';

const DELTA_MS = 100;
const SAMPLE_MS = 1_000;
const HEARTBEAT_MS = 5_000;

type Command = Extract<ViewMessage, { type: 'command' }>;
export type PanelManager = Pick<TaskManager, 'header' | 'snapshot' | 'delta'>;

export interface SessionPorts {
  readonly taskId: TaskId;
  readonly manager: PanelManager;
  readonly clock: Clock;
  readonly locale: string;
  /** Resolves false when the page is hidden: the message is lost. */
  post(message: HostMessage): Promise<boolean>;
  newEpoch(): string;
  /** Indexes in the arguments belong to the current epoch. */
  run(command: Command): Promise<Answer>;
  /** The page is alive. */
  onReady(): void;
  onHeader(header: TaskHeader): void;
  onForeignMessage(): void;
}

export interface PanelSession extends Disposable {
  receive(message: unknown): void;
  onChange(change: ViewChange): void;
  setVisible(visible: boolean): void;
}

export function createPanelSession(ports: SessionPorts): PanelSession {
  const { taskId, manager, clock } = ports;
  let epoch = '';
  let seq = 0;
  /** The page said `ready` and nothing was lost since. */
  let live = false;
  let visible = true;
  let posting = false;
  /** Rises with every beginning: what became of a post to the page before says nothing of this one. */
  let beginnings = 0;
  let needsSnapshot = false;
  let headerChanged = false;
  let units = new Set<string>();
  let postedAt = Number.NEGATIVE_INFINITY;
  let sampledAt = Number.NEGATIVE_INFINITY;
  let flushTimer: Disposable | undefined;
  let heartbeat: Disposable | undefined;
  let sampler: Disposable | undefined;
  let disposed = false;

  function schedule(): void {
    if (!live || disposed || posting || flushTimer || !(needsSnapshot || headerChanged || units.size > 0)) return;
    const wait = needsSnapshot ? 0 : Math.max(0, DELTA_MS - (clock.monotonic() - postedAt));
    flushTimer = clock.timer(wait, () => {
      flushTimer = undefined;
      void flush();
    });
  }

  async function flush(): Promise<void> {
    if (!live || disposed || posting) return;
    const message = needsSnapshot ? makeSnapshot() : makeDelta();
    if (!message) return;
    postedAt = clock.monotonic();
    await deliver(message);
    schedule();
  }

  function makeSnapshot(): HostMessage | undefined {
    const header = manager.header(taskId);
    const content = manager.snapshot(taskId);
    if (!header || !content) return undefined;
    needsSnapshot = false;
    forgetChanges();
    epoch = ports.newEpoch();
    seq = 1;
    sampledAt = clock.monotonic();
    show(header);
    return {
      type: 'snapshot',
      v: PROTOCOL_VERSION,
      epoch,
      seq,
      locale: ports.locale,
      header,
      units: content.units,
      samples: content.samples,
      running: content.running.numbers,
    };
  }

  function makeDelta(): HostMessage | undefined {
    const header = manager.header(taskId);
    if (!header) return undefined;
    const { numbers, reasons } = manager.delta(taskId, units);
    forgetChanges();
    seq += 1;
    const now = clock.monotonic();
    // Timers may fire a little early: half a sample late is better than one left out.
    const due = now - sampledAt >= SAMPLE_MS - DELTA_MS / 2;
    if (due) sampledAt = now;
    show(header);
    const sample = due ? header.rowsPerSecond : null;
    return { type: 'delta', v: PROTOCOL_VERSION, epoch, seq, header, units: numbers, reasons, sample };
  }

  function forgetChanges(): void {
    headerChanged = false;
    units = new Set();
  }

  function show(header: TaskHeader): void {
    ports.onHeader(header);
    const moves = header.runState === 'running' || header.runState === 'pausing' || header.runState === 'stopping';
    if (moves && !sampler) armSampler();
    if (!moves) stopSampler();
  }

  /** While the task runs, time left and chart move on even when no row does. */
  function armSampler(): void {
    sampler = clock.timer(SAMPLE_MS, () => {
      sampler = undefined;
      headerChanged = true;
      schedule();
      if (live && visible) armSampler();
    });
  }

  function stopSampler(): void {
    sampler?.dispose();
    sampler = undefined;
  }

  async function deliver(message: HostMessage): Promise<void> {
    const mine = beginnings;
    posting = true;
    let arrived = false;
    try {
      arrived = await ports.post(message);
    } catch {
      // The panel was closed meanwhile.
    }
    if (mine !== beginnings) return;
    posting = false;
    if (!arrived) fallSilent();
  }

  function fallSilent(): void {
    live = false;
    flushTimer?.dispose();
    flushTimer = undefined;
    heartbeat?.dispose();
    heartbeat = undefined;
    stopSampler();
  }

  function armHeartbeat(): void {
    heartbeat?.dispose();
    heartbeat = undefined;
    if (!live || !visible || disposed) return;
    heartbeat = clock.timer(HEARTBEAT_MS, () => {
      void ports.post({ type: 'heartbeat', v: PROTOCOL_VERSION, epoch }).then(
        () => armHeartbeat(),
        () => {},
      );
    });
  }

  function begin(): void {
    beginnings += 1;
    posting = false;
    live = true;
    needsSnapshot = true;
    flushTimer?.dispose();
    flushTimer = undefined;
    schedule();
    armHeartbeat();
  }

  async function answer(command: Command): Promise<void> {
    const ack = (ok: boolean, message: Coded | null): void => {
      ports.post({ type: 'ack', v: PROTOCOL_VERSION, id: command.id, ok, message }).then(undefined, () => {});
    };
    // Indexes of another epoch would name other units.
    if (command.args.units !== undefined && command.epoch !== epoch) {
      ack(false, { code: 'view.outdated', args: {} });
      return;
    }
    try {
      const answered = await ports.run(command);
      ack(answered.ok, answered.ok ? answered.note : answered.refusal);
    } catch {
      // Whoever ran it has told the person and the log.
      ack(false, null);
    }
  }

  return {
    receive(raw) {
      const message = asViewMessage(raw);
      if (!message) {
        ports.onForeignMessage();
        return;
      }
      switch (message.type) {
        case 'ready':
          ports.onReady();
          begin();
          return;
        case 'resync':
          begin();
          return;
        case 'command':
          void answer(message);
      }
    },
    onChange(change) {
      if (change.kind !== 'tasks' && change.taskId !== taskId) return;
      if (change.kind === 'plan') needsSnapshot = true;
      headerChanged = true;
      if (change.kind === 'task') for (const unit of change.units) units.add(unit);
      schedule();
    },
    setVisible(now) {
      visible = now;
      if (!now) fallSilent();
    },
    dispose() {
      disposed = true;
      fallSilent();
    },
  };
}
