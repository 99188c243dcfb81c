/**
 * Rows of one statement, pulled in pieces of bounded size. The socket is paused between the pieces, so memory holds
 * one piece and what the network had delivered already. A connection that dies rejects the waiting pull: the
 * driver's own stream would wait for ever.
 */
import type { PoolConnection } from 'mysql2';
import { expectRows } from './driver-packets.ts';
import { malformed, silence } from './errors.ts';

/** One value as the server sent it (text protocol). */
export type RawCell = Buffer | null;
export type RawRow = RawCell[];

export type RowPiece = {
  readonly rows: RawRow[];
  /** Size of the values, bytes. */
  readonly bytes: number;
  /** True when the statement has no further rows. */
  readonly done: boolean;
};

export type RowStream = {
  /** Up to `maxRows` rows; ends after the row that reaches `maxBytes`. Not to be called while a call is waiting. */
  next(maxRows: number, maxBytes: number): Promise<RowPiece>;
  /** What the server said about the columns, to notice a change of the table between two statements; empty before the first row. */
  shape(): string;
};

type Field = { readonly columnType?: number; readonly columnLength?: number; readonly characterSet?: number };

export function openRowStream(
  raw: PoolConnection,
  query: { readonly sql: string; readonly timeoutMs: number },
  wrap: (error: unknown) => Error,
  /** Whom the session tells when the connection fails or is ended. */
  waiting: Set<(error: unknown) => void>,
): RowStream {
  let rows: RawRow[] = [];
  let bytes = 0;
  let done = false;
  let failure: Error | undefined;
  let shape = '';
  let wanted: { maxRows: number; maxBytes: number; resolve: (piece: RowPiece) => void; reject: (error: Error) => void };
  let pulling = false;
  let paused = false;
  let silent: NodeJS.Timeout | undefined;

  const deliver = (): void => {
    if (!pulling) return;
    if (failure !== undefined) {
      pulling = false;
      wanted.reject(failure);
    } else if (done || rows.length >= wanted.maxRows || bytes >= wanted.maxBytes) {
      pulling = false;
      const piece = { rows, bytes, done };
      rows = [];
      bytes = 0;
      wanted.resolve(piece);
    }
    if (pulling) return;
    clearTimeout(silent);
    if (!done && failure === undefined) {
      paused = true;
      raw.pause();
    }
  };
  const fail = (error: unknown): void => {
    failure ??= wrap(error);
    settle();
  };
  const lost = (): void =>
    fail(Object.assign(new Error('The connection was closed.'), { code: 'PROTOCOL_CONNECTION_LOST' }));
  const settle = (): void => {
    waiting.delete(fail);
    raw.removeListener('end', lost);
    deliver();
  };

  waiting.add(fail);
  raw.on('end', lost);
  // The time limit is one for the server's silence: a slow consumer must not be taken for a slow server.
  const running = raw.query(query.sql);
  expectRows(raw);
  running.on('error', fail);
  running.on('fields', (fields: unknown) => {
    shape = JSON.stringify(
      ((fields as Field[] | undefined) ?? []).map((each) => [each.columnType, each.columnLength, each.characterSet]),
    );
  });
  running.on('result', (row: unknown, answer: unknown) => {
    // Thrown to the driver, which ends the connection.
    if (!Array.isArray(row)) throw malformed('no rows where rows were asked for');
    if (answer !== 0) throw malformed('more answers than statements');
    const cells = row as RawRow;
    rows.push(cells);
    for (const cell of cells) bytes += cell === null ? 1 : cell.length + 1;
    deliver();
  });
  running.on('end', () => {
    if (failure !== undefined) return;
    done = true;
    settle();
  });

  return {
    next: (maxRows, maxBytes) =>
      new Promise<RowPiece>((resolve, reject) => {
        wanted = { maxRows, maxBytes, resolve, reject };
        pulling = true;
        if (query.timeoutMs > 0) silent = setTimeout(() => fail(silence()), query.timeoutMs);
        if (paused && failure === undefined) {
          paused = false;
          raw.resume();
        }
        deliver();
      }),
    shape: () => shape,
  };
}
