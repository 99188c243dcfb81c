import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkLast,
  columnName,
  columnShape,
  readColumnCount,
  readDone,
  readError,
  readNumber,
  readPiece,
  readPrepared,
} from '../../../../src/connectors/mysql/protocol.ts';
import { guardOf } from '../../../../src/connectors/mysql/wire-guard.ts';
import { printable } from '../../../../src/connectors/printable.ts';

/** Numbers that look random and are the same each time. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const READERS: Readonly<Record<string, (bytes: Buffer, from: number, to: number) => unknown>> = {
  readDone,
  readPrepared,
  readColumnCount,
  readError,
  readNumber,
  readPiece,
  columnName,
  columnShape,
  checkLast,
};

for (const [name, read] of Object.entries(READERS)) {
  test(`${name} takes any bytes for what they are or refuses them, and never looks beyond the packet`, () => {
    const roll = dice(7);
    for (let round = 0; round < 5_000; round += 1) {
      const length = roll(24);
      const packet = Buffer.from(Array.from({ length }, () => (roll(3) === 0 ? 0xf8 + roll(8) : roll(256))));
      const told = [0x00, 0xff].map((around) => {
        const bytes = Buffer.concat([Buffer.alloc(4, around), packet, Buffer.alloc(40, around)]);
        try {
          return JSON.stringify(read(bytes, 4, 4 + length)) ?? 'nothing';
        } catch (error) {
          const { code } = error as { code?: string };
          assert.match(code ?? String(error), /^(PROTOCOL_MALFORMED|FILE_ASKED)$/, packet.toString('hex'));
          return code;
        }
      });
      // What lies around the packet makes no difference, but for where the reader says it went on.
      if (length > 0) assert.equal(told[0], told[1], packet.toString('hex'));
    }
  });
}

test('whatever arrives before the login is bounded, in whatever pieces it comes', () => {
  const roll = dice(11);
  for (let round = 0; round < 300; round += 1) {
    const guard = guardOf({});
    let taken = 0;
    try {
      for (;;) {
        const chunk = Buffer.from(Array.from({ length: 1 + roll(5_000) }, () => roll(256)));
        guard.bytes(chunk, false);
        taken += chunk.length;
      }
    } catch (error) {
      assert.match((error as { code: string }).code, /^(PROTOCOL_MALFORMED|ANSWER_TOO_LARGE)$/);
    }
    assert.ok(taken <= 64 * 1024);
  }
});

test("a server's words are shown without control characters and turned directions, and cut", () => {
  assert.equal(printable('one\ntwo\tthree'), 'one two three');
  assert.equal(printable('\u001b[2J\u0007\u202egnp.exe\u0000'), '\ufffd[2J\ufffd\ufffdgnp.exe\ufffd');
  assert.equal(printable('名前 – ünï 🙂'), '名前 – ünï 🙂');
  assert.equal(printable('x'.repeat(10_000)).length, 501);
});
