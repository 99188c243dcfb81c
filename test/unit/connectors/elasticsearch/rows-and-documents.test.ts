import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Cell, NeutralType, Page, UnitSchema } from '../../../../src/connectors/contract.ts';
import { cellsFromDocuments } from '../../../../src/connectors/elasticsearch/cells-from-documents.ts';
import { columnsFromMapping } from '../../../../src/connectors/elasticsearch/columns-from-mapping.ts';
import { documentsFromRows, joinId } from '../../../../src/connectors/elasticsearch/documents-from-rows.ts';
import { mappingOf } from '../../../../src/connectors/elasticsearch/mapping-from-types.ts';
import { rowOf } from '../../../../src/connectors/page-rows.ts';

interface Named {
  readonly name: string;
  readonly holds: NeutralType;
}

const integer = (bits: 8 | 16 | 24 | 32 | 64, unsigned = false): NeutralType => ({ kind: 'integer', bits, unsigned });
const text = (value: string): Cell => ({ text: Buffer.from(value) });
const ID: Named = { name: 'id', holds: integer(64) };

function schemaOf(columns: readonly Named[], key: readonly string[]): UnitSchema {
  return {
    engine: 'sqlite',
    unit: 'items',
    columns: columns.map(({ name, holds }) => ({ name, type: holds.kind, nullable: !key.includes(name) })),
    key,
    fingerprint: '',
    native: null,
    neutral: { types: columns.map(({ holds }) => holds), key, origin: null },
    warnings: [],
    refusals: [],
  };
}

function pageOf(cells: readonly Cell[], width: number): Page {
  return { rows: cells.length / width, bytes: 0, last: null, data: { format: 'neutral', cells } };
}

function written(
  columns: readonly Named[],
  cells: readonly Cell[],
  more: { key?: readonly string[]; fields?: Record<string, unknown>; unsignedLong?: boolean } = {},
) {
  const key = more.key ?? ['id'];
  const schema = schemaOf(columns, key);
  const mapping = mappingOf(schema, more.fields ?? {}, { unsignedLong: more.unsignedLong ?? true }, null);
  const keyAt = key.map((name) => columns.findIndex((column) => column.name === name));
  const made = documentsFromRows(pageOf(cells, columns.length), {
    unit: 'items',
    columns: mapping.columns,
    key: keyAt,
  });
  const documents = Array.from({ length: made.page.rows }, (_, row) =>
    rowOf(made.page, row).map((cell) => shown(cell)),
  );
  return { mapping, made, documents };
}

/** A value that can be compared: doubles by their bits, text and bytes by theirs. */
function shown(cell: Cell | undefined): string | null {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === 'bigint') return `${cell}n`;
  if (typeof cell === 'number') return `real ${Object.is(cell, -0) ? '-0' : cell}`;
  return cell instanceof Uint8Array ? `bytes ${Buffer.from(cell).toString('hex')}` : Buffer.from(cell.text).toString();
}

function again({ mapping, made }: ReturnType<typeof written>, fields: Record<string, unknown> = {}): Cell[] {
  const found = columnsFromMapping('items', mapping.mappings, fields);
  const take = cellsFromDocuments({
    unit: 'items',
    columns: found.columns,
    key: found.key,
    leftOut: [],
    dropsRest: false,
    dropsRouting: false,
  });
  const { data } = take(made.page);
  assert.ok(data.format === 'neutral');
  return [...data.cells];
}

/** The one value of a row beside its key, as it stands in the document; an error: its code and arguments. */
function one(holds: NeutralType, cell: Cell, field?: Record<string, unknown>, unsignedLong = true): string {
  const columns = [ID, { name: 'v', holds }];
  const fields = field === undefined ? {} : { v: field };
  const result = written(columns, [7n, cell], { fields, unsignedLong });
  const [refusal] = result.mapping.refusals;
  if (refusal !== undefined) return refusal.code;
  const [refused] = result.made.refused;
  if (refused !== undefined) {
    const { code, args } = refused.error.error;
    assert.deepEqual([code, args.column, args.key], ['elasticsearch.valueElsewhere', 'v', '7']);
    return 'refused';
  }
  const [document] = result.documents;
  assert.equal(document?.[0], '7');
  const source = document?.[2] ?? '';
  const back = again(result);
  assert.deepEqual([shown(back[0]), shown(back[1])], ['7n', shown(cell)], 'the way back');
  return source.replace(/^\{"id":7,"v":/, '').replace(/\}$/, '');
}

