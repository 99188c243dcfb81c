import assert from 'node:assert/strict';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import type { UnitOutcome } from '../../../src/core/events.ts';
import type { UnitJob } from '../../../src/core/ports.ts';
import type { ResolvedConnection } from '../../../src/core/settings.ts';
import type { FromWorker } from '../../../src/worker/protocol.ts';
import { createWorkerSession } from '../../../src/worker/session.ts';
import { SETTINGS } from '../../conformance/run-unit.ts';

const CHECKPOINT = JSON.stringify({
  v: 1,
  cursor: '[7]',
  rows: 7,
  bytes: 70,
  fingerprint: '',
  identity: '',
  upTo: null,
});

describe('a unit that is stopped before its first page', () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-session-'));
    const db = new DatabaseSync(path.join(folder, 'shop.db'));
    db.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY)');
    db.close();
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const sqlite = (name: string): ResolvedConnection => ({
    type: 'sqlite',
    name,
    file: path.join(folder, `${name}.db`),
  });

  function run(source: ResolvedConnection, stop: 'before' | 'while connecting'): Promise<UnitOutcome> {
    const { promise, resolve } = Promise.withResolvers<UnitOutcome>();
    const session = createWorkerSession((message: FromWorker) => {
      if (message.type === 'report' && message.report.type === 'finished') resolve(message.report.outcome);
    });
    const shared = new SharedArrayBuffer(4);
    const execution = { unitId: 'u1', attempt: 2 };
    const job: UnitJob = {
      ...execution,
      taskId: 'task',
      unitName: 'orders',
      unitType: 'table',
      source,
      target: sqlite('copy'),
      settings: { ...SETTINGS, targetName: 'orders' },
      limits: { rowsPerSecond: 0, bytesPerSecond: 0 },
      checkpoint: CHECKPOINT,
      prepared: 'created',
    };
    if (stop === 'before') Atomics.store(new Int32Array(shared), 0, 1);
    session.receive({ type: 'run', job, stop: shared });
    if (stop === 'while connecting') {
      Atomics.store(new Int32Array(shared), 0, 1);
      session.receive({ type: 'stop', ...execution });
    }
    return promise;
  }

  const asItWas: UnitOutcome = { kind: 'stopped', processed: 7, bytes: 70, checkpoint: CHECKPOINT };

  test('keeps its figures and its checkpoint', async () => {
    assert.deepEqual(await run(sqlite('shop'), 'before'), asItWas);
  });

  test('is stopped, not failed, when it could not have connected', async () => {
    assert.deepEqual(await run(sqlite('nowhere'), 'before'), asItWas);
  });

  test('does not wait for a server that says nothing', async () => {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const mute: ResolvedConnection = {
      ...{ type: 'mysql', name: 'mute', host: '127.0.0.1', port, socket: null, user: 'u', password: '', database: 'd' },
      ...{ tls: 'off', tlsCa: null, tlsCert: null, tlsKey: null, connectTimeoutMs: 20_000, queryTimeoutMs: 0 },
    };
    try {
      const begun = performance.now();
      assert.deepEqual(await run(mute, 'while connecting'), asItWas);
      assert.ok(performance.now() - begun < 10_000);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
});
