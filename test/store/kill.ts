/**
 * Real kills: a process writes transitions through the real store and says each one when it is durable; it is killed at a
 * random moment, and every transition it said must be there. `node test/store/kill.ts --kills N [--control ack-early] [--json]`
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realDisk } from '../../src/store/disk.ts';
import { openStore } from '../../src/store/store.ts';
import { choiceOption, countOption, isRoundDue, readOptions, report } from './command-line.ts';
import { readWasm } from './wasm.ts';
import { inspect, lastTransition } from './workload.ts';

const options = readOptions(process.argv.slice(2));
const kills = countOption(options, 'kills', 200);
const control = choiceOption(options, 'control', ['ack-early'] as const);
const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'datatrace-kill-'));
const hasSqlite3 = spawnSync('sqlite3', ['--version']).status === 0;
const figures = { kills: 0, acknowledged: 0, lost: 0, corrupt: 0, killedAtStart: 0, readBySqlite3: 0 };

/** Two at a time: most of a round is waiting for a process to start. */
const LANES = 2;
let round = 0;
let files = 0;

/** A store that is killed again and again, and what was said of it. */
interface Victim {
  path: string;
  acknowledged: Set<number>;
}

try {
  await Promise.all(Array.from({ length: LANES }, lane));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const seconds = Math.round((performance.now() - started) / 100) / 10;
report(options, { ...figures, seconds }, figures.lost + figures.corrupt);

async function lane(): Promise<void> {
  const victim: Victim = { path: newPath(), acknowledged: new Set() };
  while (isRoundDue(round, kills, control !== undefined, figures.lost + figures.corrupt)) {
    round++;
    figures.kills++;
    const said = await runAndKill(victim.path);
    if (!said.includes('ready\n')) figures.killedAtStart++;
    const problems = /^notice .*$/m.exec(said) ?? [];
    const numbers = said
      .split('\n')
      .slice(0, -1)
      .filter((line) => /^\d+$/.test(line))
      .map(Number);
    figures.acknowledged += numbers.length;
    for (const n of numbers) victim.acknowledged.add(n);
    if (hasSqlite3 && existsSync(victim.path)) askSqlite3(victim);
    const broken = await verify(victim, [...problems]);
    if (broken || Math.random() < 0.1) Object.assign(victim, { path: newPath(), acknowledged: new Set() });
  }
}

function newPath(): string {
  return join(folder, `${++files}.db`);
}

/** What the child said before it was killed: in most rounds a while after it was ready, in some while it started. */
async function runAndKill(path: string): Promise<string> {
  const script = fileURLToPath(new URL('kill-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, path, control ?? ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  });
  const early = Math.random() < 0.1;
  let timer = setTimeout(() => child.kill('SIGKILL'), early ? Math.random() * 400 : 30_000);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    if (!early && said === '') {
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), Math.random() * 150);
    }
    said += part;
  });
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  if (child.signalCode !== 'SIGKILL') throw new Error(`the writing process ended by itself, having said: ${said}`);
  return said;
}

/** A second opinion, on copies: the command would fold and delete the WAL. */
function askSqlite3({ path, acknowledged }: Victim): void {
  const copy = `${path}.copy`;
  for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
  const question = 'PRAGMA integrity_check; SELECT count(*) FROM unit_attempts;';
  const answer = spawnSync('sqlite3', [copy, question], { encoding: 'utf8' }).stdout.trim().split('\n');
  for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
  figures.readBySqlite3++;
  const complete = control !== undefined || Number(answer[1] ?? 0) >= acknowledged.size;
  if (answer[0] === 'ok' && complete) return;
  figures.corrupt++;
  console.error(`${basename(path)}: the sqlite3 command says ${answer.join(' ')}`);
}

async function verify({ path, acknowledged }: Victim, problems: string[]): Promise<boolean> {
  const opened = await openStore({ path, key: 'k', wasm: readWasm(), backupIntervalMs: Number.POSITIVE_INFINITY });
  const last = lastTransition(opened.store.load());
  await opened.store.close();
  const findings = await inspect(realDisk, path, acknowledged);
  problems.push(...findings.problems, ...opened.notices.map((notice) => JSON.stringify(notice)));
  if (control === undefined && last < Math.max(0, ...acknowledged)) problems.push(`loaded only up to ${last}`);
  figures.lost += findings.lost;
  if (problems.length > 0) {
    figures.corrupt++;
    console.error(`${basename(path)}: ${problems.join('; ').slice(0, 300)}`);
  }
  return findings.lost > 0 || problems.length > 0;
}
