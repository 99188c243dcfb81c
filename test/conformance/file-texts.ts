/**
 * Files as docs/files.md describes them, written and read by other code than the product's: a table of SQLite to the
 * text of a file, and the text of a file to a table.
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

type Value = bigint | number | string | Uint8Array | null;

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
}

function columnsOf(db: DatabaseSync, table: string): TableColumn[] {
  return db
    .prepare('SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) WHERE hidden=0')
    .all(table) as unknown as TableColumn[];
}

function valuesOf(db: DatabaseSync, table: string): Value[][] {
  const statement = db.prepare(`SELECT * FROM ${quote(table)} ORDER BY 1`);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement.all() as unknown as Value[][];
}

export function fileText(db: DatabaseSync, table: string, format: 'jsonl' | 'csv'): string {
  const columns = columnsOf(db, table);
  const rows = valuesOf(db, table);
  if (format === 'csv') {
    const csv = (value: Value): string => {
      if (value === null) return '';
      if (typeof value === 'string') return quote(value);
      return value instanceof Uint8Array ? `base64:${Buffer.from(value).toString('base64')}` : number(value);
    };
    const lines = [columns.map((column) => quote(column.name)), ...rows.map((row) => row.map(csv))];
    return lines.map((line) => `${line.join(',')}\r\n`).join('');
  }
  const json = (value: Value, at: number): string => {
    const inBase64 = /BLOB|BINARY/i.test(columns[at]?.type ?? '');
    if (value === null) return 'null';
    if (typeof value === 'string') return inBase64 ? `{"$text":${JSON.stringify(value)}}` : JSON.stringify(value);
    if (value instanceof Uint8Array) {
      const base64 = JSON.stringify(Buffer.from(value).toString('base64'));
      return inBase64 ? base64 : `{"$bytes":${base64}}`;
    }
    const big = typeof value === 'bigint' && (value > 9007199254740991n || value < -9007199254740991n);
    return big ? `{"$integer":"${value}"}` : number(value);
  };
  const line = (row: Value[]) =>
    `{${row.map((value, at) => `${JSON.stringify(columns[at]?.name)}:${json(value, at)}`).join(',')}}\n`;
  return rows.map(line).join('');
}

function number(value: bigint | number): string {
  const text = String(value);
  return typeof value === 'number' && /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

/** The schema file of a table. `bytes` = size of the file with the rows. */
export function schemaText(db: DatabaseSync, table: string, bytes: number): string {
  const columns = columnsOf(db, table);
  const key = columns.filter((column) => column.pk > 0).sort((a, b) => a.pk - b.pk);
  const holds = (type: string) => {
    if (/INT/i.test(type)) return { kind: 'integer', bits: 64, unsigned: false };
    if (/CHAR|TEXT/i.test(type)) return { kind: 'text', length: null };
    return /BLOB|BINARY/i.test(type) ? { kind: 'bytes', length: null } : { kind: 'any' };
  };
  return JSON.stringify({
    datatrace: 1,
    unit: table,
    rows: valuesOf(db, table).length,
    bytes,
    key: key.map((column) => column.name),
    columns: columns.map(({ name, type, notnull }) => ({ name, type, nullable: notnull === 0, holds: holds(type) })),
    origin: null,
  });
}

/** The rows of a file in a table without types. Not for text with bytes that are no UTF-8. */
export function tableOf(text: string, format: 'jsonl' | 'csv', bytesColumns: ReadonlySet<string>): DatabaseSync {
  const [names, rows] = format === 'csv' ? fromCsv(text) : fromJsonl(text, bytesColumns);
  const db = new DatabaseSync(':memory:');
  if (names.length === 0) return db;
  db.exec(`CREATE TABLE copy (${names.map(quote).join(', ')})`);
  const insert = db.prepare(`INSERT INTO copy VALUES (${names.map(() => '?').join(', ')})`);
  for (const row of rows) insert.run(...(row as SQLInputValue[]));
  return db;
}

function fromJsonl(text: string, bytesColumns: ReadonlySet<string>): [string[], Value[][]] {
  let names = ['nothing'];
  const rows = text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const source = (_: string, value: unknown, context?: { source?: string }) =>
        typeof value === 'number' ? numberOf(context?.source ?? '') : value;
      const entries = Object.entries(JSON.parse(line, source) as object);
      names = entries.map(([name]) => name);
      return entries.map(([name, value]) => jsonValue(value, bytesColumns.has(name)));
    });
  return [names, rows];
}

function jsonValue(value: unknown, inBase64: boolean): Value {
  if (typeof value === 'string') return inBase64 ? Buffer.from(value, 'base64') : value;
  if (typeof value !== 'object' || value === null) return value as Value;
  const [[tag, content]] = Object.entries(value) as [[string, string]];
  if (tag === '$integer') return BigInt(content);
  if (tag === '$real') return Number(content);
  return tag === '$bytes' ? Buffer.from(content, 'base64') : content;
}

function numberOf(text: string): bigint | number {
  return /^-?[0-9]+$/.test(text) ? BigInt(text) : Number(text);
}

function fromCsv(text: string): [string[], Value[][]] {
  const lines: Value[][] = [];
  let line: Value[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let found = field.exec(text); found !== null; found = field.exec(text)) {
    line.push(found[1] !== undefined ? found[1].replaceAll('""', '"') : bare(found[2] ?? ''));
    if (found[3] === ',') continue;
    lines.push(line);
    line = [];
  }
  const [names = [], ...rows] = lines;
  return [names as string[], rows];
}

function bare(text: string): Value {
  if (text === '') return null;
  return text.startsWith('base64:') ? Buffer.from(text.slice(7), 'base64') : numberOf(text);
}
