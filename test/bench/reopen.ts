/** Opening after a crash, with a long history: 10,000 units, 1,000,000 attempts, 1,000,000 log rows of schedules, a full WAL. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadShim } from '../../src/store/shim.ts';
import { openStore } from '../../src/store/store.ts';
import { readWasm } from '../store/wasm.ts';
import { sampleTask, sampleUnit, transition } from '../store/workload.ts';
import { type BenchOptions, type BenchResult, quantile, rounded } from './result.ts';

const TASK = 'shop-to-copy';
const UNITS = 10_000;
const WAL_BYTES = 3_900_000; // just below what is folded

export async function bench(options: BenchOptions): Promise<BenchResult> {
  const runs = options.runs ?? 5;
  const rows = options.rows ?? 1_000_000;
  const folder = fs.mkdtempSync(join(tmpdir(), 'datatrace-bench-'));
  try {
    const path = join(folder, 'datatrace.db');
    await fill(path, rows);
    const copy = join(folder, 'crashed.db');
    await crash(path, copy);
    const walMegabytes = fs.statSync(`${copy}-wal`).size / 2 ** 20;
    const times: number[] = [];
    let exact = true;
    for (let run = 0; run < runs; run++) {
      const said = probe(copy);
      times.push(said.ms);
      exact &&= said.units === UNITS && said.notices === 0 && said.attempts > 0;
    }
    return {
      bench: 'reopen',
      runs,
      ours: {
        open_after_crash_ms_p50: rounded(quantile(times, 0.5)),
        open_after_crash_ms_max: rounded(Math.max(...times)),
        file_megabytes: rounded(fs.statSync(copy).size / 2 ** 20),
        wal_megabytes: rounded(walMegabytes),
      },
      peers: {},
      ratios: {},
      exact,
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

interface Said {
  readonly ms: number;
  readonly units: number;
  readonly notices: number;
  readonly attempts: number;
}

function probe(path: string): Said {
  const script = fileURLToPath(new URL('reopen-probe.ts', import.meta.url));
  const child = spawnSync(process.execPath, [script, path], { encoding: 'utf8' });
  if (child.stdout === '') throw new Error(`the probe said nothing: ${child.stderr}`);
  return JSON.parse(child.stdout) as Said;
}

async function fill(path: string, rows: number): Promise<void> {
  const { store } = await openStore({ path, key: 'k', wasm: readWasm() });
  await store.transact([
    { kind: 'putTask', task: sampleTask(TASK) },
    { kind: 'putUnits', taskId: TASK, units: Array.from({ length: UNITS }, (_, i) => sampleUnit(i, TASK)) },
  ]);
  await store.close();
  const file = (await loadShim(readWasm())).open(path);
  const numbers = `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})`;
  file.sql.run(`PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
    INSERT INTO task_runs(id, task_id, started_at, outcome) VALUES('r0', '${TASK}', 1, 'completed'), ('r1', '${TASK}', 2, NULL);
    ${numbers} INSERT INTO unit_attempts(run_id, unit_id, attempt, started_at, ended_at, outcome, rows, bytes)
      SELECT 'r' || (n % 2), '${TASK}/' || (n % ${UNITS}), n, 1795266581000 + n, 1795266582000 + n, 'completed', n, n FROM numbers;
    INSERT INTO scheduled_tasks(id, task_name, schedule_type, schedule_config, action_type, zone, created_at, updated_at)
      VALUES('s', 'nightly', 'DAILY', '{}', 'SYNC', 'UTC', 1, 1);
    ${numbers} INSERT INTO scheduled_task_logs(execution_id, schedule_id, scheduled_for, started_at, status)
      SELECT hex(randomblob(16)), 's', n * 60000, n * 60000, 'success' FROM numbers;`);
  file.close();
}

/** The files as a killed process leaves them, copied from under it. */
async function crash(path: string, copy: string): Promise<void> {
  const { store } = await openStore({ path, key: 'k', wasm: readWasm() });
  for (let n = 1; (fs.statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) < WAL_BYTES; n++) {
    store.commit(transition(2_000_000 + n, UNITS, TASK).filter(({ kind }) => kind !== 'putAttempt'));
  }
  for (const suffix of ['', '-wal']) fs.copyFileSync(path + suffix, copy + suffix);
  await store.close();
}
