import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeName, encodeName } from '../../../../src/connectors/files/names.ts';

test('every name of a unit becomes a file name and comes back', () => {
  const names = [
    ...[
      'items',
      'Größe',
      '杭州',
      'a b',
      'a.b',
      '.hidden',
      'ends.',
      'ends ',
      ' begins',
      '..',
      '.',
      'a/b',
      'a\\b',
      '../up',
    ],
    ...['con', 'CON.txt', 'com1', 'LPT9', 'console', '100%', '%41', 'a%2Fb', '__proto__', 'a\0b', 'a\nb', 'a\u0085b'],
    ...['<>:"|?*', "'; DROP TABLE x", '😀', 'x'.repeat(200)],
  ];
  for (const name of names) {
    const file = encodeName(name);
    assert.ok(file !== null, name);
    assert.equal(decodeName(file), name);
    assert.doesNotMatch(file, /[/\\:*?"<>|\p{Cc}]/u);
    assert.doesNotMatch(file, /^[. ]|[. ]$|^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i);
  }
  assert.equal(new Set(names.map(encodeName)).size, names.length);
});

test('a name that no file can have is refused', () => {
  for (const name of ['', 'x'.repeat(201), '\ud800', '/'.repeat(70)]) assert.equal(encodeName(name), null);
});

test('a file name that we would not have written is a unit of that name', () => {
  for (const name of ['100%', 'a%zz', 'a%20b', '%61', 'a%2fb']) assert.equal(decodeName(name), name);
});
