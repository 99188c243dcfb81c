import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Cell, Page } from '../../../src/connectors/contract.ts';
import { pageOf, readableCell, rowOf, sliceOf, storedRow, widthOf } from '../../../src/connectors/page-rows.ts';

const text = (value: string) => ({ text: Buffer.from(value) });

function neutral(cells: readonly Cell[], rows: number): Page {
  return { rows, bytes: 10 * rows, last: 'last', data: { format: 'neutral', cells } };
}

/** Rows of the text protocol: NULL is one byte, a short value has one byte of length. */
function raw(rows: readonly (readonly (string | null)[])[]): Page {
  const packets = rows.map((row) =>
    Buffer.concat(
      row.map((cell) => (cell === null ? Buffer.of(0xfb) : Buffer.concat([Buffer.of(cell.length), Buffer.from(cell)]))),
    ),
  );
  let end = 0;
  const ends = Uint32Array.from(packets, (packet) => {
    end += packet.length;
    return end;
  });
  const bytes = Buffer.concat(packets);
  const data = { format: 'mysql-rows', width: rows[0]?.length ?? 0, bytes, ends } as const;
  return { rows: rows.length, bytes: bytes.length, last: 'last', data };
}

/** Documents as a search answers them: with what lies between their parts. */
function hits(documents: readonly (readonly (string | null)[])[]): Page {
  const pieces = [Buffer.from('{"hits":[')];
  let end = pieces[0]?.length ?? 0;
  const places = documents.flat().flatMap((part) => {
    if (part === null) return [0, 0];
    const piece = Buffer.from(`${part},`);
    pieces.push(piece);
    end += piece.length;
    return [end - piece.length, end - 1];
  });
  const bytes = documents.reduce((sum, [, , , source]) => sum + Buffer.byteLength(source ?? ''), 0);
  const data = { format: 'search-hits', bytes: Buffer.concat(pieces), places: Uint32Array.from(places) } as const;
  return { rows: documents.length, bytes, last: 'last', data };
}

function textsOf(page: Page, row: number): (string | null)[] {
  return rowOf(page, row).map((cell) => {
    if (cell === null) return null;
    assert.ok(typeof cell === 'object' && !(cell instanceof Uint8Array));
    return Buffer.from(cell.text).toString();
  });
}

