import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createRedactor } from '../../../src/host/redaction.ts';
import { messages } from '../../../src/wording/messages.ts';
import { word } from '../../../src/wording/word.ts';

const argumentsOf = (template: string): string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();

/** Codes written in the sources as `'room.code'`, where the room is one that has messages. */
function codesInSources(): Map<string, string> {
  const root = new URL('../../../src/', import.meta.url);
  const rooms = new Set([...messages.keys()].filter((code) => code.includes('.')).map((code) => code.split('.')[0]));
  const found = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts') || entry.startsWith('wording')) continue;
    for (const match of readFileSync(new URL(entry, root), 'utf8').matchAll(/'([a-z]+)((?:\.[a-z][A-Za-z]*)+)'/g)) {
      const code = `${match[1]}${match[2]}`;
      if (rooms.has(match[1]) && !/\.(ts|js|json|toml|db|test)$/.test(code)) found.set(code, entry);
    }
  }
  return found;
}

describe('wording', () => {
  test('both languages of every message use the same arguments', () => {
    for (const [code, [english, chinese]] of messages) {
      assert.deepEqual(argumentsOf(chinese), argumentsOf(english), code);
      assert.notEqual(english.trim(), '', code);
      assert.match(chinese, /\p{Script=Han}/u, `${code} is not Chinese`);
    }
  });

  test('every code in the sources has a message', () => {
    const missing = [...codesInSources()].filter(([code]) => !messages.has(code));
    assert.deepEqual(missing, []);
  });

  test('no sentence looks like a secret, which would be blacked out on its way to a person', () => {
    const { redact } = createRedactor();
    const sentences = [...messages.values()].flat();
    assert.deepEqual(
      sentences.filter((sentence) => redact(sentence) !== sentence),
      [],
    );
  });

  test('arguments are put in place, once', () => {
    const coded = { code: 'units.sameTarget', args: { unit: '{other}', other: '$&', target: 'c' } };
    assert.equal(word(coded, 'en'), 'Units {other} and $& would both be written to c.');
    assert.equal(word(coded, 'zh-cn'), '单元 {other} 和 $& 都会写入 c。');
  });

  test('one of a thing is told in the singular, by every sentence that counts', () => {
    const say = (code: string, args: Record<string, number | string>) => word({ code, args }, 'en');
    assert.equal(say('switching', { mode: 'auto', units: 1 }), 'Switching to auto mode: 1 unit still running.');
    assert.equal(say('switching', { mode: 'auto', units: '2' }), 'Switching to auto mode: 2 units still running.');
    assert.equal(say('waitingForSlots', { running: '1', most: '1' }), 'Waiting: 1 of 1 unit runs.');
    assert.equal(
      say('pipeline.sourceChanged', { unit: 't', read: 1, source: 0 }),
      'Source changed during copy: 1 row of t was read, 0 are there now.',
    );
    assert.equal(say('cli.rate', { rows: '1' }), '1 row/s');
    const counted = /\{(\w+)\} (?:\w+ )?(?:units|rows|entries|connections|documents)\b/;
    const plural = [...messages].filter(([, [english]]) => counted.test(english));
    assert.deepEqual(
      plural.map(([code]) => code),
      [],
    );
  });

  test('an argument that is missing, or named like a member of every object, stays as it is', () => {
    assert.match(word({ code: 'config.missing', args: {} }, 'en'), /^There is no file \{file\}:/);
    assert.equal(word({ code: 'constructor', args: {} }, 'en'), 'constructor');
  });

  test('what others say keeps a single full stop', () => {
    const say = (detail: string) => [
      word({ code: 'mysql.indexesFailed', args: { table: 't', detail } }, 'en'),
      word({ code: 'mysql.indexesFailed', args: { table: 't', detail } }, 'zh-cn'),
    ];
    const english = 'The rows of t are complete, but its secondary indexes could not be added:';
    for (const detail of ['No room', 'No room.'])
      assert.deepEqual(say(detail), [
        `${english} No room. Retry adds what is missing.`,
        't 的行已完整，但无法添加其二级索引：No room。重试会补上缺少的部分。',
      ]);
    assert.match(say('And so on ..')[0] ?? '', /And so on \.\.\. Retry/);
  });

  test('a code without a message is shown with its arguments', () => {
    assert.equal(word({ code: 'future.code', args: { a: 1, b: 'x' } }, 'en'), 'future.code (a: 1, b: x)');
  });
});
