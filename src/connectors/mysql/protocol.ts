/**
 * Requests of the client/server protocol and what the server answers to them, as bytes.
 * Sources: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html and, for bulk execution,
 * https://mariadb.com/kb/en/com_stmt_bulk_execute/
 */
import { type DriverError, malformed } from './errors.ts';

/** What kind of answer a request gets. */
export type Expected = 'done' | 'prepared' | 'nothing';

/** A packet with four bytes in front for its header. */
export type Request = { readonly packet: Buffer; readonly expects: Expected };

export type Answer =
  | { readonly kind: 'done'; readonly affectedRows: number; readonly warnings: number; readonly info: string }
  | { readonly kind: 'prepared'; readonly statement: number }
  | { readonly kind: 'refused'; readonly error: unknown };

const HEADER = 4;
const COM_QUERY = 0x03;
const COM_STMT_PREPARE = 0x16;
const COM_STMT_CLOSE = 0x19;

/** The statement that was prepared last on the connection (MariaDB). */
export const LAST_PREPARED = -1;

function textRequest(command: number, sql: string, expects: Expected): Request {
  const packet = Buffer.allocUnsafe(HEADER + 1 + Buffer.byteLength(sql));
  packet[HEADER] = command;
  packet.write(sql, HEADER + 1);
  return { packet, expects };
}

/** A statement whose answer has no rows. */
export function statementRequest(sql: string): Request {
  return textRequest(COM_QUERY, sql, 'done');
}

/** The packet of a statement that answers rows. */
export function queryPacket(sql: string): Buffer {
  return textRequest(COM_QUERY, sql, 'nothing').packet;
}

export function prepareRequest(sql: string): Request {
  return textRequest(COM_STMT_PREPARE, sql, 'prepared');
}

export function closeRequest(statement: number): Request {
  const packet = Buffer.allocUnsafe(HEADER + 5);
  packet[HEADER] = COM_STMT_CLOSE;
  packet.writeInt32LE(statement, HEADER + 1);
  return { packet, expects: 'nothing' };
}

/** What a packet of an answer begins with. */
const OK = 0x00;
const END = 0xfe;
const ERROR = 0xff;
/** Answer to a statement: the server wants a file of this machine (LOAD DATA LOCAL). Nothing is ever sent for it. */
const FILE = 0xfb;
const MORE_RESULTS = 0x0008;
/** No table of these servers has more. */
const MOST_COLUMNS = 4096;

export function isError(bytes: Buffer, from: number): boolean {
  return bytes[from] === ERROR;
}

export function isEnd(bytes: Buffer, from: number, to: number): boolean {
  return bytes[from] === END && to - from < 9;
}

/** The end of one answer. @throws an error where the server announces further ones: each statement of ours has one. */
export function checkLast(bytes: Buffer, from: number, to: number): void {
  if (to - from >= 5 && (bytes.readUInt16LE(from + 3) & MORE_RESULTS) !== 0) {
    throw malformed('more answers than statements');
  }
}

/** The server's error in the form in which the driver gives them. */
export function readError(bytes: Buffer, from: number, to: number): DriverError {
  if (to - from < 3) throw malformed('an error without a number');
  const errno = bytes.readUInt16LE(from + 1);
  const marked = bytes[from + 3] === 0x23 && to - from >= 9;
  const sqlState = marked ? bytes.toString('latin1', from + 4, from + 9) : '';
  const words = bytes.toString('utf8', from + (marked ? 9 : 3), Math.min(to, from + LONGEST_MESSAGE));
  return Object.assign(new Error(words), { errno, sqlState });
}

/** Bytes of an error's message that are looked at; those of these servers have 512 at most. */
const LONGEST_MESSAGE = 4_096;

