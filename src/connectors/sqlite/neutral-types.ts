/** SQLite's types among those of other engines: docs/types.md is the table of it. */
import type { Cell, NeutralType } from '../contract.ts';
import { affinity } from './affinity.ts';

/**
 * What a declared type says. SQLite itself holds any value in any column, and integers of 64 bit whatever the size that
 * is declared; names that `declaredType` gives are understood again.
 */
export function neutralType(declared: string): NeutralType {
  const name = declared.toUpperCase().replace(/\(.*$/s, '').trim();
  const [first = null, second = null] = /\((.*)\)/s.exec(declared)?.[1]?.split(',').map(whole) ?? [];
  switch (name) {
    case 'DECIMAL_TEXT':
      return { kind: 'decimal', precision: first ?? 65, scale: second ?? 0 };
    case 'DATE_TEXT':
      return { kind: 'date' };
    case 'TIME_TEXT':
      return { kind: 'time', fraction: first ?? 0 };
    case 'DATETIME_TEXT':
      return { kind: 'datetime', fraction: first ?? 0 };
    case 'TIMESTAMP_TEXT':
      return { kind: 'instant', fraction: first ?? 0 };
    case 'JSON_TEXT':
      return { kind: 'json' };
    case 'SINGLE_FLOAT':
      return { kind: 'real', single: true };
  }
  if (/BINARY|BLOB/.test(name)) return { kind: 'bytes', length: first };
  switch (affinity(declared)) {
    case 'INTEGER':
      return { kind: 'integer', bits: 64, unsigned: false };
    case 'REAL':
      return { kind: 'real', single: false };
    case 'TEXT':
      return { kind: 'text', length: first };
    default:
      return { kind: 'any' };
  }
}

function whole(text: string): number | null {
  return /^\s*[0-9]{1,9}\s*$/.test(text) ? Number(text) : null;
}

const INTEGERS = { 8: 'TINYINT', 16: 'SMALLINT', 24: 'MEDIUMINT', 32: 'INT', 64: 'BIGINT' } as const;

/** A type to declare, under which SQLite leaves every value of `type` as it is (its affinity changes nothing). */
export function declaredType(type: NeutralType): string {
  switch (type.kind) {
    case 'integer':
      return `${INTEGERS[type.bits]}${type.unsigned ? ' UNSIGNED' : ''}`;
    case 'real':
      return type.single ? 'SINGLE_FLOAT' : 'DOUBLE';
    case 'decimal':
      return `DECIMAL_TEXT(${type.precision},${type.scale})`;
    case 'text':
      return type.length === null ? 'TEXT' : `VARCHAR(${type.length})`;
    case 'bytes':
      return type.length === null ? 'BLOB' : `BLOB(${type.length})`;
    case 'date':
      return 'DATE_TEXT';
    case 'time':
      return `TIME_TEXT(${type.fraction})`;
    case 'datetime':
      return `DATETIME_TEXT(${type.fraction})`;
    case 'instant':
      return `TIMESTAMP_TEXT(${type.fraction})`;
    case 'json':
      return 'JSON_TEXT';
    case 'any':
      return '';
  }
}

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/** Whether SQLite would keep the value as it is in a column of `declaredType(type)`. */
export function fits(cell: Cell, type: NeutralType): boolean {
  if (cell === null) return true;
  if (typeof cell === 'bigint')
    return (type.kind === 'integer' || type.kind === 'any') && cell >= LEAST && cell <= MOST;
  if (typeof cell === 'number') return type.kind === 'real' || type.kind === 'any';
  if (cell instanceof Uint8Array) return type.kind === 'bytes' || type.kind === 'any';
  return type.kind !== 'integer' && type.kind !== 'real' && type.kind !== 'bytes';
}

/** The class of a value as a person would say it. */
export function className(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'bigint') return 'INTEGER';
  if (typeof cell === 'number') return 'REAL';
  return cell instanceof Uint8Array ? 'BLOB' : 'TEXT';
}
