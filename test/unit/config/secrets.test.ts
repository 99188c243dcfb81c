// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are what this is about
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ConfigModel } from '../../../src/config/model.ts';
import { outsidePaths } from '../../../src/config/outside-paths.ts';
import { parse } from '../../../src/config/parse.ts';
import { secretVariable } from '../../../src/config/references.ts';
import {
  environmentSecrets,
  resolveConnection,
  type SecretSources,
  secretBinding,
  secretsIn,
} from '../../../src/config/secrets.ts';
import { DataError } from '../../../src/core/ports.ts';
import { word } from '../../../src/wording/word.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'datatrace-secrets-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function configOf(connections: object, tasks: object = {}): ConfigModel {
  const { model, problems } = parse(JSON.stringify({ connections, tasks }), path.join(folder, 'datatrace.json'));
  assert.ok(model, JSON.stringify(problems));
  return model;
}

function sources(environment: Record<string, string> = {}): SecretSources {
  return { folder, environment: (name) => environment[name], secrets: environmentSecrets(environment) };
}

const resolve = (connection: object, environment?: Record<string, string>) =>
  resolveConnection(
    configOf({ shop: { type: 'mysql', host: 'h', ...connection } }).connections.get('shop')!,
    sources(environment),
  );

async function refusal(promise: Promise<unknown>): Promise<DataError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DataError, String(error));
  return error;
}

