import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalJson, canonicalNumber } from '../../../src/connectors/json-value.ts';

const spelled = (text: string) => canonicalJson(new TextEncoder().encode(text));

describe('two spellings of one JSON document', () => {
  for (const [one, other] of [
    ['{"a":1,"b":[true,null]}', ' { "b" : [ true , null ] , "a" : 1 } '],
    ['["\\u00fc\\/\\n"]', '["ü/\\u000a"]'],
    ['[1.50, 100, 0.001]', '[15e-1, 1E2, 1.0e-3]'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['[]', '[ ]'],
    ['{"x":{}}', '{ "x" : { } }'],
    ['[-0.0]', '[-0]'],
  ] as const) {
    test(`${one} says what ${other} says`, () => assert.equal(spelled(one), spelled(other)));
  }

  for (const [one, other] of [
    ['12345678901234567890', '12345678901234567891'],
    ['9007199254740993', '9007199254740992'],
    ['0.1', '0.10000000000000001'],
    ['0', '-0'],
    ['1e400', '1e401'],
    ['"1"', '1'],
    ['null', '"null"'],
    ['{"a":null}', '{}'],
    ['[1,2]', '[2,1]'],
    ['{"__proto__":1}', '{}'],
  ] as const) {
    test(`${one} does not say what ${other} says`, () => assert.notEqual(spelled(one), spelled(other)));
  }

  for (const text of ['', '{', '[1,]', '{"a"}', '1 2', 'nul', '[1 2]', '"\\ud800"', '['.repeat(5_000)]) {
    test(`${text.slice(0, 10)} is none`, () => assert.throws(() => spelled(text)));
  }
});

describe('a number by its digits', () => {
  test('has no zeros at either end', () =>
    assert.deepEqual(['0', '-0.00', '10', '1.0', '0.010', '123e5', '1e-9999999999'].map(canonicalNumber), [
      ...['0', '-0', '1e1', '1e0', '1e-2', '123e5', '1e-9999999999'],
    ]));
});
