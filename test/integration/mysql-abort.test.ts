import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { UnitError } from '../../src/core/model.ts';
import type { PlanRequest, UnitReport } from '../../src/core/ports.ts';
import type { UnitSettings } from '../../src/core/settings.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { startProxy, type WireProxy } from '../servers/wire-proxy.ts';
import { type Attempt, eventually, type Kept, nothingKept, startWorkers, type Workers } from './attempts.ts';
import { checksum, connectionTo, settingsFor } from './mysql-copy.ts';

const GIVEN_UP: UnitError = { code: 'unit.timedOut', args: { seconds: 1 }, class: 'permanent', message: '' };
/** Far less than the worker is given, so that it was the worker that answered. */
const SOON_MS = 2_500;

describe('a unit that is ended from outside', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin: string;
  let copy: string;
  let workers: Workers;
  const proxies = {} as { source: WireProxy; target: WireProxy };

  before(async () => {
    [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
    origin = await from.freshDatabase('origin');
    copy = await to.freshDatabase('copy');
    proxies.source = await startProxy(from.port);
    proxies.target = await startProxy(to.port);
    workers = startWorkers({ maxWorkers: 1 });
    await from.query(
      `USE \`${origin}\`; CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(200)); INSERT INTO t SELECT seq, REPEAT('v', seq % 100) FROM seq_1_to_1000`,
    );
  });
  afterEach(async () => {
    for (const proxy of Object.values(proxies)) proxy.heal();
    await workers.executor.release('task');
    await to.query(`DROP TABLE IF EXISTS \`${copy}\`.t`);
  });
  after(async () => {
    await workers?.dispose();
    await proxies.source?.close();
    await proxies.target?.close();
    await from?.stop();
    await to?.stop();
  });

  const sides = () => ({
    source: connectionTo(from, origin, { port: proxies.source.port, queryTimeoutMs: 0, connectTimeoutMs: 60_000 }),
    target: connectionTo(to, copy, { port: proxies.target.port, queryTimeoutMs: 0, connectTimeoutMs: 60_000 }),
  });
  const begin = (kept: Kept, more: Partial<UnitSettings>, at?: Attempt['at']) => {
    const settings = settingsFor('t', { batchRows: 100, ...more });
    return workers.run({ unit: 't', ...sides(), settings, kept, ...(at ? { at } : {}) });
  };
  const request = (): PlanRequest => ({
    ...{ taskId: 'task', ...sides(), units: ['*'] },
    settings: { prefix: '', suffix: '', fallback: settingsFor(''), overrides: {} },
  });

  /** Aborts now; then what was copied so far is gone on with, and the target ends exact. */
  async function endsAtOnce(ended: ReturnType<typeof begin>, kept: Kept): Promise<void> {
    const begun = performance.now();
    workers.executor.abort('t', kept.attempt, GIVEN_UP);
    workers.executor.abort('t', kept.attempt, { ...GIVEN_UP, code: 'second' });
    const outcome = await ended;
    assert.ok(performance.now() - begun < SOON_MS, `${performance.now() - begun} ms`);
    assert.deepEqual(outcome.kind === 'failed' && outcome.error, GIVEN_UP);
    for (const proxy of Object.values(proxies)) proxy.heal();
    const again = await begin(kept, {});
    assert.equal(again.kind, 'completed', JSON.stringify(again));
    assert.equal(await checksum(to, copy, 't'), await checksum(from, origin, 't'));
  }

  for (const side of ['source', 'target'] as const) {
    test(`fails with the reason while it connects to a ${side} that says nothing`, async () => {
      const kept = nothingKept();
      proxies[side].stall();
      const ended = begin(kept, {});
      await eventually(() => proxies[side].open() > 0, 'it connects');
      await endsAtOnce(ended, kept);
    });

    // Some of the statements before the first row; which one is met hangs on the versions of the server.
    for (const bytes of [1_800, 3_000, 4_500, 6_500, 8_000]) {
      test(`fails with the reason when the ${side} falls silent after ${bytes} bytes`, async () => {
        const kept = nothingKept();
        proxies[side].failAfter(bytes, 'stall');
        const ended = begin(kept, {});
        await eventually(() => proxies[side].faults() > 0, 'the server falls silent');
        await endsAtOnce(ended, kept);
      });
    }
  }

  test('tells how many connections are open to each side, until they are closed', async () => {
    const { source, target } = sides();
    const open = () => [source, target].map(({ name }) => workers.executor.connections(name));
    const there = () => [proxies.source.open(), proxies.target.open()];
    let most = [0, 0];
    const outcome = await begin(nothingKept(), {}, (report) => {
      if (report.type === 'checkpoint') most = open();
      return false;
    });
    assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
    assert.ok(
      most.every((count) => count >= 1),
      String(most),
    );
    await eventually(() => String(open()) === String(there()), 'each is counted');
    await workers.executor.release('task');
    await eventually(() => open().every((count) => count === 0), 'all are closed');
  });

  const moments: readonly [string, 'source' | 'target', (report: UnitReport) => boolean][] = [
    ['reads', 'source', (report) => report.type === 'prepared'],
    ['writes', 'target', (report) => report.type === 'checkpoint' && report.processed === 300],
    ['counts its target', 'target', (report) => report.type === 'checkpoint' && report.processed === 1_000],
    ['counts its source', 'source', (report) => report.type === 'checkpoint' && report.processed === 1_000],
  ];
  for (const [moment, side, isMoment] of moments) {
    test(`fails with the reason while it ${moment}, and its connections are cut`, async () => {
      const kept = nothingKept();
      const before = proxies[side].faults();
      const ended = begin(kept, { batchRows: 100 }, (report) => isMoment(report) && proxies[side].stall());
      await eventually(() => proxies[side].faults() > before, 'the server falls silent');
      assert.ok(proxies[side].silent() > 0);
      await endsAtOnce(ended, kept);
      await eventually(() => proxies[side].silent() === 0, 'its connections are cut');
    });
  }

  test('waits for the record of the store: a unit that is ended then does not wait on', async () => {
    const kept = nothingKept();
    const never = new Promise(() => {});
    const prepared = Promise.withResolvers<void>();
    const ended = begin(kept, {}, (report) => {
      if (report.type !== 'prepared') return undefined;
      prepared.resolve();
      return never;
    });
    await prepared.promise;
    await endsAtOnce(ended, kept);
  });

  test('does not end when nobody runs under that attempt', async () => {
    const kept = nothingKept();
    const ended = begin(kept, {});
    workers.executor.abort('t', kept.attempt + 1, GIVEN_UP);
    workers.executor.abort('other', kept.attempt, GIVEN_UP);
    assert.equal((await ended).kind, 'completed');
    workers.executor.abort('t', kept.attempt, GIVEN_UP);
  });

  test('has its questions ended as well: plan, verify and test of a connection', async () => {
    proxies.source.stall();
    const questions = [
      (signal: AbortSignal) => workers.executor.plan(request(), signal),
      (signal: AbortSignal) => workers.executor.verify(request(), 't', signal),
      (signal: AbortSignal) => workers.executor.testConnection(sides().source, signal),
    ];
    for (const ask of questions) {
      const control = new AbortController();
      const asked = assert.rejects(ask(control.signal), /enough/);
      await eventually(() => proxies.source.open() > 0, 'it connects');
      control.abort(new Error('enough'));
      await asked;
    }
    proxies.source.heal();
    const plan = await workers.executor.plan(request());
    assert.deepEqual(
      plan.units.map((unit) => unit.name),
      ['t'],
    );
  });

  test('is ended by its own time limits: no progress is tried again, too long is not', async () => {
    const kept = nothingKept();
    const stalled = await begin(
      kept,
      { stallMs: 150 },
      (report) => report.type === 'prepared' && proxies.source.stall(),
    );
    assert.deepEqual(stalled.kind === 'failed' && [stalled.error.code, stalled.error.class], [
      'unit.stalled',
      'retryable',
    ]);
    proxies.source.heal();
    const settings = settingsFor('t', { batchRows: 10, stallMs: 400, timeoutMs: 1_500 });
    const slow = await workers.run({ unit: 't', ...sides(), settings, kept, rowsPerSecond: 20 });
    assert.deepEqual(slow.kind === 'failed' && [slow.error.code, slow.error.class], ['unit.timedOut', 'permanent']);
  });

  test('is not taken for stalled while it waits for its limit or for the record of its host', async () => {
    const kept = nothingKept();
    const settings = settingsFor('t', { batchRows: 400, stallMs: 150 });
    let held = 0;
    const at = (report: UnitReport) =>
      report.type === 'prepared' && ++held && new Promise((resolve) => setTimeout(resolve, 2_500));
    const outcome = await workers.run({ unit: 't', ...sides(), settings, kept, rowsPerSecond: 500, at });
    assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
    assert.equal(held, 1);
  });
});
