import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Source, Target } from '../../src/connectors/contract.ts';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import { openPoolCount, openSessions, textRows } from '../../src/connectors/mysql/session.ts';
import type { DataError } from '../../src/core/ports.ts';
import { freePort } from '../servers/free-port.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { startProxy, type WireProxy } from '../servers/wire-proxy.ts';
import { checksum, connectionTo, copyPart, settingsFor } from './mysql-copy.ts';

const END = Number.POSITIVE_INFINITY;
const CANARY = 'c4n4ry-s3cr3t';

async function errorOf(work: Promise<unknown>): Promise<DataError> {
  let caught: unknown;
  await work.catch((error: unknown) => {
    caught = error;
  });
  assert.ok(caught !== undefined, 'expected a rejection');
  const error = caught as DataError;
  assert.equal(error.name, 'DataError', String(error));
  return error;
}

/** Code, class and that nothing in the error tells the password. */
async function fails(code: string, kind: 'retryable' | 'permanent', work: Promise<unknown>): Promise<DataError> {
  const error = await errorOf(work);
  assert.deepEqual([error.error.code, error.error.class], [code, kind], String(error));
  assert.doesNotMatch(
    JSON.stringify(error.error) + String(error.stack) + String((error.cause as Error)?.stack),
    new RegExp(CANARY),
  );
  return error;
}

