/**
 * The one place that knows the inside of the driver (mysql2, pinned to one version): whole packets in and out of one of
 * its connections, and the bulk capability of MariaDB asked for while it shakes hands. What is relied on is held by
 * test/unit/connectors/mysql/driver-packets.test.ts; where it is not there, the public interface does the work.
 */
import type { Pool, PoolConnection } from 'mysql2';
import { type OnPacket, packetSplitter, takeBytes } from './direct-socket.ts';
import { malformed } from './errors.ts';
import { ANSWER_BYTES, guardOf, ROW_BYTES } from './wire-guard.ts';

/** What a command of ours gets to see of the connection that it has to itself. */
export type Line = {
  /** Sends packets, header included, in one go; each is a request of its own. */
  send(packets: readonly Buffer[]): void;
  /** The next packet begins the answer to another request. */
  nextAnswer(): void;
};

export type Conversation = {
  /** The connection is ours now. True when no answer is expected. */
  begin(line: Line): boolean;
  /** One packet: the payload lies from `from` to `to`, and only until the call returns. True when it was the last. */
  packet(bytes: Buffer, from: number, to: number, line: Line): boolean;
  /** The connection died, or something threw; nothing follows. */
  failed(error: unknown): void;
};

type Packet = { readonly buffer: Buffer; readonly start: number; readonly end: number };

type Stream = {
  cork(): void;
  uncork(): void;
  pause(): void;
  resume(): void;
  emit(event: 'data', bytes: Buffer): boolean;
  destroy(error: Error): void;
};

type Inside = {
  readonly stream: Stream;
  sequenceId: number;
  write(bytes: Buffer): void;
  addCommand(command: {
    execute(packet: Packet | undefined, connection: Inside): boolean;
    onResult(error: unknown): void;
    emit(): boolean;
  }): unknown;
};

const HEADER = 4;
const LONGEST_PART = 0xff_ff_ff;

function insideOf(raw: PoolConnection): Inside {
  return raw as unknown as Inside;
}

/** Whether this driver can do all of this. */
export function speaksPackets(raw: PoolConnection): boolean {
  const { addCommand, write, sequenceId, stream } = insideOf(raw) as Partial<Inside>;
  return (
    typeof addCommand === 'function' &&
    typeof write === 'function' &&
    typeof sequenceId === 'number' &&
    typeof stream?.cork === 'function' &&
    typeof stream.pause === 'function'
  );
}

/** One for each connection: what it keeps of an incomplete packet is used again. */
const splitters = new WeakMap<object, ReturnType<typeof packetSplitter>>();

/**
 * Queued behind whatever the connection is doing.
 * @param direct the packets of the answer need not pass through the driver, where its socket is one of ours
 */
export function converse(raw: PoolConnection, conversation: Conversation, direct = false): void {
  const connection = insideOf(raw);
  let ended = false;
  /** The number with which the next answer begins: behind the parts of its request. Only a request alone has several. */
  let first = 1;
  const line: Line = {
    send: (packets) => {
      first = sendAll(connection, packets);
      line.nextAnswer();
    },
    nextAnswer: () => {
      connection.sequenceId = first;
    },
  };
  /** The driver gets the last packet: with it the connection is free for its next command. */
  const giveBack = (bytes: Buffer, from: number, to: number, sequence: number): void => {
    ended = true;
    takeBytes(connection.stream, null);
    const last = Buffer.allocUnsafe(HEADER + to - from);
    last.writeUIntLE(to - from, 0, 3);
    last[3] = sequence;
    bytes.copy(last, HEADER, from, to);
    connection.sequenceId = sequence;
    connection.stream.emit('data', last);
  };
  const takeAnswer = (): void => {
    const split = splitters.get(raw) ?? packetSplitter(ROW_BYTES);
    splitters.set(raw, split);
    let expected = first;
    const onPacket: OnPacket = (bytes, from, to, sequence, parts) => {
      if (ended) throw malformed('more than one answer');
      if (sequence !== (expected + parts - 1) % 256 && bytes[from] !== 0xff) throw malformed('packets out of order');
      expected = (sequence + 1) % 256;
      if (conversation.packet(bytes, from, to, line)) giveBack(bytes, from, to, sequence);
    };
    takeBytes(connection.stream, (bytes, length) => {
      try {
        split(bytes, length, onPacket);
      } catch (error) {
        takeBytes(connection.stream, null);
        connection.stream.destroy(error as Error);
      }
    });
  };
  connection.addCommand({
    onResult: (error) => {
      takeBytes(connection.stream, null);
      conversation.failed(error);
    },
    emit: () => false,
    execute: (packet) => {
      if (ended) return true;
      if (packet !== undefined) {
        return conversation.packet(packet.buffer, packet.start + HEADER, packet.end, line);
      }
      if (!direct) return conversation.begin(line);
      expectRows(raw);
      const done = conversation.begin(line);
      // Behind the request: its parts decide about the number of the first packet.
      takeAnswer();
      return done;
    },
  });
}

