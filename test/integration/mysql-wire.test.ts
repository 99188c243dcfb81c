/**
 * A unit between two servers whose network fails at a chosen byte: cut, reset or silent, on either side. Nothing may be
 * lost, doubled or hung, and every failure may be retried. DATATRACE_WIRE_POINTS = how many bytes are tried (20).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { UnitSettings } from '../../src/core/settings.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { type Fault, startProxy, type WireProxy } from '../servers/wire-proxy.ts';
import { eventually, type Kept, nothingKept, startWorkers, type Workers } from './attempts.ts';
import { checksum, connectionTo, settingsFor } from './mysql-copy.ts';

const POINTS = Number(process.env.DATATRACE_WIRE_POINTS ?? 20);
const FAULTS: readonly Fault[] = ['cut', 'stall', 'reset'];
const MODES: readonly Partial<UnitSettings>[] = [
  { write: 'upsert', checkpoint: 'store' },
  { write: 'insert', checkpoint: 'target' },
  { write: 'replace', checkpoint: 'store' },
  { write: 'truncate', checkpoint: 'target' },
  { write: 'insert', checkpoint: 'store' },
];
/** A silent phase may take ten times as long. */
const STALL_MS = 200;
const MOST_ATTEMPTS = 8;

describe('a unit whose network fails at any byte', () => {
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
      `USE \`${origin}\`; CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(200)); INSERT INTO t SELECT seq * 3, REPEAT('v', seq % 100) FROM seq_1_to_1500`,
    );
  });
  after(async () => {
    await workers?.dispose();
    await proxies.source?.close();
    await proxies.target?.close();
    await from?.stop();
    await to?.stop();
  });

  const execute = (settings: UnitSettings, kept: Kept) =>
    workers.run({
      unit: 't',
      source: connectionTo(from, origin, { port: proxies.source.port, queryTimeoutMs: 0 }),
      target: connectionTo(to, copy, { port: proxies.target.port, queryTimeoutMs: 0 }),
      settings,
      kept,
    });

  /** New connections for each copy: what goes over the wire is the same each time. */
  async function fresh(): Promise<void> {
    for (const proxy of Object.values(proxies)) proxy.heal();
    await workers.executor.release('task');
    await to.query(`DROP TABLE IF EXISTS \`${copy}\`.t`);
    await eventually(() => proxies.source.open() + proxies.target.open() === 0, 'every connection is closed');
  }

  const settingsOf = (mode: Partial<UnitSettings>) =>
    settingsFor('t', { ...mode, batchRows: 200, stallMs: STALL_MS, resume: 'row' });

  async function bytesOf(side: 'source' | 'target', mode: Partial<UnitSettings>): Promise<number> {
    await fresh();
    const before = proxies[side].passed();
    const outcome = await execute(settingsOf(mode), nothingKept());
    assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
    return proxies[side].passed() - before;
  }

  for (const side of ['source', 'target'] as const) {
    test(`ends exact when the ${side}'s fails`, async () => {
      const sizes = await Promise.resolve(
        MODES.reduce<Promise<number[]>>(
          async (known, mode) => [...(await known), await bytesOf(side, mode)],
          Promise.resolve([]),
        ),
      );
      let met = 0;
      for (let point = 0; point < POINTS / 2; point++) {
        const at = point % MODES.length;
        const mode = MODES[at] as Partial<UnitSettings>;
        const fault = FAULTS[point % FAULTS.length] as Fault;
        await fresh();
        const before = proxies[side].faults();
        const bytes = Math.floor(((point + 0.5) / (POINTS / 2)) * (sizes[at] as number));
        proxies[side].failAfter(bytes, fault);
        const what = `${fault} after ${bytes} bytes of the ${side}, ${mode.write}, checkpoint in ${mode.checkpoint}`;
        const kept = nothingKept();
        for (;;) {
          assert.ok(kept.attempt < MOST_ATTEMPTS, what);
          const outcome = await execute(settingsOf(mode), kept);
          if (outcome.kind === 'completed') break;
          const retryable = outcome.kind === 'failed' && outcome.error.class === 'retryable';
          assert.ok(retryable, `${what}: ${JSON.stringify(outcome)}`);
          proxies[side].heal();
        }
        if (proxies[side].faults() > before) met += 1;
        assert.equal(await checksum(to, copy, 't'), await checksum(from, origin, 't'), what);
      }
      assert.ok(met >= POINTS / 4, `${met} faults met a connection`);
    });
  }

  test('ends exact over a wire that delivers slowly and in slices', async () => {
    await fresh();
    for (const proxy of Object.values(proxies)) proxy.shape({ delayMs: 1, sliceBytes: 997 });
    const outcome = await execute({ ...settingsOf({}), stallMs: 10_000 }, nothingKept());
    assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
    assert.equal(await checksum(to, copy, 't'), await checksum(from, origin, 't'));
  });
});
