/**
 * `node test/endurance/cuts.ts [--points N] [--json]`: a copy between two servers whose network is cut, reset or falls
 * silent after N bytes of its course, spread over both sides; each must end exact after its retries.
 */
import { parseArgs } from 'node:util';
import { type Line, openLine, SIDES, survivePoints, UNIT_SQL } from '../integration/wire-points.ts';
import { startMariaDb } from '../servers/mysql/instance.ts';

const { values } = parseArgs({
  options: { points: { type: 'string', default: '2000' }, json: { type: 'boolean', default: false } },
});
const LINES = 8;
const points = Number(values.points);
const begun = performance.now();
const [from, to] = await Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
const lines: Line[] = [];
try {
  const origin = await from.freshDatabase('origin');
  await from.query(`USE \`${origin}\`; ${UNIT_SQL}`);
  for (let line = 0; line < LINES; line++) lines.push(await openLine(from, origin, to));
  let met = 0;
  for (const side of SIDES) met += await survivePoints(lines, side, Math.ceil(points / SIDES.length));
  const seconds = Math.round((performance.now() - begun) / 1_000);
  console.log(`${points} points, ${met} met a connection, every copy exact, ${seconds} s`);
  if (values.json) console.log(JSON.stringify({ points, met, seconds }));
} finally {
  for (const line of lines) await line.close();
  await Promise.all([from.stop(), to.stop()]);
}
