/**
 * Rows of one statement as packets, pulled until there are enough. The network is not read between the pulls; what
 * had arrived with the last row that was wanted is handed over, too.
 */
import type { PoolConnection } from 'mysql2';
import { converse, pauseStream, resumeStream } from './driver-packets.ts';
import { malformed, silence } from './errors.ts';
import { checkLast, columnShape, isEnd, isError, queryPacket, readColumnCount, readError } from './protocol.ts';

export type PacketStream = {
  /** Resolves when `enough` holds or the statement has no further rows: then true. One call at a time. */
  pull(enough: () => boolean): Promise<boolean>;
  /** Rows handed over so far. */
  rows(): number;
  /** What the server said about the columns; empty before the first row. */
  shape(): string;
};

export function openPacketStream(
  raw: PoolConnection,
  query: { readonly sql: string; readonly timeoutMs: number },
  onRow: (bytes: Buffer, from: number, to: number) => void,
  wrap: (error: unknown) => Error,
  /** Whom the session tells when the connection fails or is ended. */
  waiting: Set<(error: unknown) => void>,
): PacketStream {
  let rows = 0;
  let done = false;
  let failure: Error | undefined;
  let shape = '';
  let columns = -1;
  let inRows = false;
  let paused = false;
  let silent: NodeJS.Timeout | undefined;
  let pulling: { enough: () => boolean; resolve: (done: boolean) => void; reject: (error: Error) => void } | undefined;

  const deliver = (): void => {
    if (pulling !== undefined) {
      const { enough, resolve, reject } = pulling;
      if (failure !== undefined) reject(failure);
      else if (done || enough()) resolve(done);
      else return;
      pulling = undefined;
      clearTimeout(silent);
    }
    if (!done && failure === undefined && !paused) {
      paused = true;
      pauseStream(raw);
    }
  };
  const end = (error?: unknown): void => {
    if (done || failure !== undefined) return;
    if (error === undefined) done = true;
    else failure = wrap(error);
    waiting.delete(end);
    raw.removeListener('end', lost);
    if (paused) {
      paused = false;
      resumeStream(raw);
    }
    deliver();
  };
  const lost = (): void =>
    end(Object.assign(new Error('The connection was closed.'), { code: 'PROTOCOL_CONNECTION_LOST' }));
  const describe = (bytes: Buffer, from: number, to: number): void => {
    if (columns < 0) {
      columns = readColumnCount(bytes, from, to);
    } else if (columns > 0) {
      if (isEnd(bytes, from, to)) throw malformed('fewer descriptions than columns');
      shape += `${columnShape(bytes, from, to)} `;
      columns -= 1;
    } else if (isEnd(bytes, from, to)) {
      inRows = true;
    } else {
      throw malformed('more descriptions than columns');
    }
  };

  waiting.add(end);
  raw.on('end', lost);
  converse(
    raw,
    {
      begin: (line) => {
        line.send([queryPacket(query.sql)]);
        return false;
      },
      packet: (bytes, from, to) => {
        if (inRows && bytes[from] !== 0xff && !isEnd(bytes, from, to)) {
          if (failure !== undefined) return false;
          onRow(bytes, from, to);
          rows += 1;
          if (pulling === undefined || pulling.enough()) deliver();
          return false;
        }
        if (isError(bytes, from)) end(readError(bytes, from, to));
        else if (inRows) {
          checkLast(bytes, from, to);
          end();
        } else {
          describe(bytes, from, to);
          return false;
        }
        return true;
      },
      failed: end,
    },
    true,
  );

  return {
    pull: (enough) =>
      new Promise((resolve, reject) => {
        pulling = { enough, resolve, reject };
        if (query.timeoutMs > 0) silent = setTimeout(() => end(silence()), query.timeoutMs);
        if (paused && failure === undefined && !done && !enough()) {
          paused = false;
          resumeStream(raw);
        }
        deliver();
      }),
    rows: () => rows,
    shape: () => shape,
  };
}
