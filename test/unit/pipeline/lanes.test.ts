import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnitSchema } from '../../../src/connectors/contract.ts';
import { type DividedTable, mayDivide, middleNumber } from '../../../src/connectors/mysql/lanes.ts';
import type { UnitSettings } from '../../../src/core/settings.ts';
import { createBuffers } from '../../../src/pipeline/buffers.ts';
import {
  type Checkpoint,
  committedFigures,
  encodeCheckpoint,
  type LanePosition,
  usableCheckpoint,
  withLateLane,
} from '../../../src/pipeline/checkpoint.ts';
import { isBig, LANES_FROM, laneStart, lanesOf, newLanes } from '../../../src/pipeline/lanes.ts';
import { createRecorder } from '../../../src/pipeline/recorder.ts';
import { repeated } from '../../../src/pipeline/repeat.ts';
import { SETTINGS } from '../../conformance/run-unit.ts';

const SCHEMA: UnitSchema = {
  ...{ engine: 'mysql', unit: 'orders', columns: [], key: ['id'] },
  ...{ fingerprint: 'f1', native: null, warnings: [], refusals: [] },
};

describe('lanes', () => {
  const borders = async () => [];
  const of = (settings: Partial<UnitSettings>, more: object = {}) => {
    const sides = { source: { borders }, target: { takesLanes: true }, cores: 2 };
    return lanesOf({ schema: SCHEMA, settings: { ...SETTINGS, ...settings }, ...sides, ...more });
  };

  test('are as many as were asked for, else as there are cores, and four at most', () => {
    assert.equal(of({ lanes: 16 }).lanes, 16);
    assert.deepEqual(
      [1, 2, 4, 64].map((cores) => of({ lanes: 'auto' }, { cores }).lanes),
      [1, 2, 4, 4],
    );
  });

  test('are half as many where rows are wide, unless a number was asked for', () => {
    const wide = { schema: { ...SCHEMA, rowBytes: 1024 } };
    assert.deepEqual(
      [1, 2, 4, 64].map((cores) => of({ lanes: 'auto' }, { ...wide, cores }).lanes),
      [1, 1, 2, 4],
    );
    assert.equal(of({ lanes: 3 }, wide).lanes, 3);
  });

  test('are one where a unit cannot be divided; that is said where more were asked for', () => {
    for (const more of [
      { schema: { ...SCHEMA, key: [] } },
      { schema: { ...SCHEMA, keyIsPosition: true } },
      { source: {} },
      { target: {} },
    ]) {
      const asked = of({ lanes: 3 }, more);
      assert.deepEqual([asked.lanes, asked.warning?.code], [1, 'pipeline.lanesNotUsed'], JSON.stringify(more));
      assert.deepEqual(of({ lanes: 'auto' }, more), { lanes: 1, warning: null });
    }
    assert.deepEqual(of({ lanes: 4, snapshot: true }), { lanes: 1, warning: null });
  });

  test('are for units with many rows or many bytes', () => {
    assert.equal(isBig(SCHEMA, LANES_FROM.rows), true);
    assert.equal(isBig(SCHEMA, LANES_FROM.rows - 1), false);
    assert.equal(isBig(SCHEMA, null), false);
    assert.equal(isBig({ ...SCHEMA, rowBytes: 1024 * 1024 }, 64), true);
    assert.equal(isBig({ ...SCHEMA, rowBytes: 1024 * 1024 }, 63), false);
  });

  test('begin where the one before ends, or where they stood', () => {
    const lanes = newLanes(['[3]', '[6]'], '[9]');
    assert.deepEqual(
      [0, 1, 2].map((at) => laneStart(lanes, at)),
      [null, '[3]', '[6]'],
    );
    const moved = lanes.map((lane) => ({ ...lane, cursor: '[5]' }));
    assert.equal(laneStart(moved, 1), '[5]');
  });

  test('meet in the middle of numbers of any size', () => {
    assert.equal(middleNumber('0', '10'), '5');
    assert.equal(middleNumber('18446744073709551605', '18446744073709551615'), '18446744073709551610');
    assert.equal(middleNumber('-3', '-1'), '-2');
    assert.equal(middleNumber('-0.5', '0.4'), '-0.1');
    assert.equal(middleNumber('1.0000', '1.0001'), null);
    assert.equal(middleNumber('7', '8'), null);
  });
});