describe('secrets of a connection', () => {
  test('come from the environment, a file, or from outside the configuration', async () => {
    writeFileSync(path.join(folder, 'pw'), 'from file\r\n');
    const passwordOf = async (password: string | undefined, environment: Record<string, string>): Promise<string> => {
      const resolved = await resolve(password === undefined ? {} : { password }, environment);
      assert.ok(resolved.type === 'mysql');
      return resolved.password;
    };
    assert.equal(await passwordOf('${env:PW}', { PW: 'from env' }), 'from env');
    assert.equal(await passwordOf('${env:PW}', { PW: '' }), '');
    assert.equal(await passwordOf('${file:pw}', {}), 'from file');
    assert.equal(await passwordOf(undefined, { DATATRACE_SECRET_SHOP: 'kept' }), 'kept');
    assert.equal(await passwordOf('', { DATATRACE_SECRET_SHOP: 'kept' }), '');
  });

  test('expand once: what a reference stands for is taken as it is', async () => {
    const resolved = await resolve({ host: 'x.${env:H}', password: '${env:PW}' }, { H: '${env:PW}', PW: '${env:H}' });
    assert.ok(resolved.type === 'mysql');
    assert.deepEqual([resolved.host, resolved.password], ['x.${env:PW}', '${env:H}']);
  });

  test('are refused with the connection and the place, never with the secret', async () => {
    writeFileSync(path.join(folder, 'big'), 'canary'.repeat(200_000));
    const cases: [object, string][] = [
      [{ password: '${env:MISSING}' }, 'Connection shop: environment variable MISSING is not set.'],
      [
        { password: '${file:none}' },
        `Connection shop: the secret file ${path.join(folder, 'none')} cannot be read (ENOENT).`,
      ],
      [
        { password: '${file:big}' },
        `Connection shop: the secret file ${path.join(folder, 'big')} cannot be read (EFBIG).`,
      ],
      [{ password: '${file:.}' }, `Connection shop: the secret file ${folder} cannot be read (EISDIR).`],
      [
        { password: '', tlsCa: 'ca.pem' },
        `Connection shop: the certificate ${path.join(folder, 'ca.pem')} cannot be read (ENOENT).`,
      ],
      [
        { password: '', host: '${env:H}' },
        'Connection shop: its address uses environment variable H, which is not set.',
      ],
    ];
    for (const [connection, sentence] of cases) {
      const error = await refusal(resolve(connection, { OTHER: 'canary' }));
      assert.equal(word(error.error, 'en'), sentence);
      assert.doesNotMatch(JSON.stringify(error) + error.message + error.stack + JSON.stringify(error.error), /canary/);
    }
    const missing = await refusal(resolve({}));
    assert.match(word(missing.error, 'en'), /DATATRACE_SECRET_SHOP/);
  });

  test('certificates are read as text, a missing key is none', async () => {
    writeFileSync(path.join(folder, 'cert.pem'), 'CERT');
    writeFileSync(path.join(folder, 'key.pem'), 'KEY\n');
    const resolved = await resolve({ password: '', tlsCert: 'cert.pem', tlsKey: '${file:key.pem}' });
    assert.ok(resolved.type === 'mysql');
    assert.deepEqual([resolved.tlsCa, resolved.tlsCert, resolved.tlsKey], [null, 'CERT', 'KEY']);
  });

  test('of a search connection: one login of three kinds, addresses from the environment, the authority as text', async () => {
    writeFileSync(path.join(folder, 'es.pem'), 'PEM');
    const environment = { HOST: 'search.example.org', KEY: 'canary-key', DATATRACE_SECRET_S: 'canary-stored' };
    const resolveSearch = async (more: object) => {
      const connection = { type: 'opensearch', url: ['https://${env:HOST}:9200/x', 'https://other'], ...more };
      const resolved = await resolveConnection(configOf({ s: connection }).connections.get('s')!, sources(environment));
      assert.ok(resolved.type === 'elasticsearch');
      return resolved;
    };
    const plain = await resolveSearch({ tlsCa: 'es.pem', fingerprint: 'AA:BB' });
    assert.deepEqual(plain.urls, ['https://search.example.org:9200/x', 'https://other']);
    assert.deepEqual([plain.auth, plain.tlsCa, plain.fingerprint], [{ kind: 'none' }, 'PEM', 'AA:BB']);
    assert.deepEqual(secretsIn(plain), []);

    const withUser = await resolveSearch({ auth: { user: 'me' } });
    assert.deepEqual(withUser.auth, { kind: 'basic', user: 'me', password: 'canary-stored' });
    // Also in the form in which it travels.
    assert.deepEqual(secretsIn(withUser), ['canary-stored', Buffer.from('me:canary-stored').toString('base64')]);
    const withKey = await resolveSearch({ auth: { apiKey: '${env:KEY}' } });
    assert.deepEqual([withKey.auth, secretsIn(withKey)], [{ kind: 'apiKey', apiKey: 'canary-key' }, ['canary-key']]);
    const withToken = await resolveSearch({ auth: { bearer: '${env:KEY}' } });
    assert.deepEqual(
      [withToken.auth, secretsIn(withToken)],
      [{ kind: 'bearer', bearer: 'canary-key' }, ['canary-key']],
    );
    const error = await refusal(resolveSearch({ url: 'https://${env:NOWHERE}' }));
    assert.equal(error.error.code, 'address.variableMissing');
  });

  test('the file of a SQLite connection may come from the environment', async () => {
    const connection = configOf({ a: { type: 'sqlite', file: '${env:DB}' } }).connections.get('a')!;
    const resolved = await resolveConnection(connection, sources({ DB: 'sub/x.db' }));
    assert.deepEqual(resolved, { type: 'sqlite', name: 'a', file: path.join(folder, 'sub/x.db') });
  });

  test('the folder of a connection of files may come from the environment', async () => {
    const defined = { type: 'files', folder: '${env:BACKUPS}/daily', format: 'csv', compress: 'gzip' };
    const connection = configOf({ a: defined }).connections.get('a')!;
    const resolved = await resolveConnection(connection, sources({ BACKUPS: 'sub' }));
    assert.deepEqual(resolved, { ...defined, name: 'a', folder: path.join(folder, 'sub/daily') });
  });

  test('the variable of a connection is its name in upper case with underscores', () => {
    assert.equal(secretVariable('my-db.2'), 'DATATRACE_SECRET_MY_DB_2');
  });

  test('a stored secret is bound to type, host, port and user', () => {
    const bind = (more: object): string =>
      secretBinding(configOf({ a: { type: 'mysql', host: 'h', user: 'u', ...more } }).connections.get('a')!);
    assert.equal(bind({ database: 'x' }), bind({ database: 'y', tls: 'off' }));
    for (const more of [{ host: 'i' }, { port: 1 }, { user: 'v' }]) assert.notEqual(bind(more), bind({}));
  });
});

