import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileGlob, isGlob } from '../../../src/core/glob.ts';
import {
  nameMatcher,
  selectColumns,
  selectUnits,
  unknownColumns,
  unknownUnits,
} from '../../../src/core/unit-selection.ts';

/** Those of the names that the pattern matches. */
function matching(pattern: string, names: string): string[] {
  return names.split(' ').filter(compileGlob(pattern));
}

describe('a glob', () => {
  test('without special characters matches its own text only', () => {
    assert.deepEqual(matching('orders', 'orders order orders2 xorders Orders'), ['orders']);
    assert.equal(compileGlob('')(''), true);
    assert.equal(compileGlob('')('a'), false);
  });

  test('* stands for any characters, also none, and as often as it is written', () => {
    assert.deepEqual(matching('a*', 'a ab abc b ba'), ['a', 'ab', 'abc']);
    assert.deepEqual(matching('*a', 'a ba cba ab'), ['a', 'ba', 'cba']);
    assert.deepEqual(matching('a*b*c', 'abc axbxc abcbc abxcx acb abcc'), ['abc', 'axbxc', 'abcbc', 'abcc']);
    assert.deepEqual(matching('*ab', 'aab abab aba'), ['aab', 'abab']);
    assert.deepEqual(matching('a**b', 'ab axb a'), ['ab', 'axb']);
    assert.deepEqual(matching('***', 'a'), ['a']);
    assert.equal(compileGlob('*')(''), true);
    assert.equal(compileGlob('a*')(''), false);
  });

  test('? stands for one character, whatever it takes to write it', () => {
    assert.deepEqual(matching('a?c', 'abc ac abbc a?c a😀c'), ['abc', 'a?c', 'a😀c']);
    assert.deepEqual(matching('?', 'a ab 😀'), ['a', '😀']);
    assert.equal(compileGlob('?')(''), false);
    assert.deepEqual(matching('*?', 'a ab'), ['a', 'ab']);
  });

  test('[ ] stands for one of its characters or ranges, [! ] and [^ ] for one of the others', () => {
    assert.deepEqual(matching('[abc]', 'a b c d ab ]'), ['a', 'b', 'c']);
    assert.deepEqual(matching('[azb]', 'a z b c'), ['a', 'z', 'b']);
    assert.deepEqual(matching('x[b-d]', 'xa xb xc xd xe x'), ['xb', 'xc', 'xd']);
    assert.deepEqual(matching('[a-cx-z0]', 'a c d w x z 0 -'), ['a', 'c', 'x', 'z', '0']);
    assert.deepEqual(matching('[!a-c]', 'a c d ! -'), ['d', '!', '-']);
    assert.deepEqual(matching('[^a]', 'a b ^'), ['b', '^']);
    assert.deepEqual(matching('[a-]', 'a - b'), ['a', '-']);
    assert.deepEqual(matching('[-a]', 'a - b'), ['a', '-']);
    assert.deepEqual(matching('[]a]', '] a b'), [']', 'a']);
    assert.deepEqual(matching('[!]a]', '] a b'), ['b']);
    assert.deepEqual(matching('[a-b-c]', 'a b c -'), ['a', 'b', 'c', '-']);
    assert.deepEqual(matching('[*]x', '*x ax'), ['*x']);
  });

  test('a bracket or brace that is not closed stands for itself', () => {
    assert.deepEqual(matching('[ab', '[ab a'), ['[ab']);
    assert.deepEqual(matching('a[', 'a[ a'), ['a[']);
    assert.deepEqual(matching('[]', '[] ]'), ['[]']);
    assert.deepEqual(matching('a]', 'a] a'), ['a]']);
    assert.deepEqual(matching('{a,b', '{a,b a b'), ['{a,b']);
    assert.deepEqual(matching('a,b}', 'a,b} a b'), ['a,b}']);
    assert.deepEqual(matching('{a}', '{a} a'), ['{a}']);
    assert.deepEqual(matching('{}', '{}'), ['{}']);
    assert.deepEqual(matching('{a}{b,c}', '{a}b {a}c ab'), ['{a}b', '{a}c']);
    assert.deepEqual(matching('{a,{b}', '{a,{b} a {b'), ['{a,{b}']);
    assert.deepEqual(matching('{a},b}', '{a},b} {} {b'), ['{a},b}']);
  });

  test('{ , } stands for each of its parts, nested and empty ones too', () => {
    assert.deepEqual(matching('{a,bc}', 'a bc b abc'), ['a', 'bc']);
    assert.deepEqual(matching('x{a,b}y', 'xay xby xy xaby'), ['xay', 'xby']);
    assert.deepEqual(matching('{a,b}{c,d}', 'ac ad bc bd ab'), ['ac', 'ad', 'bc', 'bd']);
    assert.deepEqual(matching('{a,{b,c}d}', 'a bd cd ad b'), ['a', 'bd', 'cd']);
    assert.deepEqual(matching('a{,b}', 'a ab b'), ['a', 'ab']);
    assert.deepEqual(matching('{a*,?b}', 'axx xb b'), ['axx', 'xb']);
    assert.deepEqual(matching('a,{b,c}', 'a,b a,c a'), ['a,b', 'a,c']);
    assert.deepEqual(matching('{a,b},c', 'a,c b,c c'), ['a,c', 'b,c']);
  });

  test('\\ takes the next character literally, in braces too; at the end it is a character', () => {
    assert.deepEqual(matching('a\\*', 'a* ab a\\*'), ['a*']);
    assert.deepEqual(matching('\\?\\[\\]', '?[] a[]'), ['?[]']);
    assert.deepEqual(matching('\\{a,b\\}', '{a,b} a b'), ['{a,b}']);
    assert.deepEqual(matching('{a\\,b,c}', 'a,b c a b,c'), ['a,b', 'c']);
    assert.deepEqual(matching('{a\\},b}', 'a} b a'), ['a}', 'b']);
    assert.deepEqual(matching('a\\', 'a\\ a'), ['a\\']);
    assert.deepEqual(matching('\\a', 'a \\a'), ['a']);
    assert.deepEqual(matching('\\\\', '\\ \\\\'), ['\\']);
  });

  test('takes braces literally when they stand for more than a thousand alternatives', () => {
    const braces = (count: number) => `{${Array.from({ length: count }, (_, index) => `n${index}`).join(',')}}`;
    assert.equal(compileGlob(braces(1_000))('n999'), true);
    assert.equal(compileGlob(braces(1_001))('n5'), false);
    assert.equal(compileGlob(braces(1_001))(braces(1_001)), true);
    assert.equal(compileGlob(`${braces(40)}${braces(30)}`)('n1n1'), false);
    // Without being written out first, which no memory is large enough for.
    assert.equal(compileGlob(braces(1_000).repeat(4))('n1n1n1n1'), false);
  });

  test('is told from a name by its special characters, or a ! at its beginning', () => {
    for (const glob of ['*', 'a*b', 'a?', 'a[', 'a]', 'a{', 'a}', 'a\\b', '!a']) assert.equal(isGlob(glob), true, glob);
    for (const name of ['a', '', 'a!', 'a-b.c', '(a|b)+^$', 'a,b']) assert.equal(isGlob(name), false, name);
  });
});

