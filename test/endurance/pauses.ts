/**
 * `node test/endurance/pauses.ts [--pauses N] [--lanes N] [--json]`: a copy between two MariaDB servers is paused and
 * resumed again and again. A pause is acknowledged at once, and no batch begins after that: what is under way then ends
 * (one a lane), and nothing follows.
 */
import { parseArgs } from 'node:util';
import { makeFolder, openHost, until } from '../support/engine-host.ts';
import { openRig } from './rig.ts';

const { values } = parseArgs({
  options: {
    pauses: { type: 'string', default: '50' },
    lanes: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const UNITS = 4;
const ROWS = 150_000;
const BATCH_ROWS = 1_000;
const TASK = 'copy';
const wanted = Number(values.pauses);
const lanes = Number(values.lanes);
const waits: number[] = [];
let mostRowsAfter = 0;

const tables = Array.from({ length: UNITS }, (_, at) => `items_${at}`);
const rig = await openRig();
const folder = makeFolder();
process.env.SOURCE_PASSWORD = rig.source.password;
process.env.TARGET_PASSWORD = rig.target.password;
rig.configure({ concurrency: UNITS, batchRows: BATCH_ROWS, lanes });
const host = await openHost({ ...folder, path: rig.folder });
try {
  for (const table of tables) {
    await rig.source.query(
      `USE \`${rig.from}\`; CREATE TABLE ${table} (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(80) NOT NULL);
       INSERT INTO ${table} SELECT seq, MD5(seq) FROM seq_1_to_${ROWS}`,
    );
  }
  const task = host.id(TASK);
  const state = (): string => host.manager.list().find(({ id }) => id === task)?.runState ?? '';
  while (waits.length < wanted) {
    await host.manager.start(task, { by: 'person', again: true });
    while (waits.length < wanted) {
      const before = await rowsInTarget();
      const moving = await until('rows are copied or all are', async () => {
        if (state() === 'idle') return 'done';
        return (await rowsInTarget()) > before && 'moving';
      });
      if (moving === 'done') break;
      const asked = performance.now();
      await host.manager.pause(task);
      waits.push(performance.now() - asked);
      const there = await rowsInTarget();
      await until('the workers have confirmed the pause', () => state() === 'paused' || state() === 'idle');
      mostRowsAfter = Math.max(mostRowsAfter, (await rowsInTarget()) - there);
      if (state() === 'idle') break;
      await host.manager.resume(task);
    }
    await until('the copy ends', () => state() === 'idle', 120_000);
  }
  const different = await rig.different(tables);
  waits.sort((a, b) => a - b);
  const report = {
    pauses: waits.length,
    acknowledged_ms_p50: rounded(waits[waits.length >> 1] ?? 0),
    acknowledged_ms_max: rounded(waits.at(-1) ?? 0),
    most_batches_after: Math.ceil(mostRowsAfter / BATCH_ROWS),
    batches_under_way_at_most: UNITS * lanes,
    different: different.length,
  };
  for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(26)} ${value}`);
  if (values.json) console.log(JSON.stringify(report));
  if (report.different > 0 || report.most_batches_after > report.batches_under_way_at_most) process.exitCode = 1;
} finally {
  await host.close();
  folder.remove();
  await rig.close();
}

async function rowsInTarget(): Promise<number> {
  const sums = tables.map((table) => `(SELECT COUNT(*) FROM \`${rig.to}\`.${table})`);
  const rows = await rig.target.query(`SELECT ${sums.join(' + ')} AS n`).catch(() => []);
  return Number(rows[0]?.n ?? 0);
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