describe('a value of a column becomes one of a field', () => {
  test('integers keep their digits, and the field has room for their size', () => {
    assert.equal(one(integer(64), 2n ** 63n - 1n), '9223372036854775807');
    assert.equal(one(integer(64), -(2n ** 63n)), '-9223372036854775808');
    assert.equal(one(integer(64, true), 2n ** 64n - 1n), '18446744073709551615');
    assert.equal(one(integer(64, true), 2n ** 64n - 1n, undefined, false), '"18446744073709551615"');
    assert.equal(one(integer(8, true), 255n), '255');
    assert.equal(one(integer(8), 128n), 'refused');
    assert.equal(one(integer(32), text('5')), 'refused');
    assert.equal(one(integer(8), 1n, { type: 'boolean' }), 'true');
    assert.equal(one(integer(8), 2n, { type: 'boolean' }), 'refused');
    assert.equal(one(integer(64), 2n ** 53n + 1n, { type: 'double' }), 'refused');
    assert.equal(one(integer(64), 2n ** 53n, { type: 'double' }), '9007199254740992');
    assert.equal(one(integer(64), 1n, { type: 'date' }), 'elasticsearch.plan.fieldCannotHold');
    assert.equal(one(integer(64), 1n, { type: 'date', format: 'epoch_second' }), '1');
  });

  test('doubles are the shortest digits of the same double, infinities are none', () => {
    const real: NeutralType = { kind: 'real', single: false };
    assert.equal(one(real, 0.1), '0.1');
    assert.equal(one(real, 5), '5.0');
    assert.equal(one(real, -0), '-0.0');
    assert.equal(one(real, 5e-324), '5e-324');
    assert.equal(one(real, 1.7976931348623157e308), '1.7976931348623157e+308');
    assert.equal(one(real, Number.POSITIVE_INFINITY), 'refused');
    assert.equal(one(real, Number.NaN), 'refused');
    assert.equal(one({ kind: 'real', single: true }, Math.fround(0.1)), '0.10000000149011612');
    assert.equal(one({ kind: 'real', single: true }, 0.1), 'refused');
  });

  test('decimals are text, and a number only where the field tells it from others', () => {
    const decimal: NeutralType = { kind: 'decimal', precision: 65, scale: 30 };
    assert.equal(one(decimal, text('1.10')), '"1.10"');
    assert.equal(one(decimal, text('1.10'), { type: 'scaled_float', scaling_factor: 100 }), '1.10');
    assert.equal(one(decimal, text('1.101'), { type: 'scaled_float', scaling_factor: 100 }), 'refused');
    assert.equal(one(decimal, text('-99999999999.99'), { type: 'double' }), '-99999999999.99');
    assert.equal(one(decimal, text('0.12345678901234567890'), { type: 'double' }), 'refused');
    assert.equal(one(decimal, text('9007199254740993'), { type: 'double' }), 'refused');
    assert.equal(one(decimal, text('9007199254740993'), { type: 'long' }), '9007199254740993');
    assert.equal(one(decimal, text('1.50'), { type: 'long' }), 'refused');
    assert.equal(one(decimal, text('1.0'), { type: 'date' }), 'elasticsearch.plan.fieldCannotHold');
    assert.equal(one(decimal, text('0.5'), { type: 'scaled_float' }), 'refused');
  });

  test('text is escaped as JSON wants it; what is not UTF-8 or too long for a term is refused', () => {
    const string: NeutralType = { kind: 'text', length: null };
    assert.equal(one(string, text('a"\\\n\u0001\u2028😀')), '"a\\"\\\\\\n\\u0001\u2028😀"');
    assert.equal(one(string, { text: Buffer.from([0xff]) }), 'refused');
    assert.equal(one(string, text('x'.repeat(40_000)), { type: 'keyword' }), 'refused');
    assert.equal(one(string, text('x'.repeat(40_000))).length, 40_002);
    assert.equal(one(string, text('1.50'), { type: 'double' }), '1.50');
    assert.equal(one(string, text('1,5'), { type: 'double' }), 'refused');
    assert.equal(one(string, text('{"lat":1,"lon":2}'), { type: 'geo_point' }), '{"lat":1,"lon":2}');
    assert.equal(one(string, text('1,2'), { type: 'geo_point' }), '"1,2"');
  });

  test('bytes are base64, or a number where the field is one', () => {
    const bits: NeutralType = { kind: 'bytes', length: 2 };
    assert.equal(one(bits, Buffer.from([1, 255])), '"Af8="');
    assert.equal(one(bits, Buffer.from([1, 255]), { type: 'long' }), '511');
    assert.equal(one({ kind: 'bytes', length: 1 }, Buffer.from([1]), { type: 'boolean' }), 'true');
    assert.equal(one(bits, Buffer.from([1, 255]), { type: 'keyword' }), '"Af8="');
    assert.equal(one(bits, text('a')), 'refused');
  });

  test('dates and times are ISO 8601 that the calendar has and the field keeps to the last digit', () => {
    const second: NeutralType = { kind: 'datetime', fraction: 0 };
    const micro: NeutralType = { kind: 'datetime', fraction: 6 };
    assert.equal(one({ kind: 'date' }, text('2024-02-29')), '"2024-02-29"');
    for (const none of ['2023-02-29', '0000-00-00', '2024-01-00', '2024-13-01'])
      assert.equal(one({ kind: 'date' }, text(none)), 'refused', none);
    assert.equal(one({ kind: 'date' }, text('0000-00-00'), { type: 'keyword' }), '"0000-00-00"');
    assert.equal(one(second, text('2024-01-02 03:04:05')), '"2024-01-02T03:04:05"');
    assert.equal(one(second, text('0000-00-00 00:00:00')), 'refused');
    assert.equal(one({ kind: 'instant', fraction: 3 }, text('1969-01-02 03:04:05.123')), '"1969-01-02T03:04:05.123Z"');
    assert.equal(one(micro, text('2024-01-02 03:04:05.123456')), '"2024-01-02T03:04:05.123456"');
    assert.equal(one(micro, text('1969-12-31 23:59:59.000000')), 'refused');
    assert.equal(one(micro, text('2300-01-01 00:00:00.000000')), 'refused');
    assert.equal(one(micro, text('2300-01-01 00:00:00.000000'), { type: 'date' }), '"2300-01-01T00:00:00.000000"');
    assert.equal(one(micro, text('2300-01-01 00:00:00.000001'), { type: 'date' }), 'refused');
    assert.equal(one({ kind: 'time', fraction: 0 }, text('-838:59:59')), '"-838:59:59"');
    assert.equal(one({ kind: 'time', fraction: 0 }, text('1'), { type: 'date' }), 'elasticsearch.plan.fieldCannotHold');
  });

  test('JSON stays its bytes; what is none, or nothing but null, is refused', () => {
    const json: NeutralType = { kind: 'json' };
    assert.equal(one(json, text('{"a": 1.10, "b": 12345678901234567890}')), '{"a": 1.10, "b": 12345678901234567890}');
    assert.equal(one(json, text('"x"')), '"x"');
    assert.equal(one(json, text(`${'['.repeat(900)}${']'.repeat(900)}`)).length, 1_800);
    for (const none of ['', '{', '{"a":1}}', 'null', ' null', '{a:1}'])
      assert.equal(one(json, text(none)), 'refused', none);
    assert.equal(one(json, text('null'), { type: 'keyword' }), '"null"');
  });

  test('a column that holds anything keeps the number 1 and the text 1 apart', () => {
    assert.equal(one({ kind: 'any' }, 1n), '1');
    assert.equal(one({ kind: 'any' }, 1), '1.0');
    assert.equal(one({ kind: 'any' }, text('1')), '"1"');
    assert.equal(one({ kind: 'any' }, Buffer.from('1')), 'refused');
  });
});

