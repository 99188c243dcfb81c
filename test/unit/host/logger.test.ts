import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HostError } from '../../../src/host/errors.ts';
import { createLogger, fileSink } from '../../../src/host/logger.ts';
import { createRedactor } from '../../../src/host/redaction.ts';
import { temporaryFolder } from './support.ts';

function capture(more = {}) {
  const lines: string[] = [];
  const logger = createLogger({ write: (line) => lines.push(line), now: () => 0, ...more });
  return { lines, logger };
}

describe('logger', () => {
  test('writes one line an entry, with time, level and fields', () => {
    const { lines, logger } = capture();
    logger.info('unit done', { unit: 'orders', rows: 3 });
    assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z [info] unit done {"unit":"orders","rows":3}']);
  });

  test('a canary password appears in no form', () => {
    const { lines, logger } = capture();
    const canary = 'p@ss "wörd"/7#';
    logger.redactor.add(canary);
    const base64 = Buffer.from(canary).toString('base64');
    logger.info(`login ${canary} ${encodeURIComponent(canary)} ${base64}`, { canary, list: [canary] });
    logger.error('failed', { error: new Error(`denied for ${canary}`, { cause: new Error(canary) }) });
    for (const line of lines) {
      for (const form of [canary, encodeURIComponent(canary), base64, JSON.stringify(canary).slice(1, -1)]) {
        assert.ok(!line.includes(form), line);
      }
    }
  });

  test('a secret of less than four characters is hidden where it stands for itself, not in every word', () => {
    const redacted = (secret: string, text: string) => {
      const { add, redact } = createRedactor();
      add(secret);
      return redact(text);
    };
    assert.equal(
      redacted('e', "The table t has three rows: user='e' key=e, (e)"),
      "The table t has three rows: user='***' key=***, (***)",
    );
    assert.equal(
      redacted('ab', 'about ab. Cabs "ab" mysql://u:ab@db/ab?x=ab'),
      'about ***. Cabs "***" mysql://u:***@db/***?x=***',
    );
    assert.equal(redacted('abc', 'abcd abc abc'), 'abcd *** ***');
    assert.equal(redacted('.', 'copied. 1.5 s. "."'), 'copied. 1.5 s. "***"');
    assert.equal(redacted('$&', 'a $& b'), 'a *** b');
    assert.equal(redacted('abcd', 'xabcdx'), 'x***x');
    assert.equal(redacted('', 'nothing'), 'nothing');
    assert.equal(redacted('a b', "it's a b, really a bit"), "it's ***, really a bit");
  });

  test('what looks like a secret is replaced without being known', () => {
    const { redact } = createRedactor();
    assert.equal(redact('mysql://root:hunter2@db:3306/shop'), 'mysql://root:***@db:3306/shop');
    assert.equal(redact('password=hunter2 host=db'), 'password=*** host=db');
    assert.equal(redact('{"password":"hun,ter2","user":"x"}'), '{"password":***,"user":"x"}');
    assert.equal(redact('Authorization: Bearer abc.def'), 'Authorization: Bearer ***');
    assert.equal(redact('the table passwords was copied'), 'the table passwords was copied');
  });

  test('control characters and direction marks cannot fake a line or steer a terminal', () => {
    const { lines, logger } = capture();
    logger.warn('a\nb\r\u001b[31mred\u0000\u202e\u2028end');
    assert.equal(lines.length, 1);
    assert.ok(lines[0]?.endsWith('a\\nb\\r\\u{1b}[31mred\\u{0}\\u{202e}\\u{2028}end'), lines[0]);
  });

  test('a line has a longest length', () => {
    const { lines, logger } = capture({ longestLine: 100 });
    logger.info('x'.repeat(1_000));
    assert.ok((lines[0]?.length ?? 0) < 170 && lines[0]?.endsWith('(900 more)'), lines[0]);
  });

  test('entries below the level are not written', () => {
    const { lines, logger } = capture({ level: 'warn' });
    logger.info('no');
    logger.error('yes');
    assert.equal(lines.length, 1);
  });

  test('an error is written with its code, arguments and cause; circles and big integers do no harm', () => {
    const { lines, logger } = capture();
    const circle: Record<string, unknown> = { n: 1n };
    circle.self = circle;
    logger.error('no', { error: new HostError('host.timeout', 'late', { ms: 5 }, new Error('why')), circle });
    for (const part of ['"code":"host.timeout"', '"ms":5', '"why"', '"n":"1"'])
      assert.ok(lines[0]?.includes(part), lines[0]);
  });

  test('the file is private and is changed for a new one when it is full', () => {
    const path = join(temporaryFolder(), 'datatrace.log');
    const write = fileSink(path, 100);
    write('a'.repeat(60));
    write('b'.repeat(60));
    write('c');
    assert.equal(readFileSync(`${path}.1`, 'utf8'), `${'a'.repeat(60)}\n`);
    assert.equal(readFileSync(path, 'utf8'), `${'b'.repeat(60)}\nc\n`);
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
  });
});
