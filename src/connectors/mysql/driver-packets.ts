/**
 * The one place that knows the inside of the driver (mysql2, pinned to one version): whole packets in and out of one of
 * its connections, and the bulk capability of MariaDB asked for while it shakes hands. What is relied on is held by
 * test/unit/connectors/mysql/driver-packets.test.ts; where it is not there, the public interface does the work.
 */
import type { Pool, PoolConnection } from 'mysql2';
import { type OnPacket, packetSplitter, takeBytes } from './direct-socket.ts';

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
  const line: Line = {
    send: (packets) => {
      connection.stream.cork();
      for (const packet of packets) {
        packet.writeUIntLE(packet.length - HEADER, 0, 3);
        packet[3] = 0;
        connection.write(packet);
      }
      connection.stream.uncork();
      line.nextAnswer();
    },
    nextAnswer: () => {
      connection.sequenceId = 1;
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
    const split = splitters.get(raw) ?? packetSplitter();
    splitters.set(raw, split);
    const onPacket: OnPacket = (bytes, from, to, sequence) => {
      if (!ended && conversation.packet(bytes, from, to, line)) giveBack(bytes, from, to, sequence);
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
      if (direct) takeAnswer();
      return conversation.begin(line);
    },
  });
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

/** To be called when the pool may just have begun a new connection: before the server has said its first word. */
export function askForBulk(pool: Pool): void {
  const { _allConnections: all } = pool as unknown as {
    readonly _allConnections?: { readonly length: number; get(at: number): object };
  };
  for (let at = (all?.length ?? 0) - 1; at >= 0; at -= 1) {
    const connection = all?.get(at) as { readonly _command?: Partial<Handshake> | null };
    if (asked.has(connection)) return;
    asked.add(connection);
    const command = connection._command;
    if (typeof command?.sendCredentials !== 'function' || typeof command.sendSSLRequest !== 'function') continue;
    addCapability(command as Handshake);
  }
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