describe('the id of a row', () => {
  test('is the text of its key, and of several columns no two keys make the same', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', '|', '\\', '') }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        if (one.length === other.length)
          assert.equal(joinId(one) === joinId(other), JSON.stringify(one) === JSON.stringify(other));
        assert.notEqual(joinId(one), '');
      }),
      { numRuns: 2_000 },
    );
    assert.equal(joinId(['a|b']), 'a|b');
    assert.equal(joinId(['a|b', '2']), 'a\\|b|2');
  });

  test('is refused with its key where it is too long or no text', () => {
    const columns = [{ name: 'id', holds: { kind: 'text', length: null } as const }];
    const cells = [text('ok'), text('é'.repeat(257)), { text: Buffer.from([0xc3]) }, text('é'.repeat(256))];
    const { made } = written(columns, cells);
    assert.deepEqual(made.rows, [0, 3]);
    assert.deepEqual(
      made.refused.map(({ row, error }) => [row, error.error.code]),
      [
        [1, 'elasticsearch.keyNoId'],
        [2, 'elasticsearch.keyNoId'],
      ],
    );
  });

  test('is the position where nothing else tells rows apart', () => {
    const schema = schemaOf([{ name: 'v', holds: integer(64) }], []);
    const { columns } = mappingOf(schema, {}, { unsignedLong: true }, null);
    const made = documentsFromRows(pageOf([1n, 10n, 2n, null], 2), { unit: 'items', columns, key: [] });
    assert.deepEqual(
      [0, 1].map((row) => rowOf(made.page, row).map(shown)),
      [
        ['1', null, '{"v":10}'],
        ['2', null, '{"v":null}'],
      ],
    );
  });
});