/** @throws an error for what is no such packet */
export function readDone(bytes: Buffer, from: number, to: number): Answer {
  refuseFile(bytes, from, to);
  if (bytes[from] !== OK) throw malformed('rows where none were asked for');
  const affected = readNumber(bytes, from + 1, to);
  const inserted = readNumber(bytes, affected.next, to);
  if (inserted.next + 4 > to) throw malformed('an acknowledgement that is cut off');
  if ((bytes.readUInt16LE(inserted.next) & MORE_RESULTS) !== 0) throw malformed('more answers than statements');
  return {
    kind: 'done',
    affectedRows: affected.value,
    warnings: bytes.readUInt16LE(inserted.next + 2),
    info: bytes.toString('latin1', inserted.next + 4, Math.min(to, inserted.next + LONGEST_MESSAGE)),
  };
}

/** The first packet of the answer to a prepared statement. @throws an error for what is no such packet */
export function readPrepared(bytes: Buffer, from: number, to: number): { statement: number; lists: number } {
  refuseFile(bytes, from, to);
  if (bytes[from] !== OK || to - from < 9) throw malformed('no prepared statement');
  const lists = Number(bytes.readUInt16LE(from + 5) > 0) + Number(bytes.readUInt16LE(from + 7) > 0);
  return { statement: bytes.readInt32LE(from + 1), lists };
}

/** The first packet of rows: how many columns they have. @throws an error for what is no such packet */
export function readColumnCount(bytes: Buffer, from: number, to: number): number {
  refuseFile(bytes, from, to);
  if (bytes[from] === OK) throw malformed('no rows where rows were asked for');
  const { value } = readNumber(bytes, from, to);
  if (value < 1 || value > MOST_COLUMNS) throw malformed(`rows of ${value} columns`);
  return value;
}

function refuseFile(bytes: Buffer, from: number, to: number): void {
  if (bytes[from] === FILE) throw fileAsked(bytes, from, to);
}

/** Bytes of a file's name that are shown. */
const LONGEST_NAME = 200;

/** A server that asks for a file of this machine: none of our statements lets it. */
export function fileAsked(bytes: Buffer, from: number, to: number): Error {
  const file = bytes.toString('utf8', from + 1, Math.min(to, from + 1 + LONGEST_NAME));
  return Object.assign(new Error(file), { code: 'FILE_ASKED' });
}

/** A length-encoded number. @throws an error where it does not end before `to` */
export function readNumber(bytes: Buffer, at: number, to: number): { readonly value: number; readonly next: number } {
  const first = at < to ? (bytes[at] as number) : ERROR;
  const next = at + (first < FILE ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9);
  if (next > to || first === FILE || first === ERROR) throw malformed('a length that is none');
  if (first === 0xfc) return { value: bytes.readUInt16LE(at + 1), next };
  if (first === 0xfd) return { value: bytes.readUIntLE(at + 1, 3), next };
  if (first === 0xfe) return { value: Number(bytes.readBigUInt64LE(at + 1)), next };
  return { value: first, next };
}

/** A length-encoded piece of a packet, NULL as null; `next` is behind it. @throws an error where it leaves the packet */
export function readPiece(
  bytes: Buffer,
  at: number,
  to: number,
): { readonly value: Buffer | null; readonly next: number } {
  if (bytes[at] === FILE && at < to) return { value: null, next: at + 1 };
  const { value: length, next: start } = readNumber(bytes, at, to);
  if (length > to - start) throw malformed('a value that is longer than its packet');
  return { value: bytes.subarray(start, start + length), next: start + length };
}

/** The name in a column definition: behind catalog, schema, table and the table's own name. */
export function columnName(bytes: Buffer, from: number, to: number): string {
  let at = from;
  for (let before = 0; before < 4; before += 1) at = readPiece(bytes, at, to).next;
  return readPiece(bytes, at, to).value?.toString('utf8') ?? '';
}

/** What a column definition says of the type: character set, length and type, which stand at its end. */
export function columnShape(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('hex', Math.max(from, to - 12), Math.max(from, to - 5));
}
