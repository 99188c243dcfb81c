import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bulkPacket, bulkSize, executePacket, executeSize } from '../../../../src/connectors/mysql/binary-rows.ts';
import { cellsOf, type RawRows, rawPages } from '../../../../src/connectors/mysql/raw-rows.ts';
import type { MysqlColumn } from '../../../../src/connectors/mysql/schema.ts';

type Value = Buffer | null;

/** A value as the text protocol has it: its length before it. */
function encoded(value: Value): Buffer {
  if (value === null) return Buffer.of(0xfb);
  const length = Buffer.alloc(9);
  if (value.length < 251) return Buffer.concat([Buffer.of(value.length), value]);
  if (value.length < 65_536) {
    length[0] = 0xfc;
    length.writeUInt16LE(value.length, 1);
    return Buffer.concat([length.subarray(0, 3), value]);
  }
  length[0] = 0xfd;
  length.writeUIntLE(value.length, 1, 3);
  return Buffer.concat([length.subarray(0, 4), value]);
}

function rowOf(values: readonly Value[]): Buffer {
  return Buffer.concat(values.map(encoded));
}

function rowsOf(rows: readonly (readonly Value[])[]): RawRows {
  const packets = rows.map(rowOf);
  let end = 0;
  const ends = Uint32Array.from(packets, (each) => {
    end += each.length;
    return end;
  });
  return { format: 'mysql-rows', width: rows[0]?.length ?? 0, bytes: Buffer.concat(packets), ends };
}

function column(cell: MysqlColumn['cell']): MysqlColumn {
  return { cell } as MysqlColumn;
}

const SIZES = [0, 1, 23, 24, 25, 26, 250, 251, 252, 65_535, 65_536, 70_000];

describe('pages of raw rows', () => {
  test('hold every row once and in order, whatever their size is and wherever the network cut them', () => {
    const rows = Array.from({ length: 300 }, (_, at) => [
      Buffer.from(String(at)),
      at % 3 === 0 ? null : Buffer.alloc((at * 37) % 900, at),
    ]);
    for (const [pageRows, pageBytes] of [
      [1, 1e6],
      [7, 1e6],
      [300, 1e6],
      [1000, 1],
      [1000, 5_000],
    ] as const) {
      const pages = rawPages(2, pageRows, pageBytes);
      const seen: Value[] = [];
      const sizes: number[] = [];
      const takeFull = (): void => {
        while (pages.full()) {
          const page = pages.take();
          assert.ok(page !== null);
          sizes.push(page.ends.length);
          seen.push(...cellsOf(page).map((cell) => (cell === null ? null : Buffer.from(cell))));
        }
      };
      for (const [at, row] of rows.entries()) {
        const packet = Buffer.concat([Buffer.from('head'), rowOf(row), Buffer.from('tail')]);
        pages.append(packet, 4, packet.length - 4);
        const last = pages.lastRow();
        assert.deepEqual(last === null ? null : cellsOf(last), row);
        if (at % 11 === 0) takeFull();
      }
      takeFull();
      const rest = pages.take();
      if (rest !== null) seen.push(...cellsOf(rest));
      assert.equal(pages.take(), null);
      assert.equal(pages.pending(), 0);
      assert.deepEqual(seen, rows.flat());
      if (pageBytes === 1) assert.ok(sizes.every((size) => size === 1));
      assert.ok(sizes.every((size) => size <= pageRows));
    }
  });

  test('stay as they are while the next one arrives and waits', () => {
    const pages = rawPages(1, 100, 1e6);
    const kept: { page: RawRows; copy: Buffer }[] = [];
    for (let at = 0; at < 1_000; at += 1) {
      const packet = rowOf([Buffer.alloc(500, at)]);
      pages.append(packet, 0, packet.length);
      if (!pages.full()) continue;
      const page = pages.take() as RawRows;
      kept.push({ page, copy: Buffer.from(page.bytes) });
      for (const each of kept.slice(-2)) assert.ok(Buffer.from(each.page.bytes).equals(each.copy));
    }
    assert.equal(kept.length, 10);
  });

  test('do not go on with a row that does not follow the protocol', () => {
    const fine = rowsOf([[Buffer.from('a'), null]]);
    for (const wrong of [
      { ...fine, bytes: Buffer.of(0xff, 1, 2) },
      { ...fine, bytes: Buffer.of(9, 97, 0xfb) },
      { ...fine, bytes: Buffer.of(0xfe, 1, 2) },
      { ...fine, ends: Uint32Array.of(2) },
      { ...fine, width: 3 },
    ]) {
      const columns = Array.from({ length: wrong.width }, () => column('bytes'));
      const out = Buffer.alloc(1000);
      const isBad = (error: unknown): boolean =>
        (error as { error?: { code?: string } }).error?.code === 'mysql.badRow';
      assert.throws(() => cellsOf(wrong), isBad);
      assert.throws(() => bulkPacket(out, 1, columns, wrong, 0, 1), isBad);
      assert.throws(() => executePacket(out, 1, columns, wrong, 0, 1), isBad);
    }
  });
});

describe('the packets of a binary write', () => {
  const columns = [column('plain'), column('bytes'), column('chars'), column('json')];
  const rows = SIZES.map((size, at): Value[] => [
    Buffer.from(String(at)),
    at % 2 ? null : Buffer.alloc(size, 0xfb),
    Buffer.alloc(size, 0xff),
    at % 3 ? Buffer.alloc(size, 65) : null,
  ]);
  const raw = rowsOf(rows);
  const types = [0xfd, 0, 0xfc, 0, 0xfc, 0, 0xfd, 0];

  for (const [first, last] of [
    [0, rows.length],
    [3, 4],
    [rows.length - 2, rows.length],
  ] as const) {
    const part = rows.slice(first, last);
    const size = part.reduce((sum, row) => sum + rowOf(row).length, 0);

    test(`carry rows ${first} to ${last - 1} in bulk: a mark and the value as it came`, () => {
      const out = Buffer.alloc(bulkSize(4, part.length, size));
      const packet = bulkPacket(out, 7, columns, raw, first, last);
      const values = part
        .flat()
        .map((value) => (value === null ? Buffer.of(1) : Buffer.concat([Buffer.of(0), encoded(value)])));
      const expected = Buffer.concat([Buffer.of(0xfa, 7, 0, 0, 0, 0x80, 0, ...types), ...values]);
      assert.ok(packet.subarray(4).equals(expected));
    });

    test(`carry rows ${first} to ${last - 1} as placeholders: NULLs as bits, the values as they came`, () => {
      const out = Buffer.alloc(executeSize(4, part.length, size), 0xaa);
      const packet = executePacket(out, 7, columns, raw, first, last);
      const cells = part.flat();
      const bits = Buffer.alloc(Math.ceil(cells.length / 8));
      for (const [at, cell] of cells.entries())
        if (cell === null) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
      const expected = Buffer.concat([
        Buffer.of(0x17, 7, 0, 0, 0, 0, 1, 0, 0, 0),
        bits,
        Buffer.of(1, ...part.flatMap(() => types)),
        ...cells.filter((cell) => cell !== null).map(encoded),
      ]);
      assert.ok(packet.subarray(4).equals(expected));
    });
  }
});
