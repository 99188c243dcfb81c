/**
 * `node test/endurance/kills.ts [--kills N] [--lanes N] [--checkpoint store|target] [--seed S] [--json]`: our command
 * line is killed with SIGKILL at N random moments of copies with `"resume": "row"` and started again each time. After
 * each kill the target holds what the checkpoint says and at most one batch a lane beyond it; after each copy
 * CHECKSUM TABLE agrees.
 */
import { cpSync, existsSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { dataFolder } from '../../src/host/data-folder.ts';
import { openStore } from '../../src/store/store.ts';
import { readWasm } from '../store/wasm.ts';
import { type Copy, openRig } from './rig.ts';

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
/** How long after its beginning a unit is killed at the latest: before the end of its copy, on most machines. */
const MOST_MS = 1_500;
const wanted = Number(values.kills);
const lanes = Number(values.lanes);
const figures = { kills: 0, copies: 0, midCopy: 0, ahead: 0, mostRepeatedBatches: 0, different: 0, failed: 0 };
const startedAt = performance.now();

/** A number in [0, 1) that follows from the seed alone. */
let state = Number(values.seed);
function random(): number {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return state / 2_147_483_648;
}

const rig = await openRig();
try {
  await rig.source.query(
    `USE \`${rig.from}\`; CREATE TABLE ${TABLE} (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(80) NOT NULL, seen DATETIME(6));
     INSERT INTO ${TABLE} SELECT seq * 3, MD5(seq), '2020-01-01' + INTERVAL seq * 1000003 MICROSECOND FROM seq_1_to_${values.rows}`,
  );
  rig.configure({ units: [TABLE], batchRows: BATCH_ROWS, lanes, checkpoint: values.checkpoint });
  while (figures.kills < wanted) await copyWithKills();
} finally {
  await rig.close();
}
const seconds = Math.round((performance.now() - startedAt) / 1_000);
const report = { ...figures, lanes, checkpoint: values.checkpoint, seconds, seed: Number(values.seed) };
for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(22)} ${value}`);
if (values.json) console.log(JSON.stringify(report));
const broken = figures.ahead + figures.different + figures.failed;
if (broken > 0 || figures.mostRepeatedBatches > lanes) process.exitCode = 1;

/** One copy of the table from an empty target to its end. */
async function copyWithKills(): Promise<void> {
  await rig.target.query(`DROP TABLE IF EXISTS \`${rig.to}\`.${TABLE}`);
  // Until the unit was seen running: who is killed before has not begun the run.
  for (let begun = false; ; ) {
    const copy = rig.run({ command: begun ? [] : ['--again'] });
    if (figures.kills < wanted) killSometime(copy);
    const code = await copy.ended;
    begun ||= isRunning(copy);
    if (code === 0) break;
    if (code !== null) {
      figures.failed += 1;
      console.error(`ended with ${code}: ${copy.printed().slice(-2_000)}`);
      return;
    }
    figures.kills += 1;
    if (begun) await compareCheckpoint();
  }
  figures.copies += 1;
  const different = await rig.different([TABLE]);
  figures.different += different.length;
  if (different.length > 0) console.error(`copy ${figures.copies} differs, seed ${values.seed}`);
}

/** Most rounds: a while after the unit began. Some: while the process starts. */
function killSometime(copy: Copy): void {
  const { child, ended } = copy;
  const early = random() < 0.1;
  const after = random() * (early ? 600 : MOST_MS);
  const kill = (): void => void child.kill('SIGKILL');
  let timer = setTimeout(kill, early ? after : 60_000);
  const look = (): void => {
    if (early || !isRunning(copy)) return;
    child.stdout?.off('data', look);
    clearTimeout(timer);
    timer = setTimeout(kill, after);
  };
  child.stdout?.on('data', look);
  void ended.then(() => clearTimeout(timer));
}

function isRunning({ printed }: Copy): boolean {
  return printed().includes('"status":"running"');
}

/** What the killed process left: the target against the checkpoint, where that is kept in the store. */
async function compareCheckpoint(): Promise<void> {
  await untilAlone();
  const said = await checkpointRows();
  if (said === null) return;
  figures.midCopy += 1;
  const there = await targetRows();
  if (there < said) {
    figures.ahead += 1;
    console.error(`the checkpoint speaks of ${said} rows, the target has ${there}, seed ${values.seed}`);
  }
  figures.mostRepeatedBatches = Math.max(figures.mostRepeatedBatches, Math.ceil((there - said) / BATCH_ROWS));
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

/** Rows that the last checkpoint says are committed; null = the unit has none. The store is looked at in a copy. */
async function checkpointRows(): Promise<number | null> {
  const { folder, database, key } = dataFolder({ workspaceFolder: rig.folder, storeFolder: rig.storeFolder });
  if (values.checkpoint !== 'store' || !existsSync(database)) return null;
  const copied = `${folder}-look`;
  cpSync(folder, copied, { recursive: true, filter: (path) => !statSync(path).isSocket() });
  const path = join(copied, basename(database));
  const opened = await openStore({ path, key, wasm: readWasm(), backupIntervalMs: Number.POSITIVE_INFINITY });
  try {
    const text = opened.store.load().units.find((unit) => unit.name === TABLE)?.checkpoint ?? 'null';
    return (JSON.parse(text) as { readonly rows?: number } | null)?.rows ?? null;
  } finally {
    await opened.store.close();
    rmSync(copied, { recursive: true });
  }
}