describe('a table of MySQL', () => {
  const table = (dataType: string, index = 'PRIMARY') =>
    ({
      table: { name: 't', columns: [{ name: 'id', dataType }], key: { index, columns: ['id'] } },
      meanRowBytes: 1_000,
    }) as unknown as DividedTable;

  test('of any size is divided by numbers and dates, by other keys while it can be walked', () => {
    for (const type of ['bigint', 'decimal', 'datetime', 'date'])
      assert.equal(mayDivide(table(type), 1_000_000_000), true, type);
    assert.equal(mayDivide(table('varchar'), 1_000_000), true);
    assert.equal(mayDivide(table('varchar'), 2_000_000), false);
    assert.equal(mayDivide(table('varchar', 'code'), 2_000_000), true);
  });
});

describe('the checkpoint of several lanes', () => {
  const fresh: Checkpoint = {
    ...{ rows: 0, bytes: 0, fingerprint: 'f1', identity: 'i', place: 'p', upTo: '[9]' },
    lanes: newLanes(['[3]', '[6]'], '[9]'),
  };
  const at = (lane: number, cursor: string, rows: number): Checkpoint => ({
    ...fresh,
    lanes: fresh.lanes.with(lane, {
      ...(fresh.lanes[lane] as Checkpoint['lanes'][number]),
      cursor,
      rows,
      bytes: 10 * rows,
    }),
  });
  const read = (...texts: string[]) => usableCheckpoint(texts, 'f1', 'i');

  test('is put together of what each of them keeps', () => {
    const found = read(encodeCheckpoint(at(0, '[2]', 2), 0), encodeCheckpoint(at(2, '[8]', 5), 2));
    assert.deepEqual(
      found?.lanes.map((lane) => [lane.end, lane.cursor, lane.rows]),
      [
        ['[3]', '[2]', 2],
        ['[6]', null, 0],
        ['[9]', '[8]', 5],
      ],
    );
    assert.deepEqual([found?.rows, found?.bytes], [7, 70]);
  });

  test('tells nothing of the others in the text of one', () => {
    const both = { ...at(0, '[2]', 2), rows: 2 };
    const [first, other] = read(encodeCheckpoint(both, 1))?.lanes ?? [];
    assert.deepEqual([first?.cursor, other?.cursor], [null, null]);
    assert.deepEqual(committedFigures(encodeCheckpoint(at(0, '[2]', 2))), { rows: 2, bytes: 20 });
  });

  test('of other ranges, another schema or another copy is not used', () => {
    const kept = encodeCheckpoint(at(0, '[2]', 2), 0);
    const elsewhere = { ...at(1, '[4]', 1), lanes: newLanes(['[4]', '[6]'], '[9]') };
    assert.equal(read(kept, encodeCheckpoint(elsewhere, 1)), null);
    assert.equal(usableCheckpoint([kept], 'f2', 'i'), null);
    assert.equal(usableCheckpoint([kept], 'f1', 'j'), null);
    for (const damaged of [
      '',
      'null',
      '{}',
      '{"v":2}',
      kept.replace('"v":2', '"v":3'),
      kept.replace('"rows":2', '"rows":"2"'),
    ])
      assert.equal(read(damaged), null, damaged);
    assert.equal(read(), null);
  });

  test('with a late range behind them takes in what was kept before there was one', () => {
    const early = at(1, '[6]', 3);
    const late = withLateLane({ ...early, rows: 3, bytes: 30 }, early.lanes, { after: '[2]', upTo: '[12]' });
    assert.deepEqual([late.upTo, late.rows, late.bytes], ['[12]', 3, 30]);
    // It begins where rows can have moved to, not where the others ended.
    assert.equal(laneStart(late.lanes, 3), '[2]');
    assert.equal(laneStart(read(encodeCheckpoint(late, 3))?.lanes ?? [], 3), '[2]');
    const moved = {
      ...late,
      lanes: late.lanes.with(3, { ...(late.lanes[3] as LanePosition), cursor: '[11]', rows: 2 }),
    };
    for (const texts of [
      [encodeCheckpoint(early, 1), encodeCheckpoint(moved, 3)],
      [encodeCheckpoint(moved, 3), encodeCheckpoint(early, 1)],
    ]) {
      const found = read(...texts);
      assert.deepEqual(
        found?.lanes.map(({ end, cursor, rows }) => [end, cursor, rows]),
        [
          ['[3]', null, 0],
          ['[6]', '[6]', 3],
          ['[9]', null, 0],
          ['[12]', '[11]', 2],
        ],
      );
      assert.deepEqual([found?.upTo, found?.rows], ['[12]', 5]);
    }
    assert.ok(
      read(encodeCheckpoint(moved))
        ?.lanes.slice(0, 3)
        .every(({ done }) => done),
    );
    const another = { ...early, upTo: '[12]', lanes: newLanes(['[3]', '[6]', '[9]'], '[12]') };
    assert.equal(read(encodeCheckpoint(early, 1), encodeCheckpoint(another, 3)), null);
  });

  test('of one lane is the text that it always was', () => {
    const text =
      '{"v":1,"cursor":"[7]","rows":7,"bytes":70,"fingerprint":"f1","identity":"i","place":"p","upTo":"[9]"}';
    const found = read(text);
    assert.ok(found !== null);
    assert.equal(encodeCheckpoint(found), text);
  });
});

