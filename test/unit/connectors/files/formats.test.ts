import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Cell, NeutralType } from '../../../../src/connectors/contract.ts';
import { parserOf, writerOf } from '../../../../src/connectors/files/format.ts';
import type { FileColumn, ParserOptions } from '../../../../src/connectors/files/rows.ts';
import type { Window } from '../../../../src/connectors/files/window.ts';
import { createOutput } from '../../../../src/connectors/output.ts';

/** Gives a text away in pieces of so many bytes. */
function windowOver(text: Uint8Array, piece: number): Window {
  let start = 0;
  let given = 0;
  const window = {
    bytes: Buffer.alloc(0) as Buffer,
    at: 0,
    ended: false,
    offset: () => start + window.at,
    fill: async () => {
      start += window.at;
      window.ended = given >= text.length;
      given = Math.min(text.length, given + piece);
      window.bytes = Buffer.from(text.subarray(start, given));
      window.at = 0;
    },
    close: async () => undefined,
  };
  return window;
}

async function parse(format: 'jsonl' | 'csv', text: Uint8Array, piece: number, options: ParserOptions) {
  const window = windowOver(text, piece);
  const parser = parserOf(format, options);
  const rows: (Cell | undefined)[][] = [];
  for (;;) {
    const row: (Cell | undefined)[] = [];
    if (parser.next(window, row)) rows.push(row);
    else if (window.ended) return { rows, names: parser.names };
    else await window.fill();
  }
}

/** A value that can be compared: doubles by their bits, text and bytes by theirs. */
function exact(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return 'NULL';
  if (typeof cell === 'bigint') return `integer ${cell}`;
  if (typeof cell === 'number') return `real ${Object.is(cell, -0) ? '-0' : cell}`;
  return cell instanceof Uint8Array ? `bytes ${hex(cell)}` : `text ${hex(cell.text)}`;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((each) => Buffer.from(each.toWellFormed())),
  fc
    .constantFrom(
      '',
      '"',
      '""',
      ',',
      '\r\n',
      '\n',
      '\r',
      'null',
      '1',
      'base64:',
      '\\',
      '\\u0041',
      '\0',
      '{"$bytes":"AA=="}',
    )
    .map((each) => Buffer.from(each)),
  fc.uint8Array({ maxLength: 6 }),
);
const cell: fc.Arbitrary<Cell> = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.integer().map(BigInt),
  fc.double({ noNaN: true }),
  fc.constantFrom(-0, 0, 5, 1e21, 5e-324, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53),
  fc.uint8Array({ maxLength: 9 }),
  text.map((each) => ({ text: new Uint8Array(each) })),
);
const NAMES = ['id', '__proto__', 'a"b,c', '', 'ID', 'x\ny', '杭州'];
const TYPES: readonly NeutralType[] = [
  { kind: 'any' },
  { kind: 'bytes', length: null },
  { kind: 'text', length: null },
];

