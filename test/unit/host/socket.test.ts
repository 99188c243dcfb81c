import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HostError } from '../../../src/host/errors.ts';
import type { Owner } from '../../../src/host/owner-lock.ts';
import { connectToOwner, listenForViewers, type RequestHandler, socketAddress } from '../../../src/host/socket.ts';
import { temporaryFolder } from './support.ts';

const root = temporaryFolder();
const owner: Owner = { pid: 7, host: 'here', processStart: null, nonce: 'n', heartbeat: 1, app: 'VS Code', socket: '' };

async function serve(handlers: Record<string, RequestHandler> = {}) {
  const folder = mkdtempSync(join(root, 's-'));
  const address = socketAddress(folder);
  return { folder, address, server: await listenForViewers({ address, owner, handlers }) };
}

describe('socket', () => {
  test('answers status with the snapshot of the caller', async () => {
    const { address, server } = await serve({ status: (params) => ({ tasks: ['a', 'ü\n'], params }) });
    const client = await connectToOwner(address);
    assert.deepEqual(await client.request('status', { task: 'a' }), { tasks: ['a', 'ü\n'], params: { task: 'a' } });
    const many = await Promise.all(Array.from({ length: 50 }, (_, i) => client.request('status', i)));
    assert.deepEqual(
      many,
      Array.from({ length: 50 }, (_, i) => ({ tasks: ['a', 'ü\n'], params: i })),
    );
    client.close();
    await server.close();
  });

  test('says who the owner is', async () => {
    const { address, server } = await serve();
    const client = await connectToOwner(address);
    assert.deepEqual(await client.request('ping'), { version: 1, owner: { pid: 7, host: 'here', app: 'VS Code' } });
    client.close();
    await server.close();
  });

  test('refuses what it does not know with a code', async () => {
    const { address, server } = await serve();
    const client = await connectToOwner(address);
    await assert.rejects(client.request('reset'), { code: 'host.unknownRequest', args: { type: 'reset' } });
    await assert.rejects(client.request('constructor'), { code: 'host.unknownRequest' });
    client.close();
    await server.close();
  });

  test('passes on why the owner refused', async () => {
    const { address, server } = await serve({
      status: () => {
        throw new HostError('host.notOwner', 'no', { pid: 3 });
      },
    });
    const client = await connectToOwner(address);
    await assert.rejects(client.request('status'), { code: 'host.notOwner', args: { pid: 3 } });
    client.close();
    await server.close();
  });

  test('an answer of megabytes arrives whole', async () => {
    const text = 'x'.repeat(5 << 20);
    const { address, server } = await serve({ status: () => text });
    const client = await connectToOwner(address);
    assert.equal(await client.request('status'), text);
    client.close();
    await server.close();
  });

  test('an owner that does not answer is given up after a time', async () => {
    const { address, server } = await serve({ status: () => new Promise(() => undefined) });
    const client = await connectToOwner(address);
    await assert.rejects(client.request('status', undefined, 20), { code: 'host.timeout' });
    client.close();
    await server.close();
  });

  test('an owner that ends rejects what is waiting and what comes later', async () => {
    const { address, server } = await serve({ status: () => new Promise(() => undefined) });
    const client = await connectToOwner(address);
    const waiting = client.request('status');
    await client.request('ping');
    const rejected = assert.rejects(waiting, { code: 'host.unreachable' });
    await server.close();
    await rejected;
    await assert.rejects(client.request('ping'), { code: 'host.unreachable' });
  });

  test('nobody there is said at once', async () => {
    await assert.rejects(connectToOwner(socketAddress(join(root, 'nobody'))), { code: 'host.unreachable' });
  });

  test('nonsense ends the conversation, not the server', async () => {
    const { address, server } = await serve({ status: () => 1 });
    for (const nonsense of ['no json\n', '1\n', `{"id":1,"type":"${'x'.repeat(70_000)}`]) {
      const said = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(address, () => socket.write(nonsense));
        socket.on('data', (part) => {
          text += String(part);
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(text));
      });
      assert.equal(JSON.parse(said).error.code, 'host.badMessage');
    }
    const client = await connectToOwner(address);
    assert.equal(await client.request('status'), 1);
    client.close();
    await server.close();
  });

  test('the socket is private and disappears with the server', { skip: process.platform === 'win32' }, async () => {
    const { address, server } = await serve();
    assert.equal(statSync(address).mode & 0o777, 0o600);
    await server.close();
    assert.equal(existsSync(address), false);
  });

  test('a socket left over from a crash is replaced', { skip: process.platform === 'win32' }, async () => {
    const folder = mkdtempSync(join(root, 's-'));
    const address = socketAddress(folder);
    writeFileSync(address, '');
    const server = await listenForViewers({ address, owner, handlers: {} });
    (await connectToOwner(address)).close();
    await server.close();
  });

  test('a data folder with a long path has its socket elsewhere, always in the same place', async (context) => {
    if (process.platform === 'win32') return context.skip('pipes have short names');
    const deep = join(root, 'd'.repeat(60), 'e'.repeat(60));
    mkdirSync(deep, { recursive: true });
    const address = socketAddress(deep);
    assert.ok(Buffer.byteLength(address) <= 103, address);
    assert.equal(socketAddress(deep), address);
    const server = await listenForViewers({ address, owner, handlers: {} });
    (await connectToOwner(address)).close();
    await server.close();
  });
});
