import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sourceFilter } from '../../../../src/connectors/elasticsearch/source-filter.ts';

/** What is left of a document. */
function left(source: string, columns: readonly string[]): string {
  const filter = sourceFilter(columns);
  assert.ok(filter !== null);
  const body = Buffer.from(`["1","r",7,${source}]`);
  const end = body.length - 1;
  const { data, bytes } = filter(body, Uint32Array.of(1, 4, 5, 8, 9, 10, 11, end));
  const part = (at: number): string =>
    Buffer.from(data.bytes).toString('utf8', data.places[at], data.places[at + 1] as number);
  assert.deepEqual([part(0), part(2), part(4)], ['"1"', '"r"', '7']);
  assert.equal(Buffer.byteLength(part(6)), bytes);
  return part(6);
}

describe('fields that are chosen', () => {
  test('are all of them where nothing is said, and documents are then left alone', () => {
    assert.equal(sourceFilter(['*']), null);
  });

  test('keep their bytes, the others are gone', () => {
    const source =
      '{ "a" : 1.10 , "b":{"c":12345678901234567890,"d":[ 1e400,{"e":null}]},"a":-0.0,"\\u0061":"ü\\u00fc" }';
    assert.equal(left(source, ['a']), '{"a":1.10,"a":-0.0,"\\u0061":"ü\\u00fc"}');
    assert.equal(left(source, ['b']), '{"b":{"c":12345678901234567890,"d":[ 1e400,{"e":null}]}}');
    assert.equal(left(source, ['*', '!b']), '{"a":1.10,"a":-0.0,"\\u0061":"ü\\u00fc"}');
    assert.equal(left(source, ['b.c']), '{"b":{"c":12345678901234567890}}');
    assert.equal(left(source, ['b.d.e']), '{"b":{"d":[{"e":null}]}}');
    assert.equal(
      left(source, ['*', '!b.d']),
      '{"a":1.10,"b":{"c":12345678901234567890},"a":-0.0,"\\u0061":"ü\\u00fc"}',
    );
    assert.equal(left(source, ['x']), '{}');
    assert.equal(left(source, ['*', '!*']), '{}');
  });

  test('are told by the last pattern that speaks of them or of what they are in', () => {
    const source = '{"user":{"name":"a","password":"b","more":{"x":1,"y":2}},"at":3}';
    assert.equal(left(source, ['user', '!user.password']), '{"user":{"name":"a","more":{"x":1,"y":2}}}');
    assert.equal(left(source, ['*', '!user', 'user.more.x']), '{"user":{"more":{"x":1}},"at":3}');
    assert.equal(left(source, ['user.*', '!user.more']), '{"user":{"name":"a","password":"b"}}');
    assert.equal(left(source, ['!user', '*']), source);
    assert.equal(left(source, ['*.x']), '{"user":{"more":{"x":1}}}');
  });

  test('are found under names with dots, in lists of lists, and leave empty ones as they were', () => {
    assert.equal(left('{"a.b":1,"a":{"b":2,"c":3},"a.c":4}', ['a.b']), '{"a.b":1,"a":{"b":2}}');
    assert.equal(left('{"a":[[{"b":1,"c":2}],[],{"c":3},4],"d":[]}', ['a.b']), '{"a":[[{"b":1}]]}');
    assert.equal(left('{"a":{},"b":[],"c":{"d":1}}', ['*', '!c.d']), '{"a":{},"b":[],"c":{}}');
    assert.equal(left('{"a":[1,{"b":1}],"c":"x"}', ['*', '!a.b']), '{"a":[1,{}],"c":"x"}');
  });

  test('are not lost in any depth', () => {
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    assert.equal(left(`{"b":1,"c":${deep}}`, ['c', '!b']), `{"c":${deep}}`);
    assert.equal(left(`{"b":1,"c":${deep}}`, ['c', '!c.x']), `{"c":${deep}}`);
  });
});