/** Requests of fewer bytes together are copied into one piece: many pieces cost more than that. */
const ONE_PIECE_BYTES = 16 * 1024;

/** @returns the number of the packet that follows the last */
function sendAll(connection: Inside, packets: readonly Buffer[]): number {
  const bytes = packets.reduce((sum, packet) => sum + packet.length, 0);
  if (packets.length > 1 && bytes < ONE_PIECE_BYTES) {
    for (const packet of packets) writeHeader(packet, packet.length - HEADER, 0);
    connection.write(Buffer.concat(packets, bytes));
    return 1;
  }
  let next = 1;
  connection.stream.cork();
  for (const packet of packets) next = sendParts(connection, packet);
  connection.stream.uncork();
  return next;
}

/** In parts where the packet is longer than its header can say. @returns the number of the packet that follows */
function sendParts(connection: Inside, packet: Buffer): number {
  let sequence = 0;
  for (let from = HEADER; ; from += LONGEST_PART) {
    const to = Math.min(packet.length, from + LONGEST_PART);
    if (from === HEADER) {
      writeHeader(packet, to - from, sequence);
      connection.write(packet.subarray(0, to));
    } else {
      const header = Buffer.alloc(HEADER);
      writeHeader(header, to - from, sequence);
      connection.write(header);
      connection.write(packet.subarray(from, to));
    }
    sequence = (sequence + 1) % 256;
    if (to - from < LONGEST_PART) return sequence;
  }
}

function writeHeader(bytes: Buffer, length: number, sequence: number): void {
  bytes.writeUIntLE(length, 0, 3);
  bytes[3] = sequence;
}

/** Stops reading from the network; packets that have arrived are still handed over. */
export function pauseStream(raw: PoolConnection): void {
  insideOf(raw).stream.pause();
}

export function resumeStream(raw: PoolConnection): void {
  insideOf(raw).stream.resume();
}

/** Extended capability bits of MariaDB, and the bit of MySQL that has to be off for them. */
const BULK = 4;
const LONG_PASSWORD = 1;

type Handshake = {
  clientFlags: number;
  mariadbExtendedClientFlags: number;
  readonly handshake: { readonly mariadbExtendedCapabilityFlags?: number } | null;
  sendSSLRequest(connection: object): void;
  sendCredentials(connection: object): void;
};

const asked = new WeakSet<object>();

/**
 * To be called when the pool may just have begun a new connection, before the server has said its first word: whatever
 * it will say is guarded, and bulk execution is asked for.
 */
export function beginConnections(pool: Pool): void {
  const { _allConnections: all } = pool as unknown as {
    readonly _allConnections?: { readonly length: number; get(at: number): object };
  };
  for (let at = (all?.length ?? 0) - 1; at >= 0; at -= 1) {
    const connection = all?.get(at) as { readonly _command?: Partial<Handshake> | null };
    if (asked.has(connection)) return;
    asked.add(connection);
    guard(connection as unknown as Guarded);
    const command = connection._command;
    if (typeof command?.sendCredentials !== 'function' || typeof command.sendSSLRequest !== 'function') continue;
    addCapability(command as Handshake);
  }
}

