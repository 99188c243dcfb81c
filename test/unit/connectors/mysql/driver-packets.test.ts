/**
 * What driver-packets.ts relies on inside mysql2. A failure here after an update of the driver means: read that file
 * beside the new version before the version in package.json is changed.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import mysql, { type Pool, type PoolConnection } from 'mysql2';
import { openDirectSocket, packetSplitter } from '../../../../src/connectors/mysql/direct-socket.ts';
import { agreedOnBulk, beginConnections, speaksPackets } from '../../../../src/connectors/mysql/driver-packets.ts';
import { exchange } from '../../../../src/connectors/mysql/exchange.ts';
import { openPacketStream } from '../../../../src/connectors/mysql/packet-stream.ts';
import { type Answer, prepareRequest, statementRequest } from '../../../../src/connectors/mysql/protocol.ts';
import { openSessions } from '../../../../src/connectors/mysql/session.ts';
import { type Answered, askSmall, type Question } from '../../../../src/connectors/mysql/small-answer.ts';
import { DataError } from '../../../../src/core/ports.ts';
import type { MysqlConnection } from '../../../../src/core/settings.ts';

const EXTENDED_BULK = 4;
const LONG_PASSWORD = 1;

function packet(sequence: number, ...parts: (Buffer | number)[]): Buffer {
  const payload = Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)));
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence % 256;
  return Buffer.concat([header, payload]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(Buffer.byteLength(value)), Buffer.from(value)]);
}

function little(value: number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUIntLE(value, 0, bytes);
  return out;
}

const OK = packet(1, 0, 3, 0, little(2, 2), little(0, 2), Buffer.from('Records: 3'));
const END = [0xfe, 0, 0, 2, 0];
const REFUSED = packet(1, 0xff, little(1062, 2), Buffer.from("#23000Duplicate entry 'ä'"));
const DEFINITION = Buffer.concat([
  ...['def', '', 't', 't', 'c0', 'c0'].map(text),
  Buffer.of(0x0c, 63, 0, 11, 0, 0, 0, 3, 0, 0, 0, 0, 0),
]);

function hello(extended: number): Buffer {
  const capabilities = 0x8 | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x80000;
  return packet(
    0,
    ...[10, Buffer.from('5.5.5-10.11.0-MariaDB\0'), little(9, 4), Buffer.alloc(8, 'a'), 0],
    ...[little(capabilities & 0xffff, 2), 45, little(2, 2), little(capabilities >> 16, 2), 21],
    ...[Buffer.alloc(6), little(extended, 4), Buffer.alloc(12, 'b'), 0, Buffer.from('mysql_native_password\0')],
  );
}

/** Rows of one column: 300 of them, so that the number in the packets' headers begins anew. */
const ROWS = Array.from({ length: 300 }, (_, at) => text(`row ${at}`));

function answerTo(request: string): Buffer[] {
  if (request.startsWith('\u0003SELECT')) {
    const rows = ROWS.map((row, at) => packet(4 + at, row));
    return [packet(1, 1), packet(2, DEFINITION), packet(3, ...END), ...rows, packet(4 + rows.length, ...END)];
  }
  if (request.startsWith('\u0003fail')) return [REFUSED];
  if (request.startsWith('\u0016')) {
    const head = packet(1, 0, little(77, 4), little(0, 2), little(2, 2), 0, little(0, 2));
    return [head, packet(2, DEFINITION), packet(3, DEFINITION), packet(4, ...END)];
  }
  return [OK];
}

