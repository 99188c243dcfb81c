/**
 * The rows of a small answer - what a server says about itself and its tables, a few keys - taken apart here, because
 * everything in it is checked: a server that lies must not get further than to an error. Several questions are one round
 * trip.
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
  readDone,
  readError,
  readPiece,
} from './protocol.ts';
import type { RawCell, RawRow } from './row-stream.ts';

export type SmallAnswer = { readonly rows: RawRow[]; readonly fields: string[] };
/** What is asked: rows, or that a statement is carried out, to which the answer has none. */
export type Question = string | { readonly statement: string };
/** What the server says to one of several questions. */
export type Answered = SmallAnswer | { readonly refused: unknown };

/** Most bytes of the answers together; each row and value counts with what it takes here. 100,000 tables are listed in 75 MB. */
export const SMALL_ANSWER_BYTES = 80 * 1024 * 1024;
const ROW_BYTES = 512;
const VALUE_BYTES = 64;

/**
 * Every question is answered whatever becomes of those before it.
 * @param settle called once, with an error when the connection fails
 */
export function askSmall(
  raw: PoolConnection,
  questions: readonly Question[],
  settle: (error: unknown, answers?: Answered[]) => void,
): void {
  const answers: Answered[] = [];
  let answer = readAnswer();
  let size = 0;
  converse(raw, {
    begin: (line) => {
      line.send(questions.map((each) => queryPacket(typeof each === 'string' ? each : each.statement)));
      return false;
    },
    packet: (bytes, from, to, line) => {
      size += answer.cost(to - from);
      if (size > SMALL_ANSWER_BYTES) throw tooLarge(SMALL_ANSWER_BYTES);
      if (isError(bytes, from)) answers.push({ refused: readError(bytes, from, to) });
      else if (typeof questions[answers.length] === 'object') {
        readDone(bytes, from, to);
        answers.push({ rows: [], fields: [] });
      } else if (answer.take(bytes, from, to)) answers.push(answer.rows());
      else return false;
      answer = readAnswer();
      line.nextAnswer();
      if (answers.length < questions.length) return false;
      settle(null, answers);
      return true;
    },
    failed: settle,
  });
}

type AnswerReader = {
  /** Bytes that a packet takes here. */
  cost(packetBytes: number): number;
  /** True with the last packet of the answer. */
  take(bytes: Buffer, from: number, to: number): boolean;
  rows(): SmallAnswer;
};

function readAnswer(): AnswerReader {
  const rows: RawRow[] = [];
  const fields: string[] = [];
  let columns = 0;
  let state: 'begin' | 'columns' | 'rows' = 'begin';

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
  const takeOne = (bytes: Buffer, from: number, to: number): void => {
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
  return {
    cost: (packetBytes) => packetBytes + (state === 'rows' ? ROW_BYTES + columns * VALUE_BYTES : 0),
    take: (bytes, from, to) => {
      if (state === 'begin' || !isEnd(bytes, from, to)) {
        takeOne(bytes, from, to);
        return false;
      }
      if (state === 'rows') {
        checkLast(bytes, from, to);
        return true;
      }
      if (fields.length < columns) throw malformed('fewer descriptions than columns');
      state = 'rows';
      return false;
    },
    rows: () => ({ rows, fields }),
  };
}
