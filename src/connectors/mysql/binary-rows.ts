/**
 * Rows that arrived as text-protocol packets, as the parameters of a prepared INSERT: every value is copied byte for
 * byte with the length before it, and the server makes the column's value of it. A value is never looked into.
 */
import { badRow, NULL_VALUE, type RawRows, rowStart, valueEnd } from './raw-rows.ts';
import type { MysqlColumn } from './schema.ts';

const HEADER = 4;
const COM_STMT_EXECUTE = 0x17;
const COM_STMT_BULK_EXECUTE = 0xfa;
/** The types of the parameters are part of the request. */
const SEND_TYPES = 0x80;
const IS_VALUE = 0;
const IS_NULL = 1;
/** Values up to this length are copied byte by byte: a call costs more than they do. */
const SHORT = 24;

/**
 * How a column's values are announced. Text and bytes are binary strings, which every column stores as they are,
 * whatever its character set; numbers, dates, UUIDs and MySQL's JSON are read as text.
 */
const BLOB = 0xfc;
const VAR_STRING = 0xfd;

function typeOf({ cell }: MysqlColumn): number {
  return cell === 'plain' || cell === 'json' ? VAR_STRING : BLOB;
}

/** Room for the packets of one exchange; used again for the next one, when these have been answered. */
export type PacketRooms = { bytes(packet: number, size: number): Buffer };

export function packetRooms(): PacketRooms {
  const rooms: Buffer[] = [];
  return {
    bytes: (packet, size) => {
      const room = rooms[packet];
      if (room !== undefined && room.length >= size) return room;
      const larger = Buffer.allocUnsafeSlow(Math.ceil(size * 1.25));
      rooms[packet] = larger;
      return larger;
    },
  };
}

/** Size of a bulk packet, bytes, at most. */
export function bulkSize(columns: number, rows: number, bytes: number): number {
  return HEADER + 7 + columns * 2 + rows * columns + bytes;
}

/** Rows `first` to `last - 1`, the statement carried out once for each. */
export function bulkPacket(
  out: Buffer,
  statement: number,
  columns: readonly MysqlColumn[],
  rows: RawRows,
  first: number,
  last: number,
): Buffer {
  let from = rowStart(rows, first);
  const source = rows.bytes;
  const { width, ends } = rows;
  let to = HEADER;
  out[to] = COM_STMT_BULK_EXECUTE;
  out.writeInt32LE(statement, to + 1);
  out.writeUInt16LE(SEND_TYPES, to + 5);
  to = writeTypes(out, to + 7, columns);
  for (let row = first; row < last; row += 1) {
    const rowEnd = ends[row] as number;
    for (let column = 0; column < width; column += 1) {
      const length = source[from] as number;
      if (length === NULL_VALUE) {
        out[to] = IS_NULL;
        to += 1;
        from += 1;
        continue;
      }
      out[to] = IS_VALUE;
      to += 1;
      const end = length < NULL_VALUE ? from + 1 + length : valueEnd(source, from);
      if (end - from <= SHORT) {
        while (from < end) {
          out[to] = source[from] as number;
          to += 1;
          from += 1;
        }
      } else {
        if (end > rowEnd) throw badRow();
        out.set(source.subarray(from, end), to);
        to += end - from;
        from = end;
      }
    }
    if (from !== rowEnd) throw badRow();
  }
  return out.subarray(0, to);
}

function writeTypes(out: Buffer, at: number, columns: readonly MysqlColumn[]): number {
  let to = at;
  for (const column of columns) {
    out[to] = typeOf(column);
    out[to + 1] = 0;
    to += 2;
  }
  return to;
}

/** Size of an execute packet, bytes, at most. */
export function executeSize(columns: number, rows: number, bytes: number): number {
  return HEADER + 11 + Math.ceil((columns * rows) / 8) + columns * rows * 2 + bytes;
}

/** Rows `first` to `last - 1` as the placeholders of one statement. */
export function executePacket(
  out: Buffer,
  statement: number,
  columns: readonly MysqlColumn[],
  rows: RawRows,
  first: number,
  last: number,
): Buffer {
  const source = rows.bytes;
  const { width, ends } = rows;
  const count = (last - first) * width;
  let to = HEADER;
  out[to] = COM_STMT_EXECUTE;
  out.writeInt32LE(statement, to + 1);
  out[to + 5] = 0;
  out.writeInt32LE(1, to + 6);
  to += 10;
  const nulls = to;
  to += Math.ceil(count / 8);
  out.fill(0, nulls, to);
  out[to] = 1;
  to += 1;
  for (let row = first; row < last; row += 1) to = writeTypes(out, to, columns);

  let from = rowStart(rows, first);
  let copied = from;
  let at = 0;
  for (let row = first; row < last; row += 1) {
    for (let column = 0; column < width; column += 1) {
      if (source[from] === NULL_VALUE) {
        out.set(source.subarray(copied, from), to);
        to += from - copied;
        from += 1;
        copied = from;
        out[nulls + (at >> 3)] = (out[nulls + (at >> 3)] as number) | (1 << (at & 7));
      } else {
        from = valueEnd(source, from);
      }
      at += 1;
    }
    if (from !== ends[row]) throw badRow();
  }
  out.set(source.subarray(copied, from), to);
  return out.subarray(0, to + from - copied);
}
