/**
 * The only place where names and values become SQL text for MySQL and MariaDB.
 * Values are written as ASCII only (hexadecimal where needed), so no character set, escape rule or sql_mode of the
 * session can change their meaning.
 */
import { mysqlError } from './errors.ts';

/** Quotes one identifier. Dots are part of the name. Throws `mysql.badName` for what no server accepts. */
export function quoteName(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw mysqlError('mysql.badName', { name: name.replaceAll('\0', '\\0') }, 'An identifier is empty or holds a NUL.');
  }
  return `\`${name.replaceAll('`', '``')}\``;
}

export function quoteNames(names: readonly string[]): string {
  return names.map(quoteName).join(', ');
}

/** A text value of ours (a table name to look up, a checkpoint), independent of the session's character set. */
export function quoteText(text: string): string {
  return text === '' ? "_utf8mb4''" : `_utf8mb4 X'${Buffer.from(text, 'utf8').toString('hex')}'`;
}

const PLAIN_TOKEN = /^[0-9A-Za-z:.+\- ]*$/;

/** Numbers, dates, times, addresses: the server's own text, which holds nothing but letters, digits and `:.+- `. */
export function quotePlain(bytes: Uint8Array, column: string): string {
  const text = latin1(bytes);
  if (!PLAIN_TOKEN.test(text)) {
    throw mysqlError('mysql.unexpectedValue', { column }, `The server sent an impossible value for column ${column}.`);
  }
  return `'${text}'`;
}

/** Anything but printable ASCII, tab and line ends; the backslash means something in some modes. */
const NEEDS_HEX = /[^\t\n\r\x20-\x5b\x5d-\x7e]/;

/** Bytes that reach the column unchanged, whatever its character set: a binary string is stored without conversion. */
export function quoteBytes(bytes: Uint8Array): string {
  const text = latin1(bytes);
  if (NEEDS_HEX.test(text)) return `X'${hex(bytes)}'`;
  return text.includes("'") ? `_binary'${text.replaceAll("'", "''")}'` : `_binary'${text}'`;
}

/** JSON of MySQL is made from text only: a binary string is refused by that server. */
export function quoteJson(bytes: Uint8Array): string {
  return `_utf8mb4 X'${hex(bytes)}'`;
}

/** A text in the character set of the column it is compared with; the column's collation decides. */
export function quoteInCharset(charset: string, hexDigits: string): string {
  if (!/^[a-z0-9_]+$/i.test(charset) || !/^[0-9a-f]*$/i.test(hexDigits)) {
    throw mysqlError('mysql.badCursor', {}, 'The checkpoint holds a key that is not one.');
  }
  return hexDigits === '' ? `_${charset}''` : `_${charset} X'${hexDigits}'`;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
