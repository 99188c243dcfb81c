import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  boundUpTo,
  makeCursor,
  type PageTable,
  pageStatement,
  rangesAfter,
} from '../../../../src/connectors/mysql/pages.ts';
import type { MysqlColumn } from '../../../../src/connectors/mysql/schema.ts';

function column(name: string, dataType: string, more: Partial<MysqlColumn> = {}): MysqlColumn {
  const base = {
    name,
    type: dataType,
    dataType,
    nullable: false,
    charset: null,
    collation: null,
    cell: 'plain' as const,
  };
  return { ...base, asDouble: false, emptyText: null, generated: false, optional: false, ...more };
}

const COMPOSITE: PageTable = {
  name: 't`x',
  columns: [
    column('v', 'float', { asDouble: true }),
    column('a', 'bigint'),
    column('b', 'varchar', { cell: 'chars', charset: 'latin1' }),
    column('c', 'varbinary', { cell: 'bytes' }),
  ],
  key: { index: 'PRIMARY', columns: ['a', 'b', 'c'] },
};
const ROW = ['0.5', '18446744073709551615', 'ä', '\x00'].map((text) => Buffer.from(text, 'latin1'));

describe('pages in key order', () => {
  test('a cursor holds the bytes of the key and nothing is compared here', () => {
    const cursor = makeCursor(COMPOSITE, ROW);
    assert.equal(cursor, '["3138343436373434303733373039353531363135","e4","00"]');
    assert.deepEqual(rangesAfter(COMPOSITE, cursor), [
      "`a` = 18446744073709551615 AND `b` = _latin1 X'e4' AND `c` > X'00'",
      "`a` = 18446744073709551615 AND `b` > _latin1 X'e4'",
      '`a` > 18446744073709551615',
    ]);
    assert.equal(
      boundUpTo(COMPOSITE, cursor),
      '`a` <= 18446744073709551615 AND (`a` < 18446744073709551615 OR (`a` = 18446744073709551615 AND ' +
        "(`b` < _latin1 X'e4' OR (`b` = _latin1 X'e4' AND `c` <= X'00'))))",
    );
  });

  test('a cursor that was tampered with is refused before it becomes SQL', () => {
    const hex = (text: string): string => Buffer.from(text).toString('hex');
    const bad = [
      '',
      'x',
      '{}',
      '[]',
      '["31"]',
      '["31","32","33","34"]',
      '[1,2,3]',
      `["${hex('1 OR 1')}","",""]`,
      `["zz","",""]`,
      `["","",""]`,
    ];
    for (const cursor of bad) assert.throws(() => rangesAfter(COMPOSITE, cursor), { message: /does not fit/ }, cursor);
  });

  test('a page is read from the index of its key, with aliases for names and the condition closed off', () => {
    const sql = pageStatement(COMPOSITE, { range: '', where: 'v > 1 -- mine', upTo: null }, 5);
    assert.equal(
      sql,
      'SELECT CAST(`v` AS DOUBLE) AS c0, `a` AS c1, `b` AS c2, `c` AS c3 FROM `t``x` FORCE INDEX (`PRIMARY`) ' +
        'WHERE (v > 1 -- mine\n) ORDER BY `a`, `b`, `c` LIMIT 5',
    );
    assert.equal(
      pageStatement({ ...COMPOSITE, key: null, columns: [] }, { range: '', where: null, upTo: null }, null),
      'SELECT  FROM `t``x`',
    );
  });
});
