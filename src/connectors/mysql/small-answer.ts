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

export type SmallAnswer = {
  readonly rows: RawRow[];
  readonly fields: string[];
  /** Rows as they arrived, where they were asked for so and are not too many. */
  readonly packed?: Packed;
};
/** Rows of the text protocol one behind the other, and where each ends. */
export type Packed = { readonly bytes: Buffer; readonly ends: readonly number[] };
/**
 * What is asked: rows, or that a statement is carried out, to which the answer has none, or rows as they arrive: none of
 * them where they have more than `mostBytes`.
 */
export type Question =
  | string
  | { readonly statement: string }
  | { readonly packed: string; readonly mostBytes: number };
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
  let answer = readAnswer(questions[0]);
  let size = 0;
  converse(raw, {
    begin: (line) => {
      line.send(questions.map((each) => queryPacket(textOf(each))));
      return false;
    },
    packet: (bytes, from, to, line) => {
      size += answer.cost(to - from);
      if (size > SMALL_ANSWER_BYTES) throw tooLarge(SMALL_ANSWER_BYTES);
      if (isError(bytes, from)) answers.push({ refused: readError(bytes, from, to) });
      else if (isStatement(questions[answers.length])) {
        readDone(bytes, from, to);
        answers.push({ rows: [], fields: [] });
      } else if (answer.take(bytes, from, to)) answers.push(answer.rows());
      else return false;
      answer = readAnswer(questions[answers.length]);
      line.nextAnswer();
      if (answers.length < questions.length) return false;
      settle(null, answers);
      return true;
    },
    failed: settle,
  });
}

function isStatement(question: Question | undefined): boolean {
  return typeof question === 'object' && 'statement' in question;
}

function textOf(question: Question): string {
  if (typeof question === 'string') return question;
  return 'statement' in question ? question.statement : question.packed;
}

type AnswerReader = {
  /** Bytes that a packet takes here. */
  cost(packetBytes: number): number;
  /** True with the last packet of the answer. */
  take(bytes: Buffer, from: number, to: number): boolean;
  rows(): SmallAnswer;
};

function readAnswer(question: Question | undefined): AnswerReader {
  const most = typeof question === 'object' && 'packed' in question ? question.mostBytes : null;
  let packed: Buffer[] = [];
  let packedBytes = 0;
  const ends: number[] = [];
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
    } else if (most !== null) {
      packedBytes += to - from;
      if (packedBytes > most) packed = [];
      else packed.push(Buffer.from(bytes.subarray(from, to)));
      ends.push(packedBytes);
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
    rows: () =>
      most !== null && packedBytes <= most
        ? { rows, fields, packed: { bytes: Buffer.concat(packed, packedBytes), ends } }
        : { rows, fields },
  };
}