test('the lanes of one worker have so many places, and places that are given back are there for others', () => {
  const buffers = createBuffers(1_000);
  const [first, second] = [buffers.lane(2), buffers.lane(2)];
  assert.ok(first !== null && second !== null);
  assert.equal(buffers.lane(2), null);
  assert.notEqual(buffers.lane(3), null);
  first();
  second();
  assert.notEqual(buffers.lane(2), null);
});

describe('a recorder', () => {
  test('has one report under way; who comes meanwhile shares the next', async () => {
    const records: PromiseWithResolvers<void>[] = [];
    let sent = 0;
    const recorder = createRecorder(
      () => {
        sent += 1;
        records.push(Promise.withResolvers());
      },
      () => (records.at(-1) as PromiseWithResolvers<void>).promise,
    );
    const done: string[] = [];
    const note = (name: string) => recorder.record().then(() => done.push(name));
    const all = [note('a'), note('b'), note('c')];
    assert.equal(sent, 1);
    records[0]?.resolve();
    await all[0];
    assert.deepEqual([sent, done], [2, ['a']]);
    all.push(note('d'));
    records[1]?.resolve();
    await Promise.all(all.slice(0, 3));
    records[2]?.resolve();
    await Promise.all(all);
    assert.deepEqual([sent, done], [3, ['a', 'b', 'c', 'd']]);
  });
});

describe('a batch that lost against others', () => {
  const again = {
    mayRepeat: () => true,
    signal: new AbortController().signal,
    throwIfEnded: () => undefined,
    now: () => 0,
  };

  test('is written again, some times', async () => {
    let times = 0;
    const twice = async () => {
      times += 1;
      if (times < 3) throw new Error('deadlock');
      return times;
    };
    assert.equal(await repeated(twice, again), 3);
    times = -10;
    await assert.rejects(repeated(twice, again), /deadlock/);
    assert.equal(times, -4, 'six times in all');
  });

  test('is not written again for another reason, after a long time, or when its unit ends', async () => {
    let times = 0;
    const fails = async () => {
      times += 1;
      throw new Error('no');
    };
    await assert.rejects(repeated(fails, { ...again, mayRepeat: () => false }), /no/);
    let now = 0;
    await assert.rejects(repeated(fails, { ...again, now: () => (now += 60_000) }), /no/);
    const control = new AbortController();
    control.abort();
    const ended = () => {
      throw new Error('ended');
    };
    await assert.rejects(repeated(fails, { ...again, signal: control.signal, throwIfEnded: ended }), /ended/);
    assert.equal(times, 3);
  });
});
