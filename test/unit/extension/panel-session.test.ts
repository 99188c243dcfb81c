import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer } from '../../../src/core/events.ts';
import type { RunState } from '../../../src/core/model.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { createPanelSession, type PanelManager, type PanelSession } from '../../../src/extension/panel/session.ts';
import { createWatchdog } from '../../../src/extension/panel/watchdog.ts';
import {
  type HostMessage,
  PROTOCOL_VERSION,
  type TaskHeader,
  type UnitsSnapshot,
} from '../../../src/protocol/panel.ts';

const v = PROTOCOL_VERSION;

/** A clock that a test moves; due timers are called in their order. */
function testClock(): Clock & { advance(ms: number): Promise<void>; timers(): number } {
  let now = 0;
  let timers: { at: number; call: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    timer(ms, call) {
      const timer = { at: now + ms, call };
      timers.push(timer);
      return {
        dispose() {
          timers = timers.filter((each) => each !== timer);
        },
      };
    },
    timers: () => timers.length,
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers = timers.filter((each) => each !== next);
        now = Math.max(now, next.at);
        next.call();
        await settle();
      }
      now = end;
    },
  };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

interface Bench {
  readonly session: PanelSession;
  readonly clock: ReturnType<typeof testClock>;
  readonly posted: HostMessage[];
  /** What the next posts answer; 'wait' = they hang until `arrive`. */
  answer: boolean | 'wait';
  arrive(delivered?: boolean): void;
  runState: RunState;
  queue: number[];
  rev: number;
  /** Percentages that the tab was told. */
  titles: number[];
  percent: number;
  ran: unknown[];
  foreign: number;
  ready: number;
}

function bench(run: () => Promise<Answer> = async () => ({ ok: true, note: null })): Bench {
  const clock = testClock();
  const posted: HostMessage[] = [];
  let waiting: ((delivered: boolean) => void)[] = [];
  let epochs = 0;
  const header = (): TaskHeader =>
    ({
      taskId: 'task',
      name: 'shop',
      runState: made.runState,
      rowsPerSecond: 7,
      percent: made.percent,
      queueRev: made.rev,
    }) as TaskHeader;
  const manager: PanelManager = {
    header,
    snapshot: () => ({
      units: { count: 0, queue: Uint32Array.from(made.queue).buffer } as UnitsSnapshot,
      running: { numbers: [], reasons: [], queue: null },
      samples: [1, 2],
    }),
    delta: (_taskId, units, queue) => ({
      numbers: [...units].map(Number),
      reasons: [],
      queue: queue ? made.queue : null,
    }),
  };
  const made: Bench = {
    clock,
    posted,
    answer: true,
    runState: 'paused',
    queue: [],
    rev: 0,
    titles: [],
    percent: 1,
    ran: [],
    foreign: 0,
    ready: 0,
    arrive(delivered = true) {
      for (const each of waiting.splice(0)) each(delivered);
    },
    session: createPanelSession({
      taskId: 'task',
      manager,
      clock,
      locale: 'en',
      async post(message) {
        posted.push(message);
        if (made.answer !== 'wait') return made.answer;
        return new Promise<boolean>((resolve) => waiting.push(resolve));
      },
      newEpoch: () => `epoch${++epochs}`,
      run(command) {
        made.ran.push(command);
        return run();
      },
      onReady: () => made.ready++,
      onHeader: ({ percent }) => made.titles.push(percent),
      onForeignMessage: () => made.foreign++,
    }),
  };
  waiting = [];
  return made;
}

const changed = (...units: string[]) =>
  ({ kind: 'task', taskId: 'task', units: new Set(units), queue: false }) as const;
const queueChanged = { kind: 'task', taskId: 'task', units: new Set<string>(), queue: true } as const;
/** The queues that travelled in deltas, in order. */
const queues = (posted: readonly HostMessage[]): number[][] =>
  posted.flatMap((message) =>
    message.type === 'delta' && message.queue !== null ? [[...new Uint32Array(message.queue)]] : [],
  );

