/**
 * Requests of the client/server protocol and what the server answers to them, as bytes.
 * Sources: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html and, for bulk execution,
 * https://mariadb.com/kb/en/com_stmt_bulk_execute/
 */
import type { DriverError } from './errors.ts';

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

export function isError(bytes: Buffer, from: number): boolean {
  return bytes[from] === 0xff;
}

export function isEnd(bytes: Buffer, from: number, to: number): boolean {
  return bytes[from] === 0xfe && to - from < 9;
}

/** The server's error in the form in which the driver gives them. */
export function readError(bytes: Buffer, from: number, to: number): DriverError {
  const errno = bytes.readUInt16LE(from + 1);
  const marked = bytes[from + 3] === 0x23;
  const sqlState = marked ? bytes.toString('latin1', from + 4, from + 9) : '';
  return Object.assign(new Error(bytes.toString('utf8', from + (marked ? 9 : 3), to)), { errno, sqlState });
}

export function readDone(bytes: Buffer, from: number, to: number): Answer {
  const affected = readNumber(bytes, from + 1);
  const inserted = readNumber(bytes, affected.next);
  return {
    kind: 'done',
    affectedRows: affected.value,
    warnings: bytes.readUInt16LE(inserted.next + 2),
    info: bytes.toString('latin1', inserted.next + 4, to),
  };
}

/** A length-encoded number. */
export function readNumber(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  const first = bytes.readUInt8(at);
  if (first === 0xfc) return { value: bytes.readUInt16LE(at + 1), next: at + 3 };
  if (first === 0xfd) return { value: bytes.readUIntLE(at + 1, 3), next: at + 4 };
  if (first === 0xfe) return { value: Number(bytes.readBigUInt64LE(at + 1)), next: at + 9 };
  return { value: first, next: at + 1 };
}

/** What a column definition says of the type: character set, length and type, which stand at its end. */
export function columnShape(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('hex', Math.max(from, to - 12), to - 5);
}
