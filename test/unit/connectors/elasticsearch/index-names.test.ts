import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nameProblem } from '../../../../src/connectors/elasticsearch/index-names.ts';

describe('the name of an index', () => {
  const good = [
    'a',
    'logs-2026.01',
    'ünïcode-ß',
    '日本',
    '😀',
    'a+b',
    'a_b-c',
    '1',
    'a.b',
    'x'.repeat(255),
    "it's",
    'a;b',
    'a%2f',
    'a=b',
  ];
  for (const name of good) {
    test(`may be ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.equal(nameProblem(name), null);
    });
  }

  const bad = [
    ...[
      '',
      '.',
      '..',
      '-a',
      '_a',
      '_all',
      '+a',
      '*',
      'a*',
      '?',
      'a,b',
      '<logs-{now/d}>',
      'a/b',
      'a\\b',
      'a b',
      'a"b',
      'a|b',
    ],
    ...[
      'a#b',
      'a:b',
      'cluster:a',
      'a\nb',
      'a\u0000b',
      'a\u00a0b',
      'a\u3000b',
      '\ud800',
      'ü'.repeat(128),
      'x'.repeat(256),
    ],
  ];
  for (const name of bad) {
    test(`is never ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.equal(nameProblem(name)?.code, 'elasticsearch.badIndexName');
    });
  }

  test('has no capital letters, in any alphabet', () => {
    for (const name of ['A', 'aB', 'É', 'Ω']) assert.equal(nameProblem(name)?.code, 'elasticsearch.upperCaseIndexName');
  });

  test('with a dot before it belongs to the server', () => {
    for (const name of ['.kibana', '.ds-logs', '.a'])
      assert.equal(nameProblem(name)?.code, 'elasticsearch.systemIndexName');
  });
});
