import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Dialect, fitColumns } from '../../../../src/connectors/mysql/dialect.ts';
import type { MysqlNative } from '../../../../src/connectors/mysql/native.ts';
import type { Flavour, MysqlColumn, ServerInfo } from '../../../../src/connectors/mysql/schema.ts';
import { translateDdl } from '../../../../src/connectors/mysql/translate.ts';

function server(flavour: Flavour, number: number): ServerInfo {
  const rest = { version: '', database: 'd', identity: flavour, nameCase: 0, maxAllowedPacket: 1 };
  return { flavour, number, ...rest };
}

const MYSQL = server('mysql', 90_704);
const MARIADB = server('mariadb', 101_119);
const COLLATIONS = new Set(['utf8mb4_general_ci', 'latin1_swedish_ci', 'utf8mb4_bin']);

function dialect(of: ServerInfo): Dialect {
  return { server: of, collations: COLLATIONS, engines: new Set(['innodb', 'memory']) };
}

function column(name: string, dataType: string, more: Partial<MysqlColumn> = {}): MysqlColumn {
  const base = {
    name,
    type: dataType,
    dataType,
    nullable: true,
    charset: null,
    collation: null,
    cell: 'plain',
  } as const;
  return { ...base, asDouble: false, emptyText: null, generated: false, optional: true, ...more };
}

const text = (name: string, dataType = 'varchar'): MysqlColumn =>
  column(name, dataType, { charset: 'utf8mb4', collation: 'utf8mb4_general_ci', cell: 'chars' });

function translate(from: ServerInfo, to: ServerInfo, columns: MysqlColumn[], definitions: string[], options: string) {
  const ddl = `CREATE TABLE \`t\` (\n  ${definitions.join(',\n  ')}\n)${options}`;
  const table = { name: 't', view: false, systemVersioned: false, engine: 'InnoDB', transactional: true };
  const native: MysqlNative = {
    server: from,
    table: { ...table, meanRowBytes: 0, dataBytes: 0, columns, indexes: [], triggers: [], ddl },
    copied: columns.filter((each) => !each.generated),
    key: null,
    asked: { columns: ['*'], key: null },
  };
  const fit = fitColumns(native, dialect(to), { verify: 'count' });
  const translated = translateDdl(native, fit.columns, dialect(to));
  const codes = (each: { readonly code: string }): string => each.code.replace('mysql.plan.', '');
  return {
    ddl: translated.ddl.split(/,?\n\s*/).slice(1),
    said: [...fit.warnings, ...translated.warnings].map(codes),
    refused: [...fit.refusals, ...translated.refusals].map(codes),
    changes: String(translated.warnings.find((each) => each.code.endsWith('definitionChanged'))?.args.changes ?? ''),
  };
}

const ID = '`id` int NOT NULL';
const PLAIN = ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci';