for (const format of ['jsonl', 'csv'] as const) {
  test(`every value comes back from ${format} as it was, wherever the bytes are cut`, async () => {
    const files = fc.integer({ min: 1, max: 4 }).chain((width) =>
      fc.record({
        columns: fc
          .tuple(
            fc.shuffledSubarray(NAMES, { minLength: width, maxLength: width }),
            fc.array(fc.constantFrom(...TYPES), { minLength: width, maxLength: width }),
          )
          .map(([names, types]) => names.map((name, at): FileColumn => ({ name, type: types[at] as NeutralType }))),
        rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 5 }),
        piece: fc.integer({ min: 1, max: 9 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(files, async ({ columns, rows, piece }) => {
        const writer = writerOf(format, columns);
        const out = createOutput();
        for (const row of rows) writer.put(out, row, 0);
        const file = Buffer.concat([writer.header, out.bytes.subarray(0, out.length)]);
        const parsed = await parse(format, file, piece, { columns, names: null, blind: false });
        assert.deepEqual(
          parsed.rows.map((row) => row.map(exact)),
          rows.map((row) => row.map(exact)),
        );
        const counted = await parse(format, file, piece, { columns, names: null, blind: true });
        assert.equal(counted.rows.length, rows.length);
        if (format === 'jsonl') for (const line of file.toString('utf8').split('\n').slice(0, -1)) JSON.parse(line);
      }),
      { numRuns: 300 },
    );
  });
}

test('JSON of other hands keeps what JSON.parse reads, wherever the bytes are cut', async () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(objects, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (lines, piece, spaced) => {
      const file = lines
        .map((line) => JSON.stringify(line, null, spaced ? '\t' : '').replaceAll('\n', ' '))
        .join('\r\n');
      const { rows, names } = await parse('jsonl', Buffer.from(file), piece, {
        columns: null,
        names: null,
        blind: false,
      });
      assert.equal(rows.length, lines.length);
      for (const [at, each] of lines.entries()) {
        const line = JSON.parse(JSON.stringify(each)) as Record<string, unknown>; // -0 is written as 0
        for (const [column, name] of names.entries()) {
          const found = rows[at]?.[column];
          const value = Object.hasOwn(line, name) ? line[name] : null;
          if (value === null) assert.equal(found ?? null, null);
          else {
            const got = Buffer.from((found as { text: Uint8Array }).text).toString('utf8');
            assert.deepEqual(typeof value === 'string' ? got : JSON.parse(got), value);
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('CSV of other hands is the same wherever the bytes are cut', async () => {
  const file = Buffer.from('\ufeff"a ""x""",b\r\n1,"2\r\n""3"""\r\n\n,""\nlast,x');
  for (let piece = 1; piece <= file.length; piece++) {
    const { rows, names } = await parse('csv', file, piece, { columns: null, names: null, blind: false });
    assert.deepEqual(names, ['a "x"', 'b']);
    assert.deepEqual(
      rows.map((row) => row.map((each) => (each ? Buffer.from((each as { text: Uint8Array }).text).toString() : each))),
      [
        ['1', '2\r\n"3"'],
        [null, ''],
        ['last', 'x'],
      ],
    );
  }
});

const DOCUMENTS: readonly FileColumn[] = [
  { name: '_id', type: { kind: 'text', length: null } },
  { name: '_routing', type: { kind: 'text', length: null }, part: 'routing' },
  { name: '_source', type: { kind: 'json' }, part: 'source' },
];

for (const format of ['jsonl', 'csv'] as const) {
  test(`documents come back from ${format} byte for byte, and stand in JSON Lines as they are`, async () => {
    const sources = [
      '{}',
      '{"a":1.10,"b":12345678901234567890,"a":2,"c":"\\ud800","d":"}{","e":{"$bytes":"x"}}',
      `{"deep":${'['.repeat(3_000)}${']'.repeat(3_000)}}`,
      '{ "lines" :\r\n [1,\n2]}\t ',
      '{"lines":\n1}',
      ' {"space":"around"}  ',
      'no document',
      '{"open":',
    ];
    const rows = sources.flatMap((source, at): Cell[][] => [
      [{ text: Buffer.from(`${at}`) }, null, { text: Buffer.from(source) }],
      [{ text: Buffer.from(`r${at}`) }, { text: Buffer.from('"r"') }, { text: Buffer.from(source) }],
    ]);
    const writer = writerOf(format, DOCUMENTS);
    const out = createOutput();
    for (const row of rows) writer.put(out, row, 0);
    const file = Buffer.concat([writer.header, out.bytes.subarray(0, out.length)]);
    for (const piece of [7, 100_000]) {
      const { rows: found } = await parse(format, file, piece, { columns: DOCUMENTS, names: null, blind: false });
      assert.deepEqual(
        found.map((row) => DOCUMENTS.map((_, at) => exact(row[at]))),
        rows.map((row) => row.map(exact)),
      );
    }
    if (format === 'csv') return;
    const lines = file.toString().split('\n');
    assert.equal(lines[0], '{"_id":"0","_source":{}}');
    assert.equal(lines[3], `{"_id":"r1","_routing":"\\"r\\"","_source":${sources[1]}}`);
    assert.equal(lines.length, rows.length + 1);
    assert.deepEqual(JSON.parse(lines[8] ?? ''), { _id: '4', _source: { lines: 1 }, _text: '{"lines":\n1}' });
  });
}

test('a line without its document is refused', async () => {
  const options = { columns: DOCUMENTS, names: null, blind: false };
  await assert.rejects(
    parse('jsonl', Buffer.from('{"_id":"1","_routing":"2"}\n'), 100, options),
    /"_source" is missing/,
  );
});