describe('rows of a page', () => {
  const values: Cell[] = [
    ...[0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 0, -0, 1e-320, Number.NaN, Number.POSITIVE_INFINITY, 0.1],
    ...[
      null,
      new Uint8Array([0, 255, 39]),
      new Uint8Array(),
      text(''),
      text('ü😀\0'),
      { text: Buffer.from([0xff, 0xfe]) },
    ],
  ];

  test('are the same values again after they were kept as text', () => {
    const page = neutral(values, 1);
    const stored = JSON.parse(JSON.stringify(storedRow(page, 0)));
    const { data } = pageOf([stored]);
    assert.ok(data.format === 'neutral');
    const plain = (cells: readonly Cell[]) =>
      cells.map((cell) => {
        if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex');
        if (cell !== null && typeof cell === 'object') return `text ${Buffer.from(cell.text).toString('hex')}`;
        return cell;
      });
    assert.deepEqual(plain(data.cells), plain(values));
    assert.ok(Object.is(data.cells[5], -0));
  });

  test('of the text protocol are the same bytes again, alone and together', () => {
    const page = raw([
      ['1', null, 'a'],
      ['22', '', null],
      ['333', 'b', 'c'],
    ]);
    const again = pageOf([storedRow(page, 2), storedRow(page, 0)]);
    assert.deepEqual(
      [0, 1].map((row) =>
        rowOf(again, row).map((cell) => (cell === null ? null : Buffer.from(cell as Uint8Array).toString())),
      ),
      [
        ['333', 'b', 'c'],
        ['1', null, 'a'],
      ],
    );
    const slice = sliceOf(page, 1, 3);
    assert.equal(slice.rows, 2);
    assert.deepEqual(storedRow(slice, 0), storedRow(page, 1));
    assert.deepEqual(storedRow(slice, 1), storedRow(page, 2));
    const { data, rows } = sliceOf(page, 0, 0);
    assert.ok(data.format === 'mysql-rows' && data.ends.length === 0 && data.bytes.length === 0 && rows === 0);
  });

  test('of a search answer are the same bytes again, alone and together, and read without quotes', () => {
    const source = '{ "a":1.10,"b":12345678901234567890,"a":"\\u00fc😀" }';
    const page = hits([
      ['"1"', null, '7', '{}'],
      ['"a\\"b\\\\ü"', '"r/1"', null, source],
      ['"3"', '"r"', '1', '{"x":"]}"}'],
    ]);
    assert.equal(widthOf(page), 4);
    assert.deepEqual(textsOf(page, 0), ['1', null, '{}']);
    assert.deepEqual(textsOf(page, 1), ['a"b\\ü', 'r/1', source]);
    const stored = JSON.parse(JSON.stringify([storedRow(page, 1), storedRow(page, 0)]));
    const again = pageOf(stored);
    assert.equal(again.bytes, Buffer.byteLength(source) + 2);
    assert.deepEqual(stored, [storedRow(again, 0), storedRow(again, 1)]);
    assert.deepEqual(textsOf(again, 0), textsOf(page, 1));
    assert.deepEqual(textsOf(again, 1), textsOf(page, 0));
  });

  test('of a search answer are cut off at any border, with the size of what is left', () => {
    const page = hits([
      ['"1"', null, null, '{"a":1}'],
      ['"2"', '"2"', '2', '{"a":22}'],
      ['"3"', null, null, null],
    ]);
    for (let first = 0; first <= 3; first++)
      for (let last = first; last <= 3; last++) {
        const slice = sliceOf(page, first, last);
        assert.equal(slice.rows, last - first);
        let bytes = 0;
        for (let row = first; row < last; row++) {
          assert.deepEqual(textsOf(slice, row - first), textsOf(page, row));
          assert.deepEqual(storedRow(slice, row - first), storedRow(page, row));
          bytes += [7, 8, 0][row] ?? 0;
        }
        assert.equal(slice.bytes, bytes);
      }
    assert.throws(() => pageOf([{ format: 'search-hits', values: ['bAAAA', null, null, null], width: 4 }]));
  });

  test('are cut off at any border', () => {
    const page = neutral([1n, text('a'), 2n, text('b'), 3n, text('c')], 3);
    assert.equal(widthOf(page), 2);
    for (let first = 0; first <= 3; first++)
      for (let last = first; last <= 3; last++) {
        const slice = sliceOf(page, first, last);
        assert.equal(slice.rows, last - first);
        for (let row = first; row < last; row++) assert.deepEqual(rowOf(slice, row - first), rowOf(page, row));
      }
  });

  test('are shown as people read them: what is no text is bytes, long values are cut', () => {
    assert.deepEqual(values.slice(0, 4).map(readableCell), [0, -1, '9223372036854775807', '-9223372036854775808']);
    assert.equal(readableCell(Number.NaN), 'NaN');
    assert.equal(readableCell(text('ü\tß\n')), 'ü\tß\n');
    assert.deepEqual(readableCell(text('\u0001')), { base64: 'AQ==' });
    assert.deepEqual(readableCell(new Uint8Array([0xff])), { base64: '/w==' });
    const cut = readableCell(text('ü'.repeat(4_000)));
    assert.ok(typeof cut === 'string' && cut.length < 2_100 && cut.endsWith('… (8000 bytes)'), String(cut));
    assert.ok(!String(readableCell(text(`x${'ü'.repeat(4_000)}`))).includes('\ufffd'));
    const bytes = readableCell(new Uint8Array(5_000).fill(0xff));
    assert.ok(typeof bytes === 'object' && bytes?.bytes === 5_000 && bytes.base64.length < 6_000);
  });
});
