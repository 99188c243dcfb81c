/**
 * What bounds a wait for a server, and what becomes of connections that nobody uses: those of a server that closes idle
 * ones, and those of a task that has ended.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import { openPoolCount, openSessions, textRows } from '../../src/connectors/mysql/session.ts';
import type { DataError } from '../../src/core/ports.ts';
import type { MysqlConnection } from '../../src/core/settings.ts';
import type { ConnectionFigures } from '../../src/engine/executor.ts';
import { type MariaDb, startServer } from '../servers/mysql/instance.ts';
import { startProxy, type WireProxy } from '../servers/wire-proxy.ts';
import { eventually, nothingKept, startWorkers, type Workers } from './attempts.ts';
import { checksum, connectionTo, settingsFor } from './mysql-copy.ts';

/** Beyond the time limit, ms: what a busy machine may need. */
const SPARE_MS = 1_000;

for (const kind of ['mariadb', 'mysql'] as const) {
  describe(`a connection to ${kind}`, () => {
    let server: MariaDb;
    let proxy: WireProxy;
    let workers: Workers;
    const counted: ConnectionFigures[] = [];
    let origin: string;
    let copy: string;

    before(async () => {
      server = await startServer(kind, { name: 'idle' });
      proxy = await startProxy(server.port);
      workers = startWorkers({ maxWorkers: 1, connections: (figures) => counted.push(figures) });
      origin = await server.freshDatabase('origin');
      copy = await server.freshDatabase('copy');
      await server.query(
        `USE \`${origin}\`; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200)); INSERT INTO t SELECT seq, REPEAT('v', seq % 100) FROM seq_1_to_1000; CREATE USER ours@'%' IDENTIFIED BY 'x'; GRANT ALL ON *.* TO ours@'%'`,
      );
    });
    afterEach(() => proxy.heal());
    after(async () => {
      await workers?.dispose();
      await proxy?.close();
      await server?.stop();
      assert.equal(openPoolCount(), 0);
    });

    const ours = (database: string, more: Partial<MysqlConnection> = {}): MysqlConnection =>
      connectionTo(server, database, { user: 'ours', password: 'x', ...more });
    const list = async (): Promise<number> =>
      (await server.query("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'ours'")).length;

    /** How long it took to fail, and with what. */
    async function failure(work: () => Promise<unknown>): Promise<{ code: string; ms: number }> {
      const begun = performance.now();
      const error = await work().then(
        () => assert.fail('expected a rejection'),
        (reason: DataError) => reason,
      );
      return { code: error.error.code, ms: performance.now() - begun };
    }

    test('is waited for as long as "connectTimeoutMs" says while it is opened, whatever is set for queries', async () => {
      const limits = { port: proxy.port, connectTimeoutMs: 400, queryTimeoutMs: 0 };
      // Before the first word, during the login, and during the first statements.
      for (const bytes of [0, 150, 400, 900]) {
        proxy.heal();
        proxy.failAfter(bytes, 'stall');
        const { code, ms } = await failure(() => mysqlConnector.test(ours(origin, limits)));
        assert.equal(code, 'mysql.connectTimeout', `${bytes} bytes`);
        assert.ok(ms < 400 + SPARE_MS, `${ms} ms after ${bytes} bytes`);
      }
    });

    test('is waited for as long as "queryTimeoutMs" says for each answer', async () => {
      const source = await mysqlConnector.openSource(ours(origin, { port: proxy.port, queryTimeoutMs: 400 }));
      proxy.stall();
      const { code, ms } = await failure(() => source.listUnits());
      assert.equal(code, 'mysql.queryTimeout');
      assert.ok(ms < 400 + SPARE_MS, `${ms} ms`);
      proxy.heal();
      assert.equal((await source.listUnits()).length, 1);
      await source.close();
    });

    test('is not waited for without end by a plan, which nobody may be looking at: definitions have a limit of their own', async () => {
      const limits = { port: proxy.port, connectTimeoutMs: 100, queryTimeoutMs: 0 };
      const request = {
        ...{ taskId: 'plan', source: ours(origin, limits), target: ours(copy), units: ['*'] },
        settings: { prefix: '', suffix: '', fallback: settingsFor(''), overrides: {} },
      };
      await workers.executor.plan(request);
      proxy.stall();
      const { code, ms } = await failure(() => workers.executor.plan(request));
      assert.equal(code, 'mysql.queryTimeout');
      assert.ok(ms < 30 * limits.connectTimeoutMs + SPARE_MS, `${ms} ms`);
      proxy.heal();
      await workers.executor.release('plan');
    });

    test('has no time limit for queries by default: then the unit\'s "stallMs" ends a wait for a silent server', async () => {
      const kept = nothingKept();
      const limits = { port: proxy.port, queryTimeoutMs: 0 };
      const settings = settingsFor('t', { batchRows: 100, stallMs: 150 });
      let stalled = 0;
      const outcome = await workers.run({
        ...{ unit: 't', source: ours(origin, limits), target: ours(copy), settings, kept },
        at: (report) => {
          if (report.type !== 'prepared') return;
          stalled = performance.now();
          proxy.stall();
        },
      });
      assert.deepEqual(outcome.kind === 'failed' && [outcome.error.code, outcome.error.class], [
        'unit.stalled',
        'retryable',
      ]);
      assert.ok(performance.now() - stalled < 10 * 150 + SPARE_MS, `${performance.now() - stalled} ms`);
      proxy.heal();
      const again = await workers.run({
        unit: 't',
        source: ours(origin, limits),
        target: ours(copy),
        settings: settingsFor('t'),
        kept,
      });
      assert.equal(again.kind, 'completed', JSON.stringify(again));
      assert.equal(await checksum(server, copy, 't'), await checksum(server, origin, 't'));
      await workers.executor.release('task');
    });

    test('is not lost to a server that closes what is idle for a second', async () => {
      await server.query('SET GLOBAL wait_timeout = 1');
      try {
        const sessions = openSessions(ours(origin));
        const id = async (): Promise<string | null | undefined> =>
          (await sessions.use((session) => textRows(session, 'SELECT CONNECTION_ID()')))[0]?.[0];
        const first = await id();
        const plain = await server.query('SELECT 1');
        assert.equal(plain.length, 1);
        // The server ends a connection without our settings after a second; that it has, tells that ours would be gone.
        const witness = await openWitness(server);
        await eventually(witness.gone, 'the server closes what is idle');
        assert.equal(await id(), first);
        await sessions.close();
      } finally {
        await server.query('SET GLOBAL wait_timeout = 28800');
      }
    });

    test('hears all that it asks for, and lasts longer than a commit, whatever the server has for defaults', async () => {
      await server.query('SET GLOBAL sql_select_limit = 3, GLOBAL completion_type = 2');
      try {
        const sessions = openSessions(ours(origin));
        const heard = await sessions.use(async (session) => {
          for (const statement of ['BEGIN', 'COMMIT']) await session.run(statement);
          return textRows(session, 'SELECT id FROM t');
        });
        assert.equal(heard.length, 1000);
        await sessions.close();
      } finally {
        await server.query('SET GLOBAL sql_select_limit = 18446744073709551615, GLOBAL completion_type = 0');
      }
    });

    test('that was unused for a minute is closed instead of used again', async (context) => {
      const sessions = openSessions(ours(origin));
      const id = async (): Promise<string | null | undefined> =>
        (await sessions.use((session) => textRows(session, 'SELECT CONNECTION_ID()')))[0]?.[0];
      const first = await id();
      assert.equal(await id(), first);
      context.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
      assert.notEqual(await id(), first);
      context.mock.timers.reset();
      await eventually(async () => (await list()) === 1, 'the one that was unused is closed');
      await sessions.close();
    });

    test('that the server has closed nevertheless is replaced before a unit gets it', async () => {
      const sessions = openSessions(ours(origin));
      for (let round = 0; round < 3; round += 1) {
        const [row] = await sessions.use((session) => textRows(session, 'SELECT CONNECTION_ID()'));
        await server.query(`KILL ${row?.[0]}`);
        await eventually(async () => (await list()) === 0, 'it is killed');
      }
      await sessions.close();
    });

    test('is closed with its task: the server has none of ours left, and how many there were is told', async () => {
      assert.equal(await list(), 0);
      counted.length = 0;
      const run = (more: Partial<MysqlConnection>) =>
        workers.run({
          ...{ unit: 't', source: ours(origin, { name: 'shop', ...more }), target: ours(copy, { name: 'copy' }) },
          kept: nothingKept(),
          settings: settingsFor('t'),
          at: async (report) => {
            if (report.type === 'prepared') assert.ok((await list()) >= 2);
          },
        });
      assert.equal((await run({})).kind, 'completed');
      assert.ok((await list()) > 0, 'they are kept for the next unit');
      assert.equal((await run({ database: 'nowhere' })).kind, 'failed');
      await workers.executor.release('task');
      await eventually(async () => (await list()) === 0, 'every connection is closed');
      await eventually(() => counted.filter(({ now }) => now === 0).length === 2, 'and that is told');
      for (const side of ['shop', 'copy']) {
        const figures = counted.filter(({ connection }) => connection === side);
        const { now, most } = figures.at(-1) as ConnectionFigures;
        assert.equal(now, 0);
        assert.ok(most >= 1 && most <= 3, `${side}: ${most} at most`);
        assert.equal(Math.max(...figures.map((each) => each.now)), most);
      }
    });
  });
}

/** A connection with the server's own settings. */
async function openWitness(server: MariaDb): Promise<{ gone(): boolean }> {
  const { default: mysql } = await import('mysql2/promise');
  const { host, port, user, password } = server;
  const connection = await mysql.createConnection({ host, port, user, password });
  let gone = false;
  connection.on('end', () => {
    gone = true;
  });
  connection.on('error', () => {
    gone = true;
  });
  return { gone: () => gone };
}
