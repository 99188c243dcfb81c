/**
 * `node test/demo/kills.ts [--kills N] [--seed S] [--json]`: the demo shop is copied by the command line, which is killed
 * with SIGKILL at N random moments and started again each time; at the end the target must equal the source.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from '../support/engine-host.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'datatrace-kills-'));
const store = join(folder, 'store');
const begun = performance.now();

/** A number in [0, 1) that follows from the seed alone. */
let state = Number(values.seed);
function random(): number {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return state / 2_147_483_648;
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function runToEnd(args: readonly string[]): Promise<{ code: number | null; out: string }> {
  const child = start(args);
  let out = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, out };
}

const run = [join(root, 'dist/cli.js'), 'run', 'shop-copy', '--store', store, '--json'];

try {
  await runToEnd([join(root, 'scripts/demo.ts'), folder, '--rows-scale', '0.2']);
  // About 15 seconds for the whole shop, so that kills fall into the middle of tables.
  const config = join(folder, 'datatrace.json');
  writeFileSync(config, readFileSync(config, 'utf8').replace(/"rowsPerSecond": \d+/, '"rowsPerSecond": 20000'));

  let killed = 0;
  const moments: number[] = [];
  while (killed < kills) {
    const child = start(run);
    child.stdout?.resume();
    const moment = 300 + random() * 1_500;
    const timer = setTimeout(() => child.kill('SIGKILL'), moment);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(timer);
    if (code !== null) break; // it was done before the moment came
    killed++;
    moments.push(Math.round(moment));
  }
  const last = await runToEnd(run);
  const different = differences(join(folder, 'demo/shop.db'), join(folder, 'demo/copy.db'));
  const result = JSON.parse(last.out.trim().split('\n').at(-1) ?? '{}') as { completed?: number };
  const holds = last.code === 0 && different.length === 0 && killed === kills;
  const seconds = Number(((performance.now() - begun) / 1000).toFixed(1));
  console.log(
    `${killed} kills at ${moments.join(', ')} ms; then ${result.completed ?? 0} units completed; seed ${values.seed}`,
  );
  if (different.length > 0) console.log(`different: ${different.join(', ')}`);
  if (values.json) console.log(JSON.stringify({ kills: killed, units: result.completed ?? 0, different, seconds }));
  process.exitCode = holds ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
