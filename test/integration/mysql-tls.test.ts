/**
 * Certificates and logins on real servers of both products: which TLS mode accepts what, and what a person reads where a
 * connection is refused. docs/connections.md has the same table.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import { openPoolCount, openSessions, textRows } from '../../src/connectors/mysql/session.ts';
import type { DataError } from '../../src/core/ports.ts';
import type { MysqlConnection, TlsMode } from '../../src/core/settings.ts';
import { word } from '../../src/wording/word.ts';
import { type Authority, makeCertificate } from '../servers/certificates.ts';
import { type MariaDb, startServer } from '../servers/mysql/instance.ts';
import type { ServerKind } from '../servers/mysql/programs.ts';
import { checksum, connectionTo, copyPart, settingsFor } from './mysql-copy.ts';

const MODES: readonly TlsMode[] = ['off', 'preferred', 'required', 'verify-ca', 'verify-full'];
const PASSWORD = 'c4n4ry-s3cr3t';

/** What became of a try: `plain`, `encrypted`, or the code of its error. */
async function tried(connection: MysqlConnection): Promise<{ what: string; sentence: string }> {
  try {
    const sessions = openSessions(connection);
    try {
      const [row] = await sessions.use((session) => textRows(session, "SHOW SESSION STATUS LIKE 'Ssl_cipher'"));
      return { what: row?.[1] === '' ? 'plain' : 'encrypted', sentence: '' };
    } finally {
      await sessions.close();
    }
  } catch (error) {
    const { code, args } = (error as DataError).error;
    const sentence = word({ code, args }, 'en');
    assert.doesNotMatch(sentence, new RegExp(PASSWORD));
    assert.match(sentence, new RegExp(connection.name));
    assert.doesNotMatch(sentence, /\{\w+\}/);
    return { what: code.replace('mysql.', ''), sentence };
  }
}

/** What a test of the connection says in a worker thread of another process. */
async function testedInWorker(connection: MysqlConnection, env: NodeJS.ProcessEnv): Promise<string> {
  const child = fork(new URL('../servers/worker-client.ts', import.meta.url), { env });
  child.send(connection);
  const [said] = await once(child, 'message');
  return String(said);
}

const authority = makeCertificate({ name: 'authority', authority: true });
const others = makeCertificate({ name: 'others', authority: true });
const CERTIFICATES: Readonly<Record<string, Authority>> = {
  good: makeCertificate({ name: 'server', names: ['localhost'], by: authority }),
  'for another name': makeCertificate({ name: 'server', names: ['db.example.org', 'db2.example.org'], by: authority }),
  'of another authority': makeCertificate({ name: 'server', names: ['localhost'], by: others }),
  expired: makeCertificate({ name: 'server', names: ['localhost'], by: authority, from: -20, to: -10 }),
  'not yet valid': makeCertificate({ name: 'server', names: ['localhost'], by: authority, from: 10, to: 20 }),
  'signed by itself': makeCertificate({ name: 'localhost', names: ['localhost'], authority: true }),
};
/** For each certificate of the server: what the modes make of it, in the order of {@link MODES}. */
const MATRIX: Readonly<Record<string, readonly string[]>> = {
  good: ['plain', 'encrypted', 'encrypted', 'encrypted', 'encrypted'],
  'for another name': ['plain', 'encrypted', 'encrypted', 'encrypted', 'tlsOtherName'],
  'of another authority': ['plain', 'encrypted', 'encrypted', 'tlsUnknownAuthority', 'tlsUnknownAuthority'],
  expired: ['plain', 'encrypted', 'encrypted', 'tlsExpired', 'tlsExpired'],
  'not yet valid': ['plain', 'encrypted', 'encrypted', 'tlsNotYetValid', 'tlsNotYetValid'],
  'signed by itself': ['plain', 'encrypted', 'encrypted', 'tlsUnknownAuthority', 'tlsUnknownAuthority'],
};