describe('the panel session', () => {
  test('says nothing before the page is ready, then everything', async () => {
    const { session, clock, posted } = bench();
    session.onChange(changed('1'));
    await clock.advance(1_000);
    assert.equal(posted.length, 0);
    session.receive({ type: 'ready', v });
    await clock.advance(0);
    assert.equal(posted.length, 1);
    assert.deepEqual(
      posted.map((message) => [message.type, 'seq' in message && message.seq, 'epoch' in message && message.epoch]),
      [['snapshot', 1, 'epoch1']],
    );
  });

  test('sends at most one delta in 100 ms, with everything that changed meanwhile', async () => {
    const { session, clock, posted } = bench();
    session.receive({ type: 'ready', v });
    await clock.advance(0);
    for (let unit = 0; unit < 50; unit++) {
      session.onChange(changed(String(unit)));
      await clock.advance(10);
    }
    const deltas = posted.filter((message) => message.type === 'delta');
    assert.ok(deltas.length >= 4 && deltas.length <= 5, `${deltas.length} deltas`);
    await clock.advance(100);
    const units = posted.flatMap((message) => (message.type === 'delta' ? message.units : []));
    assert.deepEqual(
      units,
      Array.from({ length: 50 }, (_, unit) => unit),
    );
    const seqs = posted.map((message) => ('seq' in message ? message.seq : 0));
    assert.deepEqual(
      seqs,
      seqs.map((_, index) => index + 1),
    );
  });

  test('waits for the previous post to arrive', async () => {
    const made = bench();
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    made.answer = 'wait';
    made.session.onChange(changed('1'));
    await made.clock.advance(100);
    made.session.onChange(changed('2'));
    await made.clock.advance(1_000);
    assert.equal(made.posted.length, 2);
    made.answer = true;
    made.arrive();
    await settle();
    await made.clock.advance(100);
    assert.equal(made.posted.length, 3);
  });

  test('tells the tab how far the task is also while the page is hidden, once a second', async () => {
    const made = bench();
    made.runState = 'running';
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    made.session.setVisible(false);
    for (made.percent = 2; made.percent <= 85; made.percent++) {
      made.session.onChange(changed('1'));
      await made.clock.advance(100);
    }
    made.percent = 85;
    await made.clock.advance(1_000);
    assert.equal(made.titles.at(-1), 85);
    assert.ok(made.titles.length <= 10, `${made.titles.length} titles in 9 s`);
    assert.equal(made.posted.length, 1, 'the page itself is told nothing');
    made.session.onChange(changed('1'));
    made.session.dispose();
    assert.equal(made.clock.timers(), 0);
  });

  test('falls silent when a post does not arrive, and begins anew when the page is ready', async () => {
    const made = bench();
    made.runState = 'running';
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    made.answer = false;
    made.session.onChange(changed('1'));
    await made.clock.advance(100);
    const count = made.posted.length;
    made.session.onChange(changed('2'));
    await made.clock.advance(60_000);
    assert.equal(made.posted.length, count);
    assert.equal(made.clock.timers(), 0);
    made.answer = true;
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    const last = made.posted.at(-1);
    assert.ok(last?.type === 'snapshot' && last.epoch === 'epoch2' && last.seq === 1);
  });

  test('a post that was lost with the page before does not silence the page that is there now', async () => {
    const made = bench();
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    made.answer = 'wait';
    made.session.onChange(changed('1'));
    await made.clock.advance(100);
    made.session.setVisible(false);
    made.session.setVisible(true);
    made.answer = true;
    made.session.receive({ type: 'ready', v });
    made.arrive(false);
    await settle();
    await made.clock.advance(0);
    made.session.onChange(changed('2'));
    await made.clock.advance(100);
    assert.deepEqual(
      made.posted.slice(2).map(({ type }) => type),
      ['snapshot', 'delta'],
    );
  });

  test('answers a resync and a new plan with a snapshot of a new epoch', async () => {
    const { session, clock, posted } = bench();
    session.receive({ type: 'ready', v });
    await clock.advance(0);
    session.receive({ type: 'resync', v, reason: 'gap' });
    await clock.advance(0);
    session.onChange({ kind: 'plan', taskId: 'task' });
    await clock.advance(100);
    assert.deepEqual(
      posted.map((message) => message.type === 'snapshot' && message.epoch),
      ['epoch1', 'epoch2', 'epoch3'],
    );
  });

  test('gives a sign of life every 5 s while it is visible, and none when it is hidden', async () => {
    const { session, clock, posted } = bench();
    session.receive({ type: 'ready', v });
    await clock.advance(16_000);
    assert.equal(posted.filter(({ type }) => type === 'heartbeat').length, 3);
    session.setVisible(false);
    await clock.advance(60_000);
    assert.equal(posted.filter(({ type }) => type === 'heartbeat').length, 3);
    assert.equal(clock.timers(), 0);
  });

  test('gives a sample for each second while the task runs', async () => {
    const made = bench();
    made.runState = 'running';
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(10_500);
    const samples = made.posted.flatMap((message) =>
      message.type === 'delta' && message.sample !== null ? [message.sample] : [],
    );
    assert.ok(samples.length >= 9 && samples.length <= 10, `${samples.length} samples`);
  });

  test('does not listen to other tasks', async () => {
    const { session, clock, posted } = bench();
    session.receive({ type: 'ready', v });
    await clock.advance(0);
    session.onChange({ kind: 'task', taskId: 'other', units: new Set(['1']), queue: false });
    await clock.advance(1_000);
    assert.equal(posted.length, 1);
  });

  test('ignores what is no message', async () => {
    const made = bench();
    const bad = (command: string, args: object) => ({ type: 'command', v, id: 1, epoch: 'epoch1', command, args });
    const attacks = [
      bad('setMode', {}),
      bad('setMode', { mode: 'turbo' }),
      bad('setConcurrency', { concurrency: '3; rm' }),
      bad('queueAdd', { units: [1] }),
      bad('queueAdd', { units: [1], place: '__proto__' }),
      bad('queueAdd', { units: ['__proto__'], place: 'top' }),
      bad('queueMove', { units: [1], place: 'before' }),
      bad('queueMove', { units: [1], place: 'top', before: 2 }),
      bad('queueMove', { units: [1], place: 'before', before: 1.5 }),
      bad('queueMove', { units: [1], place: 'up', queueRev: -1 }),
      bad('queueRemove', {}),
      bad('abort', {}),
      bad('restart', { units: { length: 1 } }),
      bad('syncNow', { units: [Number.NaN] }),
      bad('runAgain', { units: [0], again: 'yes' }),
      bad('takeOver', []),
    ];
    for (const raw of attacks) made.session.receive(raw);
    assert.equal(made.foreign, attacks.length);
    made.foreign = 0;
    for (const raw of [null, 1, 'ready', {}, { type: 'ready' }, { type: 'ready', v: 999 }, { type: 'command', v }]) {
      made.session.receive(raw);
    }
    made.session.receive({ type: 'command', v, id: 1, epoch: 'e', command: 'constructor', args: {} });
    made.session.receive({ type: 'command', v, id: 1, epoch: 'e', command: 'start', args: { units: [-1] } });
    await made.clock.advance(1_000);
    assert.equal(made.foreign, 9);
    assert.deepEqual([made.posted, made.ran], [[], []]);
  });

  test('acknowledges commands with the answer, refuses indexes of another epoch, survives one that throws', async () => {
    const refusal = { code: 'alreadyRunning', args: { task: 'shop' } };
    const answers: (Answer | Error)[] = [{ ok: false, refusal }, new Error('broken')];
    const made = bench(async () => {
      const answer = answers.shift();
      if (answer instanceof Error || !answer) throw answer;
      return answer;
    });
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    const command = { type: 'command', v, epoch: 'epoch1', command: 'start', args: {} };
    made.session.receive({ ...command, id: 1 });
    await settle();
    made.session.receive({ ...command, id: 2 });
    await settle();
    made.session.receive({ ...command, id: 3, epoch: 'epoch0', args: { units: [0] } });
    await settle();
    const acks = made.posted.filter((message) => message.type === 'ack');
    assert.deepEqual(
      acks.map(({ id, ok, message }) => [id, ok, message?.code ?? null]),
      [
        [1, false, 'alreadyRunning'],
        [2, false, null],
        [3, false, 'view.outdated'],
      ],
    );
    assert.equal(made.ran.length, 2);
  });

  test('takes only what it knows of the arguments of a command', async () => {
    const made = bench();
    const args = JSON.parse(
      '{"mode":"manual","units":[1,1],"place":"before","before":0,"queueRev":7,"__proto__":{"again":true},"other":1}',
    );
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    made.session.receive({ type: 'command', v, id: 1, epoch: 'epoch1', command: 'queueMove', args });
    await settle();
    const expected = { mode: 'manual', units: [1, 1], place: 'before', before: 0, queueRev: 7 };
    assert.deepEqual(made.ran, [{ type: 'command', v, id: 1, epoch: 'epoch1', command: 'queueMove', args: expected }]);
  });

  test('a page that hears an answer has seen what it did; a refusal brings queue and header again', async () => {
    const refusal = { code: 'view.outdated', args: {} };
    const answers: Answer[] = [
      { ok: true, note: null },
      { ok: false, refusal },
    ];
    const made = bench(async () => {
      made.queue = [3, 1, 2];
      made.rev += 1;
      return answers.shift() ?? { ok: true, note: null };
    });
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    const command = { type: 'command', v, epoch: 'epoch1', command: 'queueMove', args: { units: [3], place: 'top' } };
    for (const id of [1, 2]) {
      made.session.receive({ ...command, id });
      await settle();
    }
    assert.deepEqual(
      made.posted.map(({ type }) => type),
      ['snapshot', 'delta', 'ack', 'delta', 'ack'],
    );
    assert.deepEqual(queues(made.posted), [
      [3, 1, 2],
      [3, 1, 2],
    ]);
  });

  test('a command that is answered while a post is under way is acknowledged after the news', async () => {
    const made = bench();
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    made.answer = 'wait';
    made.session.onChange(changed('1'));
    await made.clock.advance(100);
    made.session.receive({ type: 'command', v, epoch: 'epoch1', id: 1, command: 'queueClear', args: {} });
    await settle();
    assert.equal(made.posted.length, 2);
    made.answer = true;
    made.arrive();
    await settle();
    assert.deepEqual(
      made.posted.map(({ type }) => type),
      ['snapshot', 'delta', 'delta', 'ack'],
    );
  });

  test('the queue travels when it changed; a long one once a second, or at once when a person changed it', async () => {
    const made = bench();
    made.queue = Array.from({ length: 5_000 }, (_, index) => index);
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(0);
    const change = async (ms: number): Promise<void> => {
      made.queue = made.queue.slice(1);
      made.session.onChange({ ...queueChanged, units: new Set(['7']) });
      await made.clock.advance(ms);
    };
    for (let turn = 0; turn < 9; turn += 1) await change(100);
    assert.deepEqual(queues(made.posted), []);
    await made.clock.advance(1_000);
    assert.deepEqual(
      queues(made.posted).map((queue) => queue.length),
      [4_991],
    );
    made.rev += 1;
    await change(100);
    assert.equal(queues(made.posted).length, 2);
    made.queue = [5];
    made.rev += 1;
    await change(100);
    await change(100);
    assert.deepEqual(queues(made.posted).slice(2), [[], []]);
  });

  test('a page that stays blank is loaded again three times; one that is alive never', async () => {
    const clock = testClock();
    const reloads: number[] = [];
    const watchdog = createWatchdog(clock, (count) => {
      reloads.push(count);
      watchdog.awaitPage();
    });
    watchdog.awaitPage();
    await clock.advance(7_000);
    watchdog.ready();
    // The focus goes to another group of editors and comes back: the page can be seen all the time.
    watchdog.awaitPage();
    await clock.advance(60_000);
    assert.deepEqual([reloads, clock.timers()], [[], 0]);
    watchdog.hidden();
    watchdog.awaitPage();
    await clock.advance(60_000);
    assert.deepEqual([reloads, clock.timers()], [[1, 2, 3], 0]);
  });

  test('leaves no timer behind', async () => {
    const made = bench();
    made.runState = 'running';
    made.session.receive({ type: 'ready', v });
    await made.clock.advance(2_000);
    made.session.onChange(changed('1'));
    made.session.dispose();
    assert.equal(made.clock.timers(), 0);
    made.session.onChange(changed('2'));
    made.session.receive({ type: 'ready', v });
    assert.equal(made.clock.timers(), 0);
  });
});
