/**
 * Copies of one unit between two servers whose network fails at a chosen byte. Several lines (proxies, worker and target
 * database of their own) try points at the same time: most of a silent one is waiting.
 */
import assert from 'node:assert/strict';
import type { UnitSettings } from '../../src/core/settings.ts';
import type { MariaDb } from '../servers/mysql/instance.ts';
import { type Fault, startProxy, type WireProxy } from '../servers/wire-proxy.ts';
import { eventually, type Kept, nothingKept, startWorkers } from './attempts.ts';
import { checksum, connectionTo, settingsFor } from './mysql-copy.ts';

export const SIDES = ['source', 'target'] as const;
export type Side = (typeof SIDES)[number];

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

/** The table that is copied. */
export const UNIT = 't';
export const UNIT_SQL =
  `CREATE TABLE ${UNIT} (id BIGINT PRIMARY KEY, v VARCHAR(200)); ` +
  `INSERT INTO ${UNIT} SELECT seq * 3, REPEAT('v', seq % 100) FROM seq_1_to_1500`;

export interface Line {
  /** Copies to the end through the network as it is, which `shape` may make slow. */
  copy(shape?: Parameters<WireProxy['shape']>[0]): Promise<void>;
  /** Tries the `at`-th of `points` bytes of a side. @returns whether a connection met the fault */
  survive(side: Side, at: number, points: number): Promise<boolean>;
  close(): Promise<void>;
}

/** @param origin the source's database with the table of `UNIT_SQL` */
export async function openLine(from: MariaDb, origin: string, to: MariaDb): Promise<Line> {
  const copy = await to.freshDatabase('copy');
  const proxies = { source: await startProxy(from.port), target: await startProxy(to.port) };
  const workers = startWorkers({ maxWorkers: 1 });
  const sizes = new Map<string, number>();
  const expected = await checksum(from, origin, UNIT);

  const execute = (settings: UnitSettings, kept: Kept) =>
    workers.run({
      unit: UNIT,
      source: connectionTo(from, origin, { port: proxies.source.port, queryTimeoutMs: 0 }),
      target: connectionTo(to, copy, { port: proxies.target.port, queryTimeoutMs: 0 }),
      settings,
      kept,
    });
  /** New connections for each copy: what goes over the wire is the same each time. */
  const fresh = async (): Promise<void> => {
    for (const proxy of Object.values(proxies)) proxy.heal();
    await workers.executor.release('task');
    await to.query(`DROP TABLE IF EXISTS \`${copy}\`.${UNIT}`);
    await eventually(() => proxies.source.open() + proxies.target.open() === 0, 'every connection is closed');
  };
  const settingsOf = (mode: Partial<UnitSettings>) =>
    settingsFor(UNIT, { ...mode, batchRows: 200, stallMs: STALL_MS, resume: 'row' });
  const copyUndisturbed = async (settings: UnitSettings): Promise<void> => {
    const outcome = await execute(settings, nothingKept());
    assert.equal(outcome.kind, 'completed', JSON.stringify(outcome));
    assert.equal(await checksum(to, copy, UNIT), expected);
  };
  /** Bytes that an undisturbed copy sends over a side's wire. */
  const sizeOf = async (side: Side, mode: Partial<UnitSettings>): Promise<number> => {
    const name = `${side} ${mode.write} ${mode.checkpoint}`;
    const known = sizes.get(name);
    if (known !== undefined) return known;
    await fresh();
    const before = proxies[side].passed();
    await copyUndisturbed({ ...settingsOf(mode), stallMs: 10_000 });
    const size = proxies[side].passed() - before;
    sizes.set(name, size);
    return size;
  };

  return {
    copy: async (shape = { delayMs: 0, sliceBytes: 0 }) => {
      await fresh();
      for (const proxy of Object.values(proxies)) proxy.shape(shape);
      await copyUndisturbed({ ...settingsOf({}), stallMs: 10_000 });
      for (const proxy of Object.values(proxies)) proxy.shape({ delayMs: 0, sliceBytes: 0 });
    },
    survive: async (side, at, points) => {
      const mode = MODES[at % MODES.length] as Partial<UnitSettings>;
      const fault = FAULTS[at % FAULTS.length] as Fault;
      const bytes = Math.floor(((at + 0.5) / points) * (await sizeOf(side, mode)));
      const what = `${fault} after ${bytes} bytes of the ${side}, ${mode.write}, checkpoint in ${mode.checkpoint}`;
      await fresh();
      const before = proxies[side].faults();
      proxies[side].failAfter(bytes, fault);
      for (const kept = nothingKept(); ; ) {
        assert.ok(kept.attempt < MOST_ATTEMPTS, what);
        const outcome = await execute(settingsOf(mode), kept);
        if (outcome.kind === 'completed') break;
        const retryable = outcome.kind === 'failed' && outcome.error.class === 'retryable';
        assert.ok(retryable, `${what}: ${JSON.stringify(outcome)}`);
        proxies[side].heal();
      }
      assert.equal(await checksum(to, copy, UNIT), expected, what);
      return proxies[side].faults() > before;
    },
    close: async () => {
      await workers.dispose();
      for (const proxy of Object.values(proxies)) await proxy.close();
    },
  };
}

/** Tries so many points of a side, spread over all its bytes. @returns how many met a connection */
export async function survivePoints(lines: readonly Line[], side: Side, points: number): Promise<number> {
  let next = 0;
  let met = 0;
  const work = async (line: Line): Promise<void> => {
    while (next < points) {
      if (await line.survive(side, next++, points)) met += 1;
    }
  };
  await Promise.all(lines.map(work));
  return met;
}
