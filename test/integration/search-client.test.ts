/** The client of Elasticsearch and OpenSearch: against real servers, and against servers that mean no good. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { Source } from '../../src/connectors/contract.ts';
import { openClient, type SearchClient, type SearchRequest } from '../../src/connectors/elasticsearch/client.ts';
import { testElasticsearch } from '../../src/connectors/elasticsearch/connector.ts';
import { openElasticsearchSource } from '../../src/connectors/elasticsearch/source.ts';
import { DataError } from '../../src/core/ports.ts';
import type { ElasticsearchConnection } from '../../src/core/settings.ts';
import { createExecutor } from '../../src/engine/executor.ts';
import { word } from '../../src/wording/word.ts';
import { systemClock } from '../../src/workspace/system-clock.ts';
import { SETTINGS } from '../conformance/run-unit.ts';
import { makeCertificate } from '../servers/elasticsearch/certificate.ts';
import { listening, type Trap, trapHttp, trapSockets } from '../servers/elasticsearch/http-trap.ts';
import { type SearchServer, startSearchServer } from '../servers/elasticsearch/instance.ts';
import { sharedSearchServer, stopSharedSearchServers } from '../servers/elasticsearch/shared.ts';

after(stopSharedSearchServers);

const CANARY = 'canary-a1b2c3';
const NOBODY: ElasticsearchConnection = {
  type: 'elasticsearch',
  name: 'search',
  urls: [],
  auth: { kind: 'none' },
  tlsCa: null,
  fingerprint: null,
  compression: false,
  requestTimeoutMs: 10_000,
};

const to = (url: string, more: Partial<ElasticsearchConnection> = {}): ElasticsearchConnection => ({
  ...NOBODY,
  urls: [url],
  ...more,
});

function toServer({ url, login, certificate }: SearchServer, more: Partial<ElasticsearchConnection> = {}) {
  const auth = login === undefined ? NOBODY.auth : ({ kind: 'basic', ...login } as const);
  return to(url, { auth, tlsCa: certificate?.ca ?? null, ...more });
}

/** The failure as a code; its sentence must be complete and hold no secret. */
async function refused(work: Promise<unknown>): Promise<DataError['error']> {
  const error = await work.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DataError, String(error));
  const { code, args } = error.error;
  const said = [word({ code, args }, 'en'), word({ code, args }, 'zh-cn'), JSON.stringify(error.error), String(error)];
  for (const text of said.slice(0, 2)) assert.doesNotMatch(text, /\{\w+\}|undefined/);
  for (const text of said) assert.ok(!text.includes(CANARY), text);
  return error.error;
}

