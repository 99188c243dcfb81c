/** RFC 4180 with a header line. Text is always quoted and nothing else ever is; docs/files.md has the rule. */
import type { Cell } from '../contract.ts';
import { realText } from '../json-write.ts';
import { ensure, type Output, putAscii, putBase64, putByte } from '../output.ts';
import type { FileColumn, RowWriter } from './rows.ts';

export function csvWriter(columns: readonly FileColumn[]): RowWriter {
  const header = columns.map((column) => `"${column.name.replaceAll('"', '""')}"`).join(',');
  return {
    header: Buffer.from(`${header}\r\n`),
    put: (out, cells, from) => {
      for (let at = 0; at < columns.length; at++) {
        if (at > 0) putByte(out, 0x2c);
        putCell(out, cells[from + at] as Cell);
      }
      putAscii(out, '\r\n');
    },
  };
}

/** NULL is nothing at all between its commas. */
function putCell(out: Output, cell: Cell): void {
  if (cell === null) return;
  if (typeof cell === 'bigint') putAscii(out, cell.toString());
  else if (typeof cell === 'number') putAscii(out, realText(cell));
  else if (cell instanceof Uint8Array) {
    putAscii(out, 'base64:');
    putBase64(out, cell);
  } else putText(out, cell.text);
}

function putText(out: Output, text: Uint8Array): void {
  let quotes = 0;
  for (let at = 0; at < text.length; at++) if (text[at] === 0x22) quotes++;
  ensure(out, text.length + quotes + 2);
  const { bytes } = out;
  bytes[out.length++] = 0x22;
  if (quotes === 0) {
    bytes.set(text, out.length);
    out.length += text.length;
  } else {
    for (let at = 0; at < text.length; at++) {
      const byte = text[at] as number;
      bytes[out.length++] = byte;
      if (byte === 0x22) bytes[out.length++] = byte;
    }
  }
  bytes[out.length++] = 0x22;
}
