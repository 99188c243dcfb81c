import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { copied, copy, makePlace, type Place, plan, refused, rowsIn } from './files-copy.ts';

describe('files of other hands', () => {
  let place: Place;
  let copies = 0;
  before(() => {
    place = makePlace();
  });
  after(() => place.remove());

  const target = () => place.sqlite(`to-${++copies}`);
  function source(format: 'jsonl' | 'csv', text: string | Buffer) {
    const connection = place.files(`from-${++copies}`, { format });
    fs.writeFileSync(path.join(connection.folder, `items.${format}`), text);
    return connection;
  }
  async function read(format: 'jsonl' | 'csv', text: string | Buffer) {
    const to = target();
    await copied(source(format, text), to, 'items');
    return rowsIn(to, 'items');
  }

  test('every JSON value comes as text: digits as they stand, objects as their JSON', async () => {
    const text = [
      '{"n": 12345678901234567890.1200e+5, "s": "a\\u0000\\ud83d\\ude00\\"", "o": {"x": [1, {"__proto__": 1.0}]}, "t": true}',
      ' {"t":null,"__proto__":"own","s":""}\r',
      '',
      '{}',
    ].join('\n');
    assert.deepEqual(await read('jsonl', `\ufeff${text}`), [
      ['12345678901234567890.1200e+5', 'a\0😀"', '{"x": [1, {"__proto__": 1.0}]}', 'true', null],
      [null, '', null, null, 'own'],
      [null, null, null, null, null],
    ]);
  });

  test('CSV is text, nothing is NULL and a pair of quotes is empty text', async () => {
    const text = 'id,"a ""b""",c\r\n1,,""\n"x\r\ny","a""b",1.50\n\nlast,"", ';
    assert.deepEqual(await read('csv', text), [
      ['1', null, ''],
      ['x\r\ny', 'a"b', '1.50'],
      ['last', '', ' '],
    ]);
  });

  test('an empty line of a single column is NULL', async () => {
    assert.deepEqual(await read('csv', 'a\n\n""\nx'), [[null], [''], ['x']]);
  });

  test('bytes that are no UTF-8 stay as they are', async () => {
    const to = target();
    await copied(source('csv', Buffer.from([0x61, 0x0a, 0xff, 0x00, 0xc3, 0x0a])), to, 'items');
    const db = new DatabaseSync(to.file);
    assert.deepEqual(
      { ...db.prepare('SELECT hex(a) AS h, typeof(a) AS t FROM items').get() },
      { h: 'FF00C3', t: 'text' },
    );
    db.close();
  });

  for (const [what, format, text, line, column] of [
    ['a broken object', 'jsonl', '{"a":1}\n{"a":1,}\n', 2, 8],
    ['a value that is no JSON', 'jsonl', '\n\n{"ü":01}\n', 3, 6],
    ['a list', 'jsonl', '[1]\n', 1, 1],
    ['two objects in a line', 'jsonl', '{"a":1}{"a":2}\n', 1, 8],
    ['a field that comes twice', 'jsonl', '{"a":1,"\\u0061":2}\n', 1, 8],
    ['half of a surrogate pair in a name', 'jsonl', '{"\\ud800":1}\n', 1, 3],
    ['a string with a line feed', 'jsonl', '{"a":"x\ny"}\n', 1, 6],
    ['a row with too many values', 'csv', 'a,b\n"1\n2",3\n1,2,3\n', 4, 1],
    ['a quote that never ends', 'csv', 'a\n1\n"2\n', 3, 1],
    ['a quote in the middle', 'csv', 'a,b\n1,5" pipe\n', 2, 4],
    ['text after a quote', 'csv', 'a,b\n"1"x,2\n', 2, 4],
    ['a column without a name', 'csv', 'a,,c\n1,2,3\n', 1, 1],
    ['a column that comes twice', 'csv', 'a,b,a\n1,2,3\n', 1, 1],
  ] as const) {
    test(`${what} is refused with its place, before anything is written`, async () => {
      const from = source(format, text);
      const { code, args } = await refused(from, target(), 'items');
      assert.equal(code, 'files.badRow', JSON.stringify(args));
      assert.deepEqual([args.line, args.column], [line, column], JSON.stringify(args));
      assert.match(String(args.file), /items\.(jsonl|csv)$/);
      const planned = await plan(from, target());
      assert.equal(planned.units[0]?.refusals[0]?.code, 'files.badRow');
    });
  }

  test('a value with half of a surrogate pair is refused when it is read', async () => {
    const { code, args } = await refused(source('jsonl', '{"a":"\\udc00"}\n'), target(), 'items');
    assert.deepEqual([code, args.line], ['files.badRow', 1]);
  });

  test('columns that differ by case alone are refused by SQLite and kept by a file', async () => {
    const from = source('jsonl', '{"a":1,"A":2}\n');
    assert.equal((await refused(from, target(), 'items')).code, 'sqlite.tableCannotBeCreated');
    const to = place.files(`both-${++copies}`);
    await copied(from, to, 'items');
    assert.equal(fs.readFileSync(path.join(to.folder, 'items.jsonl'), 'utf8'), '{"a":"1","A":"2"}\n');
  });

  test('a key that was asked for tells the rows, so that a second copy changes them', async () => {
    const from = source('csv', 'id,v\n1,old\n2,old\n');
    const to = target();
    await copied(from, to, 'items', { key: ['id'] });
    fs.writeFileSync(path.join(from.folder, 'items.csv'), 'id,v\n2,new\n3,new\n');
    await copied(from, to, 'items', { key: ['id'] });
    assert.deepEqual(rowsIn(to, 'items'), [
      ['1', 'old'],
      ['2', 'new'],
      ['3', 'new'],
    ]);
  });

  test('a row of 64 MiB is read and written', async () => {
    const long = 'x'.repeat(64 * 1024 * 1024);
    const from = source('jsonl', `{"a":"${long}"}\n{"a":"short"}\n`);
    const over = place.files(`over-${++copies}`, { format: 'csv' });
    assert.equal(await copied(from, over, 'items'), 2);
    const to = target();
    await copied(over, to, 'items');
    const rows = rowsIn(to, 'items') as string[][];
    assert.deepEqual(
      rows.map(([text]) => text?.length),
      [long.length, 5],
    );
  });

  test('a row that is too long is refused with its line', async () => {
    const from = source('jsonl', `{"a":1}\n{"a":"${'x'.repeat(140 * 1024 * 1024)}"}\n`);
    const { code, args } = await refused(from, target(), 'items');
    assert.deepEqual([code, args.line], ['files.rowTooLong', 2]);
  });

  test('a packed file that is cut off, damaged or not packed is refused', async () => {
    const packed = gzipSync(`{"a":"${'0123456789'.repeat(10_000)}"}\n`);
    for (const bytes of [packed.subarray(0, -4), Buffer.from('{"a":1}\n'), Buffer.alloc(0)]) {
      const from = place.files(`packed-${++copies}`, { compress: 'gzip' });
      fs.writeFileSync(path.join(from.folder, 'items.jsonl.gz'), bytes);
      assert.equal((await refused(from, target(), 'items')).code, 'files.gzipBroken');
    }
  });

  test('a file that changes in mid-copy fails the unit', async () => {
    const from = source('jsonl', '{"a":1}\n'.repeat(10));
    const ran = await copy(from, target(), 'items', {
      settings: { batchRows: 2 },
      afterBatch: (written) => written === 4 && fs.appendFileSync(path.join(from.folder, 'items.jsonl'), '{"a":2}\n'),
    });
    assert.equal(ran.outcome.kind === 'failed' && ran.outcome.error.code, 'files.sourceChanged');
  });

  test('a condition, a folder that is missing and an empty file are refused with a reason', async () => {
    const from = source('jsonl', '{"a":1}\n');
    assert.equal((await refused(from, target(), 'items', { where: 'a=1' })).code, 'files.whereNotSupported');
    assert.equal((await refused(source('jsonl', ''), target(), 'items')).code, 'files.noColumns');
    const missing = { ...from, folder: path.join(place.folder, 'nowhere') };
    await assert.rejects(copy(missing, target(), 'items'), /folder not found/);
    assert.equal((await refused(from, target(), 'others')).code, 'files.unitMissing');
  });

  test('a link out of the folder is not read', async () => {
    const from = place.files(`links-${++copies}`);
    const secret = path.join(place.folder, 'secret.jsonl');
    fs.writeFileSync(secret, '{"a":1}\n');
    fs.symlinkSync(secret, path.join(from.folder, 'items.jsonl'));
    const planned = await plan(from, target());
    assert.deepEqual(planned.units, []);
    assert.equal(planned.warnings[0]?.code, 'files.linkLeavesFolder');
    assert.equal((await refused(from, target(), 'items')).code, 'files.linkLeavesFolder');
  });
});
