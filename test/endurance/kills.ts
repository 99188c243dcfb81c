/**
 * `node test/endurance/kills.ts [--kills N] [--lanes N] [--checkpoint store|target] [--seed S] [--json]`: our command
 * line is killed with SIGKILL at N random moments of copies with `"resume": "row"` and started again each time. After
 * each kill the target holds what the checkpoint says and at most one batch a lane beyond it; after each copy
 * CHECKSUM TABLE agrees.
 */
import { parseArgs } from 'node:util';
import { killAgainAndAgain, report } from './killing.ts';
import { openRig } from './rig.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    lanes: { type: 'string', default: '2' },
    rows: { type: 'string', default: '600000' },
    checkpoint: { type: 'string', default: 'store' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'boolean', default: false },
  },
});
const TABLE = 'items';
const BATCH_ROWS = 1_000;
const { checkpoint } = values;
const lanes = Number(values.lanes);
const seed = Number(values.seed);
const startedAt = performance.now();

const rig = await openRig();
try {
  await rig.source.query(
    `USE \`${rig.from}\`; CREATE TABLE ${TABLE} (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(80) NOT NULL, seen DATETIME(6));
     INSERT INTO ${TABLE} SELECT seq * 3, MD5(seq), '2020-01-01' + INTERVAL seq * 1000003 MICROSECOND FROM seq_1_to_${values.rows}`,
  );
  rig.configure({ units: [TABLE], batchRows: BATCH_ROWS, lanes, checkpoint });
  const figures = await killAgainAndAgain({
    ...{ installed: rig, unit: TABLE, batchRows: BATCH_ROWS, wanted: Number(values.kills), seed },
    kept: checkpoint === 'store',
    clear: async () => {
      await rig.target.query(`DROP TABLE IF EXISTS \`${rig.to}\`.${TABLE}`);
    },
    targetRows: async () => {
      await untilAlone();
      return targetRows();
    },
    isEqual: async () => (await rig.different([TABLE])).length === 0,
  });
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  report(figures, { lanes, checkpoint, seconds, seed }, lanes, values.json);
} finally {
  await rig.close();
}

/** The server goes on for a moment with what a killed client sent. */
async function untilAlone(): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const [row] = await rig.target.query(
      `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE DB = '${rig.to}' AND ID <> CONNECTION_ID()`,
    );
    if (row?.n === '0') return;
    if (performance.now() > deadline) throw new Error('the connections of a killed process are still there');
  }
}

/** 0 as long as the table is not there. */
async function targetRows(): Promise<number> {
  const there = await rig.target.query(
    `SELECT 1 AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${rig.to}' AND TABLE_NAME = '${TABLE}'`,
  );
  if (there.length === 0) return 0;
  const rows = await rig.target.query(`SELECT COUNT(*) AS n FROM \`${rig.to}\`.${TABLE}`);
  return Number(rows[0]?.n);
}
