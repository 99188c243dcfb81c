/** One JSON object a line; docs/files.md has the rule for every value. */
import { isUtf8 } from 'node:buffer';
import type { Cell } from '../contract.ts';
import { putJsonText, realText } from '../json-write.ts';
import { type Output, putAscii, putBase64, putByte, putBytes } from '../output.ts';
import type { FileColumn, RowWriter } from './rows.ts';
import { isSafe } from './values.ts';

export function jsonlWriter(columns: readonly FileColumn[]): RowWriter {
  const prefixes = columns.map((column, at) => Buffer.from(`${at === 0 ? '{' : ','}${JSON.stringify(column.name)}:`));
  const inBase64 = columns.map((column) => column.type.kind === 'bytes');
  return {
    header: Buffer.alloc(0),
    put: (out, cells, from) => {
      for (let at = 0; at < prefixes.length; at++) {
        putBytes(out, prefixes[at] as Buffer);
        putCell(out, cells[from + at] as Cell, inBase64[at] === true);
      }
      putAscii(out, '}\n');
    },
  };
}

function putCell(out: Output, cell: Cell, inBase64: boolean): void {
  if (cell === null) putAscii(out, 'null');
  else if (typeof cell === 'bigint') putAscii(out, isSafe(cell) ? Number(cell).toString() : `{"$integer":"${cell}"}`);
  else if (typeof cell === 'number') putAscii(out, Number.isFinite(cell) ? realText(cell) : `{"$real":"${cell}"}`);
  else if (cell instanceof Uint8Array) {
    if (inBase64) putQuotedBase64(out, cell);
    else putTagged(out, '$bytes', cell);
  } else if (inBase64 && isUtf8(cell.text)) {
    putAscii(out, '{"$text":');
    putText(out, cell.text);
    putByte(out, 0x7d);
  } else putText(out, cell.text);
}

function putQuotedBase64(out: Output, bytes: Uint8Array): void {
  putByte(out, 0x22);
  putBase64(out, bytes);
  putByte(out, 0x22);
}

function putTagged(out: Output, tag: string, bytes: Uint8Array): void {
  putAscii(out, `{"${tag}":`);
  putQuotedBase64(out, bytes);
  putByte(out, 0x7d);
}

function putText(out: Output, text: Uint8Array): void {
  if (isUtf8(text)) putJsonText(out, text);
  else putTagged(out, '$invalidText', text);
}
