import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { splitCreateTable } from '../../../../src/connectors/mysql/create-table.ts';
import { adaptDdl, autoIncrementOf } from '../../../../src/connectors/mysql/ddl.ts';

const ORDERS = `CREATE TABLE \`orders\` (
  \`id\` int(11) NOT NULL AUTO_INCREMENT,
  \`a,(b\` varchar(10) DEFAULT 'x'')),' COMMENT 'CONSTRAINT \`x\` FOREIGN KEY (a) \\' )',
  \`line
feed\` enum('a','b,)') DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  KEY \`k\` (\`a,(b\`(3)),
  CONSTRAINT \`fk1\` FOREIGN KEY (\`id\`) REFERENCES \`customers\` (\`id\`) ON DELETE CASCADE,
  CONSTRAINT \`fk2\` FOREIGN KEY (\`id\`) REFERENCES \`other db\`.\`t\` (\`id\`),
  CONSTRAINT \`c\` CHECK (\`id\` > 0)
) ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=utf8mb4 COMMENT='AUTO_INCREMENT=7 DATA DIRECTORY=''/x''' DATA DIRECTORY='/secret/it''s'`;

describe('a copied table definition', () => {
  test('is taken apart at its own commas and parentheses only', () => {
    const { definitions, options } = splitCreateTable(ORDERS);
    assert.equal(definitions.length, 8);
    assert.match(definitions[2] ?? '', /^`line\nfeed`/);
    assert.match(options, /^ ENGINE=InnoDB/);
  });

  test('keeps foreign keys under the same name, except those into another database', () => {
    const same = adaptDdl(ORDERS, { source: 'orders', target: 'orders', names: undefined }, 'mariadb');
    assert.match(same.sql, /`fk1`/);
    assert.doesNotMatch(same.sql, /`fk2`/);
    assert.equal(same.foreignKeysLeftOut, 1);
    assert.match(same.sql, /CONSTRAINT `c` CHECK/);
    assert.match(same.sql, /COMMENT 'CONSTRAINT/);
  });

  test('points at the copies of its parents under another name, and loses folders of the source in any case', () => {
    const renaming = { source: 'orders', target: 'or`ders_v2' };
    const alone = adaptDdl(ORDERS, { ...renaming, names: undefined }, 'mariadb');
    assert.ok(alone.sql.startsWith('CREATE TABLE `or``ders_v2` (\n'));
    assert.equal(alone.foreignKeysLeftOut, 2);
    assert.equal(alone.directoryLeftOut, true);
    assert.doesNotMatch(alone.sql, /secret/);
    assert.match(alone.sql, /COMMENT='AUTO_INCREMENT=7 DATA DIRECTORY=''\/x'''$/);
    const names = { units: ['*'], prefix: '', suffix: '_v2', as: {} };
    assert.match(
      adaptDdl(ORDERS, { ...renaming, names }, 'mariadb').sql,
      / {2}FOREIGN KEY \(`id`\) REFERENCES `customers_v2` \(/,
    );
    const as = { customers: 'cli`ents' };
    assert.match(
      adaptDdl(ORDERS, { ...renaming, names: { ...names, as } }, 'mariadb').sql,
      /REFERENCES `cli``ents` \(/,
    );
    const others = { ...names, units: ['*', '!cust*'] };
    assert.equal(adaptDdl(ORDERS, { ...renaming, names: others }, 'mariadb').foreignKeysLeftOut, 2);
  });

  test('points at itself, not at the original, when it is its own parent', () => {
    const ddl =
      'CREATE TABLE `tree` (\n  `id` int NOT NULL,\n  CONSTRAINT `up` FOREIGN KEY (`id`) REFERENCES `tree` (`id`)\n)';
    const { sql } = adaptDdl(ddl, { source: 'tree', target: 'copy', names: undefined }, 'mysql');
    assert.match(sql, /\n {2}FOREIGN KEY \(`id`\) REFERENCES `copy` \(`id`\)\n/);
  });

  test('tells the next number of the table, not one from a comment', () => {
    assert.equal(autoIncrementOf(ORDERS), '42');
    assert.equal(autoIncrementOf("CREATE TABLE `t` (\n  `a` int\n) COMMENT='AUTO_INCREMENT=7'"), null);
  });

  test('is refused when it is none', () => {
    assert.throws(() => splitCreateTable('CREATE VIEW `v` AS SELECT 1'));
    assert.throws(() => splitCreateTable('CREATE TABLE `t` (\n  `a` int'));
  });
});
