// biome-ignore-all lint/suspicious/noControlCharactersInRegex: requests begin with a byte that says which command they are.
/** What the scripts of hostile servers are made of. */
import type { MysqlConnection } from '../../src/core/settings.ts';
import type { Job } from './hostile-client.ts';
import { column, end, type Flip, type Line, packet, type Talk, type Twist } from './hostile-mysql.ts';

export type HostileScript = {
  /** The server .. */
  readonly does: string;
  readonly asks: Job['asks'];
  readonly way?: Job['way'];
  readonly checkpoint?: Job['checkpoint'];
  readonly connection?: Partial<MysqlConnection>;
  readonly server: Talk | Twist | Flip;
  /** Codes of the error, or what went well; any of them. */
  readonly ends: RegExp;
  /** Rows and checkpoints that the real server behind it has in the end. Absent: nobody looks. */
  readonly leaves?: readonly [rows: number, checkpoints: number];
  /** Growth of the client's memory, MB, where it is more than for the others. */
  readonly mostMb?: number;
  /** It may be over before the server strikes. */
  readonly mayMiss?: boolean;
  /** Sends as much as it can: not at the same time as others. */
  readonly floods?: boolean;
};

export type LoginScript = Omit<HostileScript, 'asks' | 'server'> & { readonly talk: Talk };
export type AnswerScript = Omit<HostileScript, 'asks' | 'server'> & { readonly asks?: Job['asks'] } & Twist;

export const never = (): void => {};
const PART = 0xff_ff_ff;
/** 256 packets: their numbers begin anew, so that the block can be sent again and again. */
const block = (first: number, payload: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: 256 }, (_, at) => packet(first + at, payload)));
export const floodRows = (line: Line, first: number, row: Buffer): Promise<void> => {
  const rows = block(first, row);
  return line.flood(() => rows);
};
export const part = (round: number): Buffer => packet(round, Buffer.alloc(PART));

export const VERSION = /^\x03SELECT VERSION/;
export const ROWS = /AS c0/;
/** One column, then whatever comes. */
export const rowsOf = (line: Line, ...rows: readonly Buffer[]): void => {
  line.send(1, 1);
  line.send(2, column('v'));
  line.send(3, ...end());
  for (const [at, row] of rows.entries()) line.send(4 + at, row);
};

/** How most lies about the protocol end. */
export const PROTOCOL = /^mysql\.(protocol|badRow)$/;
