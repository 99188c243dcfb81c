import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { apply } from '../../../src/core/apply.ts';
import type { Change } from '../../../src/core/events.ts';
import type { RunRow, TaskRow, UnitRow } from '../../../src/core/model.ts';
import { NO_PARENTS, UNSTARTED } from '../../../src/core/model.ts';
import { countsOf, sumsOf } from '../../../src/core/select.ts';
import { type CoreState, createState } from '../../../src/core/state.ts';
import { createOwnerService, type OwnerService } from '../../../src/engine/owner-service.ts';
import { createRemote, type Remote, type Replica } from '../../../src/engine/remote.ts';
import { listenForViewers, type OwnerServer } from '../../../src/host/owner-server.ts';
import { connectToOwner, sameVersion, socketAddress } from '../../../src/host/socket.ts';
import type { OwnerCall, OwnerFacts } from '../../../src/protocol/owner.ts';
import { systemClock } from '../../../src/workspace/system-clock.ts';
import { until } from '../../support/engine-host.ts';

const root = mkdtempSync(join(tmpdir(), 'datatrace-remote-'));
after(() => rmSync(root, { recursive: true, force: true }));
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const KEY = 'A';
const TASK = 'A/copy';
const OWNER = { pid: 1, host: 'here', processStart: null, nonce: 'n', heartbeat: 1, app: 'test', socket: '' };

interface TestOwner {
  readonly state: CoreState;
  readonly service: OwnerService;
  readonly address: string;
  readonly calls: OwnerCall[];
  facts: OwnerFacts;
  quiet: boolean;
  answer: (call: OwnerCall) => Promise<unknown>;
  change(...changes: Change[]): void;
  serve(): Promise<void>;
  end(): Promise<void>;
}

function makeOwner(): TestOwner {
  const address = socketAddress(mkdtempSync(join(root, 'o-')));
  let server: OwnerServer | undefined;
  const state = createState(64);
  const owner: TestOwner = {
    state,
    address,
    calls: [],
    quiet: true,
    facts: { planning: [], startErrors: [], slowSides: [], notices: [], blocked: null, maxRunningUnits: 64 },
    answer: async () => ({ ok: true, note: null }),
    service: createOwnerService({
      key: KEY,
      state,
      clock: systemClock,
      quiet: () => owner.quiet,
      facts: () => owner.facts,
      samples: () => [1, 2, 3],
      perform(call) {
        owner.calls.push(call);
        return owner.answer(call);
      },
      leave: async () => undefined,
    }),
    change(...changes) {
      apply(state, changes);
      owner.service.changed(changes);
    },
    async serve() {
      const { call, release, subscribe } = owner.service;
      server = await listenForViewers({ address, owner: OWNER, handlers: { call, release }, subscribe });
      owner.service.opened();
    },
    async end() {
      owner.service.closed();
      await server?.close();
    },
  };
  open.push(() => owner.end());
  return owner;
}

interface Watcher {
  readonly remote: Remote;
  replica: Replica | undefined;
  readonly changes: Change[];
  lefts: number;
}

function watch(owner: TestOwner): Watcher {
  const watcher: { -readonly [K in keyof Watcher]?: Watcher[K] } = { replica: undefined, changes: [], lefts: 0 };
  watcher.remote = createRemote({
    clock: systemClock,
    async connect() {
      const client = await connectToOwner(owner.address);
      await sameVersion(client);
      return client;
    },
    replaced(replica) {
      watcher.replica = replica;
    },
    changed: (changes) => watcher.changes?.push(...changes),
    sampled: () => undefined,
    reachable: () => undefined,
    left: () => {
      watcher.lefts = (watcher.lefts ?? 0) + 1;
    },
  });
  open.push(() => watcher.remote?.close());
  return watcher as Watcher;
}

