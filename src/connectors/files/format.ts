/** Which code reads and writes which format. */
import type { FileFormat } from '../../core/settings.ts';
import { csvParser } from './csv-read.ts';
import { csvWriter } from './csv-write.ts';
import { jsonlParser } from './jsonl-read.ts';
import { jsonlWriter } from './jsonl-write.ts';
import type { FileColumn, ParserOptions, RowParser, RowWriter } from './rows.ts';

export function parserOf(format: FileFormat, options: ParserOptions): RowParser {
  return format === 'csv' ? csvParser(options) : jsonlParser(options);
}

export function writerOf(format: FileFormat, columns: readonly FileColumn[]): RowWriter {
  return format === 'csv' ? csvWriter(columns) : jsonlWriter(columns);
}
