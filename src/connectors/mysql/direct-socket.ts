/**
 * Sockets that read into one buffer of the thread instead of a new one for each read, and a splitter of the packets in
 * it. Rows of a large copy are gigabytes: buffers of their own would be collected by the hundred thousand.
 */
import { connect, type Socket } from 'node:net';
import { tooLarge } from './errors.ts';

/** Gets what arrived; the bytes are good until it returns. */
export type Taker = (bytes: Buffer, length: number) => void;

const takers = new WeakMap<object, Taker | null>();
let shared: Buffer | undefined;
const SHARED_BYTES = 256 * 1024;

/** A peer that is gone without a word is noticed after this time without one, and ten more questions a second apart; ms. */
const KEEP_ALIVE_MS = 30_000;

/** A socket whose bytes can be taken; while nobody takes them they come as `data`, in buffers of their own. */
export function openDirectSocket(address: { host: string; port: number } | { path: string }): Socket {
  shared ??= Buffer.allocUnsafeSlow(SHARED_BYTES);
  const socket: Socket = connect({
    ...address,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    onread: {
      buffer: shared,
      callback: (length, bytes) => {
        const taker = takers.get(socket);
        if (taker) taker(bytes as Buffer, length);
        else socket.emit('data', Buffer.from(bytes.subarray(0, length)));
        return true;
      },
    },
  });
  takers.set(socket, null);
  return socket;
}

/** @returns whether the socket is one of ours; null gives its bytes back to the listeners. */
export function takeBytes(socket: object, taker: Taker | null): boolean {
  if (!takers.has(socket)) return false;
  takers.set(socket, taker);
  return true;
}

const HEADER = 4;
const LONGEST = 0xff_ff_ff;

/** One packet, all its parts joined. `sequence` is the number of its last part, `parts` how many it has. */
export type OnPacket = (bytes: Buffer, from: number, to: number, sequence: number, parts: number) => void;

/**
 * Cuts a stream of bytes into packets; what is incomplete waits for the rest.
 * @param most bytes of a packet; what is announced to be longer is not waited for: the splitter throws
 */
export function packetSplitter(
  most = Number.POSITIVE_INFINITY,
): (bytes: Buffer, length: number, onPacket: OnPacket) => void {
  /** Beginning of a packet that is not complete, and parts of one of 16 MB and more. */
  let kept = Buffer.alloc(0);
  let keptBytes = 0;
  let parts: Buffer[] = [];
  let partBytes = 0;

  const keep = (bytes: Buffer, from: number, to: number): void => {
    const needed = keptBytes + to - from;
    if (kept.length < needed) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * kept.length, 64 * 1024));
      kept.copy(larger, 0, 0, keptBytes);
      kept = larger;
    }
    bytes.copy(kept, keptBytes, from, to);
    keptBytes = needed;
  };
  const hand = (bytes: Buffer, from: number, to: number, onPacket: OnPacket): void => {
    const sequence = bytes[from + 3] as number;
    if (to - from - HEADER < LONGEST && parts.length === 0) {
      onPacket(bytes, from + HEADER, to, sequence, 1);
      return;
    }
    parts.push(Buffer.from(bytes.subarray(from + HEADER, to)));
    partBytes += to - from - HEADER;
    if (to - from - HEADER === LONGEST) return;
    const count = parts.length;
    const whole = Buffer.concat(parts);
    parts = [];
    partBytes = 0;
    onPacket(whole, 0, whole.length, sequence, count);
  };
  const sizeAt = (bytes: Buffer, from: number): number => {
    const size = (bytes[from] as number) | ((bytes[from + 1] as number) << 8) | ((bytes[from + 2] as number) << 16);
    if (partBytes + size > most) throw tooLarge(most);
    return HEADER + size;
  };

  return (bytes, length, onPacket) => {
    let from = 0;
    while (keptBytes > 0 && from < length) {
      const size = keptBytes < HEADER ? HEADER : sizeAt(kept, 0);
      const piece = Math.min(size - keptBytes, length - from);
      keep(bytes, from, from + piece);
      from += piece;
      if (keptBytes < HEADER || keptBytes < sizeAt(kept, 0)) continue;
      const end = keptBytes;
      keptBytes = 0;
      hand(kept, 0, end, onPacket);
    }
    while (length - from >= HEADER) {
      const end = from + sizeAt(bytes, from);
      if (end > length) break;
      hand(bytes, from, end, onPacket);
      from = end;
    }
    if (from < length) keep(bytes, from, length);
  };
}
