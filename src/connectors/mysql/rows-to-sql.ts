/** Turns a page into statements: values as ASCII literals, each statement below the server's packet limit. */
import { mysqlError } from './errors.ts';
import { quoteBytes, quoteJson, quoteName, quoteNames, quotePlain } from './quoting.ts';
import type { MysqlColumn, ServerInfo } from './schema.ts';

export type Cells = readonly (Uint8Array | null)[];

/** How the rows of a unit get into its table. */
export type RowStatement = {
  readonly table: string;
  readonly columns: readonly MysqlColumn[];
  /** Overwrite the row that has the same key. */
  readonly overwrite: boolean;
  readonly server: Pick<ServerInfo, 'flavour' | 'number' | 'maxAllowedPacket'>;
};

/** A statement for rows `first` to `first + rows - 1` of the page. */
export type Statement =
  | { readonly kind: 'text'; readonly sql: string; readonly first: number; readonly rows: number }
  /** One row that is too large as text: its values are sent apart, as they are. */
  | {
      readonly kind: 'prepared';
      readonly sql: string;
      readonly values: readonly (Buffer | null)[];
      readonly first: number;
      readonly rows: 1;
    };

/** Room for packet headers and the driver's own bytes. */
export const PACKET_RESERVE = 1024;
/** Longer statements cost the server more than they save. */
export const STATEMENT_BYTES = 4 * 1024 * 1024;

/**
 * @param pick rows of the page to write, ascending.
 * @param describeKey text of a row's key, for the message about a row that no statement can carry.
 */
export function* statements(
  spec: RowStatement,
  cells: Cells,
  pick: readonly number[],
  describeKey: (row: number) => string,
): Generator<Statement> {
  const { head, tail } = insertParts(spec);
  const packet = spec.server.maxAllowedPacket - PACKET_RESERVE;
  const fixed = Buffer.byteLength(head) + Buffer.byteLength(tail);
  const room = Math.min(packet, STATEMENT_BYTES) - fixed;
  let texts: string[] = [];
  let length = 0;
  let first = pick[0] ?? 0;
  for (const row of pick) {
    const size = rawSize(spec, cells, row);
    // Hexadecimal doubles the size at worst: only rows that may not fit are looked at again.
    const text = size * 2 > packet ? undefined : rowText(spec, cells, row);
    const tooLong = text === undefined || text.length + fixed > packet;
    if (texts.length > 0 && (tooLong || length + text.length + 1 > room)) {
      yield { kind: 'text', sql: head + texts.join(',') + tail, first, rows: texts.length };
      texts = [];
      length = 0;
    }
    if (tooLong) {
      yield prepared(spec, cells, row, head, tail, size, describeKey);
      continue;
    }
    if (texts.length === 0) first = row;
    texts.push(text);
    length += text.length + 1;
  }
  if (texts.length > 0) yield { kind: 'text', sql: head + texts.join(',') + tail, first, rows: texts.length };
}

/** What stands before and behind the rows of an INSERT. */
export function insertParts(spec: RowStatement): { readonly head: string; readonly tail: string } {
  const names = quoteNames(spec.columns.map((each) => each.name));
  return {
    head: `INSERT INTO ${quoteName(spec.table)} (${names}) VALUES `,
    tail: spec.overwrite ? overwriteClause(spec) : '',
  };
}

function overwriteClause(spec: RowStatement): string {
  const { flavour, number } = spec.server;
  // VALUES() is deprecated there, and a deprecation is a warning.
  const alias = flavour === 'mysql' && number >= 80_019 ? aliasBeside(spec.table) : undefined;
  const sets = spec.columns.map(({ name }) => {
    const quoted = quoteName(name);
    return alias === undefined ? `${quoted} = VALUES(${quoted})` : `${quoted} = ${alias}.${quoted}`;
  });
  return `${alias === undefined ? '' : ` AS ${alias}`} ON DUPLICATE KEY UPDATE ${sets.join(', ')}`;
}

/** A name for the new row that is not the table's. */
function aliasBeside(table: string): string {
  return table.toLowerCase() === 'datatrace_new' ? 'datatrace_row' : 'datatrace_new';
}

function rowText(spec: RowStatement, cells: Cells, row: number): string {
  const { columns } = spec;
  let text = '(';
  for (let at = 0; at < columns.length; at += 1) {
    const cell = cells[row * columns.length + at];
    if (at > 0) text += ',';
    text += cell === null || cell === undefined ? 'NULL' : valueText(columns[at] as MysqlColumn, cell);
  }
  return `${text})`;
}

function valueText(column: MysqlColumn, cell: Uint8Array): string {
  if (column.cell === 'plain') return quotePlain(cell, column.name);
  return column.cell === 'json' ? quoteJson(cell) : quoteBytes(cell);
}

function rawSize(spec: RowStatement, cells: Cells, row: number): number {
  let size = 0;
  for (let at = 0; at < spec.columns.length; at += 1) size += (cells[row * spec.columns.length + at]?.length ?? 0) + 10;
  return size;
}

function prepared(
  spec: RowStatement,
  cells: Cells,
  row: number,
  head: string,
  tail: string,
  size: number,
  describeKey: (row: number) => string,
): Statement {
  const limit = spec.server.maxAllowedPacket;
  if (size + PACKET_RESERVE > limit) {
    const args = { table: spec.table, key: describeKey(row), bytes: size, limit };
    throw mysqlError(
      'mysql.rowTooLarge',
      args,
      `A row of ${size} bytes does not fit into max_allowed_packet = ${limit}.`,
    );
  }
  const width = spec.columns.length;
  const values = spec.columns.map((_, at) => {
    const cell = cells[row * width + at];
    return cell === null || cell === undefined ? null : Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength);
  });
  // Bytes arrive as a binary string and are stored unconverted; where text is needed they are called what they are.
  const marks = spec.columns.map(({ cell }) =>
    cell === 'plain' || cell === 'json' ? 'CONVERT(? USING utf8mb4)' : '?',
  );
  return { kind: 'prepared', sql: `${head}(${marks.join(',')})${tail}`, values, first: row, rows: 1 };
}
