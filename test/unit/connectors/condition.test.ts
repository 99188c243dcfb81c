import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ConditionSyntax,
  conditionFlaw,
  conditionPart,
  MYSQL_CONDITION,
  SQLITE_CONDITION,
} from '../../../src/connectors/condition.ts';
import { DataError } from '../../../src/core/ports.ts';

const told = (where: string, syntax: ConditionSyntax) => {
  const flaw = conditionFlaw(where, syntax, 't');
  return flaw === null ? 'good' : `${flaw.code.replace('where.', '')} ${flaw.args.position}`;
};
const check = (syntax: ConditionSyntax, cases: readonly (readonly [where: string, expected: string])[]) => {
  for (const [where, expected] of cases) assert.equal(told(where, syntax), expected, JSON.stringify(where));
};

/** The same on every server. */
const EVERYWHERE = [
  ['id > 3', 'good'],
  ["(a = 1 OR b IN (2, 3)) AND c LIKE '%)%'", 'good'],
  ['1=1) OR (1=1', 'closedParenthesis 4'],
  ['(a = 1', 'openParenthesis 1'],
  ['f(a, (b)', 'openParenthesis 2'],
  ["a = 'x", 'openQuote 5'],
  ["a = 'x''", 'openQuote 5'],
  ["a = 'it''s'", 'good'],
  ['a = "x', 'openQuote 5'],
  ['a = "(" OR `)` = 1', 'good'],
  ['`a', 'openQuote 1'],
  ['`a``b` = 1', 'good'],
  ['/* ', 'openComment 1'],
  ['/*/', 'openComment 1'],
  ['1=1 /* ) */', 'good'],
  ["1=1 /* ' */ OR a = '/*'", 'good'],
  ["1=1 -- isn't (", 'good'],
  ["1=1 -- isn't (\n) OR (1=1", 'closedParenthesis 16'],
  ['1=1 --', 'good'],
  ['1=1; DROP TABLE t', 'semicolon 4'],
  ["a = ';'", 'good'],
  ['1=1\0) OR (1=1', 'zero 4'],
  ["naïve$ = 'é' AND a$b = 1", 'good'],
] as const;

describe('a condition that is a part of our statements', () => {
  test('keeps its quotes, comments and parentheses to itself, as MySQL and MariaDB read them', () => {
    check(MYSQL_CONDITION, [
      ...EVERYWHERE,
      ["a = '\\') OR (1=1'", 'good'],
      ["a = '\\'", 'openQuote 5'],
      ["a = '\\\\') OR (b = '\\\\'", 'closedParenthesis 9'],
      ['`\\`', 'good'],
      ["1=1 # isn't (", 'good'],
      ["a--1 = 'x' AND (b = 2)", 'good'],
      ['1 --1) OR (1=1', 'closedParenthesis 6'],
      ["1=1 --\t'", 'good'],
      ['1=1 --\u00a0) OR (1=1', 'closedParenthesis 8'],
      ['[a) OR (b]', 'closedParenthesis 3'],
      ['1=1 /*! ) OR ( */', 'activeComment 5'],
      ['1=1 /*!50000 OR 1 */', 'activeComment 5'],
      ['1=1 /*M!100000 OR 1 */', 'activeComment 5'],
      ['id IN (SELECT /*+ QB_NAME(`*/`) */ 1)', 'activeComment 15'],
      ['@a = 1', 'good'],
    ]);
  });

  test('keeps them to itself as SQLite reads them', () => {
    check(SQLITE_CONDITION, [
      ...EVERYWHERE,
      ["a = '\\'", 'good'],
      ["a = '\\') OR ('1'='1'", 'closedParenthesis 8'],
      ['[a) OR (b] = 1', 'good'],
      ['[a', 'openQuote 1'],
      ['1 --1) OR (1=1', 'good'],
      ['1=1 # (', 'openParenthesis 7'],
      ['1=1 /*! ) */', 'good'],
      ['id = ?1', 'parameter 6'],
      ['id = :id', 'parameter 6'],
      ["$a(') OR 1=1 --'", 'parameter 1'],
    ]);
  });

  test('is refused also where nobody asked for a plan', () => {
    assert.equal(conditionPart(' ', MYSQL_CONDITION, 't'), '');
    assert.equal(conditionPart('a = 1 -- one', MYSQL_CONDITION, 't'), '(a = 1 -- one\n)');
    assert.throws(
      () => conditionPart('1) OR (1', MYSQL_CONDITION, 't'),
      (error) => error instanceof DataError && error.error.code === 'where.closedParenthesis',
    );
  });
});
