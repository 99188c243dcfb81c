import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nameMatcher, selectUnits } from '../../../src/core/unit-selection.ts';

const chosen = (names: string[], patterns: string[]): string[] =>
  selectUnits(
    names.map((name) => ({ name })),
    patterns,
  ).map((unit) => unit.name);

describe('choosing units', () => {
  test('* chooses every name, whatever it looks like', () => {
    const names = [
      'a',
      '.hidden',
      '.',
      '..',
      'a.b',
      'a/b',
      '/',
      './x',
      'a b',
      '!x',
      '#',
      'we``ird "x\'; --',
      'new\nline',
      '😀',
      '__proto__',
      '[x]',
      '{a,b}',
      '(x)',
      '\\',
      '*',
    ];
    assert.deepEqual(chosen(names, ['*']), names);
    assert.deepEqual(chosen(names, ['**']), names);
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => nameMatcher(['*'])(name)));
  });

  test('! excludes what was chosen before, and a later pattern may choose it again', () => {
    const names = ['orders', 'tmp_a', 'tmp_b', 'tmp_keep'];
    assert.deepEqual(chosen(names, ['*', '!tmp_*']), ['orders']);
    assert.deepEqual(chosen(names, ['*', '!tmp_*', 'tmp_keep']), ['orders', 'tmp_keep']);
    assert.deepEqual(chosen(names, ['!tmp_*', '*']), names);
    assert.deepEqual(chosen(names, ['!tmp_*']), []);
  });

  test('?, classes and alternatives work as in other globs, * also across dots and slashes', () => {
    const names = ['logs-2026.01', 'logs-2026.02', 'logs-2027.01', 'a/logs'];
    assert.deepEqual(chosen(names, ['logs-2026.0?']), ['logs-2026.01', 'logs-2026.02']);
    assert.deepEqual(chosen(names, ['logs-202[67].01']), ['logs-2026.01', 'logs-2027.01']);
    assert.deepEqual(chosen(names, ['{a/*,*.02}']), ['logs-2026.02', 'a/logs']);
    assert.deepEqual(chosen(names, ['*logs']), ['a/logs']);
    assert.deepEqual(chosen(names, ['*1']), ['logs-2026.01', 'logs-2027.01']);
  });

  test('case matters, and the order of the source stays', () => {
    assert.deepEqual(chosen(['B', 'a', 'b'], ['b', 'a']), ['a', 'b']);
  });

  test('a name with special characters can be chosen by its own text', () => {
    for (const name of ['a[1]', 'a{b}', 'a?b', 'a*b', '(a|b)', 'a\\b', '[', '{', 'a+(b)']) {
      assert.deepEqual(chosen([name, 'other'], [name]), [name], name);
      assert.deepEqual(chosen([name, 'other'], ['*', `!${name}`]), ['other'], name);
    }
  });

  test('no pattern throws, and a name always matches itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }), (text) => {
        const matches = nameMatcher([text]);
        assert.equal(matches(text), !text.startsWith('!'));
      }),
    );
  });

  test('a hostile pattern is matched in bounded time', () => {
    const began = performance.now();
    for (const pattern of [`${'*a'.repeat(400)}b`, `${'{a,'.repeat(100)}b`, '{1..1000000}', `${'?*'.repeat(300)}x`]) {
      nameMatcher([pattern])('a'.repeat(200));
    }
    assert.ok(performance.now() - began < 2_000, `${performance.now() - began} ms`);
  });

  test('a task may name 100,000 units one by one', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `table_${index}`);
    const began = performance.now();
    assert.equal(chosen(names, [...names, '!*_99', '*_5']).length, 99_999);
    assert.ok(performance.now() - began < 2_000, `${performance.now() - began} ms`);
  });

  test('views are chosen only when they are named exactly', () => {
    const units = [
      { name: 'orders', view: false },
      { name: 'v_orders', view: true },
    ];
    assert.deepEqual(selectUnits(units, ['*']), [units[0]]);
    assert.deepEqual(selectUnits(units, ['*', 'v_*']), [units[0]]);
    assert.deepEqual(selectUnits(units, ['*', 'v_orders']), units);
    assert.deepEqual(selectUnits(units, ['*', 'v_orders', '!v_*']), [units[0]]);
  });
});
