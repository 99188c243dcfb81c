/**
 * What a server may say, before anybody believes it: how much at a time, in which order, and nothing before it was asked.
 * Sources: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html
 */
import { createPublicKey } from 'node:crypto';
import { malformed, tooLarge } from './errors.ts';
import { fileAsked, isEnd, readPiece } from './protocol.ts';

/** Most bytes of a whole login: greetings, keys and errors have a few hundred. */
const LOGIN_BYTES = 64 * 1024;
/** Most bytes of an answer that is no table's rows. */
export const ANSWER_BYTES = 64 * 1024 * 1024;
/** Most bytes of one row. */
export const ROW_BYTES = 256 * 1024 * 1024;

const HEADER = 4;
const LONGEST_PART = 0xff_ff_ff;
const PROTOCOL_VERSION = 10;
const ERROR = 0xff;
const FILE = 0xfb;
const MORE_LOGIN_DATA = 0x01;
const KEY_BITS = { least: 2_048, most: 8_192 };

export type Guard = {
  /** Bytes as they arrive, before they are taken apart. @throws an error for more than there may be */
  bytes(chunk: Buffer, loggedIn: boolean): void;
  /** A whole packet, before the driver reads it; `awaits` is what the driver takes it for. @throws an error for what no server says there */
  packet(
    bytes: Buffer,
    from: number,
    to: number,
    at: { readonly loggedIn: boolean; readonly awaits: string | undefined },
  ): void;
  /** Another answer begins. @param most bytes of it; where rows are taken as they come, only each of them is bounded */
  begin(most: number): void;
};

const guards = new WeakMap<object, Guard>();

/** The guard of a connection, the same one each time. */
export function guardOf(connection: object): Guard {
  const present = guards.get(connection);
  if (present !== undefined) return present;
  const created = createGuard();
  guards.set(connection, created);
  return created;
}

function createGuard(): Guard {
  /** Of the packet that is arriving: its header, payload that is missing, payload of its parts before. */
  const header = Buffer.alloc(HEADER);
  let headerBytes = 0;
  let missing = 0;
  let earlier = 0;
  let packets = 0;
  let total = 0;
  let mostOfAnswer = Number.POSITIVE_INFINITY;
  let greeted = false;
  let read = false;

  const follow = (chunk: Buffer): void => {
    let at = 0;
    while (at < chunk.length) {
      if (headerBytes < HEADER) {
        header[headerBytes] = chunk[at] as number;
        headerBytes += 1;
        at += 1;
        if (headerBytes < HEADER) continue;
        missing = header.readUIntLE(0, 3);
        if (earlier + missing > ROW_BYTES) throw tooLarge(ROW_BYTES);
      }
      const piece = Math.min(missing, chunk.length - at);
      missing -= piece;
      at += piece;
      if (missing > 0) return;
      const length = header.readUIntLE(0, 3);
      earlier = length === LONGEST_PART ? earlier + length : 0;
      headerBytes = 0;
      if (length < LONGEST_PART) packets += 1;
    }
  };
  const checkLogin = (): void => {
    const announced = headerBytes === HEADER ? missing : 0;
    if (!greeted && headerBytes === HEADER && (header[3] !== 0 || announced > LOGIN_BYTES)) {
      throw malformed('it does not greet like such a server');
    }
    if (total + announced > LOGIN_BYTES) throw malformed('a login of more than 64 KB');
    // What comes together with the greeting was not said by who is at the other end of TLS.
    if (!greeted && packets > 0 && (packets > 1 || headerBytes > 0)) throw malformed('an answer before the login');
    greeted ||= packets > 0;
  };
  return {
    bytes: (chunk, loggedIn) => {
      total += chunk.length;
      follow(chunk);
      if (!loggedIn) checkLogin();
      else if (total > mostOfAnswer) throw tooLarge(mostOfAnswer);
    },
    packet: (bytes, from, to, { loggedIn, awaits }) => {
      if (to === from) throw malformed('an empty packet');
      const first = bytes[from];
      if (first === FILE && (awaits === 'resultsetHeader' || !loggedIn)) throw fileAsked(bytes, from, to);
      if (awaits === 'row' && first !== ERROR && !isEnd(bytes, from, to)) checkRow(bytes, from, to);
      if (loggedIn) return;
      if (!read && first !== ERROR) checkGreeting(bytes, from, to);
      read = true;
      if (first === MORE_LOGIN_DATA && to - from > 2) checkServerKey(bytes.subarray(from + 1, to));
    },
    begin: (most) => {
      total = 0;
      mostOfAnswer = most;
    },
  };
}

function checkRow(bytes: Buffer, from: number, to: number): void {
  let at = from;
  while (at < to) at = readPiece(bytes, at, to).next;
}

const PROTOCOL_41 = 0x0200;
const SECURE_CONNECTION = 0x8000;

/** Protocol 10 of MySQL 4.1 and later: all else that is read of it lies within the packet. */
function checkGreeting(bytes: Buffer, from: number, to: number): void {
  if (bytes[from] !== PROTOCOL_VERSION) throw malformed('it does not greet like such a server');
  const end = bytes.indexOf(0, from + 1);
  // Behind the version: connection, half of the nonce, a zero, capabilities.
  const capabilities = end + 1 + 4 + 8 + 1;
  if (end < 0 || capabilities + 2 > to) throw malformed('a greeting that is cut off');
  const needed = PROTOCOL_41 | SECURE_CONNECTION;
  if ((bytes.readUInt16LE(capabilities) & needed) !== needed) throw malformed('a server older than MySQL 4.1');
}

/** The key that a password is encrypted with where there is no TLS. */
function checkServerKey(pem: Buffer): void {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey(pem);
    const bits = details?.modulusLength ?? 0;
    if (type === 'rsa' && bits >= KEY_BITS.least && bits <= KEY_BITS.most && (details?.publicExponent ?? 0n) > 2n)
      return;
  } catch {
    // Falls through to the error below.
  }
  throw Object.assign(new Error('no RSA key'), { code: 'SERVER_KEY_REFUSED' });
}