const task = (more: Partial<TaskRow> = {}): TaskRow => ({
  id: TASK,
  store: KEY,
  name: 'copy',
  mode: 'auto',
  switchingTo: null,
  runState: 'running',
  reason: null,
  concurrency: 4,
  onError: 'skip',
  retry: { attempts: 3, delayMs: 1000, factor: 2, maxDelayMs: 60_000, jitter: 0.2 },
  limits: { rowsPerSecond: 0, bytesPerSecond: 0 },
  config: '{}',
  configHash: 'h',
  overrides: null,
  queueRev: 0,
  fullRunAt: null,
  createdAt: 1,
  updatedAt: 1,
  ...more,
});

const RUN: RunRow = {
  id: 'r1',
  taskId: TASK,
  startedAt: 1,
  endedAt: null,
  outcome: null,
  startedBy: 'person',
  mode: 'auto',
  concurrency: 4,
  units: null,
  rows: 0,
  bytes: 0,
  rejected: 0,
};

const idOf = (n: number) => `${TASK}#${n}`;
const unit = (n: number, more: Partial<UnitRow> = {}): UnitRow => ({
  ...UNSTARTED,
  id: idOf(n),
  taskId: TASK,
  name: `table ${n}`,
  type: 'table',
  planOrder: n * 10,
  after: NO_PARENTS,
  status: 'pending',
  total: 100,
  resume: 'row',
  updatedAt: 1,
  ...more,
});

function fill(owner: TestOwner, units: number): void {
  owner.change({ kind: 'putTask', task: task() }, { kind: 'putRun', run: RUN });
  owner.change({ kind: 'putUnits', taskId: TASK, units: Array.from({ length: units }, (_, n) => unit(n)) });
}

/** Everything views can ask about. */
function contentOf(state: CoreState): unknown {
  return [...state.tasks.values()].map((each) => ({
    row: each.row,
    run: each.run,
    units: [...each.units.values()]
      .map(({ row, position, queueOrder, queuedAt, openParents }) => ({
        row,
        position,
        queueOrder,
        queuedAt: queueOrder === null ? null : queuedAt,
        openParents,
      }))
      .sort((a, b) => a.row.planOrder - b.row.planOrder || (a.row.id < b.row.id ? -1 : 1)),
    order: each.order.map(({ row }) => row.id),
    queue: [...each.queue].map(({ row }) => row.id),
    counts: countsOf(state, each.row.id),
    sums: sumsOf(state, each.row.id),
  }));
}

async function same(owner: TestOwner, watcher: Watcher): Promise<void> {
  await until('the replica is complete', () => watcher.replica !== undefined);
  // What was changed last is told last.
  const mark = { kind: 'task', taskId: TASK, set: { updatedAt: Math.random() } } as const;
  if (!owner.state.tasks.has(TASK)) return assert.deepEqual(contentOf(watcher.replica!.state), contentOf(owner.state));
  owner.change(mark);
  await until('the mark arrives', () => watcher.replica?.state.tasks.get(TASK)?.row.updatedAt === mark.set.updatedAt);
  assert.deepEqual(contentOf(watcher.replica!.state), contentOf(owner.state));
}

