/**
 * A unit between two servers whose network fails at a chosen byte: cut, reset or silent, on either side. Nothing may be
 * lost, doubled or hung, and every failure may be retried. More points: `node test/endurance/cuts.ts`.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { type Line, openLine, SIDES, survivePoints, UNIT_SQL } from './wire-points.ts';

const POINTS = 10;
const LINES = 3;

describe('a unit whose network fails at any byte', () => {
  let from: MariaDb;
  let to: MariaDb;
  const lines: Line[] = [];

  before(async () => {
    [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
    const origin = await from.freshDatabase('origin');
    await from.query(`USE \`${origin}\`; ${UNIT_SQL}`);
    for (let line = 0; line < LINES; line++) lines.push(await openLine(from, origin, to));
  });
  after(async () => {
    for (const line of lines) await line.close();
    await from?.stop();
    await to?.stop();
  });

  for (const side of SIDES) {
    test(`ends exact when the ${side}'s fails`, async () => {
      const met = await survivePoints(lines, side, POINTS);
      assert.ok(met >= POINTS / 2, `${met} faults met a connection`);
    });
  }

  test('ends exact over a wire that delivers slowly and in slices', async () => {
    await lines[0]?.copy({ delayMs: 1, sliceBytes: 997 });
  });
});