for (const kind of ['mariadb', 'mysql'] as const satisfies readonly ServerKind[]) {
  describe(`TLS to ${kind}`, () => {
    let folder: string;
    let secure: MariaDb;
    let plain: MariaDb;

    const file = (name: string): string => join(folder, name);
    async function present(of: Authority): Promise<void> {
      await writeFile(file('server.pem'), of.cert);
      await writeFile(file('server.key'), of.key);
    }
    /** The running server takes another certificate. MySQL looks at it itself, by the authority that it knows. */
    async function change(of: Authority): Promise<void> {
      await present(of);
      const issuer = of === CERTIFICATES['of another authority'] ? 'others.pem' : 'ca.pem';
      const known = of === CERTIFICATES['signed by itself'] ? 'NULL' : `'${file(issuer)}'`;
      if (kind === 'mysql') await secure.query(`SET GLOBAL ssl_ca = ${known}; ALTER INSTANCE RELOAD TLS`);
      else await secure.query('FLUSH SSL');
    }
    const to = (server: MariaDb, more: Partial<MysqlConnection> = {}): MysqlConnection =>
      connectionTo(server, 'information_schema', { host: 'localhost', tlsCa: authority.cert, ...more });

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'dt-tls-'));
      await present(CERTIFICATES.good as Authority);
      await writeFile(file('ca.pem'), authority.cert);
      await writeFile(file('others.pem'), others.cert);
      const files = ['cert=server.pem', 'key=server.key', 'ca=ca.pem'].map(
        (each) => `--ssl-${each.replace('=', `=${folder}/`)}`,
      );
      const none = kind === 'mysql' ? '--tls-version=' : '--skip-ssl';
      [secure, plain] = await Promise.all([
        startServer(kind, { name: 'secure', args: files }),
        startServer(kind, { name: 'plain', args: [none] }),
      ]);
      await secure.query(
        `CREATE USER known@'%' IDENTIFIED BY '${PASSWORD}' REQUIRE X509; GRANT SELECT ON *.* TO known@'%'`,
      );
    });
    after(async () => {
      await secure?.stop();
      await plain?.stop();
      await rm(folder, { recursive: true, force: true });
      assert.equal(openPoolCount(), 0);
    });

    for (const [name, certificate] of Object.entries(CERTIFICATES)) {
      test(`a certificate that is ${name} is good for the modes that the table says`, async () => {
        if (kind === 'mysql' && (name === 'expired' || name === 'not yet valid')) {
          await assert.rejects(change(certificate), /Invalid certificates/, 'MySQL shows nobody such a certificate');
          return change(CERTIFICATES.good as Authority);
        }
        await change(certificate);
        const found = await Promise.all(MODES.map((tls) => tried(to(secure, { tls }))));
        assert.deepEqual(
          found.map(({ what }) => what),
          MATRIX[name],
        );
        if (name === 'for another name') assert.match(found[4]?.sentence ?? '', /localhost.*db\.example\.org.*db2/);
        await change(CERTIFICATES.good as Authority);
      });
    }

    test('a server without TLS is good for the modes that the table says', async () => {
      const found = await Promise.all(MODES.map((tls) => tried(to(plain, { tls }))));
      assert.deepEqual(
        found.map(({ what }) => what),
        ['plain', 'plain', 'noTls', 'noTls', 'noTls'],
      );
    });

    test('without "tlsCa" those are trusted whom the machine trusts, which our authority is not among', async () => {
      for (const tls of ['verify-ca', 'verify-full'] as const) {
        assert.equal((await tried(to(secure, { tls, tlsCa: null }))).what, 'tlsUnknownAuthority');
      }
    });

    const trusting = async (): Promise<void> => {
      const connection = to(secure, { tls: 'verify-full', tlsCa: null });
      const bare = { PATH: process.env.PATH ?? '' };
      // Where the system keeps its authorities elsewhere (macOS, Windows) the test cannot add one.
      const ways = ['NODE_EXTRA_CA_CERTS', ...(process.platform === 'linux' ? ['SSL_CERT_FILE'] : [])];
      const said = await Promise.all(ways.map((way) => testedInWorker(connection, { ...bare, [way]: file('ca.pem') })));
      for (const each of said) assert.match(each, /^(MariaDB|MySQL) \d/);
    };
    // Once: what is asked does not hang on the server.
    if (kind === 'mariadb') test('a worker trusts the authorities of the system and of NODE_EXTRA_CA_CERTS', trusting);

    test('an address is no name, and an authority is enough for it', async () => {
      assert.equal((await tried(to(secure, { tls: 'verify-full', host: '127.0.0.1' }))).what, 'tlsNeedsHostName');
      assert.equal((await tried(to(secure, { tls: 'verify-ca', host: '127.0.0.1' }))).what, 'encrypted');
    });

    test('an account may demand a client certificate: a good one, none, one of others', async () => {
      const user = { user: 'known', password: PASSWORD, tls: 'verify-full' } as const;
      const mine = makeCertificate({ name: 'me', by: authority });
      const theirs = makeCertificate({ name: 'me', by: others });
      const as = async (own: Authority | null) => {
        const files = own === null ? {} : { tlsCert: own.cert, tlsKey: own.key };
        return (await tried(to(secure, { ...user, ...files }))).what;
      };
      assert.equal(await as(mine), 'encrypted');
      assert.equal(await as(null), 'accessDenied');
      assert.match(await as(theirs), /^(tlsClientCertificate|accessDenied)$/);
    });

    test('files that are none are named before anything is sent', async () => {
      const mine = makeCertificate({ name: 'me', by: authority });
      const wrong: readonly Partial<MysqlConnection>[] = [
        { tlsCa: 'not a certificate' },
        { tlsCert: mine.cert, tlsKey: 'not a key' },
        { tlsCert: 'not a certificate', tlsKey: mine.key },
        { tlsCert: mine.cert, tlsKey: authority.key },
      ];
      for (const each of wrong) assert.equal((await tried(to(secure, { tls: 'required', ...each }))).what, 'tlsFiles');
    });

    test('a local socket needs no TLS, and has it where it is asked for', async () => {
      const through = (server: MariaDb, tls: TlsMode) => tried(to(server, { socket: server.socket, tls }));
      assert.equal((await through(secure, 'off')).what, 'plain');
      assert.equal((await through(secure, 'preferred')).what, 'plain');
      assert.equal((await through(secure, 'verify-full')).what, 'encrypted');
      assert.equal((await through(plain, 'required')).what, 'noTls');
    });

    test('the same rows are copied, encrypted or through a local socket', async () => {
      const origin = await secure.freshDatabase('origin');
      await secure.query(
        `USE \`${origin}\`; CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT); INSERT INTO t SELECT seq, REPEAT(HEX(seq), seq % 50) FROM seq_1_to_5000`,
      );
      for (const more of [{ tls: 'required' }, { tls: 'off', socket: secure.socket }] as const) {
        const copy = await secure.freshDatabase('copy');
        const source = await mysqlConnector.openSource(connectionTo(secure, origin, more));
        const target = await mysqlConnector.openTarget(connectionTo(secure, copy, more));
        try {
          const settings = settingsFor('t', { batchRows: 700 });
          const schema = await source.describe('t', settings);
          await copyPart(source, target, schema, settings, {
            after: null,
            pages: Number.POSITIVE_INFINITY,
            prepare: true,
          });
          assert.equal(await checksum(secure, copy, 't'), await checksum(secure, origin, 't'));
        } finally {
          await source.close();
          await target.close();
        }
      }
    });
  });
}

