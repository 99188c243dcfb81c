/**
 * Servers that lie, stall, flood and ask for files. Each attempt of the client - a process of its own, so that whatever
 * nobody catches is seen - ends within its time limit and a second, with an error that says what happened; no file and
 * no password leave it, and its memory stays bounded.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Job, Told } from '../servers/hostile-client.ts';
import { type HostileServer, type Line, startHostile } from '../servers/hostile-mysql.ts';
import type { HostileScript } from '../servers/hostile-script.ts';
import { HOSTILE_SCRIPTS } from '../servers/hostile-scripts.ts';
import { type MariaDb, startServer } from '../servers/mysql/instance.ts';
import { connectionTo } from './mysql-copy.ts';

const TIMEOUT_MS = 600;
const MOST_MS = TIMEOUT_MS + 1_000;
/** A flood keeps a core busy before the time limit is looked at, and others may want that core, too. */
const FLOOD_MS = 2_000;
/** An attempt that has not ended by then never will, ms. */
const PATIENCE_MS = 6_000;
const MOST_MB = 64;
const AT_ONCE = 6;
const CANARY = 'c4n4ry-s3cr3t';
const CONTENT = 'the content of a file of this machine';

type Ended = Extract<Told, { type: 'ended' }>;

describe('a hostile MySQL server', () => {
  let real: MariaDb;
  let origin: string;
  let copy: string;
  let folder: string;
  let file: string;
  let client: ChildProcess;
  let output = '';
  const uncaught: string[] = [];
  const ended = new Map<number, (told: Ended) => void>();
  let memory: ((peakMb: number) => void) | undefined;
  const results = new Map<HostileScript, Promise<{ told: Ended; server: HostileServer; grownMb: number | null }>>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dt-hostile-'));
    file = join(folder, 'private');
    await writeFile(file, CONTENT);
    real = await startServer('mariadb', { name: 'real' });
    origin = await real.freshDatabase('origin');
    copy = await real.freshDatabase('copy');
    await real.query(
      `CREATE USER canary@'%' IDENTIFIED BY '${CANARY}'; GRANT ALL ON *.* TO canary@'%'; USE \`${origin}\`; ` +
        "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)); INSERT INTO t SELECT seq, REPEAT('v', seq) FROM seq_1_to_20",
    );
    client = fork(new URL('../servers/hostile-client.ts', import.meta.url), {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [client.stdout, client.stderr]) stream?.on('data', (bytes) => (output += bytes));
    await new Promise<void>((resolve) => {
      client.on('message', (told: Told) => {
        if (told.type === 'ready') resolve();
        else if (told.type === 'ended') ended.get(told.id)?.(told);
        else if (told.type === 'memory') memory?.(told.peakMb);
        else uncaught.push(told.error);
      });
    });
    schedule();
  });
  after(async () => {
    client?.send('end');
    for (const each of await Promise.all(results.values())) await each.server.close();
    await real?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const peak = (): Promise<number> =>
    new Promise((resolve) => {
      memory = resolve;
      client.send('memory');
    });
  const account = { user: 'canary', password: CANARY };
  const limits = { connectTimeoutMs: TIMEOUT_MS, queryTimeoutMs: TIMEOUT_MS };

  async function attempt(script: HostileScript, id: number) {
    const server = await startHostile(naming(script.server, file), real.port);
    const { promise, resolve } = Promise.withResolvers<Ended>();
    ended.set(id, resolve);
    const there = script.asks === 'write' ? copy : origin;
    const here = script.asks === 'write' ? origin : copy;
    const hostile = connectionTo(real, there, {
      name: 'hostile',
      ...account,
      ...limits,
      port: server.port,
      ...script.connection,
    });
    const job: Job = {
      ...{ id, asks: script.asks, table: 't', hostile, real: connectionTo(real, here) },
      ...(script.way === undefined ? {} : { way: script.way }),
      ...(script.checkpoint === undefined ? {} : { checkpoint: script.checkpoint }),
    };
    if (script.floods === true) await peak();
    const before = script.floods === true ? await peak() : 0;
    client.send(job);
    const patience = setTimeout(
      () => resolve({ type: 'ended', id, code: 'nothing', sentence: '', ms: PATIENCE_MS }),
      PATIENCE_MS,
    );
    const told = await promise;
    clearTimeout(patience);
    return { told, server, grownMb: script.floods === true ? (await peak()) - before : null };
  }

  /** Those that flood run one after the other, so that what each costs is known; the others side by side. */
  function schedule(): void {
    const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());
    const begin = (script: HostileScript, id: number, behind: Promise<unknown>) => {
      const result = behind.then(() => attempt(script, id));
      results.set(script, result);
      return result.catch(() => {});
    };
    for (const [id, script] of HOSTILE_SCRIPTS.entries()) {
      if (script.floods === true) continue;
      lanes[id % AT_ONCE] = begin(script, id, lanes[id % AT_ONCE] as Promise<unknown>);
    }
    let last: Promise<unknown> = Promise.all(lanes);
    for (const [id, script] of HOSTILE_SCRIPTS.entries()) {
      if (script.floods === true) last = begin(script, id, last);
    }
  }

  test('has at least 64 ways to misbehave, each a sentence of its own', () => {
    const sentences = HOSTILE_SCRIPTS.map((each) => each.does);
    assert.equal(new Set(sentences).size, sentences.length);
    assert.ok(sentences.length >= 64);
  });

  for (const script of HOSTILE_SCRIPTS) {
    test(`that ${script.does}`, async () => {
      const result = await results.get(script);
      assert.ok(result !== undefined);
      const { told, server, grownMb } = result;
      const said = JSON.stringify(told);
      assert.match(told.code, script.ends, said);
      assert.ok(told.ms <= MOST_MS + (script.floods === true ? FLOOD_MS : 0), said);
      if (script.mayMiss !== true) {
        assert.ok(server.strikes() > 0, 'the server was asked what it misbehaves at');
      }
      if (told.code.startsWith('mysql.')) assert.match(told.sentence, /hostile|t_\d+| t |row|Column|Table/, said);
      assert.doesNotMatch(told.sentence, /[\p{Cc}]|\{\w+\}/u);
      assert.ok(told.sentence.length < 1_500, said);
      assert.equal(said.includes(CANARY), false);
      const received = server.received();
      assert.equal(received.includes(CONTENT), false, 'no file was sent');
      assert.equal(received.includes(CANARY), false, 'no password was sent');
      if (script.leaves !== undefined) {
        const table = `t_${HOSTILE_SCRIPTS.indexOf(script)}`;
        const kept = `SELECT COUNT(*) AS n FROM datatrace_checkpoints WHERE target_table = '${table}'`;
        const [rows] = await real.query(`USE \`${copy}\`; SELECT COUNT(*) AS n FROM \`${table}\``);
        const [checkpoints] = await real.query(`USE \`${copy}\`; ${kept}`);
        assert.deepEqual([Number(rows?.n), Number(checkpoints?.n)], script.leaves);
      }
      if (grownMb !== null) assert.ok(grownMb <= (script.mostMb ?? MOST_MB), `${Math.round(grownMb)} MB`);
    });
  }

  test('makes the client neither throw what nobody catches nor print what nobody reads', async () => {
    await Promise.all(results.values());
    assert.deepEqual(uncaught, []);
    assert.equal(output, '');
    assert.equal(client.exitCode, null);
  });
});

/** Scripts ask for `@FILE@`: the path of a real file. */
function naming(script: HostileScript['server'], file: string): HostileScript['server'] {
  const named = (line: Line): Line => ({
    ...line,
    send: (sequence, ...parts) => line.send(sequence, ...parts.map((part) => (part === '@FILE@' ? file : part))),
  });
  if (typeof script === 'function') return (line) => script(named(line));
  if ('bit' in script) return script;
  return { ...script, answer: (line, ...rest) => script.answer(named(line), ...rest) };
}