describe('TLS of a connection', () => {
  test('is strict for every host but this machine, unless the file says otherwise', () => {
    const tlsOf = (connection: object): unknown => {
      const found = configOf({ a: { type: 'mysql', ...connection } }).connections.get('a');
      return found?.type === 'mysql' && found.tls;
    };
    assert.equal(tlsOf({ host: 'db.example.org' }), 'verify-full');
    assert.equal(tlsOf({ host: '${env:H}' }), 'verify-full');
    assert.equal(tlsOf({ host: '127.0.0.1.example.org' }), 'verify-full');
    assert.equal(tlsOf({ host: '127.0.0.1' }), 'preferred');
    assert.equal(tlsOf({ host: 'LOCALHOST' }), 'preferred');
    assert.equal(tlsOf({ socket: '/run/db.sock' }), 'off');
    assert.equal(tlsOf({ host: 'localhost', tls: 'required' }), 'required');
  });
});

describe('compression of a search connection', () => {
  test('is left out on this machine, unless the file says otherwise', () => {
    const compressionOf = (connection: object): unknown => {
      const found = configOf({ a: { type: 'elasticsearch', ...connection } }).connections.get('a');
      return found?.type === 'elasticsearch' && found.compression;
    };
    assert.equal(compressionOf({ url: 'https://search.example.org:9200' }), true);
    assert.equal(compressionOf({ url: '${env:URL}' }), true);
    assert.equal(compressionOf({ url: ['http://127.0.0.1:9200', 'http://other:9200'] }), true);
    assert.equal(compressionOf({ url: ['http://127.0.0.1:9200/es', 'http://[::1]:9200'] }), false);
    assert.equal(compressionOf({ url: 'http://localhost:9200', compression: true }), true);
  });
});

describe('paths outside the folder', () => {
  test('are found also behind links, for the two connections of a task', async () => {
    symlinkSync(tmpdir(), path.join(folder, 'link'));
    const model = configOf(
      {
        inside: { type: 'sqlite', file: 'new/folder/a.db' },
        up: { type: 'sqlite', file: '../up.db' },
        linked: { type: 'sqlite', file: 'link/b.db' },
        secret: { type: 'mysql', host: 'h', password: '${file:/etc/hostname}' },
      },
      { one: { source: 'inside', target: 'up' }, two: { source: 'secret', target: 'linked' } },
    );
    const found = async (task: string): Promise<string[]> =>
      (await outsidePaths(model.tasks.get(task)!, model)).map(
        ({ connection, path: file }) => `${connection} ${path.basename(file)}`,
      );
    assert.deepEqual(await found('one'), ['up up.db']);
    assert.deepEqual(await found('two'), ['secret hostname', 'linked b.db']);
  });

  test('are found behind links to a place where nothing is yet', async () => {
    symlinkSync(path.join(tmpdir(), 'datatrace-not-there-yet.db'), path.join(folder, 'bait.db'));
    symlinkSync('bait.db', path.join(folder, 'chain.db'));
    symlinkSync('round.db', path.join(folder, 'round.db'));
    symlinkSync('later.db', path.join(folder, 'inner.db'));
    const connections = { bait: 'bait.db', chain: 'chain.db', round: 'round.db', inner: 'inner.db' };
    const model = configOf(
      Object.fromEntries(Object.entries(connections).map(([name, file]) => [name, { type: 'sqlite', file }])),
      { one: { source: 'inner', target: 'bait' }, two: { source: 'round', target: 'chain' } },
    );
    const found = async (task: string) => (await outsidePaths(model.tasks.get(task)!, model)).map((o) => o.connection);
    assert.deepEqual(await found('one'), ['bait']);
    assert.deepEqual(await found('two'), ['chain']);
  });
});
