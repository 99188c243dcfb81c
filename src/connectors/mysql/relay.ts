/**
 * A page of raw rows as one round trip: the transaction's begin, the rows and the checkpoint are sent at once, and
 * everything the server says about them is checked. Whatever is out of the ordinary is left to the writer, which goes
 * step by step.
 */
import { bulkPacket, bulkSize, executePacket, executeSize, packetRooms } from './binary-rows.ts';
import { serverErrorNumber } from './errors.ts';
import {
  type Answer,
  closeRequest,
  LAST_PREPARED,
  prepareRequest,
  type Request,
  statementRequest,
} from './protocol.ts';
import { cellsOf, type RawRows, rowStart } from './raw-rows.ts';
import { insertParts, PACKET_RESERVE, type RowStatement, STATEMENT_BYTES, statements } from './rows-to-sql.ts';
import type { Session } from './session.ts';

/** How rows get into a statement; the first that both sides can do is taken. */
export const WRITE_PATHS = ['bulk', 'prepared', 'text'] as const;
export type WritePath = (typeof WRITE_PATHS)[number];

export type WriteWay = {
  /** The best path that may be taken. */
  readonly path: WritePath;
  /** A first page of fewer bytes is written as text. */
  readonly preparesFrom: number;
};

/** The best path that the connection can go. */
export function pathOver({ can }: Session, { path }: WriteWay): WritePath {
  return path === 'bulk' && !can.bulk ? 'prepared' : path;
}

/** A statement of the relay: the rows it carries, and what the server said. */
export type Sent = { readonly rows: number; readonly answer: Extract<Answer, { kind: 'done' }> };

export type Relay = {
  /**
   * @param open begins what can be taken back, told how many statements of it follow; @param close belongs to the same
   * transaction, null = nothing
   * @returns what was said about the rows; `untouched` when nothing was sent, `spoiled` when what was sent has to be
   * taken back: in both cases the page is to be written step by step
   * @throws DataError of a statement that the server refused
   */
  write(
    open: (statements: number) => string,
    rows: RawRows,
    close: string | null,
  ): Promise<readonly Sent[] | 'untouched' | 'spoiled'>;
  /** The path of the next batch. */
  path(): WritePath;
  close(): Promise<void>;
};

/** A packet's length has three bytes: longer ones are split, which is left to the driver. */
const LONGEST_PACKET = 0xff_ff_ff - PACKET_RESERVE;
const MOST_PLACEHOLDERS = 65_535;
const MOST_ROWS = 4_000;
/** Not for prepared statements: unknown command (proxies), unsupported, too many of them, too many placeholders. */
const UNPREPARED = new Set([1047, 1295, 1461, 1390, 1243]);

type Step = { readonly request: Request; readonly rows: number; readonly what: 'open' | 'prepare' | 'rows' | 'close' };

export function openRelay(session: Session, spec: RowStatement, { path: wanted, preparesFrom }: WriteWay): Relay {
  let path = wanted;
  const packetLimit = Math.min(spec.server.maxAllowedPacket - PACKET_RESERVE, LONGEST_PACKET);
  const statementLimit = Math.min(packetLimit, STATEMENT_BYTES);
  const encoders = {
    bulk: bulkSteps(spec, statementLimit),
    prepared: preparedSteps(session, spec, statementLimit, () => {
      path = 'text';
    }),
  };
  let written = 0;

  const stepsFor = async (rows: RawRows): Promise<readonly Step[] | null> => {
    const small = written === 0 && rows.bytes.length < preparesFrom;
    if (path === 'text' || small) return textSteps(spec, rows, packetLimit);
    return encoders[path].steps(rows);
  };
  return {
    path: () => path,
    write: async (open, rows, close) => {
      const inner = await stepsFor(rows);
      written += 1;
      if (inner === null) return 'untouched';
      const last: Step[] = close === null ? [] : [{ request: statementRequest(close), rows: 0, what: 'close' }];
      const within = inner.filter(({ what }) => what === 'rows').length + last.length;
      const first: Step = { request: statementRequest(open(within)), rows: 0, what: 'open' };
      const steps = [first, ...inner, ...last];
      const answers = await session.exchange(steps.map((each) => each.request));
      const sent: Sent[] = [];
      for (const [at, step] of steps.entries()) {
        const answer = answers[at];
        if (answer?.kind === 'refused') {
          const number = serverErrorNumber((answer.error as { cause?: unknown }).cause);
          if (step.what !== 'prepare' && !UNPREPARED.has(number)) throw answer.error;
          path = 'text';
          return 'spoiled';
        }
        if (answer?.kind === 'prepared' && path === 'bulk') encoders.bulk.prepared(answer.statement);
        if (answer?.kind === 'done' && step.what === 'rows') sent.push({ rows: step.rows, answer });
      }
      return sent;
    },
    close: async () => {
      const open = [...encoders.bulk.open(), ...encoders.prepared.open()];
      if (open.length > 0) await session.exchange(open.map(closeRequest)).catch(() => {});
    },
  };
}