test('the driver is of the version which package.json names, exactly', () => {
  const read = (file: string): { version?: string; devDependencies?: Record<string, string> } =>
    JSON.parse(readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8')) as never;
  const pinned = read('package.json').devDependencies?.mysql2;
  assert.match(pinned ?? '', /^\d+\.\d+\.\d+$/);
  assert.equal(read('node_modules/mysql2/package.json').version, pinned);
});

describe('the inside of the driver', () => {
  let server: Server;
  let pool: Pool;
  let flags: { client: number; extended: number };
  let requests: string[];
  let sockets: Socket[];
  /** The server hangs up instead of answering. */
  let hangsUp: boolean;

  async function connect(direct: boolean, extended = EXTENDED_BULK): Promise<PoolConnection> {
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.write(hello(extended));
      const split = packetSplitter();
      let known = false;
      socket.on('data', (bytes: Buffer) =>
        split(bytes, bytes.length, (all, from, to) => {
          if (!known) {
            known = true;
            flags = { client: all.readUInt32LE(from), extended: all.readUInt32LE(from + 28) };
            socket.write(packet(2, 0, 0, 0, little(2, 2), little(0, 2)));
            return;
          }
          const request = all.toString('utf8', from, to);
          requests.push(request);
          if (hangsUp) socket.destroy();
          else socket.write(Buffer.concat(answerTo(request)));
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const host = '127.0.0.1';
    pool = mysql.createPool({
      ...{ host, port, user: 'u', password: 'p', database: 'd', rowsAsArray: true },
      ...(direct ? { stream: () => openDirectSocket({ host, port }) } : {}),
      flags: ['-CLIENT_QUERY_ATTRIBUTES'],
    });
    return new Promise((resolve, reject) => {
      pool.getConnection((error, raw) => (error === null ? resolve(raw) : reject(error)));
      beginConnections(pool);
    });
  }

  const send = (raw: PoolConnection, sql: readonly string[]): Promise<Answer[]> =>
    new Promise((resolve, reject) => {
      const all = sql.map((each) => (each.includes('?') ? prepareRequest(each) : statementRequest(each)));
      exchange(raw, all, (error, answers) => (answers === undefined ? reject(error) : resolve(answers)));
    });

  beforeEach(() => {
    requests = [];
    sockets = [];
    hangsUp = false;
  });
  afterEach(async () => {
    await new Promise<void>((resolve) => pool.end(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  for (const direct of [true, false]) {
    const how = direct ? 'through a socket of ours' : "through the driver's own socket";

    test(`carries several requests at once and their answers in order, ${how}`, async () => {
      const raw = await connect(direct);
      assert.ok(speaksPackets(raw));
      const answers = await send(raw, ['one', 'INSERT ?, ?', 'fail', 'two']);
      assert.deepEqual(requests, ['\u0003one', '\u0016INSERT ?, ?', '\u0003fail', '\u0003two']);
      assert.deepEqual(
        answers.map((each) => each.kind),
        ['done', 'prepared', 'refused', 'done'],
      );
      const [done, prepared, refused] = answers;
      assert.deepEqual(done, { kind: 'done', affectedRows: 3, warnings: 0, info: 'Records: 3' });
      assert.deepEqual(prepared, { kind: 'prepared', statement: 77 });
      const { errno, sqlState, message } = (refused as { error: { errno: number; sqlState: string; message: string } })
        .error;
      assert.deepEqual([errno, sqlState, message], [1062, '23000', "Duplicate entry 'ä'"]);
      // The driver's own statements go on as if nothing had been.
      const rows = await new Promise((resolve, reject) =>
        raw.query('SELECT 1', (error, found) => (error === null ? resolve(found) : reject(error))),
      );
      assert.equal((rows as unknown[]).length, ROWS.length);
      raw.release();
    });

    test(`hands rows over as packets, again and again, ${how}`, async () => {
      const raw = await connect(direct);
      for (let round = 0; round < 3; round += 1) {
        const seen: string[] = [];
        const add = (bytes: Buffer, from: number, to: number): unknown =>
          seen.push(bytes.toString('utf8', from + 1, to));
        const query = { sql: 'SELECT c0', timeoutMs: 0 };
        const stream = openPacketStream(raw, query, add, (error) => error as Error, new Set());
        await stream.pull(() => seen.length >= 10);
        assert.ok(seen.length >= 10);
        assert.equal(await stream.pull(() => false), true);
        assert.deepEqual(
          seen,
          ROWS.map((_, at) => `row ${at}`),
        );
        assert.equal(stream.rows(), ROWS.length);
        assert.notEqual(stream.shape(), '');
        assert.equal((await send(raw, ['next']))[0]?.kind, 'done');
      }
      raw.release();
    });

    test(`asks several questions at once, and one that is refused in the middle is an answer, ${how}`, async () => {
      const raw = await connect(direct);
      const questions: Question[] = [
        'SELECT one',
        'fail',
        { statement: 'make it' },
        { statement: 'fail' },
        'SELECT two',
      ];
      for (let round = 0; round < 2; round += 1) {
        const answers = await new Promise<Answered[]>((resolve, reject) =>
          askSmall(raw, questions, (error, found) => (found === undefined ? reject(error) : resolve(found))),
        );
        const told = answers.map((each) =>
          'rows' in each ? each.rows.length : (each.refused as { errno: number }).errno,
        );
        assert.deepEqual(told, [ROWS.length, 1062, 0, 1062, ROWS.length]);
      }
      assert.equal(requests.length, 10);
      raw.release();
    });

    test(`says when the connection dies, ${how}`, async () => {
      const raw = await connect(direct);
      raw.on('error', () => {});
      hangsUp = true;
      await assert.rejects(send(raw, ['one', 'two']), { code: 'PROTOCOL_CONNECTION_LOST' });
      await assert.rejects(send(raw, ['three']));
    });
  }

  test('a session goes on behind a question that was refused among others', async () => {
    (await connect(true)).release();
    const { port } = server.address() as { port: number };
    const limits = { connectTimeoutMs: 5_000, queryTimeoutMs: 5_000 };
    const files = { socket: null, tlsCa: null, tlsCert: null, tlsKey: null };
    const about = { type: 'mysql', name: 'shop', host: '127.0.0.1', user: 'u', password: 'p', database: 'd' } as const;
    const connection: MysqlConnection = { ...about, port, tls: 'off', ...files, ...limits };
    const sessions = openSessions(connection);
    await sessions.use(async (session) => {
      const [one, refused, two] = await session.ask(['SELECT one', 'fail', 'SELECT two']);
      assert.ok(one !== undefined && 'rows' in one && two !== undefined && 'rows' in two);
      assert.deepEqual([one.rows.length, two.rows.length], [ROWS.length, ROWS.length]);
      assert.ok(refused !== undefined && 'refused' in refused && refused.refused instanceof DataError);
      assert.deepEqual(
        [refused.refused.error.code, refused.refused.error.args.connection],
        ['mysql.statementFailed', 'shop'],
      );
      // Those who ask in the same breath hear of their own refusal only.
      const [mine, theirs] = await Promise.allSettled([session.rows('fail'), session.rows('SELECT three')]);
      assert.deepEqual([mine.status, theirs.status], ['rejected', 'fulfilled']);
      assert.equal((await session.run('next')).affectedRows, 3);
    });
    await sessions.close();
  });

  test('agrees on bulk execution with a server that offers it, and with no other', async () => {
    const raw = await connect(true);
    assert.ok(agreedOnBulk(raw));
    assert.equal(flags.extended & EXTENDED_BULK, EXTENDED_BULK);
    assert.equal(flags.client & LONG_PASSWORD, 0);
    raw.release();
    await new Promise<void>((resolve) => pool.end(() => resolve()));
    server.close();
    const other = await connect(true, 0);
    assert.equal(agreedOnBulk(other), false);
    assert.equal(flags.extended, 0);
    other.release();
  });
});