async function withClient<T>(
  connection: ElasticsearchConnection,
  work: (client: SearchClient) => Promise<T>,
): Promise<T> {
  const client = openClient(connection);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

const sendTo = (connection: ElasticsearchConnection, request: Partial<SearchRequest> = {}) =>
  withClient(connection, (client) => client.send({ method: 'GET', path: ['any'], ...request }));

describe('a real OpenSearch', () => {
  const server = () => sharedSearchServer('opensearch2');

  test('says what it is, over the second address where the first is not there', async () => {
    const own = await server();
    const connection = toServer(own, { urls: ['http://127.0.0.1:1', `${own.url}/`] });
    assert.deepEqual(await testElasticsearch(connection), { server: titleOf(own) });
  });

  test('is asked who it is in a worker thread, as the hosts do', async () => {
    const own = await server();
    const workerFile = new URL('../../src/worker/main.ts', import.meta.url);
    const executor = createExecutor({ workerFile, clock: systemClock });
    try {
      const { server: title } = await executor.testConnection(toServer(own));
      assert.equal(title, titleOf(own));
      assert.equal(
        (await refused(executor.testConnection(to('http://127.0.0.1:1')))).code,
        'elasticsearch.unreachable',
      );
    } finally {
      await executor.dispose();
    }
  });

  test('gives documents back byte for byte, packed or not', async () => {
    const own = await server();
    const index = await own.freshIndex('bytes', { properties: { any: { type: 'object', enabled: false } } });
    const source = `{"any":{"big":9007199254740993,"price":1.10, "zero":-0.0,"e":1e400,"__proto__":"𝄞","fill":"${'x'.repeat(4000)}"}}`;
    for (const compression of [false, true]) {
      await withClient(toServer(own, { compression }), async (client) => {
        const id = `a/b ü ${compression}`;
        const lines = `${JSON.stringify({ index: { _index: index, _id: id } })}\n${source}\n`;
        const query = { refresh: true };
        const written = await client.send({ method: 'POST', path: ['_bulk'], query, lines: true, body: lines });
        assert.match(written.body.toString(), /"errors":false/);
        const found = await client.send({ method: 'POST', path: [index, '_search'], body: Buffer.from('{"size":10}') });
        assert.ok(found.body.includes(`"_source":${source}`), found.body.toString());
        assert.equal(found.headers['content-encoding'], compression ? 'gzip' : undefined);
        const one = await client.send({ method: 'GET', path: [index, '_doc', id] });
        assert.ok(one.body.includes(source));
      });
    }
  });

  test('refuses with its own words, which are an answer where the caller says so', async () => {
    const own = await server();
    const request = { method: 'POST', path: ['no-such-index', '_search'], body: '{}' } as const;
    const { code, class: kind, args } = await refused(sendTo(toServer(own), request));
    assert.deepEqual([code, kind], ['elasticsearch.indexMissing', 'permanent']);
    assert.match(String(args?.detail), /index_not_found_exception: no such index/);
    assert.equal((await sendTo(toServer(own), { ...request, accept: [404] })).status, 404);
  });

  test('a blocked index is told from a server that has too much to do', async () => {
    const own = await server();
    const index = await own.freshIndex('blocked');
    await own.request('PUT', `/${index}/_settings`, { 'index.blocks.read_only_allow_delete': true });
    const { code, class: kind } = await refused(
      sendTo(toServer(own), { method: 'PUT', path: [index, '_doc', '1'], body: '{}' }),
    );
    assert.deepEqual([code, kind], ['elasticsearch.diskFull', 'permanent']);
  });

  test('that is killed makes retryable failures, and the same client goes on when it is back', async () => {
    const shared = await server();
    // One that is given by its address is not ours to kill.
    const own = shared.pid() === 0 ? await startSearchServer('opensearch2', { name: 'killed', own: true }) : shared;
    await withClient(toServer(own, { requestTimeoutMs: 60_000 }), async (client) => {
      const ask = () => client.send({ method: 'GET', path: ['_cluster', 'health'] });
      await ask();
      const restarted = own.restart();
      const failures = new Set<string>();
      let isBack = false;
      restarted.finally(() => {
        isBack = true;
      });
      while (!isBack) {
        await ask().catch((error: DataError) => {
          assert.equal(error.error?.class, 'retryable', String(error));
          failures.add(error.error.code);
        });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await restarted;
      assert.ok(failures.size > 0);
      assert.equal((await ask()).status, 200);
    });
    // The last of its tests: one server at a time is enough for a small machine.
    await own.stop();
  });
});

describe('a real Elasticsearch with users and TLS', () => {
  const server = () => sharedSearchServer('elasticsearch8-secure');

  test('lets a user, a key and a token in, and nobody else', async () => {
    const own = await server();
    const { url, certificate, login } = own;
    const expected = { server: titleOf(own) };
    const secure = { tlsCa: certificate?.ca ?? null };
    assert.deepEqual(await testElasticsearch(toServer(own)), expected);

    const made = await own.request('POST', '/_security/api_key', { name: 'all' });
    const { encoded } = made.json() as { encoded: string };
    assert.deepEqual(
      await testElasticsearch(to(url, { ...secure, auth: { kind: 'apiKey', apiKey: encoded } })),
      expected,
    );

    const token = await own.request('POST', '/_security/service/elastic/kibana/credential/token/test');
    const { value: bearer } = (token.json() as { token: { value: string } }).token;
    assert.deepEqual(await testElasticsearch(to(url, { ...secure, auth: { kind: 'bearer', bearer } })), expected);

    const strangers: ElasticsearchConnection['auth'][] = [
      { kind: 'none' },
      { kind: 'basic', user: login?.user ?? '', password: CANARY },
      { kind: 'apiKey', apiKey: CANARY },
      { kind: 'bearer', bearer: CANARY },
    ];
    for (const auth of strangers) {
      const { code, class: kind } = await refused(testElasticsearch(to(url, { ...secure, auth })));
      const reason = auth.kind === 'none' ? 'elasticsearch.loginWanted' : 'elasticsearch.loginRefused';
      assert.deepEqual([code, kind], [reason, 'permanent']);
    }
  });

  test('names the right that is missing', async () => {
    const own = await server();
    const roles = { none: { cluster: ['monitor'], indices: [] } };
    const made = await own.request('POST', '/_security/api_key', { name: 'none', role_descriptors: roles });
    const { encoded: apiKey } = made.json() as { encoded: string };
    const { code, args } = await refused(
      sendTo(toServer(own, { auth: { kind: 'apiKey', apiKey } }), { path: ['some', '_search'] }),
    );
    assert.equal(code, 'elasticsearch.permission');
    assert.match(String(args?.detail), /indices:data\/read\/search/);
  });

  test('is read by whoever may read and look, and by nobody who may only look', async () => {
    const own = await server();
    const index = await own.freshIndex('read');
    assert.equal((await own.request('PUT', `/${index}/_doc/1?refresh=true`, '{"a":1.10}')).status, 201);
    const sourceFor = async (privileges: readonly string[]): Promise<Source> => {
      const roles = { reader: { cluster: ['monitor'], indices: [{ names: [index], privileges }] } };
      const made = await own.request('POST', '/_security/api_key', { name: 'reader', role_descriptors: roles });
      const { encoded: apiKey } = made.json() as { encoded: string };
      return openElasticsearchSource(toServer(own, { auth: { kind: 'apiKey', apiKey } }));
    };
    const source = await sourceFor(['read', 'view_index_metadata']);
    const blind = await sourceFor(['view_index_metadata']);
    try {
      assert.deepEqual(
        (await source.listUnits()).map(({ name }) => name),
        [index],
      );
      const schema = await source.describe(index, SETTINGS);
      // What it may not ask for - a refresh, the size of documents - it does without.
      assert.equal(schema.rowBytes, undefined);
      assert.deepEqual(await source.extent?.(schema, null), { upTo: '{"seq":0}', rows: 1 });
      assert.equal((await refused(blind.extent?.(schema, null) ?? Promise.resolve())).code, 'elasticsearch.permission');
    } finally {
      await source.close();
      await blind.close();
    }
  });

  test('is trusted by its authority, by its own fingerprint or its authority’s, and by no other', async () => {
    const own = await server();
    const { fingerprint = '', caFingerprint = '' } = own.certificate ?? {};
    const pinned = (pin: string) => testElasticsearch(toServer(own, { tlsCa: null, fingerprint: pin }));
    await pinned(fingerprint);
    await pinned(caFingerprint.replaceAll(':', '').toLowerCase());
    await testElasticsearch(toServer(own, { fingerprint }));

    const wrong = fingerprint.replace(/^../, (byte) => (byte === '00' ? '01' : '00'));
    for (const tlsCa of [null, own.certificate?.ca ?? '']) {
      const { code, args } = await refused(testElasticsearch(toServer(own, { tlsCa, fingerprint: wrong })));
      assert.equal(code, 'elasticsearch.tlsOtherCertificate');
      assert.equal(args?.fingerprint, fingerprint);
    }
    assert.equal(
      (await refused(testElasticsearch(toServer(own, { tlsCa: null })))).code,
      'elasticsearch.tlsUnknownAuthority',
    );
    assert.equal((await refused(testElasticsearch(toServer(own, { tlsCa: 'none' })))).code, 'elasticsearch.tlsFiles');
  });

  test('is asked for over http by mistake, and the sentence says what is wrong', async () => {
    const own = await server();
    const plain = own.url.replace('https:', 'http:');
    assert.equal(
      (await refused(testElasticsearch(toServer(own, { urls: [plain] })))).code,
      'elasticsearch.closedAtOnce',
    );
  });
});

describe('a server that means no good', () => {
  const traps: Trap[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'datatrace-search-'));
  const login = { auth: { kind: 'basic', user: 'me', password: CANARY } } as const;
  afterEach(async () => {
    for (const trap of traps.splice(0)) await trap.close();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const kept = async (trap: Promise<Trap>): Promise<Trap> => {
    traps.push(await trap);
    return trap;
  };
  const answering = (handler: http.RequestListener) => kept(trapHttp(handler));
  const withSockets = (handler: Parameters<typeof trapSockets>[0]) => kept(trapSockets(handler));
  const asJson = (response: http.ServerResponse, body: string, headers: http.OutgoingHttpHeaders = {}) =>
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);

  const pages: readonly [string, number, string, string, string][] = [
    ['a login page', 200, 'text/html', 'elasticsearch.notJson', 'permanent'],
    ['an answer of no type', 200, '', 'elasticsearch.notJson', 'permanent'],
    ['a page of a proxy whose server is gone', 502, 'text/html', 'elasticsearch.unavailable', 'retryable'],
    ['a server that is starting', 503, 'application/json', 'elasticsearch.unavailable', 'retryable'],
    ['a proxy that waited too long', 504, 'text/html', 'elasticsearch.unavailable', 'retryable'],
    ['too many requests', 429, 'application/json', 'elasticsearch.busy', 'retryable'],
    ['too large a request', 413, '', 'elasticsearch.requestTooLarge', 'permanent'],
    ['a page that is not there', 404, 'text/html', 'elasticsearch.requestFailed', 'permanent'],
  ];
  for (const [what, status, type, code, kind] of pages) {
    test(`${what} is told as what it is`, async () => {
      const { url } = await answering((_, response) => {
        response.writeHead(status, type === '' ? {} : { 'content-type': type }).end('<html>\u001b[31m</html>');
      });
      const failure = await refused(sendTo(to(url, login)));
      assert.deepEqual([failure.code, failure.class], [code, kind]);
    });
  }

  const impostors: readonly [string, string, http.OutgoingHttpHeaders, string][] = [
    [
      'something else',
      '{"version":{"number":"8.1.0"},"tagline":"You Know, for Search"}',
      {},
      'elasticsearch.otherProduct',
    ],
    ['no object', 'null', {}, 'elasticsearch.otherProduct'],
    ['broken JSON', '{"version"', {}, 'elasticsearch.otherProduct'],
    ['an old Elasticsearch', '{"version":{"number":"7.10.2"}}', elastic(), 'elasticsearch.otherVersion'],
    ['an Elasticsearch to come', '{"version":{"number":"10.0.0"}}', elastic(), 'elasticsearch.otherVersion'],
    [
      'an old OpenSearch',
      '{"version":{"number":"1.3.20","distribution":"opensearch"}}',
      {},
      'elasticsearch.otherVersion',
    ],
    [
      'a version of control characters',
      '{"version":{"number":"8.1.\\u001b[31m"}}',
      elastic(),
      'elasticsearch.otherProduct',
    ],
  ];
  for (const [what, body, headers, code] of impostors) {
    test(`${what} is refused`, async () => {
      const { url } = await answering((_, response) => asJson(response, body, headers));
      assert.equal((await refused(testElasticsearch(to(url)))).code, code);
    });
  }

  test('a redirection is not followed, and nothing of the login goes there', async () => {
    const elsewhere = await answering((_, response) => asJson(response, '{}'));
    for (const status of [301, 302, 307, 308]) {
      const { url } = await answering((_, response) => {
        response.writeHead(status, { location: `${elsewhere.url}/deep?token=${CANARY}` }).end('<html>');
      });
      const { code, args } = await refused(sendTo(to(url, login), { method: 'POST', body: '{}' }));
      assert.equal(code, 'elasticsearch.redirected');
      assert.equal(args?.target, elsewhere.url);
    }
    assert.deepEqual(elsewhere.seen, []);
  });

  test('a small answer that unpacks to a gigabyte is cut', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const { url } = await answering((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      for (let times = 0; times < 16; times += 1) response.write(bomb);
      response.end();
    });
    const before = process.memoryUsage().rss;
    const failure = await refused(sendTo(to(url, { compression: true }), { maxBytes: 8 * 1024 * 1024 }));
    assert.deepEqual([failure.code, failure.class], ['elasticsearch.answerTooLarge', 'permanent']);
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
  });

  test('an answer without an end is cut, and one that says it will be too large is not awaited', async () => {
    const endless = await answering((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 32)));
        response.once('drain', more);
      };
      more();
    });
    const announced = await answering((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1e12 }).write('{');
    });
    for (const { url } of [endless, announced]) {
      const { code } = await refused(sendTo(to(url), { maxBytes: 1024 * 1024 }));
      assert.equal(code, 'elasticsearch.answerTooLarge');
    }
  });

  test('silence ends in time: before the answer, within it, and where it comes in drops', async () => {
    const never = await withSockets(() => {});
    const half = await answering((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{');
    });
    const drops = await answering((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drop = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drop));
    });
    for (const [{ url, open }, atMost] of [
      [never, 2_000],
      [half, 2_000],
      [drops, 4_000],
    ] as const) {
      const began = performance.now();
      const failure = await refused(sendTo(to(url, { requestTimeoutMs: 100 })));
      assert.deepEqual([failure.code, failure.class], ['elasticsearch.timeout', 'retryable']);
      assert.ok(performance.now() - began < atMost, `${performance.now() - began} ms`);
      await eventually(() => open() === 0);
    }
  });

  test('a connection that ends early is a retryable failure, wherever it ends', async () => {
    const whole = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"a":1}';
    for (const piece of ['', whole.slice(0, 10), whole.slice(0, 60), whole]) {
      const { url } = await withSockets((socket) => socket.once('data', () => socket.end(piece)));
      const failure = await refused(sendTo(to(url)));
      assert.deepEqual(
        [failure.code, failure.class],
        ['elasticsearch.connectionLost', 'retryable'],
        JSON.stringify(piece),
      );
    }
    const reset = await withSockets((socket) => socket.once('data', () => socket.resetAndDestroy()));
    assert.equal((await refused(sendTo(to(reset.url)))).code, 'elasticsearch.connectionLost');
  });

  test('what is no HTTP, or packed in a way nobody asked for, is told as something else', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
    const answers = [
      'SSH-2.0-OpenSSH_9.2p1\r\n',
      `${head}content-encoding: br\r\ncontent-length: 2\r\n\r\n{}`,
      `${head}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}`,
      `${head}content-length: 2\r\nx: ${'y'.repeat(300_000)}\r\n\r\n{}`,
    ];
    for (const answer of answers) {
      const { url } = await withSockets((socket) => socket.once('data', () => socket.write(answer)));
      const failure = await refused(sendTo(to(url, login)));
      assert.deepEqual([failure.code, failure.class], ['elasticsearch.protocol', 'permanent'], answer.slice(0, 80));
    }
  });

  test('a server without TLS is told so where its address says https', async () => {
    const { url } = await answering((_, response) => asJson(response, '{}'));
    assert.equal((await refused(sendTo(to(url.replace('http:', 'https:'), login)))).code, 'elasticsearch.noTls');
  });

  test('a certificate that only claims to be signed by the pinned one is refused before a byte is sent', async () => {
    const honest = await makeCertificate(mkdtempSync(join(folder, 'honest-')));
    const place = mkdtempSync(join(folder, 'forged-'));
    // Without the mark of the key that has signed it, by which a forged one would give itself away.
    const forged = await makeCertificate(place, 'IP:127.0.0.1\nauthorityKeyIdentifier=none');
    const seen: string[] = [];
    // Its issuer has the name of the pinned authority, whose certificate stands behind it as in the honest chain.
    const cert = readFileSync(join(place, 'http.crt'), 'utf8') + honest.ca;
    const server = tls.createServer({ cert, key: readFileSync(forged.keyFile) }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => seen.push(data.toString('latin1')));
    });
    server.on('tlsClientError', () => {});
    const { url } = await kept(listening(server, seen, 'https'));
    for (const pin of [honest.caFingerprint, honest.fingerprint]) {
      const { code } = await refused(sendTo(to(url, { ...login, fingerprint: pin })));
      assert.equal(code, 'elasticsearch.tlsOtherCertificate');
    }
    const { code } = await refused(sendTo(to(url, { ...login, tlsCa: honest.ca })));
    assert.equal(code, 'elasticsearch.tlsUnknownAuthority');
    assert.deepEqual(seen, []);
  });

  test('a certificate for another host is refused, unless it is pinned itself', async () => {
    const made = await makeCertificate(mkdtempSync(join(folder, 'named-')), 'DNS:search.example.org');
    const cert = readFileSync(made.chainFile);
    const server = tls.createServer({ cert, key: readFileSync(made.keyFile) }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'),
      );
    });
    server.on('tlsClientError', () => {});
    const { url } = await kept(listening(server, [], 'https'));
    for (const trust of [{ tlsCa: made.ca }, { fingerprint: made.caFingerprint }]) {
      const { code, args } = await refused(sendTo(to(url, trust)));
      assert.equal(code, 'elasticsearch.tlsOtherName');
      assert.match(String(args?.names), /search\.example\.org/);
    }
    assert.equal((await sendTo(to(url, { fingerprint: made.fingerprint }))).body.toString(), '{}');
  });

  test('work that is aborted ends at once with the reason, and its connection is cut', async () => {
    let cut = 0;
    const { url, seen } = await withSockets((socket) => {
      socket.once('data', () => socket.once('close', () => cut++));
    });
    const reason = new DataError({ code: 'mysql.stopped', args: {}, class: 'retryable', message: 'stopped' });
    await withClient(to(url), async (client) => {
      const abort = new AbortController();
      const work = client.within(abort.signal).send({ method: 'GET', path: [] });
      await eventually(() => seen.length > 0);
      abort.abort(reason);
      await assert.rejects(work, (error) => error === reason);
      await eventually(() => cut === 1);
      await assert.rejects(client.within(abort.signal).send({ method: 'GET', path: [] }), (error) => error === reason);
    });
    const signal = AbortSignal.timeout(50);
    await assert.rejects(testElasticsearch(to(url), signal), (error) => error === signal.reason);
  });
});