/** Null where a row needs a packet of its own kind. */
function textSteps(spec: RowStatement, rows: RawRows, packetLimit: number): Step[] | null {
  const steps: Step[] = [];
  const all = Array.from({ length: rows.ends.length }, (_, row) => row);
  for (const statement of statements(spec, cellsOf(rows), all, () => '')) {
    if (statement.kind !== 'text' || statement.sql.length > packetLimit) return null;
    steps.push({ request: statementRequest(statement.sql), rows: statement.rows, what: 'rows' });
  }
  return steps;
}

type Encoder = {
  steps(rows: RawRows): Promise<Step[] | null> | Step[] | null;
  /** Statements to be closed. */
  open(): readonly number[];
};

/** One statement of one row, carried out for all rows of a packet. */
function bulkSteps(spec: RowStatement, limit: number): Encoder & { prepared(statement: number): void } {
  let statement: number | null = null;
  const rooms = packetRooms();
  const columns = spec.columns.length;
  const { head, tail } = insertParts(spec);
  return {
    prepared: (id) => {
      statement = id;
    },
    open: () => (statement === null ? [] : [statement]),
    steps: (rows) => {
      const steps: Step[] = [];
      if (statement === null) {
        const marks = spec.columns.map(() => '?').join(',');
        steps.push({ request: prepareRequest(`${head}(${marks})${tail}`), rows: 0, what: 'prepare' });
      }
      for (let first = 0, packet = 0; first < rows.ends.length; packet += 1) {
        const last = rowsWithin(rows, first, (count, bytes) => bulkSize(columns, count, bytes) <= limit);
        if (last === first) return null;
        const room = rooms.bytes(packet, bulkSize(columns, last - first, rowStart(rows, last) - rowStart(rows, first)));
        const bytes = bulkPacket(room, statement ?? LAST_PREPARED, spec.columns, rows, first, last);
        steps.push({ request: { packet: bytes, expects: 'done' }, rows: last - first, what: 'rows' });
        first = last;
      }
      return steps;
    },
  };
}

/** The row after the last that still fits. */
function rowsWithin(rows: RawRows, first: number, fits: (count: number, bytes: number) => boolean): number {
  const start = rowStart(rows, first);
  const bytes = (last: number): number => rowStart(rows, last) - start;
  const end = rows.ends.length;
  if (fits(end - first, bytes(end))) return end;
  let last = first;
  while (last < end && fits(last + 1 - first, bytes(last + 1))) last += 1;
  return last;
}

/** Statements of 2^n rows: a page of any size is made of few of them, and each is prepared once. */
function preparedSteps(session: Session, spec: RowStatement, limit: number, giveUp: () => void): Encoder {
  const byRows = new Map<number, number>();
  const rooms = packetRooms();
  const columns = spec.columns.length;
  const most = 2 ** Math.floor(Math.log2(Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_PLACEHOLDERS / columns)))));
  const { head, tail } = insertParts(spec);
  const row = `(${spec.columns.map(() => '?').join(',')})`;
  const prepare = async (sizes: readonly number[]): Promise<boolean> => {
    const missing = [...new Set(sizes)].filter((size) => !byRows.has(size));
    if (missing.length === 0) return true;
    const sql = missing.map((size) => head + Array.from({ length: size }, () => row).join(',') + tail);
    const answers = await session.exchange(sql.map(prepareRequest));
    for (const [at, answer] of answers.entries()) {
      if (answer.kind === 'prepared') byRows.set(missing[at] as number, answer.statement);
    }
    if (missing.every((size) => byRows.has(size))) return true;
    giveUp();
    return false;
  };
  return {
    open: () => [...byRows.values()],
    steps: async (rows) => {
      const pieces: { first: number; last: number }[] = [];
      for (let first = 0; first < rows.ends.length; ) {
        const fitting = rowsWithin(rows, first, (count, bytes) => executeSize(columns, count, bytes) <= limit) - first;
        if (fitting === 0) return null;
        const count = Math.min(most, 2 ** Math.floor(Math.log2(fitting)));
        pieces.push({ first, last: first + count });
        first += count;
      }
      if (!(await prepare(pieces.map(({ first, last }) => last - first)))) return null;
      return pieces.map(({ first, last }, at) => {
        const size = executeSize(columns, last - first, rowStart(rows, last) - rowStart(rows, first));
        const statement = byRows.get(last - first) as number;
        const packet = executePacket(rooms.bytes(at, size), statement, spec.columns, rows, first, last);
        return { request: { packet, expects: 'done' }, rows: last - first, what: 'rows' };
      });
    },
  };
}