describe('a MySQL connection that fails', () => {
  let from: MariaDb;
  let to: MariaDb;
  let origin: string;
  let copy: string;
  let proxy: WireProxy;

  before(async () => {
    [from, to] = await Promise.all([
      startMariaDb({ name: 'source' }),
      startMariaDb({ name: 'target', args: ['--innodb-lock-wait-timeout=1'] }),
    ]);
    origin = await from.freshDatabase('origin');
    copy = await to.freshDatabase('copy');
    proxy = await startProxy(to.port);
    await from.query(
      `USE \`${origin}\`; CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(200)); INSERT INTO t SELECT seq, REPEAT('v', seq % 200) FROM seq_1_to_3000`,
    );
  });
  after(async () => {
    await proxy?.close();
    await from?.stop();
    await to?.stop();
    assert.equal(openPoolCount(), 0);
  });

  test('says which connection and address when there is no server', async () => {
    const port = await freePort();
    const error = await fails(
      'mysql.unreachable',
      'retryable',
      mysqlConnector.test(connectionTo(from, origin, { port, password: CANARY })),
    );
    assert.deepEqual([error.error.args.connection, error.error.args.address], ['source', `127.0.0.1:${port}`]);
    await fails(
      'mysql.unreachable',
      'retryable',
      mysqlConnector.test(connectionTo(from, origin, { socket: '/nowhere/s' })),
    );
  });

  test('says who was refused, and never the password', async () => {
    const wrong = connectionTo(from, origin, { password: CANARY });
    const error = await fails('mysql.accessDenied', 'permanent', mysqlConnector.openSource(wrong));
    assert.deepEqual([error.error.args.connection, error.error.args.user], ['source', 'datatrace']);
    await fails('mysql.accessDenied', 'permanent', mysqlConnector.openTarget(wrong));
    assert.equal(openPoolCount(), 0);
  });

  test('names an unknown database and a right that is missing', async () => {
    const error = await fails(
      'mysql.unknownDatabase',
      'permanent',
      mysqlConnector.openSource(connectionTo(from, 'nope')),
    );
    assert.equal(error.error.args.database, 'nope');
    await from.query(
      `CREATE USER poor@'%' IDENTIFIED BY '${CANARY}'; GRANT SELECT (id) ON \`${origin}\`.t TO poor@'%'`,
    );
    const source = await mysqlConnector.openSource(connectionTo(from, origin, { user: 'poor', password: CANARY }));
    const all = await mysqlConnector.openSource(connectionTo(from, origin));
    const schema = await all.describe('t', settingsFor('t'));
    await fails('mysql.permission', 'permanent', source.count(schema, "v = 'x'", null));
    await source.close();
    await all.close();
  });

  test('gives up on a server that accepts and says nothing', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const started = performance.now();
    await fails(
      'mysql.connectTimeout',
      'retryable',
      mysqlConnector.test(connectionTo(from, origin, { port, connectTimeoutMs: 300 })),
    );
    assert.ok(performance.now() - started < 5_000);
    await new Promise((resolve) => silent.close(resolve));
  });

  test('gives up on a server that stops answering within the query timeout', async () => {
    const source = await mysqlConnector.openSource(connectionTo(to, copy, { port: proxy.port, queryTimeoutMs: 300 }));
    proxy.stall();
    const started = performance.now();
    await fails('mysql.queryTimeout', 'retryable', source.listUnits());
    assert.ok(performance.now() - started < 5_000);
    proxy.heal();
    assert.deepEqual(await source.listUnits(), []);
    await source.close();
  });

  test('stops at once when it is told to, also while the server is silent', async () => {
    const source = await mysqlConnector.openSource(connectionTo(from, origin, { queryTimeoutMs: 0 }));
    const schema = await source.describe('t', settingsFor('t'));
    const control = new AbortController();
    const options = { after: null, upTo: null, pageRows: 10, pageBytes: 1e6, format: 'mysql-text' as const };
    const scope = { signal: control.signal, wait: <T>(turn: Promise<T>) => turn };
    const reader = await source.within(scope).read(schema, { ...options, where: 'SLEEP(60) = 0' });
    const pending = fails('mysql.stopped', 'retryable', reader.next());
    setImmediate(() => control.abort());
    await pending;
    await reader.close();
    await source.close();
  });

  test('sets every new connection up, also the ones a pool puts in the place of dead ones', async () => {
    const sessions = openSessions(connectionTo(from, origin));
    const settings = (): Promise<(string | null)[][]> =>
      sessions.use((session) =>
        textRows(
          session,
          'SELECT CONNECTION_ID(), @@sql_mode, @@time_zone, @@foreign_key_checks, @@unique_checks, @@character_set_client, @@character_set_results',
        ),
      );
    const [first] = await settings();
    const [again] = await settings();
    assert.equal(first?.[0], again?.[0]);
    assert.deepEqual(
      first?.slice(1),
      [
        'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION'
          .split(',')
          .sort()
          .join(','),
        '+00:00',
        '0',
        '1',
        'utf8mb4',
        null,
      ].map((each, at) => (at === 0 ? first?.[1] : each)),
    );
    assert.match(first?.[1] ?? '', /STRICT_ALL_TABLES/);
    assert.match(first?.[1] ?? '', /NO_AUTO_VALUE_ON_ZERO/);
    assert.doesNotMatch(first?.[1] ?? '', /NO_ZERO_DATE|IGNORE_SPACE|NO_BACKSLASH/);
    await from.query(`KILL ${first?.[0]}`);
    await assert.doesNotReject(async () => {
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const [row] = await settings().catch(() => []);
        if (row !== undefined) assert.deepEqual(row.slice(1), first?.slice(1));
      }
      assert.notEqual((await settings())[0]?.[0], first?.[0]);
    });
    await sessions.close();
  });

  test('rejects the waiting read when its connection is killed, and goes on from the last key', async () => {
    const source = await mysqlConnector.openSource(connectionTo(from, origin, { name: 'killed' }));
    const target = await mysqlConnector.openTarget(connectionTo(to, copy));
    const settings = settingsFor('t', { batchRows: 50 });
    const schema = await source.describe('t', settings);
    const first = await copyPart(source, target, schema, settings, { after: null, pages: 3, prepare: true });
    const reader = await source.read(schema, {
      where: 'SLEEP(0.05) = 0',
      after: first.last,
      upTo: null,
      pageRows: 1_000,
      pageBytes: 1e9,
      format: 'mysql-text',
    });
    const pending = fails('mysql.connectionLost', 'retryable', reader.next());
    const running = async (): Promise<string | undefined> =>
      (
        await from.query(
          "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(0.05)%' AND ID <> CONNECTION_ID()",
        )
      )[0]?.ID ?? undefined;
    const deadline = Date.now() + 5_000;
    let id = await running();
    while (id === undefined && Date.now() < deadline) id = await running();
    await from.query(`KILL ${id}`);
    await pending;
    await reader.close();
    const rest = await copyPart(source, target, schema, settings, { after: first.last, pages: END, prepare: false });
    assert.equal(first.rows + rest.rows, 3_000);
    assert.equal(await checksum(to, copy, 't'), await checksum(from, origin, 't'));
    await source.close();
    await target.close();
  });

  for (const write of ['upsert', 'insert'] as const) {
    test(`loses and doubles nothing when the target's connection is cut anywhere (${write})`, async () => {
      const source = await mysqlConnector.openSource(connectionTo(from, origin));
      const settings = settingsFor(`cut_${write}`, { write, batchRows: 400 });
      const schema = await source.describe('t', settings);
      let target: Target | undefined;
      let last: string | null = null;
      let prepare = true;
      const cutsBefore = proxy.faults();
      for (let attempt = 0; ; attempt += 1) {
        assert.ok(attempt < 200);
        // Ever further, so that the copy ends at last; odd steps, so that cuts fall inside statements and answers.
        proxy.failAfter(7_000 + attempt * 1_733, 'cut');
        let step: { readonly last: string | null; readonly ended: boolean } = { last, ended: false };
        try {
          target = await mysqlConnector.openTarget(connectionTo(to, copy, { port: proxy.port }));
          for (;;) {
            // Also the first batch may be there, committed by a connection that was cut before it said so.
            const part = { after: step.last, pages: 1, prepare, resumed: attempt > 0 };
            step = await copyPart(source, target, schema, settings, part);
            prepare = false;
            last = step.last;
            if (step.ended) break;
          }
        } catch (error) {
          assert.equal((error as DataError).error?.class, 'retryable', String(error));
          // Only a preparation that was interrupted is repeated; here the table exists after it in any case.
          if (prepare && (await to.query(`SHOW TABLES FROM \`${copy}\` LIKE 'cut_${write}'`)).length > 0)
            prepare = false;
        }
        await target?.close();
        if (step.ended) break;
      }
      proxy.heal();
      assert.ok(proxy.faults() - cutsBefore >= 10, `${proxy.faults() - cutsBefore} cuts`);
      assert.equal(await checksum(to, copy, `cut_${write}`), await checksum(from, origin, 't'));
      await source.close();
    });
  }

  test('names the change when a table is altered or dropped during its copy', async () => {
    const source = await mysqlConnector.openSource(connectionTo(from, origin));
    const target = await mysqlConnector.openTarget(connectionTo(to, copy));
    const cases = [
      ['ALTER TABLE s ADD COLUMN fresh INT', /\+ fresh int/],
      ['ALTER TABLE s DROP COLUMN v', /Unknown column/],
      ['ALTER TABLE s MODIFY v VARCHAR(300) NOT NULL', /v varchar\(200\).* → varchar\(300\)/],
      ['ALTER TABLE s DROP PRIMARY KEY, ADD UNIQUE KEY (id, v)', /Key 'PRIMARY' doesn't exist/],
    ] as const;
    for (const [change, expected] of cases) {
      await from.query(
        `USE \`${origin}\`; DROP TABLE IF EXISTS s; CREATE TABLE s (id BIGINT PRIMARY KEY, v VARCHAR(200) NOT NULL); INSERT INTO s SELECT seq, '' FROM seq_1_to_30`,
      );
      const settings = settingsFor('s', { batchRows: 7, createTarget: 'recreate' });
      const schema = await source.describe('s', settings);
      const first = await copyPart(source, target, schema, settings, { after: null, pages: 2, prepare: true });
      await from.query(`USE \`${origin}\`; ${change}`);
      const part = { after: first.last, pages: END, prepare: false };
      const error = await fails('mysql.schemaChanged', 'permanent', copyPart(source, target, schema, settings, part));
      assert.match(error.error.message, expected, change);
    }
    await from.query(
      `USE \`${origin}\`; DROP TABLE s; CREATE TABLE s (id BIGINT PRIMARY KEY); INSERT INTO s SELECT seq FROM seq_1_to_30`,
    );
    const settings = settingsFor('s', { createTarget: 'recreate', batchRows: 7 });
    const schema = await source.describe('s', settings);
    const first = await copyPart(source, target, schema, settings, { after: null, pages: 2, prepare: true });
    await from.query(`DROP TABLE \`${origin}\`.s`);
    const options = {
      where: null,
      after: first.last,
      upTo: null,
      pageRows: 7,
      pageBytes: 1e6,
      format: 'mysql-text' as const,
    };
    const reader = await source.read(schema, options);
    const error = await fails('mysql.unitMissing', 'permanent', reader.next());
    assert.equal(error.error.args.unit, 's');
    await reader.close();
    await fails('mysql.unitMissing', 'permanent', source.describe('s', settings));
    await source.close();
    await target.close();
  });

  test('says what the server runs for each connection when that fails, or which engine it insists on', async () => {
    const account = { user: `plain_${process.pid}`, password: CANARY };
    await to.query(
      `CREATE USER '${account.user}'@'%' IDENTIFIED BY '${CANARY}'; GRANT ALL ON \`${copy}\`.* TO '${account.user}'@'%'`,
    );
    await to.query("SET GLOBAL init_connect = 'SELECT nothing FROM nowhere.at_all'");
    const connection = connectionTo(to, copy, { ...account, tls: 'preferred' });
    await fails('mysql.initConnect', 'permanent', mysqlConnector.test(connection)).finally(() =>
      to.query("SET GLOBAL init_connect = ''"),
    );
    if (!to.version.includes('MariaDB')) return;
    await from.query(`USE \`${origin}\`; CREATE TABLE isam (id INT PRIMARY KEY) ENGINE = MyISAM`);
    await to.query('SET GLOBAL enforce_storage_engine = InnoDB');
    const source = await mysqlConnector.openSource(connectionTo(from, origin));
    const target = await mysqlConnector.openTarget(connection);
    try {
      const schema = await source.describe('isam', settingsFor('isam'));
      await fails('mysql.enforcedEngine', 'permanent', target.prepare(schema, settingsFor('isam')));
    } finally {
      await to.query('SET GLOBAL enforce_storage_engine = NULL');
      await target.close();
      await source.close();
    }
  });

  test('waits for locks of others as a retryable failure', async () => {
    const source: Source = await mysqlConnector.openSource(connectionTo(from, origin));
    const target = await mysqlConnector.openTarget(connectionTo(to, copy));
    const settings = settingsFor('locked');
    const schema = await source.describe('t', settings);
    await copyPart(source, target, schema, settings, { after: null, pages: END, prepare: true });
    const other = openSessions(connectionTo(to, copy, { name: 'other' }));
    const session = await other.session();
    await session.run('START TRANSACTION');
    await session.run("UPDATE locked SET v = 'mine' WHERE id = 5");
    await fails(
      'mysql.lockWait',
      'retryable',
      copyPart(source, target, schema, settings, { after: null, pages: END, prepare: false }),
    );
    await session.run('ROLLBACK');
    session.release();
    await other.close();
    await copyPart(source, target, schema, settings, { after: null, pages: END, prepare: false });
    assert.equal(await checksum(to, copy, 'locked'), await checksum(from, origin, 't'));
    await source.close();
    await target.close();
  });

  test('loses a deadlock as a retryable failure, and ends exact afterwards', async () => {
    await to.query('SET GLOBAL innodb_lock_wait_timeout = 30');
    const source: Source = await mysqlConnector.openSource(connectionTo(from, origin));
    const target = await mysqlConnector.openTarget(connectionTo(to, copy));
    const settings = settingsFor('embraced', { batchRows: 1_000 });
    const schema = await source.describe('t', settings);
    await copyPart(source, target, schema, settings, { after: null, pages: END, prepare: true });
    // The other transaction is the heavier one, so the server gives up ours.
    const other = openSessions(connectionTo(to, copy, { name: 'other' }));
    const session = await other.session();
    await session.run('CREATE TABLE heavy (id INT PRIMARY KEY)');
    await session.run('START TRANSACTION');
    await session.run(`INSERT INTO heavy VALUES ${Array.from({ length: 20_000 }, (_, at) => `(${at})`).join(', ')}`);
    await session.run("UPDATE embraced SET v = 'mine' WHERE id = 900");
    const part = { after: null, pages: END, prepare: false };
    const pending = fails('mysql.deadlock', 'retryable', copyPart(source, target, schema, settings, part));
    const waiting = "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
    const deadline = Date.now() + 10_000;
    while ((await to.query(waiting)).length === 0 && Date.now() < deadline);
    await session.run("UPDATE embraced SET v = 'mine' WHERE id = 1");
    await pending;
    await session.run('ROLLBACK');
    session.release();
    await other.close();
    await copyPart(source, target, schema, settings, { after: null, pages: END, prepare: false });
    assert.equal(await checksum(to, copy, 'embraced'), await checksum(from, origin, 't'));
    await source.close();
    await target.close();
    await to.query('SET GLOBAL innodb_lock_wait_timeout = 1');
  });

  test('finds no room on the server as a retryable failure', async () => {
    const one = "CREATE USER only@'%' IDENTIFIED BY 'x' WITH MAX_USER_CONNECTIONS 1; GRANT ALL ON *.* TO only@'%'";
    await from.query(one);
    const account = connectionTo(from, origin, { user: 'only', password: 'x' });
    const first = await mysqlConnector.openSource(account);
    await fails('mysql.tooManyConnections', 'retryable', mysqlConnector.openSource({ ...account, name: 'second' }));
    await first.close();
    const [row] = await from.query('SELECT @@max_connections AS most');
    await from.query('SET GLOBAL max_connections = 10');
    const poor = connectionTo(from, origin, { user: 'poorest', password: 'x' });
    await from.query("CREATE USER poorest@'%' IDENTIFIED BY 'x'; GRANT SELECT ON *.* TO poorest@'%'");
    const held = openSessions(poor);
    const sessions: Awaited<ReturnType<typeof held.session>>[] = [];
    try {
      const full = async (): Promise<void> => {
        for (let at = 0; at < 20; at += 1) sessions.push(await held.session());
      };
      await fails('mysql.tooManyConnections', 'retryable', full());
    } finally {
      for (const each of sessions) each.destroy();
      await held.close();
      await from.query(`SET GLOBAL max_connections = ${row?.most}`);
    }
  });

  for (const side of ['source', 'target'] as const) {
    test(`survives a restart of the ${side} in the middle: retryable until it is up, then exact`, async (t) => {
      const server = side === 'source' ? from : to;
      if (server.pid === 0) return t.skip('a server given by a URL is not ours to restart');
      const source = await mysqlConnector.openSource(connectionTo(from, origin));
      const target = await mysqlConnector.openTarget(connectionTo(to, copy));
      const settings = settingsFor(`restart_${side}`, { batchRows: 100 });
      const schema = await source.describe('t', settings);
      const first = await copyPart(source, target, schema, settings, { after: null, pages: 5, prepare: true });
      const restarting = server.restart();
      let rest: Awaited<ReturnType<typeof copyPart>> | undefined;
      const deadline = Date.now() + 60_000;
      while (rest === undefined && Date.now() < deadline) {
        const part = { after: first.last, pages: END, prepare: false };
        try {
          rest = await copyPart(source, target, schema, settings, part);
        } catch (error) {
          assert.equal((error as DataError).error?.class, 'retryable', String(error));
        }
      }
      await restarting;
      assert.ok(rest?.ended);
      assert.equal(await checksum(to, copy, `restart_${side}`), await checksum(from, origin, 't'));
      await source.close();
      await target.close();
    });
  }

  test('reads the checkpoint in the target only when a cut connection has committed or lost its batch', async () => {
    await to.query('SET GLOBAL innodb_lock_wait_timeout = 30');
    const source = await mysqlConnector.openSource(connectionTo(from, origin));
    const target = await mysqlConnector.openTarget(connectionTo(to, copy));
    const settings = settingsFor('late', { batchRows: 100, checkpoint: 'target', write: 'insert' });
    const schema = await source.describe('t', settings);
    await copyPart(source, target, schema, settings, { after: null, pages: 2, prepare: true });
    const kept = await target.readCheckpoints(schema, settings);
    assert.equal(kept.length, 1);
    // What the server holds of a connection that was cut inside of its COMMIT.
    const other = openSessions(connectionTo(to, copy, { name: 'other' }));
    const session = await other.session();
    await session.run('START TRANSACTION');
    await session.run("UPDATE datatrace_checkpoints SET position = 'newer'");
    let read: readonly string[] | null = null;
    const reading = target.readCheckpoints(schema, settings).then((texts) => {
      read = texts;
    });
    const waiting = "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
    const deadline = Date.now() + 10_000;
    while ((await to.query(waiting)).length === 0 && Date.now() < deadline);
    assert.equal(read, null);
    await session.run('COMMIT');
    await reading;
    assert.deepEqual(read, ['newer']);
    session.release();
    await other.close();
    await source.close();
    await target.close();
    await to.query('SET GLOBAL innodb_lock_wait_timeout = 1');
  });
});