for (const kind of ['mysql', 'mariadb11'] as const satisfies readonly ServerKind[]) {
  describe(`logging in to ${kind} by caching_sha2_password`, () => {
    let server: MariaDb;
    let accounts = 0;

    before(async () => {
      server = await startServer(kind, { name: 'login' });
    });
    after(async () => {
      await server?.stop();
      assert.equal(openPoolCount(), 0);
    });

    /** A new account: its first login has to show the whole password. */
    async function account(
      rights = 'GRANT SELECT ON *.* TO',
    ): Promise<{ user: string; password: string; name: string }> {
      accounts += 1;
      const user = `user${accounts}`;
      const login =
        kind === 'mysql'
          ? `WITH caching_sha2_password BY '${PASSWORD}'`
          : `VIA caching_sha2_password USING PASSWORD('${PASSWORD}')`;
      await server.query(`CREATE USER ${user}@'%' IDENTIFIED ${login}`);
      if (rights !== '') await server.query(`${rights} ${user}@'%'`);
      return { user, password: PASSWORD, name: `shop of ${user}` };
    }
    const to = (more: Partial<MysqlConnection>): MysqlConnection =>
      connectionTo(server, 'information_schema', { host: 'localhost', ...more });

    const ways: readonly (readonly [string, () => Partial<MysqlConnection>, string])[] = [
      ['within TLS', () => ({ tls: 'required' }), 'encrypted'],
      ['in the clear, the password encrypted for the server', () => ({ tls: 'off' }), 'plain'],
      ['through a local socket', () => ({ tls: 'off', socket: server.socket }), 'plain'],
    ];
    for (const [how, way, expected] of ways) {
      test(`is done ${how}: in full, from the server's memory, and refused with a wrong password`, async () => {
        const who = await account();
        assert.equal((await tried(to({ ...who, ...way(), password: 'wrong' }))).what, 'accessDenied');
        assert.equal((await tried(to({ ...who, ...way() }))).what, expected, 'in full');
        assert.equal((await tried(to({ ...who, ...way() }))).what, expected, 'from memory');
        assert.equal((await tried(to({ ...who, ...way(), password: 'wrong' }))).what, 'accessDenied');
        await server.query('FLUSH PRIVILEGES');
        assert.equal((await tried(to({ ...who, ...way() }))).what, expected, 'in full again');
      });
    }

    const refusals: readonly (readonly [string, string, Partial<MysqlConnection>, string, RegExp])[] = [
      ['an expired password', 'ALTER USER ? PASSWORD EXPIRE', {}, 'passwordExpired', /has expired.*ALTER USER/],
      ['a locked account', 'ALTER USER ? ACCOUNT LOCK', {}, 'accountLocked', /is locked.*ACCOUNT UNLOCK/],
      ['an unknown database', '', { database: 'nowhere' }, 'unknownDatabase', /no database nowhere.*Create it/],
      [
        'no rights on the database',
        'REVOKE SELECT ON *.* FROM ?',
        { database: 'mysql' },
        'databaseDenied',
        /no rights on database mysql.*Grant/,
      ],
    ];
    for (const [what, statement, more, code, sentence] of refusals) {
      test(`says what to do about ${what}`, async () => {
        const who = await account();
        if (statement !== '') await server.query(statement.replace('?', `${who.user}@'%'`));
        const found = await tried(to({ ...who, tls: 'required', ...more }));
        assert.equal(found.what, code, found.sentence);
        assert.match(found.sentence, sentence);
      });
    }

    test('says what to do about too many connections of a user, and of all', async () => {
      const who = await account();
      await server.query(`ALTER USER ${who.user}@'%' WITH MAX_USER_CONNECTIONS 1`);
      const first = openSessions(to({ ...who, tls: 'required' }));
      const session = await first.session();
      const found = await tried(to({ ...who, name: 'second', tls: 'required' }));
      assert.equal(found.what, 'tooManyConnections');
      assert.match(found.sentence, /Lower the concurrency/);
      session.release();
      await first.close();
    });
  });
}