describe('the mapping of a table', () => {
  test('is strict, names every column and knows the way back', () => {
    const columns: Named[] = [ID, { name: '__proto__', holds: { kind: 'text', length: 20 } }];
    const { mapping } = written(columns, []);
    const parsed = JSON.parse(mapping.mappings);
    assert.equal(parsed.dynamic, 'strict');
    assert.deepEqual(Object.keys(parsed.properties), ['id', '__proto__']);
    assert.equal(mapping.fields, 3);
    const back = columnsFromMapping('items', mapping.mappings, {});
    assert.deepEqual(
      back.columns.map(({ name, type }) => [name, type]),
      columns.map(({ name, holds }) => [name, holds]),
    );
    assert.deepEqual(back.key, ['id']);
  });

  test('refuses names that no field can have, fields of no column, and what an index that is there cannot take', () => {
    const codes = (names: readonly string[], wanted: Record<string, unknown>, there: Record<string, object> | null) => {
      const schema = schemaOf(
        names.map((name) => ({ name, holds: integer(64) })),
        [],
      );
      const properties = there === null ? null : { properties: there as Record<string, Record<string, unknown>> };
      return mappingOf(schema, wanted, { unsignedLong: true }, properties).refusals.map(({ code }) =>
        code.split('.').at(-1),
      );
    };
    assert.deepEqual(codes(['a.b', '_id', ' ', 'ok'], {}, null), ['fieldName', 'fieldName', 'fieldName']);
    assert.deepEqual(codes(['a'], { b: { type: 'long' } }, null), ['noSuchColumn']);
    assert.deepEqual(codes(['a'], { a: 'long' }, null), ['fieldCannotHold']);
    assert.deepEqual(
      codes(['a', 'b', 'c'], { a: { type: 'keyword' } }, { a: { type: 'long' }, b: { type: 'binary' } }),
      ['fieldDiffers', 'fieldCannotHold', 'fieldMissing'],
    );
    assert.deepEqual(codes(['a'], {}, { a: { type: 'keyword' } }), []);
  });
});

