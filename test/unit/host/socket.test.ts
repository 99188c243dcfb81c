import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HostError } from '../../../src/host/errors.ts';
import type { Owner } from '../../../src/host/owner-lock.ts';
import { type ListenOptions, listenForViewers, type RequestHandler } from '../../../src/host/owner-server.ts';
import { connectToOwner, sameVersion, socketAddress } from '../../../src/host/socket.ts';
import { OWNER_VERSION, type OwnerPush, type ViewerLine } from '../../../src/protocol/owner.ts';
import { temporaryFolder, until } from './support.ts';

const root = temporaryFolder();
const owner: Owner = { pid: 7, host: 'here', processStart: null, nonce: 'n', heartbeat: 1, app: 'VS Code', socket: '' };

async function serve(handlers: Record<string, RequestHandler> = {}, more: Partial<ListenOptions> = {}) {
  const folder = mkdtempSync(join(root, 's-'));
  const address = socketAddress(folder);
  return { folder, address, server: await listenForViewers({ address, owner, handlers, ...more }) };
}

const NOTHING = { dispose: () => undefined };

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
    assert.deepEqual(await client.request('ping'), {
      version: OWNER_VERSION,
      owner: { pid: 7, host: 'here', app: 'VS Code' },
    });
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
    const long = `{"id":1,"type":"${'x'.repeat((16 << 20) + 1)}`;
    const deep = `{"id":1,"type":"status","params":${'['.repeat(1 << 20)}\n`;
    for (const nonsense of ['no json\n', '1\n', '\u0000\u00ff\n', deep, long]) {
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

  test('takes a request of megabytes', async () => {
    const { address, server } = await serve({ status: (params) => (params as string[]).length });
    const client = await connectToOwner(address);
    const ids = Array.from({ length: 100_000 }, (_, i) => `0123456789abcdef/a task with a name#${i}`);
    assert.equal(await client.request('status', ids), 100_000);
    client.close();
    await server.close();
  });

  test('pushes what happens to those who subscribed, in order, until they go', async () => {
    const lines: ViewerLine[] = [];
    let disposed = 0;
    const { address, server } = await serve(
      {},
      {
        subscribe(line) {
          lines.push(line);
          return { dispose: () => void disposed++ };
        },
      },
    );
    const client = await connectToOwner(address);
    const heard: OwnerPush[] = [];
    await client.subscribe({ push: (message) => heard.push(message), closed: () => undefined });
    await assert.rejects(client.request('subscribe'), { code: 'host.badMessage' });
    for (let i = 0; i < 100; i++) assert.equal(lines[0]?.send(JSON.stringify({ type: 'heartbeat', i })), true);
    await until(() => heard.length === 100);
    assert.deepEqual(heard.at(-1), { type: 'heartbeat', i: 99 });
    client.close();
    await until(() => disposed === 1);
    assert.equal(lines[0]?.send('{}'), false);
    await server.close();
  });

  test('an owner that ends says so to those who subscribed', async () => {
    const { address, server } = await serve({}, { subscribe: () => NOTHING });
    const client = await connectToOwner(address);
    const reasons: string[] = [];
    await client.subscribe({ push: () => undefined, closed: ({ code }) => reasons.push(code) });
    await server.close();
    await until(() => reasons.length > 0);
    assert.deepEqual(reasons, ['host.leaving']);
  });

  test('a viewer that does not read is dropped, by bytes or by time, and fills nobody elses memory', async () => {
    for (const limits of [{ mostUnread: 4 << 20 }, { unreadMs: 50 }]) {
      const lines: ViewerLine[] = [];
      const { address, server } = await serve(
        {},
        {
          limits,
          subscribe(line) {
            lines.push(line);
            return NOTHING;
          },
        },
      );
      const socket = connect(address, () => socket.write('{"id":1,"type":"subscribe"}\n'));
      socket.on('error', () => undefined);
      socket.pause();
      await until(() => lines.length === 1);
      const [line] = lines as [ViewerLine];
      const push = JSON.stringify('x'.repeat(64 << 10));
      let sent = 0;
      let closed = false;
      line.onClosed(() => {
        closed = true;
      });
      while (line.send(push) && sent < 1_000) {
        sent++;
        if ('unreadMs' in limits && sent === 100) break;
      }
      assert.ok(sent < 200, `${sent} pushes were kept for it`);
      assert.equal(await line.drained(), false);
      await until(() => closed);
      socket.destroy();
      await server.close();
    }
  });

  test('connections that say nothing make room for those who do', async () => {
    const { address, server } = await serve({}, { limits: { firstRequestMs: 50 } });
    const silent = () => {
      const one = connect(address).on('error', () => undefined);
      one.resume().write('{"id":1');
      return one;
    };
    const all = Array.from({ length: 64 }, silent);
    await until(() => all.every((each) => each.destroyed));
    const client = await connectToOwner(address);
    await client.request('ping');
    const last = silent();
    await until(() => last.destroyed);
    await client.request('ping'); // one that has spoken stays
    client.close();
    await server.close();
  });

  test('a host of another version is asked to update', async () => {
    const { address, server } = await serve();
    const client = await connectToOwner(address);
    await sameVersion(client);
    const older = { ...client, request: async () => ({ version: 1, owner: { app: 'VS Code' } }) };
    await assert.rejects(sameVersion(older), { code: 'host.otherVersion', args: { app: 'VS Code' } });
    client.close();
    await server.close();
  });

  test('an owner that lost its place leaves the socket of its successor alone', async () => {
    const { address, server } = await serve();
    const second = await listenForViewers({ address, owner: { ...owner, pid: 8 }, handlers: {} });
    await server.close();
    const client = await connectToOwner(address);
    assert.equal(((await client.request('ping')) as { owner: { pid: number } }).owner.pid, 8);
    client.close();
    await second.close();
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
