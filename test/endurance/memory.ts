/**
 * `node test/endurance/memory.ts [--rows N] [--wide-rows N] [--heap MB] [--json]`: memory must not grow with the table.
 * A table of N rows and one of a million (N / 20) are copied, and the peaks of our process compared; then rows of
 * 1 KB with a heap that is limited to `--heap`.
 */
import { parseArgs } from 'node:util';
import { shapeOf } from '../bench/mysql-shapes.ts';
import { openRig, type Rig } from './rig.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000000' },
    'wide-rows': { type: 'string', default: '1000000' },
    heap: { type: 'string', default: '128' },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const wideRows = Number(values['wide-rows']);
const TABLE = 'sbtest1';
const WIDE = 'wide_rows';

interface Measured {
  readonly peakMegabytes: number;
  readonly seconds: number;
  readonly different: number;
}

const rig = await openRig();
try {
  const small = await copyOf(TABLE, sbtest(Math.ceil(rows / 20)));
  console.log(`${Math.ceil(rows / 20)} rows: ${shown(small)}`);
  const large = await copyOf(TABLE, sbtest(rows));
  console.log(`${rows} rows: ${shown(large)}`);
  const heap = await copyOf(WIDE, kilobyteRows(wideRows), [`--max-old-space-size=${values.heap}`]);
  console.log(`${wideRows} rows of 1 KB with a heap of ${values.heap} MB: ${shown(heap)}`);
  const figures = {
    rows,
    peak_mb: large.peakMegabytes,
    peak_mb_twentieth: small.peakMegabytes,
    peak_ratio: Math.round((large.peakMegabytes / small.peakMegabytes) * 100) / 100,
    seconds: large.seconds,
    heap_limited_peak_mb: heap.peakMegabytes,
    different: small.different + large.different + heap.different,
  };
  if (values.json) console.log(JSON.stringify(figures));
  if (figures.different > 0) process.exitCode = 1;
} finally {
  await rig.close();
}

/** Fills the table, copies it, and drops it on both sides. */
async function copyOf(table: string, sql: readonly string[], node: readonly string[] = []): Promise<Measured> {
  for (const each of sql) await rig.source.query(`USE \`${rig.from}\`; ${each}`);
  rig.configure({ units: [table], createTarget: 'recreate' });
  const begun = performance.now();
  const copy = rig.run({ node, command: ['--again'] });
  const code = await copy.ended;
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  if (code !== 0) throw new Error(`the copy of ${table} ended with ${code}: ${copy.printed().slice(-2_000)}`);
  const different = (await rig.different([table])).length;
  await dropOnBothSides(rig, table);
  return { peakMegabytes: copy.peakMegabytes(), seconds, different };
}

async function dropOnBothSides({ source, target, from, to }: Rig, table: string): Promise<void> {
  await source.query(`DROP TABLE \`${from}\`.\`${table}\``);
  await target.query(`DROP TABLE \`${to}\`.\`${table}\``);
}

function sbtest(count: number): readonly string[] {
  return shapeOf('sbtest', count).sql;
}

function kilobyteRows(count: number): string[] {
  return [
    `CREATE TABLE ${WIDE} (id BIGINT UNSIGNED PRIMARY KEY, label VARCHAR(40) NOT NULL, body TEXT NOT NULL)`,
    `INSERT INTO ${WIDE} SELECT seq, CONCAT('Zeile ', seq), REPEAT(MD5(seq), 31) FROM seq_1_to_${count}`,
  ];
}

function shown({ peakMegabytes, seconds, different }: Measured): string {
  return `${seconds} s, at most ${peakMegabytes} MB resident${different > 0 ? ', DIFFERENT' : ''}`;
}