describe('a document becomes a row', () => {
  const mapping = {
    properties: {
      n: { type: 'long' },
      d: { type: 'double' },
      ok: { type: 'boolean' },
      k: { type: 'keyword' },
      at: { type: 'date' },
      raw: { type: 'binary' },
      o: { properties: { x: { type: 'long' } } },
      other: { type: 'alias', path: 'k' },
    },
  };

  function rows(
    documents: readonly (readonly [id: string, routing: string | null, source: string])[],
    more: { fields?: Record<string, unknown>; dynamic?: string } = {},
  ): (string | null)[][] {
    const text = JSON.stringify({ ...mapping, ...(more.dynamic ? { dynamic: more.dynamic } : {}) });
    const { columns, key, refusals } = columnsFromMapping('docs', text, more.fields ?? {});
    assert.deepEqual(refusals, []);
    const pieces: Buffer[] = [];
    const places: number[] = [];
    let end = 0;
    const add = (piece: string | null) => {
      const bytes = Buffer.from(piece ?? '');
      pieces.push(bytes);
      places.push(...(piece === null ? [0, 0] : [end, end + bytes.length]));
      end += bytes.length;
    };
    for (const [id, routing, source] of documents) {
      add(JSON.stringify(id));
      add(routing === null ? null : JSON.stringify(routing));
      add(null);
      add(source);
    }
    const data = { format: 'search-hits', bytes: Buffer.concat(pieces), places: Uint32Array.from(places) } as const;
    const page = { rows: documents.length, bytes: 0, last: null, data };
    const shape = { unit: 'docs', columns, key, leftOut: [], dropsRest: false, dropsRouting: false };
    const taken = cellsFromDocuments(shape)(page);
    assert.ok(taken.data.format === 'neutral');
    const { cells } = taken.data;
    return documents.map((_, row) => cells.slice(row * columns.length, (row + 1) * columns.length).map(shown));
  }
  const row = (source: string, more = {}) => rows([['1', null, source]], more)[0];
  const code = (source: string, more = {}) => {
    try {
      return JSON.stringify(row(source, more));
    } catch (error) {
      const found = (error as { error?: { code: string; args: Record<string, unknown> } }).error;
      return found === undefined
        ? String(error)
        : `${found.code.split('.').at(-1)} ${found.args.id} ${found.args.field}`;
    }
  };

  test('each field in its column, the rest as JSON, with the bytes that stand there', () => {
    const source =
      '{ "k" : 1.10, "n":9007199254740993,"new":{"a":1.10}, "d":1e2,"ok":false,"at":1700000000000,"raw":"AQI=","o":{"x":[1, 2]},"o.x":5}';
    assert.deepEqual(rows([['a/"b"', 'r', source]])[0], [
      'a/"b"',
      'r',
      '9007199254740993n',
      'real 100',
      '0n',
      '1.10',
      '1700000000000',
      'bytes 0102',
      '{"x":[1, 2]}',
      '{"new":{"a":1.10},"o.x":5}',
    ]);
    assert.deepEqual(row('{}'), ['1', null, null, null, null, null, null, null, null, null]);
    assert.deepEqual(row('{"n":null,"k":["a","b"],"\\u006b2":"\\ud83d\\ude00"}')?.slice(2), [
      ...[null, null, null, '["a","b"]', null, null, null],
      '{"\\u006b2":"\\ud83d\\ude00"}',
    ]);
    assert.equal(row('{"\\u006b":"\\ud83d\\ude00\\n"}')?.[5], '😀\n');
  });

  test('where a column cannot hold it, the id and the field are named', () => {
    assert.equal(code('{"n":1.5}'), 'fieldElsewhere 1 n');
    assert.equal(code('{"n":[1]}'), 'fieldElsewhere 1 n');
    assert.equal(code('{"n":9223372036854775808}'), 'fieldElsewhere 1 n');
    assert.equal(code('{"d":0.12345678901234567890}'), 'fieldElsewhere 1 d');
    assert.equal(code('{"d":1e400}'), 'fieldElsewhere 1 d');
    assert.equal(code('{"ok":"yes"}'), 'fieldElsewhere 1 ok');
    assert.equal(code('{"raw":"AQJ="}'), 'fieldElsewhere 1 raw');
    assert.equal(code('{"k":"a","k":"b"}'), 'fieldElsewhere 1 k');
    assert.equal(code('{"x":1}', { dynamic: 'strict' }), 'fieldUnknown 1 x');
    assert.equal(code('{"k":"\\ud800"}'), 'notADocument 1 undefined');
  });

  test('as the file asks for it: a date as one, numbers as text, lists as JSON', () => {
    const fields = {
      at: { type: 'instant', fraction: 3 },
      n: { type: 'json' },
      k: { type: 'decimal', precision: 9, scale: 2 },
    };
    assert.deepEqual(row('{"at":"2024-01-02T03:04:05.120Z","n":[1],"k":"1.10"}', { fields })?.slice(2, 7), [
      ...['[1]', null, null, '1.10'],
      '2024-01-02 03:04:05.120',
    ]);
    assert.equal(code('{"at":"2024-01-02T03:04:05+01:00"}', { fields }), 'fieldElsewhere 1 at');
    assert.equal(code('{"at":"2024-01-02T03:04:05.1234Z"}', { fields }), 'fieldElsewhere 1 at');
  });

  test('numbers that are the same are taken in any spelling', () => {
    for (const [spelled, value] of [
      ['5.0', '5n'],
      ['"5"', '5n'],
      ['5e2', '500n'],
      ['-0', '0n'],
    ])
      assert.equal(row(`{"n":${spelled}}`)?.[2], value, spelled);
  });
});