describe('A replica', () => {
  test('becomes the same as the state of the owner, and stays it', async () => {
    const owner = makeOwner();
    fill(owner, 1_200);
    owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(7), set: { removed: true } });
    owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(8), set: { status: 'completed', processed: 100 } });
    owner.change({ kind: 'enqueue', taskId: TASK, entries: [{ unitId: idOf(900), order: 5, addedAt: 2 }] });
    await owner.serve();
    const watcher = watch(owner);
    await same(owner, watcher);
    owner.change(
      { kind: 'unit', taskId: TASK, unitId: idOf(1), set: { status: 'running', attempt: 1, startedAt: 5 } },
      { kind: 'enqueue', taskId: TASK, entries: [{ unitId: idOf(3), order: 1, addedAt: 3 }] },
    );
    owner.change({ kind: 'putUnits', taskId: TASK, units: [unit(5_000), unit(5_001, { after: ['table 8'] })] });
    await same(owner, watcher);
    owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(1), set: { status: 'failed' } });
    owner.change({ kind: 'unitsWhere', taskId: TASK, statuses: ['failed'], set: { status: 'pending', attempt: 9 } });
    owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(1), set: { status: 'running' } });
    owner.change({ kind: 'clearQueue', taskId: TASK });
    await same(owner, watcher);
    owner.change({ kind: 'dropTask', taskId: TASK });
    await until('the task is gone', () => watcher.replica?.state.tasks.size === 0);
  });

  test('is exact although everything changes while its rows are on the way', async () => {
    for (const seed of [1, 2]) {
      const random = seeded(seed);
      const owner = makeOwner();
      fill(owner, 4_000);
      await owner.serve();
      const watcher = watch(owner);
      const statuses = ['pending', 'running', 'completed', 'failed', 'paused'] as const;
      let next = 4_000;
      for (let step = 0; step < 2_000; step++) {
        const n = Math.floor(random() * next);
        const kind = random();
        owner.quiet = random() < 0.9;
        if (owner.quiet) owner.service.allDurable();
        if (kind < 0.7) {
          const status = statuses[Math.floor(random() * 5)]!;
          const set = { status, processed: step, attempt: step, retriesUsed: step % 3 };
          owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(n), set });
        } else if (kind < 0.75) {
          const status = statuses[Math.floor(random() * 5)]!;
          owner.change({
            kind: 'unitsWhere',
            taskId: TASK,
            statuses: [status],
            set: { rejected: step, status: 'paused' },
          });
        } else if (kind < 0.85) {
          const order = Math.floor(random() * 1e6);
          owner.change({ kind: 'enqueue', taskId: TASK, entries: [{ unitId: idOf(n), order, addedAt: step }] });
        } else if (kind < 0.9) owner.change({ kind: 'dequeue', taskId: TASK, unitIds: [idOf(n)] });
        else if (kind < 0.93)
          owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(n), set: { removed: random() < 0.7 } });
        else if (kind < 0.96) owner.change({ kind: 'putUnits', taskId: TASK, units: [unit(next++)] });
        else if (kind < 0.98)
          owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(n), set: { planOrder: 1e6 + step } });
        else owner.change({ kind: 'putRun', run: { ...RUN, id: `r${step}`, units: step % 2 ? null : ['table 1'] } });
        if (step % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      owner.quiet = true;
      owner.service.allDurable();
      await same(owner, watcher);
      watcher.remote.close();
      await owner.end();
    }
  });

  test('is told nothing that is not durable', async () => {
    const owner = makeOwner();
    fill(owner, 10);
    await owner.serve();
    const watcher = watch(owner);
    await same(owner, watcher);
    owner.quiet = false;
    owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(1), set: { status: 'completed' } });
    await until('its views are late', () => owner.service.overdueMs() > 50);
    assert.equal(watcher.replica?.state.tasks.get(TASK)?.units.get(idOf(1))?.row.status, 'pending');
    owner.quiet = true;
    owner.service.allDurable();
    assert.equal(owner.service.overdueMs(), 0);
    await same(owner, watcher);
  });

  test('follows many changes of a unit with few messages, and its rates', async () => {
    const owner = makeOwner();
    fill(owner, 10);
    await owner.serve();
    const watcher = watch(owner);
    await same(owner, watcher);
    const startedAt = Date.now() - 60_000;
    owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(1), set: { status: 'running', attempt: 1, startedAt } });
    for (let n = 0; n < 10_000; n++) {
      owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(1), set: { processed: n } });
    }
    await same(owner, watcher);
    assert.ok(watcher.changes.length < 20, `${watcher.changes.length} changes`);
    const { monitor } = watcher.replica!;
    assert.ok(monitor.runningMs(idOf(1)) >= 60_000, 'it runs since its own start');
    owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(1), set: { processed: 20_000 } });
    await until('a rate is measured', () => monitor.taskRates(TASK).rows > 0);
  });

  test('tells what is known beyond the rows', async () => {
    const owner = makeOwner();
    fill(owner, 1);
    owner.facts = { ...owner.facts, notices: [{ code: 'store.setAside', args: {} }] };
    await owner.serve();
    const watcher = watch(owner);
    await same(owner, watcher);
    assert.deepEqual(watcher.replica?.facts(), owner.facts);
    owner.facts = { ...owner.facts, planning: [TASK] };
    owner.service.factsChanged();
    await until('the start is told', () => watcher.replica?.facts().planning.length === 1);
  });
});

