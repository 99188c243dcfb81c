/** The private search servers that other tests rely on: they come up, keep what they acknowledged, and check who asks. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type SearchServer, startSearchServer } from '../servers/elasticsearch/instance.ts';
import { isSearchKind, SEARCH_KINDS, type SearchKind } from '../servers/elasticsearch/kinds.ts';
import { sendRequest } from '../servers/elasticsearch/request.ts';

/** DATATRACE_TEST_SEARCH_KINDS names others, separated by commas. */
const kinds = (process.env.DATATRACE_TEST_SEARCH_KINDS || 'elasticsearch8,opensearch2,elasticsearch8-secure').split(
  ',',
);

for (const kind of kinds) {
  if (!isSearchKind(kind))
    throw new Error(`DATATRACE_TEST_SEARCH_KINDS holds ${SEARCH_KINDS.join(', ')}, not ${kind}.`);
  describe(`a private server: ${kind}`, () => {
    let running: Promise<SearchServer> | undefined;
    const server = (): Promise<SearchServer> => {
      running ??= startSearchServer(kind, { name: 'own', own: true });
      return running;
    };
    after(async () => (await running)?.stop());

    test('says what it is', async (t) => {
      const { product, version, pid } = await server();
      t.diagnostic(`${product} ${version}, process ${pid()}`);
      assert.equal(product, kind.startsWith('opensearch') ? 'opensearch' : 'elasticsearch');
      assert.match(version, VERSIONS[kind]);
    });

    if (kind.endsWith('-secure')) checksWhoAsks(server);
    else keepsItsData(server);
  });
}

function keepsItsData(server: () => Promise<SearchServer>): void {
  test('a document that it acknowledged is there after it was killed, byte for byte', async () => {
    const { request, freshIndex, restart, pid } = await server();
    const index = await freshIndex('kept', { properties: { any: { type: 'object', enabled: false } } });
    const document = '{"any":{"big":9007199254740993,"price":1.10, "zero":-0.0}}';
    const written = await request('PUT', `/${index}/_doc/1`, document);
    assert.equal(written.status, 201, written.text);
    const before = pid();

    await restart();

    assert.notEqual(pid(), before);
    const { text } = await request('GET', `/${index}/_doc/1`);
    assert.ok(text.includes(`"_source":${document}`), text);
    const found = await request('GET', `/${index}/_search`);
    assert.equal(found.status, 200, found.text);
  });
}

function checksWhoAsks(server: () => Promise<SearchServer>): void {
  test('nobody gets in without credentials or with wrong ones, and a user does', async () => {
    const { url, login, certificate } = await server();
    const ca = certificate?.ca;
    assert.equal((await sendRequest({ url, ca }, 'GET', '/')).status, 401);
    assert.equal(
      (await sendRequest({ url, ca, login: { user: login?.user ?? '', password: 'x' } }, 'GET', '/')).status,
      401,
    );
    assert.equal((await sendRequest({ url, ca, login }, 'GET', '/')).status, 200);
  });

  test('its certificate is trusted by its own authority only', async () => {
    const { url, login } = await server();
    await assert.rejects(sendRequest({ url, login }, 'GET', '/'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
  });

  test('it makes API keys, and refuses what one of them may not do', async () => {
    const { request, url, certificate } = await server();
    const body = { name: 'reader', role_descriptors: { none: { cluster: ['monitor'], indices: [] } } };
    const made = await request('POST', '/_security/api_key', body);
    assert.equal(made.status, 200, made.text);
    const { encoded } = made.json() as { encoded: string };
    const ask = (path: string) => sendRequest({ url, ca: certificate?.ca, apiKey: encoded }, 'GET', path);
    assert.equal((await ask('/')).status, 200);
    assert.equal((await ask('/none/_search')).status, 403);
  });
}

/** What each kind is there for. */
const VERSIONS: Readonly<Record<SearchKind, RegExp>> = {
  elasticsearch7: /^7\.17\./,
  elasticsearch8: /^8\.19\./,
  'elasticsearch8-secure': /^8\.19\./,
  elasticsearch9: /^9\./,
  opensearch2: /^2\.19\./,
  opensearch3: /^3\./,
};