test('rows of all types come back as they were', () => {
  const types: readonly [NeutralType, fc.Arbitrary<Cell>][] = [
    [integer(64), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
    [integer(64, true), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
    [{ kind: 'real', single: false }, fc.double({ noNaN: true, noDefaultInfinity: true })],
    [{ kind: 'real', single: true }, fc.float({ noNaN: true, noDefaultInfinity: true })],
    [
      { kind: 'decimal', precision: 30, scale: 2 },
      fc.tuple(fc.bigInt(), fc.integer({ min: 10, max: 99 })).map(([a, b]) => text(`${a}.${b}`)),
    ],
    [{ kind: 'text', length: null }, fc.string({ unit: 'binary' }).map((each) => text(each.toWellFormed()))],
    [{ kind: 'bytes', length: null }, fc.uint8Array({ maxLength: 9 })],
    [
      { kind: 'json' },
      fc
        .json()
        .filter((each) => each !== 'null')
        .map((each) => text(JSON.stringify(JSON.parse(each)))),
    ],
    [
      { kind: 'any' },
      fc.oneof(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string().map(text),
      ),
    ],
  ];
  const columns = [ID, ...types.map(([holds], at) => ({ name: `c${at}`, holds }))];
  const cell = (value: fc.Arbitrary<Cell>) => fc.option(value, { nil: null });
  const oneRow = fc.tuple(fc.bigInt({ min: 0n, max: 99n }), ...types.map(([, value]) => cell(value)));
  fc.assert(
    fc.property(fc.array(oneRow, { maxLength: 3 }), fc.boolean(), (rows, unsignedLong) => {
      const cells = rows.flat() as Cell[];
      const result = written(columns, cells, { unsignedLong });
      assert.deepEqual(result.made.refused, []);
      for (const document of result.documents) JSON.parse(document[2] ?? '');
      assert.deepEqual(again(result).map(shown), cells.map(shown));
    }),
    { numRuns: 300 },
  );
});
