/**
 * The rows of a small answer - what a server says about itself and its tables, a few keys - taken apart here, because
 * everything in it is checked: a server that lies must not get further than to an error.
 */
import type { PoolConnection } from 'mysql2';
import { converse } from './driver-packets.ts';
import { malformed, tooLarge } from './errors.ts';
import {
  checkLast,
  columnName,
  isEnd,
  isError,
  queryPacket,
  readColumnCount,
  readError,
  readPiece,
} from './protocol.ts';
import type { RawCell, RawRow } from './row-stream.ts';

export type SmallAnswer = { readonly rows: RawRow[]; readonly fields: string[] };

/** Most bytes of such an answer; each value counts with what it takes here. 100,000 tables are listed in 25 MB. */
export const SMALL_ANSWER_BYTES = 32 * 1024 * 1024;
const VALUE_BYTES = 64;

/** @param settle called once */
export function askSmall(
  raw: PoolConnection,
  sql: string,
  settle: (error: unknown, answer?: SmallAnswer) => void,
): void {
  const rows: RawRow[] = [];
  const fields: string[] = [];
  let columns = 0;
  let state: 'begin' | 'columns' | 'rows' = 'begin';
  let size = 0;

  const readRow = (packet: Buffer): RawRow => {
    const row: RawCell[] = [];
    let at = 0;
    for (let column = 0; column < columns; column += 1) {
      const { value, next } = readPiece(packet, at, packet.length);
      row.push(value);
      at = next;
    }
    if (at !== packet.length) throw malformed('a row with more values than columns');
    return row;
  };
  const take = (bytes: Buffer, from: number, to: number): void => {
    if (state === 'begin') {
      columns = readColumnCount(bytes, from, to);
      state = 'columns';
    } else if (state === 'columns') {
      if (fields.length === columns) throw malformed('more descriptions than columns');
      fields.push(columnName(bytes, from, to));
    } else {
      // The packet is good until this call returns.
      rows.push(readRow(Buffer.from(bytes.subarray(from, to))));
    }
  };
  converse(raw, {
    begin: (line) => {
      line.send([queryPacket(sql)]);
      return false;
    },
    packet: (bytes, from, to) => {
      size += to - from + (state === 'rows' ? columns * VALUE_BYTES : 0);
      if (size > SMALL_ANSWER_BYTES) throw tooLarge(SMALL_ANSWER_BYTES);
      if (isError(bytes, from)) {
        settle(readError(bytes, from, to));
        return true;
      }
      if (state === 'begin' || !isEnd(bytes, from, to)) {
        take(bytes, from, to);
        return false;
      }
      if (state === 'rows') {
        checkLast(bytes, from, to);
        settle(null, { rows, fields });
        return true;
      }
      if (fields.length < columns) throw malformed('fewer descriptions than columns');
      state = 'rows';
      return false;
    },
    failed: settle,
  });
}
