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
/** The tab's title follows a hidden page's task at this pace. */
const TITLE_MS = 1_000;
/** A queue longer than this travels again at most once a second, unless a person changed it: the view drops what started. */
const LONG_QUEUE = 2_000;
const LONG_QUEUE_MS = 1_000;

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
  let queueChanged = false;
  /** Length and revision of the queue that the page has, and when it was sent. */
  let sentQueue = { length: 0, rev: -1, at: Number.NEGATIVE_INFINITY };
  let postedAt = Number.NEGATIVE_INFINITY;
  let sampledAt = Number.NEGATIVE_INFINITY;
  let flushTimer: Disposable | undefined;
  let heartbeat: Disposable | undefined;
  let sampler: Disposable | undefined;
  let titler: Disposable | undefined;
  let disposed = false;
  /** Called when no post is under way any more. */
  const idle: (() => void)[] = [];

  function schedule(): void {
    if (!live || disposed || posting || flushTimer) return;
    const now = clock.monotonic();
    let wait = Math.max(0, DELTA_MS - (now - postedAt));
    if (needsSnapshot) wait = 0;
    else if (!headerChanged && units.size === 0) {
      if (!queueChanged) return;
      if (sentQueue.length > LONG_QUEUE) wait = Math.max(wait, LONG_QUEUE_MS - (now - sentQueue.at));
    }
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
    queueChanged = false;
    sentQueue = { length: content.units.queue.byteLength / 4, rev: header.queueRev, at: clock.monotonic() };
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
    const now = clock.monotonic();
    const edited = header.queueRev !== sentQueue.rev;
    const rested = sentQueue.length <= LONG_QUEUE || now - sentQueue.at >= LONG_QUEUE_MS - DELTA_MS / 2;
    const withQueue = edited || (queueChanged && rested);
    const { numbers, reasons, queue } = manager.delta(taskId, units, withQueue);
    forgetChanges();
    seq += 1;
    if (withQueue) {
      queueChanged = false;
      sentQueue = { length: queue?.length ?? sentQueue.length, rev: header.queueRev, at: now };
    }
    // Timers may fire a little early: half a sample late is better than one left out.
    const due = now - sampledAt >= SAMPLE_MS - DELTA_MS / 2;
    if (due) sampledAt = now;
    show(header);
    const sample = due ? header.rowsPerSecond : null;
    return {
      type: 'delta',
      v: PROTOCOL_VERSION,
      epoch,
      seq,
      header,
      units: numbers,
      reasons,
      queue: queue === null ? null : Uint32Array.from(queue).buffer,
      sample,
    };
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

  /** Nobody sees the page, but its tab. */
  function armTitler(): void {
    if (disposed) return;
    titler ??= clock.timer(TITLE_MS, () => {
      titler = undefined;
      const header = manager.header(taskId);
      if (header) ports.onHeader(header);
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
    for (const call of idle.splice(0)) call();
  }

  /** Sends what has changed at once, so that whoever hears an answer has seen what it did. */
  async function flushNow(): Promise<void> {
    if (posting) await new Promise<void>((resolve) => idle.push(resolve));
    flushTimer?.dispose();
    flushTimer = undefined;
    await flush();
  }

  function fallSilent(): void {
    live = false;
    for (const call of idle.splice(0)) call();
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
    for (const call of idle.splice(0)) call();
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
    const { units: named, before } = command.args;
    // Indexes of another epoch would name other units.
    if ((named !== undefined || before !== undefined) && command.epoch !== epoch) {
      ack(false, { code: 'view.outdated', args: {} });
      return;
    }
    let answered: Answer | undefined;
    try {
      answered = await ports.run(command);
    } catch {
      // Whoever ran it has told the person and the log.
    }
    headerChanged = true;
    // A refusal brings the truth along.
    if (!answered?.ok || isQueueEdit(command)) queueChanged = true;
    if (queueChanged) sentQueue.rev = -1;
    await flushNow();
    if (!answered) ack(false, null);
    else ack(answered.ok, answered.ok ? answered.note : answered.refusal);
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
      if (change.kind === 'task') {
        for (const unit of change.units) units.add(unit);
        if (change.queue) queueChanged = true;
      }
      if (live) schedule();
      else armTitler();
    },
    setVisible(now) {
      visible = now;
      if (now) return;
      fallSilent();
      if (headerChanged || units.size > 0) armTitler();
    },
    dispose() {
      disposed = true;
      titler?.dispose();
      fallSilent();
    },
  };
}

function isQueueEdit({ command }: Command): boolean {
  return command.startsWith('queue') || command === 'setMode';
}
