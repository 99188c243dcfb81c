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
/** Bytes of an InnoDB key, and most of them that a number or a time needs. */
const KEY_BYTES = 3072;
const NUMBER_BYTES = 32;

/** Bytes that each text or bytes column of a key may have. */
export function keyShare(wide: number, others: number): number {
  return wide === 0 ? KEY_BYTES : Math.floor((KEY_BYTES - NUMBER_BYTES * others) / wide);
}

/**
 * The type of a column that holds every value of `type` as it is.
 * @param share bytes of the key that this column may have; null: it is not part of it
 */
export function columnType(type: NeutralType, share: number | null): string {
  const fraction = (name: string, digits: number) => (digits === 0 ? name : `${name}(${Math.min(digits, 6)})`);
  switch (type.kind) {
    case 'integer':
      return `${INTEGERS[type.bits]}${type.unsigned ? ' unsigned' : ''}`;
    case 'real':
      return type.single ? 'float' : 'double';
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'bytes': {
      if (share !== null) return `varbinary(${shortest(type.length, share)})`;
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
      if (share !== null) return `varchar(${shortest(length, Math.floor(share / 4))})`;
      return length === null || length > SHORT || length === 0 ? 'longtext' : `varchar(${length})`;
    }
  }
}

function shortest(length: number | null, most: number): number {
  return length === null || length === 0 ? most : Math.min(length, most);
}

const TEXTS = new Set(['varchar', 'tinytext', 'text', 'mediumtext', 'longtext']);
const BLOBS = new Set(['varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']);

/**
 * Whether a column that is there keeps every value of `type` as it is or refuses it, whatever its size. Times are not
 * among what it refuses: it rounds them without a word; CHAR and BINARY change the end of a value.
 */
export function takes(column: MysqlColumn, type: NeutralType): boolean {
  const { dataType } = column;
  switch (type.kind) {
    case 'integer':
      return /^(?:tiny|small|medium|big)?int$/.test(dataType) && !column.type.includes('zerofill');
    case 'real':
      return column.type === 'double' || (type.single && column.type === 'float');
    case 'decimal':
      return dataType === 'decimal' && !column.type.includes('zerofill');
    case 'text':
    case 'any':
      return TEXTS.has(dataType) && /^utf8(?:mb[34])?$/.test(column.charset ?? '');
    case 'json':
      return dataType === 'json' || (dataType === 'longtext' && column.charset === 'utf8mb4');
    case 'bytes':
      return BLOBS.has(dataType);
    case 'date':
      return dataType === 'date';
    default: {
      const known = neutralType(column);
      return known.kind === type.kind && known.fraction >= type.fraction;
    }
  }
}
