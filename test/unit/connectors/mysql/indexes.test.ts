import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  addingStatements,
  keyMadeOtherwise,
  OWED_MARK,
  owesIndexes,
  splitIndexes,
} from '../../../../src/connectors/mysql/indexes.ts';

const TABLE = `CREATE TABLE \`t\` (
  \`id\` int NOT NULL AUTO_INCREMENT,
  \`KEY \` int DEFAULT NULL COMMENT 'KEY \`a\` (\`a\`)',
  \`g\` geometry NOT NULL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`u\` (\`KEY \`),
  KEY \`id\` (\`KEY \`,\`id\`) COMMENT 'x, y',
  FULLTEXT KEY \`f\` (\`KEY \`),
  SPATIAL KEY \`s\` (\`g\`),
  CONSTRAINT \`c\` CHECK (\`id\` > 0),
  CONSTRAINT \`fk\` FOREIGN KEY (\`KEY \`) REFERENCES \`p\` (\`id\`) ON DELETE CASCADE
) ENGINE=InnoDB COMMENT='it''s COMMENT=''z'''
 PARTITION BY HASH (\`id\`)
(PARTITION p0 COMMENT='of a part' ENGINE = InnoDB)`;

describe('indexes after the data', () => {
  test('are what is neither unique nor needed for a counter; the table says that they are owed', () => {
    const { create, later } = splitIndexes(TABLE);
    assert.deepEqual(
      later.map((each) => /`(.*?)`/.exec(each)?.[1]),
      ['id', 'f', 's', 'fk'],
    );
    assert.match(create, /PRIMARY KEY[\s\S]*UNIQUE KEY `u`[\s\S]*CHECK/);
    assert.match(create, new RegExp(`\\) COMMENT='${OWED_MARK}' ENGINE=InnoDB\n PARTITION BY`));
    assert.match(create, /PARTITION p0 COMMENT='of a part'/);
    assert.ok(owesIndexes(create));
    assert.equal(owesIndexes(TABLE), false);
  });

  test('are added by one statement that puts the comment back, without those that are there', () => {
    const { create } = splitIndexes(TABLE);
    const [statement = '', ...more] = addingStatements(create, TABLE, 't');
    assert.deepEqual(more, []);
    assert.match(
      statement,
      /^ALTER TABLE `t` ADD KEY `id` .*, ADD FULLTEXT KEY `f` .*, ADD SPATIAL KEY `s` .*, ADD CONSTRAINT `fk` /,
    );
    assert.ok(statement.endsWith(", COMMENT='it''s COMMENT=''z'''"));
    const partly = create.replace(
      'PRIMARY KEY',
      'KEY `ID` (`KEY `,`id`),\n  CONSTRAINT `t_ibfk_1` FOREIGN KEY (`KEY `) REFERENCES `p` (`id`),\n  PRIMARY KEY',
    );
    assert.equal(
      addingStatements(partly, TABLE, 't')
        .join(';')
        .replace(/, COMMENT=.*/, ''),
      'ALTER TABLE `t` ADD FULLTEXT KEY `f` (`KEY `), ADD SPATIAL KEY `s` (`g`)',
    );
  });

  test('are told from keys of the same name that somebody made of other columns, or of another kind', () => {
    const { create } = splitIndexes(TABLE);
    const withKey = (key: string) => create.replace('PRIMARY KEY', `${key},\n  PRIMARY KEY`);
    const otherwise = (key: string) => keyMadeOtherwise(withKey(key), TABLE)?.index ?? null;
    assert.equal(keyMadeOtherwise(create, TABLE), null);
    for (const key of [
      "KEY `id` (`KEY `,`id`) COMMENT 'x, y'",
      'KEY `ID` (`key `,`ID`) USING BTREE',
      'KEY `id` (`KEY ` DESC,`id`)',
      'FULLTEXT KEY `f` (`KEY `)',
      'KEY `another` (`id`)',
    ])
      assert.equal(otherwise(key), null, key);
    for (const key of [
      'KEY `id` (`id`)',
      'KEY `ID` (`id`,`KEY `)',
      'KEY `id` (`KEY `(3),`id`)',
      'UNIQUE KEY `id` (`KEY `,`id`)',
    ])
      assert.equal(otherwise(key), 'id', key);
    assert.equal(otherwise('KEY `f` (`KEY `)'), 'f');
  });

  test('come one full-text index at a time, and the mark goes with the last', () => {
    const texts = TABLE.replace('  SPATIAL KEY', '  FULLTEXT KEY `f2` (`KEY `),\n  SPATIAL KEY');
    const statements = addingStatements(splitIndexes(texts).create, texts, 't');
    assert.equal(statements.length, 2);
    assert.doesNotMatch(statements[0] ?? '', /`f2`|COMMENT='it/);
    assert.equal(statements[1], "ALTER TABLE `t` ADD FULLTEXT KEY `f2` (`KEY `), COMMENT='it''s COMMENT=''z'''");
  });

  test('leave a counter the key that it needs, and a table without such indexes as it is', () => {
    const counter =
      'CREATE TABLE `t` (\n  `n` int NOT NULL AUTO_INCREMENT,\n  `a` int,\n  KEY `n` (`n`),\n  KEY `a` (`a`)\n)';
    assert.deepEqual(splitIndexes(counter).later, ['KEY `a` (`a`)']);
    const plain = "CREATE TABLE `t` (\n  `n` int NOT NULL,\n  PRIMARY KEY (`n`)\n) COMMENT='own'";
    assert.deepEqual(splitIndexes(plain), { create: plain, later: [] });
  });
});
