/** One JSON object a line; docs/files.md has the rule for every value. */
import { isUtf8 } from 'node:buffer';
import type { Cell } from '../contract.ts';
import { putJsonText, realText } from '../json-write.ts';
import { type Output, putAscii, putBase64, putByte, putBytes } from '../output.ts';
import type { FileColumn, RowWriter } from './rows.ts';
import { isDocument, isSafe, SOURCE_TEXT } from './values.ts';

export function jsonlWriter(columns: readonly FileColumn[]): RowWriter {
  const names = columns.map((column) => Buffer.from(`${JSON.stringify(column.name)}:`));
  const inBase64 = columns.map((column) => column.type.kind === 'bytes');
  return {
    header: Buffer.alloc(0),
    put: (out, cells, from) => {
      let before = 0x7b;
      for (let at = 0; at < names.length; at++) {
        const cell = cells[from + at] as Cell;
        const { part } = columns[at] as FileColumn;
        if (part === 'routing' && cell === null) continue;
        putByte(out, before);
        before = 0x2c;
        putBytes(out, names[at] as Buffer);
        if (part === 'source' && isText(cell)) putSource(out, cell.text);
        else putCell(out, cell, inBase64[at] === true);
      }
      putAscii(out, '}\n');
    },
  };
}

function isText(cell: Cell): cell is { readonly text: Uint8Array } {
  return typeof cell === 'object' && cell !== null && !(cell instanceof Uint8Array);
}

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;

/**
 * A document as it is. One with line ends, which mean nothing between its values, has spaces in their place for everybody
 * who reads lines, and stands beside itself once more as text; so does one with space around it, which a reader drops.
 */
function putSource(out: Output, text: Uint8Array): void {
  const sound = isDocument(text);
  const isBare = text[0] === 0x7b && text.at(-1) === 0x7d;
  if (sound && isBare && !text.includes(LINE_FEED) && !text.includes(RETURN)) {
    putBytes(out, text);
    return;
  }
  if (sound)
    putBytes(
      out,
      text.map((byte) => (byte === LINE_FEED || byte === RETURN ? SPACE : byte)),
    );
  else putAscii(out, 'null');
  putAscii(out, `,"${SOURCE_TEXT}":`);
  putText(out, text);
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
