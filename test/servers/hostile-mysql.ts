/**
 * A server that speaks just enough of the client/server protocol to misbehave: by itself from its first word on, or
 * between the client and a real server, whose answers it passes on until the one that its script is about.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { packetSplitter } from '../../src/connectors/mysql/direct-socket.ts';

/** The client's side of one connection. */
export type Line = {
  readonly socket: Socket;
  /** The next packet of the client; never, when the connection ends. */
  packet(): Promise<Buffer>;
  /** One packet. */
  send(sequence: number, ...parts: readonly Part[]): void;
  /** Again and again, as fast as the client takes it, until the connection ends. */
  flood(bytes: (round: number) => Buffer): Promise<void>;
  /** Again and again, with a pause in between, ms. */
  drip(pauseMs: number, bytes: (round: number) => Buffer): void;
};

/** What it does by itself, from the first word on. */
export type Talk = (line: Line) => unknown;

/** What it does to an answer of a real server. */
export type Twist = {
  /** The request: its command byte, then the statement (latin1). */
  readonly to: RegExp;
  /** Packets of the answer that are passed on first. */
  readonly after?: number;
  /** `packet` is the one that the real server would have sent, `sequence` its number. The rest of the answer is left out. */
  readonly answer: (line: Line, packet: Buffer, sequence: number) => unknown;
  /** The connection goes on with the real server afterwards. */
  readonly goesOn?: boolean;
};

/** What it does to the bytes of a real server: one bit of one byte is another, in each connection. */
export type Flip = { readonly at: number; readonly bit: number };

export type HostileServer = {
  readonly port: number;
  /** Everything that clients said, in one piece. */
  received(): Buffer;
  /** Answers that were twisted, and connections that were talked to. */
  strikes(): number;
  close(): Promise<void>;
};

