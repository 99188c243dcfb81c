import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  quoteBytes,
  quoteInCharset,
  quoteJson,
  quoteName,
  quotePlain,
  quoteText,
} from '../../../../src/connectors/mysql/quoting.ts';

describe('names and values in SQL text', () => {
  test('a name keeps its backticks and dots, and a NUL is refused', () => {
    assert.equal(quoteName('we`ird "x\'; --'), '`we``ird "x\'; --`');
    assert.equal(quoteName('a.b'), '`a.b`');
    assert.throws(() => quoteName('a\0b'), { message: /holds a NUL/ });
    assert.throws(() => quoteName(''));
  });

  test('a value leaves as ASCII without a backslash, whatever its bytes are', () => {
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    for (const byte of every) {
      for (const text of [quoteBytes(Uint8Array.of(byte)), quoteBytes(Uint8Array.of(0x61, byte, 0x62))]) {
        assert.match(text, /^(_binary'(?:[^'\\]|'')*'|X'[0-9a-f]*')$/);
        assert.match(text, /^[\t\n\r\x20-\x7e]+$/);
      }
    }
    assert.equal(quoteBytes(every), `X'${Buffer.from(every).toString('hex')}'`);
    assert.equal(quoteBytes(Buffer.from("it's")), "_binary'it''s'");
    assert.equal(quoteBytes(Buffer.from('\\')), "X'5c'");
    assert.equal(quoteBytes(new Uint8Array()), "_binary''");
  });

  test('a number or date that is none is refused instead of being written', () => {
    assert.equal(quotePlain(Buffer.from('-838:59:59.000000'), 'c'), "'-838:59:59.000000'");
    assert.throws(() => quotePlain(Buffer.from("1'); DROP TABLE x; -- "), 'c'));
    assert.throws(() => quotePlain(Buffer.from('1\\'), 'c'));
  });

  test('texts of ours and keys say their character set', () => {
    assert.equal(quoteText('é'), "_utf8mb4 X'c3a9'");
    assert.equal(quoteText(''), "_utf8mb4''");
    assert.equal(quoteJson(Buffer.from('{}')), "_utf8mb4 X'7b7d'");
    assert.equal(quoteInCharset('latin1', 'e4'), "_latin1 X'e4'");
    assert.throws(() => quoteInCharset("latin1 X'", 'e4'));
    assert.throws(() => quoteInCharset('latin1', "e4'"));
  });
});
