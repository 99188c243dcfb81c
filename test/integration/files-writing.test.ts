import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import type { FilesConnection } from '../../src/core/settings.ts';
import { copied, copy, makePlace, type Place, plan, refused, rowsIn } from './files-copy.ts';

describe('files that are written', () => {
  let place: Place;
  let copies = 0;
  before(() => {
    place = makePlace();
  });
  after(() => place.remove());

  function source(sql: string) {
    const connection = place.sqlite(`from-${++copies}`);
    const db = new DatabaseSync(connection.file);
    db.exec(sql);
    db.close();
    return connection;
  }
  const target = (kind: Partial<FilesConnection> = {}) => place.files(`to-${++copies}`, kind);
  const text = (to: FilesConnection, name: string) => fs.readFileSync(path.join(to.folder, name), 'utf8');

  const VALUES = `CREATE TABLE v (id INTEGER PRIMARY KEY, x, b BLOB, t TEXT);
    INSERT INTO v VALUES (1, 9007199254740991, x'', ''), (2, 9007199254740993, x'00ff', 'a"b,c' || char(13,10)),
      (3, -9223372036854775808, NULL, NULL), (4, 0.1, 7, char(0, 1, 127, 8232)), (5, 5.0, 'text', '杭州'),
      (6, -1e300 * 1e10, 1.5, 'null'), (7, x'', x'61', 'base64:'), (8, 1e21, x'', '12'),
      (9, 'own', x'', CAST(x'c328' AS TEXT)), (10, 4.9406564584124654e-324, CAST(x'ff' AS TEXT), '\\u0041')`;

  test('JSON Lines look as documented', async () => {
    const to = target();
    await copied(source(VALUES), to, 'v');
    assert.deepEqual(text(to, 'v.jsonl').split('\n'), [
      '{"id":1,"x":9007199254740991,"b":"","t":""}',
      '{"id":2,"x":{"$integer":"9007199254740993"},"b":"AP8=","t":"a\\"b,c\\r\\n"}',
      '{"id":3,"x":{"$integer":"-9223372036854775808"},"b":null,"t":null}',
      '{"id":4,"x":0.1,"b":7,"t":"\\u0000\\u0001\u007f\u2028"}',
      '{"id":5,"x":5.0,"b":{"$text":"text"},"t":"杭州"}',
      '{"id":6,"x":{"$real":"-Infinity"},"b":1.5,"t":"null"}',
      '{"id":7,"x":{"$bytes":""},"b":"YQ==","t":"base64:"}',
      '{"id":8,"x":1e+21,"b":"","t":"12"}',
      '{"id":9,"x":"own","b":"","t":{"$invalidText":"wyg="}}',
      '{"id":10,"x":5e-324,"b":{"$invalidText":"/w=="},"t":"\\\\u0041"}',
      '',
    ]);
    for (const line of text(to, 'v.jsonl').split('\n').slice(0, -1)) assert.doesNotThrow(() => JSON.parse(line));
  });

  test('CSV looks as documented', async () => {
    const to = target({ format: 'csv' });
    await copied(source(VALUES), to, 'v', { columns: ['*', '!t'] });
    const lines = [
      '"id","x","b"',
      '1,9007199254740991,base64:',
      '2,9007199254740993,base64:AP8=',
      '3,-9223372036854775808,',
      '4,0.1,7',
      '5,5.0,"text"',
      '6,-Infinity,1.5',
      '7,base64:,base64:YQ==',
      '8,1e+21,base64:',
      '9,"own",base64:',
      '10,5e-324,"\ufffd"',
    ];
    assert.equal(text(to, 'v.csv'), lines.map((line) => `${line}\r\n`).join(''));
  });

  test('a file is there when all of its rows are, and the one before it until then', async () => {
    const from = source('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)');
    const to = target();
    fs.writeFileSync(path.join(to.folder, 't.jsonl'), 'before');
    const planned = await plan(from, to);
    assert.deepEqual(
      planned.units[0]?.warnings.map((warning) => warning.code),
      ['files.replaced'],
    );
    const ran = await copy(from, to, 't', {
      settings: { batchRows: 1 },
      afterBatch: () => assert.equal(text(to, 't.jsonl'), 'before'),
    });
    assert.equal(ran.prepared, 'emptied');
    assert.equal(text(to, 't.jsonl'), '{"id":1}\n{"id":2}\n{"id":3}\n');
    assert.deepEqual(fs.readdirSync(to.folder).sort(), ['t.jsonl', 't.jsonl.schema.json']);
  });

  test('insert overwrites no file', async () => {
    const from = source('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)');
    const to = target();
    fs.writeFileSync(path.join(to.folder, 't.jsonl'), 'before');
    assert.equal((await refused(from, to, 't', { write: 'insert' })).code, 'files.targetExists');
    assert.equal(text(to, 't.jsonl'), 'before');
    const late = target();
    const ran = await copy(from, late, 't', {
      settings: { write: 'insert' },
      afterBatch: () => fs.writeFileSync(path.join(late.folder, 't.jsonl'), 'late'),
    });
    assert.equal(ran.outcome.kind === 'failed' && ran.outcome.error.code, 'files.targetExists');
    assert.equal(text(late, 't.jsonl'), 'late');
  });

  test('names of any kind are kept, and a link that waits in the folder is not followed', async () => {
    const from =
      source(`CREATE TABLE "a/b%:?" (id INTEGER PRIMARY KEY, "__proto__" TEXT, "" TEXT, "constructor,""x""" TEXT);
      INSERT INTO "a/b%:?" VALUES (1, 'p', 'e', 'c')`);
    const to = target({ format: 'csv' });
    const victim = path.join(place.folder, 'victim');
    fs.writeFileSync(victim, 'mine');
    fs.symlinkSync(victim, path.join(to.folder, 'a%2Fb%25%3A%3F.csv.part'));
    await copied(from, to, 'a/b%:?');
    assert.equal(fs.readFileSync(victim, 'utf8'), 'mine');
    const json = target();
    await copied(to, json, 'a/b%:?');
    assert.equal(text(json, 'a%2Fb%25%3A%3F.jsonl'), '{"id":1,"__proto__":"p","":"e","constructor,\\"x\\"":"c"}\n');
    const back = place.sqlite(`back-${copies}`);
    await copied(json, back, 'a/b%:?');
    assert.deepEqual(rowsIn(back, 'a/b%:?'), [[1n, 'p', 'e', 'c']]);
  });

  test('a schema file of another file is refused, and without it all is text', async () => {
    const to = target();
    await copied(source('CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL); INSERT INTO t VALUES (1, 2.5)'), to, 't');
    fs.appendFileSync(path.join(to.folder, 't.jsonl'), '{"id":2,"r":1.0}\n');
    const back = place.sqlite(`back-${++copies}`);
    assert.equal((await refused(to, back, 't')).code, 'files.schemaOfAnotherFile');
    fs.writeFileSync(path.join(to.folder, 't.jsonl.schema.json'), '{"datatrace": 2}');
    assert.equal((await refused(to, back, 't')).code, 'files.schemaUnusable');
    fs.rmSync(path.join(to.folder, 't.jsonl.schema.json'));
    const secret = path.join(place.folder, 'secret.json');
    fs.writeFileSync(secret, 'very secret');
    fs.symlinkSync(secret, path.join(to.folder, 't.jsonl.schema.json'));
    const linked = await refused(to, back, 't');
    assert.equal(linked.code, 'files.schemaUnusable');
    assert.doesNotMatch(JSON.stringify(linked), /very/);
    fs.rmSync(path.join(to.folder, 't.jsonl.schema.json'));
    await copied(to, back, 't');
    assert.deepEqual(rowsIn(back, 't'), [
      ['1', '2.5'],
      ['2', '1.0'],
    ]);
  });

  test('what a schema file says of SQLite makes a table and nothing else', async () => {
    const to = target();
    await copied(source('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)'), to, 't');
    const schema = path.join(to.folder, 't.jsonl.schema.json');
    const described = JSON.parse(fs.readFileSync(schema, 'utf8')) as { origin: { native: { sql: string } } };
    const stolen = path.join(place.folder, 'stolen.db');
    for (const sql of [
      `CREATE TABLE t(id INTEGER PRIMARY KEY); ATTACH '${stolen}' AS x; CREATE TABLE x.y(z)`,
      `ATTACH '${stolen}' AS x`,
      'CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i AS id FROM n',
      'CREATE VIRTUAL TABLE t USING fts5(id)',
    ]) {
      described.origin.native.sql = sql;
      fs.writeFileSync(schema, JSON.stringify(described));
      const back = place.sqlite(`back-${++copies}`);
      await copied(to, back, 't');
      assert.deepEqual(rowsIn(back, 't'), [[1n]]);
      assert.equal(fs.existsSync(stolen), false);
    }
  });

  test('a value that a column of SQLite would change is refused', async () => {
    const to = target();
    await copied(source('CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 2)'), to, 't');
    const schema = path.join(to.folder, 't.jsonl.schema.json');
    const described = { ...JSON.parse(fs.readFileSync(schema, 'utf8')), origin: null };
    for (const value of ['"2"', '2.0', '{"$integer":"9223372036854775808"}', '{"$bytes":"AA=="}']) {
      fs.writeFileSync(path.join(to.folder, 't.jsonl'), `{"id":1,"n":${value}}\n`);
      const bytes = fs.statSync(path.join(to.folder, 't.jsonl')).size;
      fs.writeFileSync(schema, JSON.stringify({ ...described, bytes }));
      const { code, args } = await refused(to, place.sqlite(`back-${++copies}`), 't');
      assert.deepEqual([code, args.column], ['sqlite.valueDoesNotFit', 'n'], value);
    }
  });

  test('somebody else who writes to the part, or removes it, is noticed', async () => {
    const from = source('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)');
    for (const act of [(file: string) => fs.appendFileSync(file, 'x'), (file: string) => fs.rmSync(file)]) {
      const to = target();
      const ran = await copy(from, to, 't', {
        settings: { batchRows: 1 },
        afterBatch: (written) => written === 1 && act(path.join(to.folder, 't.jsonl.part')),
      });
      assert.equal(ran.outcome.kind === 'failed' && ran.outcome.error.code, 'files.targetReplaced');
    }
  });

  test('the part of another copy is not gone on with', async () => {
    const sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)';
    const [one, other] = [source(sql), source(sql)];
    const to = target();
    const stopping = {
      settings: { batchRows: 1 },
      afterBatch: (written: number, stop: () => void) => written === 2 && stop(),
    };
    const first = await copy(one, to, 't', stopping);
    await copy(other, to, 't', stopping);
    const { checkpoint, prepared } = first;
    const again = await copy(one, to, 't', { checkpoint, prepared });
    assert.equal(again.outcome.kind === 'failed' && again.outcome.error.code, 'files.partOfAnotherCopy');
  });

  test('a file under two names is not copied onto itself', async () => {
    const from = target();
    fs.writeFileSync(path.join(from.folder, 't.jsonl'), '{"a":1}\n');
    const link = path.join(place.folder, `link-${++copies}`);
    fs.symlinkSync(from.folder, link);
    const { code } = await refused(from, { ...from, folder: link }, 't');
    assert.equal(code, 'files.targetIsSource');
    assert.equal(text(from, 't.jsonl'), '{"a":1}\n');
  });

  test('a folder that may not be written is refused', { skip: process.getuid?.() === 0 }, async () => {
    const from = source('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)');
    const to = target();
    fs.chmodSync(to.folder, 0o500);
    assert.equal((await refused(from, to, 't')).code, 'files.accessDenied');
    fs.chmodSync(to.folder, 0o700);
  });
});