type Reader = { execute(chunk: Buffer): unknown };

type Arrived = Packet & { readonly sequenceId: number };

/** What the guard needs of a connection. */
type Guarded = {
  readonly authorized: boolean;
  readonly _paused: boolean;
  readonly stream: { destroy(error: Error): void };
  readonly _command: { readonly next?: { readonly name?: string } | null } | null | undefined;
  sequenceId: number;
  packetParser: Reader;
  on(event: 'error', listener: () => void): void;
  startTLS(onSecure: (error?: Error & { code?: string; tlsCode?: string }) => void): void;
  handlePacket(packet?: Arrived): void;
};

/** Nothing of what arrives reaches the driver's own readers, which trust it, before it was looked at. */
function guard(connection: Guarded): void {
  // Without a listener of its own a connection whose failure is told twice would end the thread.
  connection.on('error', () => {});
  const { packetParser, startTLS, handlePacket } = connection;
  const watch = guardOf(connection);
  let refused = false;
  const refuse = (error: unknown): void => {
    refused = true;
    connection.stream.destroy(error as Error);
  };
  connection.packetParser = {
    execute: (chunk) => {
      if (refused) return;
      try {
        watch.bytes(chunk, connection.authorized);
      } catch (error) {
        refuse(error);
        return;
      }
      packetParser.execute(chunk);
    },
  };
  connection.startTLS = (onSecure) =>
    startTLS.call(connection, (error) => {
      // The driver puts its own code in the place of Node's, which says what was wrong.
      if (error?.code !== undefined) error.tlsCode = error.code;
      onSecure(error);
    });
  const check = (packet: Arrived): void => {
    const { _command: command, authorized: loggedIn } = connection;
    // What arrives in a pause comes here again after it; without a command the driver ends the connection by itself.
    if (connection._paused || command === null || command === undefined) return;
    const from = packet.start + HEADER;
    // An error may come out of turn: a server that closes an idle connection says why.
    if (packet.buffer[from] === 0xff) connection.sequenceId = packet.sequenceId;
    if (connection.sequenceId !== packet.sequenceId) throw malformed('packets out of order');
    watch.packet(packet.buffer, from, packet.end, { loggedIn, awaits: command.next?.name });
  };
  connection.handlePacket = (packet) => {
    if (packet === undefined) {
      watch.begin(ANSWER_BYTES);
    } else if (refused) {
      return;
    } else {
      try {
        check(packet);
      } catch (error) {
        refuse(error);
        return;
      }
    }
    handlePacket.call(connection, packet);
  };
}

/** The rows of the statement that was begun are taken as they come: only each of them is bounded. */
export function expectRows(raw: PoolConnection): void {
  guardOf(raw).begin(Number.POSITIVE_INFINITY);
}

function addCapability(handshake: Handshake): void {
  const ask = (connection: object): void => {
    if (((handshake.handshake?.mariadbExtendedCapabilityFlags ?? 0) & BULK) === 0) return;
    handshake.clientFlags &= ~LONG_PASSWORD;
    handshake.mariadbExtendedClientFlags |= BULK;
    agreed.add(connection);
  };
  const { sendSSLRequest, sendCredentials } = handshake;
  handshake.sendSSLRequest = (connection) => {
    ask(connection);
    sendSSLRequest.call(handshake, connection);
  };
  handshake.sendCredentials = (connection) => {
    ask(connection);
    sendCredentials.call(handshake, connection);
  };
}

const agreed = new WeakSet<object>();

/** Whether COM_STMT_BULK_EXECUTE was agreed upon. */
export function agreedOnBulk(raw: PoolConnection): boolean {
  return agreed.has(raw);
}