describe('An owner that others ask', () => {
  test('does it, and has told what came of it before it answers', async () => {
    const owner = makeOwner();
    fill(owner, 3);
    await owner.serve();
    const watcher = watch(owner);
    await watcher.remote.shown();
    owner.answer = async () => {
      owner.change({ kind: 'task', taskId: TASK, set: { runState: 'pausing' } });
      return { ok: true, note: null };
    };
    const answer = await watcher.remote.call('pause', TASK, []);
    assert.deepEqual(answer, { ok: true, note: null });
    assert.equal(watcher.replica?.state.tasks.get(TASK)?.row.runState, 'pausing');
    assert.deepEqual(owner.calls, [{ method: 'pause', taskId: TASK, args: [] }]);
  });

  test('carries out no part of a call that is none', async () => {
    const owner = makeOwner();
    fill(owner, 3);
    await owner.serve();
    const client = await connectToOwner(owner.address);
    for (const params of [null, 1, 'x', {}, { method: 'pause' }, { method: '__proto__', taskId: TASK, args: [] }]) {
      await assert.rejects(client.request('call', params), { code: 'host.badMessage' });
    }
    await assert.rejects(client.request('start', {}), { code: 'host.unknownRequest' });
    assert.deepEqual(owner.calls, []);
    client.close();
    await owner.end();
  });

  test('that ends is reached again when it is back', async () => {
    const owner = makeOwner();
    fill(owner, 3);
    await owner.serve();
    const watcher = watch(owner);
    await same(owner, watcher);
    const first = watcher.replica;
    await owner.end();
    await until('it is missed', () => watcher.lefts > 0);
    assert.equal(watcher.remote.problem()?.code, 'host.leaving');
    await assert.rejects(watcher.remote.call('pause', TASK, []));
    assert.equal(watcher.replica, first, 'what was known is still shown');
    owner.change({ kind: 'unit', taskId: TASK, unitId: idOf(0), set: { status: 'completed' } });
    await owner.serve();
    await until('it is back', () => watcher.replica !== first);
    assert.equal(watcher.remote.problem(), null);
    await same(owner, watcher);
  });

  test('and ends before it answered is not asked a second time', async () => {
    const owner = makeOwner();
    fill(owner, 3);
    await owner.serve();
    const watcher = watch(owner);
    await watcher.remote.shown();
    owner.answer = () => new Promise(() => undefined);
    const call = watcher.remote.call('stop', TASK, []);
    await until('it was asked', () => owner.calls.length === 1);
    const refused = assert.rejects(call);
    await owner.end();
    await refused;
    assert.equal(owner.calls.length, 1);
    watcher.remote.close();
  });

  test('before its store was read says nothing until it was', async () => {
    const owner = makeOwner();
    const { call, release, subscribe } = owner.service;
    const server = await listenForViewers({
      address: owner.address,
      owner: OWNER,
      handlers: { call, release },
      subscribe,
    });
    const watcher = watch(owner);
    const answer = watcher.remote.call('pause', TASK, []);
    fill(owner, 600);
    owner.service.opened();
    await answer;
    await same(owner, watcher);
    watcher.remote.close();
    await server.close();
  });

  test('is not kept from the others by one that subscribes and does not read', async () => {
    const owner = makeOwner();
    fill(owner, 30_000);
    await owner.serve();
    const socket = connect(owner.address, () => socket.write('{"id":1,"type":"subscribe"}\n'));
    socket.pause();
    socket.on('error', () => undefined);
    const watcher = watch(owner);
    await same(owner, watcher);
    socket.destroy();
  });
});

function seeded(seed: number): () => number {
  let value = seed * 2654435761;
  return () => {
    value = (Math.imul(value ^ (value >>> 15), 2246822519) + 0x9e3779b9) | 0;
    return ((value ^ (value >>> 13)) >>> 0) / 2 ** 32;
  };
}