describe('of several patterns', () => {
  const names = ['a1', 'a2', 'b1'];
  const chosen = (...patterns: string[]) => names.filter(nameMatcher(patterns));

  test('the last one that matches decides, be it a name or a glob', () => {
    assert.deepEqual(chosen('a1'), ['a1']);
    assert.deepEqual(chosen('a*', '!a1'), ['a2']);
    assert.deepEqual(chosen('!a1', 'a*'), ['a1', 'a2']);
    assert.deepEqual(chosen('a1', '!a*'), []);
    assert.deepEqual(chosen('!a*', 'a1'), ['a1']);
    assert.deepEqual(chosen('*', '!*1', 'b*'), ['a2', 'b1']);
    assert.deepEqual(chosen('a1', '!a1'), []);
    assert.deepEqual(chosen('!a1', 'a1'), ['a1']);
    assert.deepEqual(chosen('!b1'), []);
    assert.deepEqual(chosen(), []);
  });

  test('columns are chosen as units are, in their own order', () => {
    assert.deepEqual(selectColumns(['id', 'secret', 'name'], ['*', '!secret']), ['id', 'name']);
    assert.deepEqual(selectColumns(['id', 'name'], ['name', 'id']), ['id', 'name']);
  });

  test('a plain name that no column has is told, chosen or left out; a glob may match nothing', () => {
    assert.deepEqual(unknownColumns(['id', 'card_number'], ['*', '!card_numbr', 'ID', 'x*']), ['card_numbr', 'ID']);
    assert.deepEqual(unknownColumns(['id', 'a[1]'], ['id', 'a[1]', '!secret_*']), []);
  });

  test('chosen names that no unit has are told, globs and excluded ones are not', () => {
    const units = [{ name: 'orders' }, { name: 'items' }];
    assert.deepEqual(unknownUnits(units, ['orders', 'Items', 'log_*', '!gone', '*']), ['Items']);
  });

  test('a view is chosen by its exact name only, and left out by globs', () => {
    const units = [{ name: 't1' }, { name: 'v1', view: true }, { name: 'v2', view: true }];
    const of = (...patterns: string[]) => selectUnits(units, patterns).map(({ name }) => name);
    assert.deepEqual(of('*'), ['t1']);
    assert.deepEqual(of('v1', '*'), ['t1', 'v1']);
    assert.deepEqual(of('v1', 'v2', '!*2'), ['v1']);
    assert.deepEqual(of('!v1', 'v?'), []);
  });
});