describe('a definition for the other product', () => {
  test('is left alone between servers that can hold the same', () => {
    const definitions = ['`a` int(11) /*!80023 INVISIBLE */', 'KEY `k` ((`a` + 1))'];
    const { ddl, said } = translate(MYSQL, MYSQL, [column('a', 'int')], definitions, PLAIN);
    assert.deepEqual(ddl, [...definitions, `)${PLAIN}`]);
    assert.deepEqual(said, []);
  });

  test('states the collation of every text, whatever its quoted parts say', () => {
    const definitions = ["`a` enum('x COLLATE y','(') DEFAULT 'x COLLATE y' COMMENT 'CHARACTER SET latin1'"];
    const { ddl } = translate(MYSQL, MARIADB, [text('a', 'enum')], definitions, PLAIN);
    assert.equal(
      ddl[0],
      "`a` enum('x COLLATE y','(') CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT 'x COLLATE y' COMMENT 'CHARACTER SET latin1'",
    );
  });

  test('for MariaDB has no comments of versions, which it would pass over in silence', () => {
    const definitions = [
      '`id` int NOT NULL /*!80023 INVISIBLE */',
      '`p` point NOT NULL /*!80003 SRID 4326 */',
      '`g` geomcollection DEFAULT NULL',
      '`n` int GENERATED ALWAYS AS ((`id` + 1)) STORED NOT NULL',
      'KEY `i` (`id`) /*!80000 INVISIBLE */',
      'KEY `f` ((`id` + 1))',
      'KEY `prefix` (`p`(7))',
      'CONSTRAINT `c` CHECK ((`id` > 0)) /*!80016 NOT ENFORCED */',
      'CONSTRAINT `d` CHECK ((`id` > -(1)))',
    ];
    const columns = [column('id', 'int'), column('p', 'point'), column('g', 'geomcollection')];
    const generated = column('n', 'int', { generated: true });
    const options = `${PLAIN} STATS_PERSISTENT=1 /*!50100 TABLESPACE \`x\` */\n/*!50100 PARTITION BY KEY (id)\nPARTITIONS 3 */`;
    const { ddl, said, changes, refused } = translate(MYSQL, MARIADB, [...columns, generated], definitions, options);
    assert.deepEqual(ddl, [
      '`id` int NOT NULL INVISIBLE',
      '`p` point NOT NULL',
      '`g` geometrycollection DEFAULT NULL',
      '`n` int GENERATED ALWAYS AS ((`id` + 1)) STORED',
      'KEY `i` (`id`) IGNORED',
      'KEY `prefix` (`p`(7))',
      'CONSTRAINT `d` CHECK ((`id` > -(1)))',
      `)${PLAIN} STATS_PERSISTENT=1`,
      'PARTITION BY KEY (id)',
      'PARTITIONS 3',
    ]);
    assert.deepEqual(said, ['definitionChanged', 'generatedElsewhere']);
    for (const part of ['SRID 4326', 'NOT NULL', 'KEY `f`', 'NOT ENFORCED', 'TABLESPACE'])
      assert.ok(changes.includes(part));
    assert.deepEqual(refused, []);
  });

  test('for MySQL has parentheses around defaults, and checks without names', () => {
    const definitions = [
      '`id` int(11) unsigned NOT NULL DEFAULT 5 CHECK (`id` > 0)',
      "`a` text DEFAULT 'it''s, )'",
      '`b` varchar(9) DEFAULT uuid()',
      '`j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`))',
      '`z` int(5) unsigned zerofill DEFAULT NULL',
      '`s` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()',
      'UNIQUE KEY `long` (`a`) USING HASH',
      'KEY `i` (`id`) IGNORED',
      'CONSTRAINT `CONSTRAINT_1` CHECK (`id` <> 7)',
    ];
    const columns = [column('id', 'int'), text('a', 'text'), text('b'), text('j', 'longtext'), column('z', 'int')];
    const options = ' ENGINE=Aria DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci PAGE_CHECKSUM=1 TRANSACTIONAL=0';
    const { ddl, changes, refused } = translate(
      MARIADB,
      MYSQL,
      [...columns, column('s', 'timestamp')],
      definitions,
      options,
    );
    assert.deepEqual(ddl, [
      '`id` int unsigned NOT NULL DEFAULT 5',
      "`a` text CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT ('it''s, )')",
      '`b` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT (uuid())',
      '`j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL',
      '`z` int(5) unsigned zerofill DEFAULT NULL',
      '`s` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()',
      'KEY `i` (`id`) INVISIBLE',
      'CHECK (`id` <> 7)',
      'CHECK (`id` > 0)',
      `)${PLAIN}`,
    ]);
    for (const part of ['json_valid', 'USING HASH', 'ENGINE=Aria', 'PAGE_CHECKSUM']) assert.ok(changes.includes(part));
    assert.deepEqual(refused, []);
  });

  test('is refused where it calls what the other does not have', () => {
    const next = translate(MARIADB, MYSQL, [column('id', 'int')], ['`id` int DEFAULT nextval(`d`.`s`)'], PLAIN);
    assert.deepEqual(next.refused, ['expressionElsewhere']);
    const period = translate(MARIADB, MYSQL, [column('id', 'int')], [ID, 'PERIOD FOR `p` (`a`, `b`)'], PLAIN);
    assert.deepEqual(period.refused, ['expressionElsewhere']);
    const type = translate(MARIADB, MYSQL, [column('u', 'uuid')], ['`u` uuid NOT NULL'], PLAIN);
    assert.deepEqual(type.refused, ['typeElsewhere']);
    const collation = translate(MYSQL, MARIADB, [column('id', 'int')], [ID], `${PLAIN} COLLATE=gb18030_bin`);
    assert.deepEqual(collation.refused, ['tableCollation']);
  });
});