describe('what is sent', () => {
  test('has the path before every other, plain media types and the login, and no name of a product', async () => {
    const trap = await trapHttp((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    try {
      const connection = to(`${trap.url}/deep/prefix/`, { auth: { kind: 'apiKey', apiKey: 'abc' }, compression: true });
      const query = { refresh: 'wait_for', size: 5 };
      await sendTo(connection, { method: 'POST', path: ['<a-{now/d}>', '_bulk'], query, lines: true, body: '{}\n' });
      const [head = ''] = trap.seen;
      assert.match(head, /^POST \/deep\/prefix\/%3Ca-%7Bnow%2Fd%7D%3E\/_bulk\?refresh=wait_for&size=5\n/);
      assert.match(head, /\nauthorization\nApiKey abc\n/);
      assert.match(head, /\ncontent-type\napplication\/x-ndjson(\n|$)/);
      assert.match(head, /\naccept\napplication\/json\n/);
      assert.doesNotMatch(head, /compatible-with|user-agent|x-elastic/i);
      await assert.rejects(sendTo(connection, { path: ['..', '_all'] }), /cannot be a part of a path/);
    } finally {
      await trap.close();
    }
  });

  test('nothing, where an address or a key cannot be one', async () => {
    for (const url of ['ftp://h', 'h:9200', `http://me:${CANARY}@h`, 'http://h?x=1', '']) {
      assert.equal((await refused(sendTo(to(url)))).code, 'elasticsearch.badAddress');
    }
    for (const apiKey of ['', `${CANARY}\nx: y`, 'ключ']) {
      assert.equal(
        (await refused(sendTo(to('http://127.0.0.1:1', { auth: { kind: 'apiKey', apiKey } })))).code,
        'elasticsearch.badLogin',
      );
    }
  });
});

function titleOf({ product, version }: SearchServer): string {
  return `${product === 'opensearch' ? 'OpenSearch' : 'Elasticsearch'} ${version}`;
}

function elastic(): http.OutgoingHttpHeaders {
  return { 'x-elastic-product': 'Elasticsearch' };
}

async function eventually(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!isSo()) {
    assert.ok(Date.now() < deadline, 'it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
