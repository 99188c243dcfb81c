/** Types of MySQL and MariaDB among those of other engines: docs/types.md is the table of it. */
import type { Coded } from '../../core/model.ts';
import type { NeutralType } from '../contract.ts';
import type { MysqlColumn } from './schema.ts';

/** Character sets whose text becomes UTF-8 here; what others mean only the server knows exactly. */
const CHARSETS: ReadonlySet<string> = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ascii', 'latin1']);

export function neutralType(column: Pick<MysqlColumn, 'dataType' | 'type' | 'cell'>): NeutralType {
  const { dataType, type } = column;
  const [first = null, second = null] = /\(([0-9, ]+)\)/.exec(type)?.[1]?.split(',').map(Number) ?? [];
  const unsigned = /\b(?:unsigned|zerofill)\b/.test(type);
  switch (dataType) {
    case 'tinyint':
      return { kind: 'integer', bits: 8, unsigned };
    case 'smallint':
      return { kind: 'integer', bits: 16, unsigned };
    case 'mediumint':
      return { kind: 'integer', bits: 24, unsigned };
    case 'int':
      return { kind: 'integer', bits: 32, unsigned };
    case 'bigint':
      return { kind: 'integer', bits: 64, unsigned };
    case 'year':
      return { kind: 'integer', bits: 16, unsigned: true };
    case 'float':
    case 'double':
      return { kind: 'real', single: dataType === 'float' };
    case 'decimal':
      return { kind: 'decimal', precision: first ?? 10, scale: second ?? 0 };
    case 'date':
      return { kind: 'date' };
    case 'time':
    case 'datetime':
      return { kind: dataType, fraction: first ?? 0 };
    case 'timestamp':
      return { kind: 'instant', fraction: first ?? 0 };
    case 'json':
      return { kind: 'json' };
    case 'bit':
      return { kind: 'bytes', length: Math.ceil((first ?? 1) / 8) };
    case 'binary':
    case 'varbinary':
      return { kind: 'bytes', length: first };
    case 'char':
    case 'varchar':
      return { kind: 'text', length: first };
  }
  return { kind: column.cell === 'bytes' ? 'bytes' : 'text', length: null };
}

/** Why a column's values cannot become neutral ones; null when they can. */
export function notNeutral(unit: string, column: MysqlColumn): Coded | null {
  if (column.cell !== 'chars' || CHARSETS.has(column.charset ?? 'utf8mb4')) return null;
  return { code: 'mysql.plan.charsetElsewhere', args: { unit, column: column.name, charset: column.charset ?? '' } };
}

const INTEGERS = { 8: 'tinyint', 16: 'smallint', 24: 'mediumint', 32: 'int', 64: 'bigint' } as const;
/** Longest text or bytes that stay inside of the row: it holds 65,535 bytes, and up to 1,017 columns share them. */
const SHORT = 255;
/** Bytes of an InnoDB key. */
const KEY_BYTES = 3072;

/**
 * The type of a column that holds every value of `type` as it is.
 * @param keyParts text and bytes columns of the key that this column is part of; 0: it is not
 */
export function columnType(type: NeutralType, keyParts: number): string {
  const fraction = (name: string, digits: number) => (digits === 0 ? name : `${name}(${Math.min(digits, 6)})`);
  switch (type.kind) {
    case 'integer':
      return `${INTEGERS[type.bits]}${type.unsigned ? ' unsigned' : ''}`;
    case 'real':
      return type.single ? 'float' : 'double';
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'bytes': {
      if (keyParts > 0) return `varbinary(${shortest(type.length, Math.floor(KEY_BYTES / keyParts))})`;
      return type.length === null || type.length > SHORT || type.length === 0
        ? 'longblob'
        : `varbinary(${type.length})`;
    }
    case 'date':
      return 'date';
    case 'time':
    case 'datetime':
      return fraction(type.kind, type.fraction);
    case 'instant':
      return fraction('timestamp', type.fraction);
    case 'text':
    case 'json':
    case 'any': {
      const length = type.kind === 'text' ? type.length : null;
      if (keyParts > 0) return `varchar(${shortest(length, Math.floor(KEY_BYTES / 4 / keyParts))})`;
      return length === null || length > SHORT || length === 0 ? 'longtext' : `varchar(${length})`;
    }
  }
}

function shortest(length: number | null, most: number): number {
  return length === null || length === 0 ? most : Math.min(length, most);
}