export async function startHostile(script: Talk | Twist | Flip, realPort: number): Promise<HostileServer> {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  let strikes = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => received.push(bytes));
    const line = lineOf(socket);
    if (typeof script === 'function') {
      strikes += 1;
      void script(line);
    } else if ('bit' in script) {
      flip(socket, connect(realPort, '127.0.0.1'), script, () => {
        strikes += 1;
      });
    } else {
      relay(line, connect(realPort, '127.0.0.1'), script, () => {
        strikes += 1;
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    received: () => Buffer.concat(received),
    strikes: () => strikes,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function lineOf(socket: Socket): Line {
  const arrived: Buffer[] = [];
  const waiting: ((packet: Buffer) => void)[] = [];
  const split = packetSplitter();
  socket.on('data', (bytes: Buffer) =>
    split(bytes, bytes.length, (all, from, to) => {
      const packet = Buffer.from(all.subarray(from, to));
      const next = waiting.shift();
      if (next === undefined) arrived.push(packet);
      else next(packet);
    }),
  );
  const send: Line['send'] = (sequence, ...parts) => {
    socket.write(packet(sequence, ...parts));
  };
  return {
    socket,
    packet: () => {
      const present = arrived.shift();
      return present === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(present);
    },
    send,
    flood: async (bytes) => {
      for (let round = 0; !socket.destroyed; round += 1) {
        if (!socket.write(bytes(round)))
          await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
      }
    },
    drip: (pauseMs, bytes) => {
      let round = 0;
      const timer = setInterval(() => socket.write(bytes(round++)), pauseMs);
      socket.on('close', () => clearInterval(timer));
    },
  };
}

function flip(socket: Socket, upstream: Socket, { at, bit }: Flip, struck: () => void): void {
  let passed = 0;
  upstream.on('data', (bytes: Buffer) => {
    const here = at - passed;
    passed += bytes.length;
    if (here >= 0 && here < bytes.length) {
      struck();
      bytes[here] = (bytes[here] as number) ^ (1 << bit);
    }
    socket.write(bytes);
  });
  socket.on('data', (bytes: Buffer) => upstream.write(bytes));
  upstream.on('error', () => socket.destroy());
  upstream.on('close', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
}

/** Requests that nobody answers: quit, long data, close of a statement. */
const UNANSWERED = new Set([0x01, 0x18, 0x19]);

function relay(line: Line, upstream: Socket, twist: Twist, struck: () => void): void {
  const { socket } = line;
  const requests: string[] = [];
  let loggedIn = false;
  let silent = false;
  let skipping = false;
  let request = '';
  let packets = 0;
  const toClient = packetSplitter();
  const fromClient = packetSplitter();
  upstream.on('error', () => socket.destroy());
  upstream.on('close', () => {
    if (!silent) socket.destroy();
  });
  socket.on('close', () => upstream.destroy());
  upstream.on('data', (bytes: Buffer) =>
    toClient(bytes, bytes.length, (all, from, to, sequence) => {
      const payload = Buffer.from(all.subarray(from, to));
      if (silent) return;
      if (!loggedIn) {
        loggedIn = payload[0] === 0;
      } else if (sequence === 1) {
        request = requests.shift() ?? '';
        packets = 0;
        skipping = false;
      }
      if (skipping) return;
      if (loggedIn && request !== '' && twist.to.test(request) && packets === (twist.after ?? 0)) {
        struck();
        silent = twist.goesOn !== true;
        skipping = true;
        void twist.answer(line, payload, sequence);
        return;
      }
      packets += 1;
      line.send(sequence, payload);
    }),
  );
  socket.on('data', (bytes: Buffer) => {
    if (!silent) upstream.write(bytes);
    fromClient(bytes, bytes.length, (all, from, to, sequence) => {
      if (loggedIn && sequence === 0 && !UNANSWERED.has(all[from] as number)) {
        requests.push(all.toString('latin1', from, Math.min(to, from + 4_000)));
      }
    });
  });
}

export type Part = Buffer | number | string;

function joined(parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.of(part) : typeof part === 'string' ? Buffer.from(part, 'latin1') : part,
    ),
  );
}

export function packet(sequence: number, ...parts: readonly Part[]): Buffer {
  const payload = joined(parts);
  return Buffer.concat([little(payload.length, 3), Buffer.of(sequence % 256), payload]);
}

export function little(value: number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUIntLE(value, 0, bytes);
  return out;
}

/** A value with its length in front. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length < 251) return joined([bytes.length, bytes]);
  return bytes.length < 65_536
    ? joined([0xfc, little(bytes.length, 2), bytes])
    : joined([0xfd, little(bytes.length, 3), bytes]);
}

/** An acknowledgement. `status` 8 = more answers follow. */
export function ok(affected: Part = 0, status = 2, warnings = 0): Part[] {
  return [0, affected, 0, little(status, 2), little(warnings, 2)];
}

export function end(status = 2): Part[] {
  return [0xfe, 0, 0, little(status, 2)];
}

export function failure(number: number, words: string, state = 'HY000'): Part[] {
  return [0xff, little(number, 2), '#', state, words];
}

export function column(name: string): Buffer {
  return joined([...['def', '', 't', 't', name, name].map(text), 0x0c, 63, 0, 11, 0, 0, 0, 3, 0, 0, 0, 0, 0]);
}

const PROTOCOL_41 = 0x200;
const SSL = 0x800;
const MULTI_FACTOR = 0x10000000;

export type Greeting = {
  readonly version?: string;
  readonly protocol?: number;
  readonly tls?: boolean;
  readonly method?: string;
  readonly capabilities?: number;
  readonly multiFactor?: boolean;
};

/** The first word of a MySQL 8. */
export function greeting(of: Greeting = {}): Part[] {
  const base = 0x8 | PROTOCOL_41 | 0x2000 | 0x8000 | 0x80000 | 0x1;
  const all = of.capabilities ?? base + (of.tls === true ? SSL : 0) + (of.multiFactor === true ? MULTI_FACTOR : 0);
  return [
    ...[of.protocol ?? 10, `${of.version ?? '8.0.99'}\0`, little(7, 4), 'abcdefgh', 0],
    ...[little(all & 0xffff, 2), 45, little(2, 2), little(Math.floor(all / 65_536), 2), 21],
    ...[Buffer.alloc(10), 'ijklmnopqrst', 0, `${of.method ?? 'mysql_native_password'}\0`],
  ];
}

export function switchTo(method: string, data = 'abcdefghijklmnopqrst\0'): Part[] {
  return [0xfe, `${method}\0`, data];
}
