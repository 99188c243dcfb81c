/** A row in a few bytes: equal for equal rows, whatever system they were read from. */
import { hash } from 'node:crypto';
import type { Cell, StoredRows } from './contract.ts';
import { canonicalJson } from './json-value.ts';
import { createOutput, ensure, type Output, putAscii, putByte, putBytes } from './output.ts';

export const SUM_BYTES = 16;

/** Good until the next row. */
export interface HashedRow {
  /** What tells it from others; its sum where nothing does. */
  readonly key: Buffer;
  readonly sum: Buffer;
}

export function createRowHasher({
  key: keyAt,
  values,
  json,
}: Pick<StoredRows, 'key' | 'values' | 'json'>): (cells: readonly Cell[]) => HashedRow {
  const out = createOutput();
  return (cells) => {
    out.length = 0;
    for (const at of keyAt) putCell(out, cells[at] ?? null, false);
    const keyEnd = out.length;
    for (const at of values) putCell(out, cells[at] ?? null, json.includes(at));
    const sum = hash('sha256', out.bytes.subarray(0, out.length), 'buffer').subarray(0, SUM_BYTES);
    return { key: keyAt.length === 0 ? sum : out.bytes.subarray(0, keyEnd), sum };
  };
}

/** What it is, how long it is, and its bytes: rows that differ in any way are written differently. */
function putCell(out: Output, cell: Cell, isJson: boolean): void {
  if (cell === null) putByte(out, 0);
  else if (typeof cell === 'bigint') putText(out, 1, Buffer.from(String(cell)));
  else if (typeof cell === 'number') {
    putByte(out, 2);
    ensure(out, 8);
    out.length = out.bytes.writeDoubleLE(cell, out.length);
  } else if (cell instanceof Uint8Array) putText(out, 3, cell);
  else putText(out, 4, isJson ? Buffer.from(spelled(cell.text)) : cell.text);
}

function putText(out: Output, kind: number, bytes: Uint8Array): void {
  putByte(out, kind);
  putAscii(out, `${bytes.length}:`);
  putBytes(out, bytes);
}

/** Text that is no JSON can only be compared as it is. */
function spelled(text: Uint8Array): Uint8Array | string {
  try {
    return canonicalJson(text);
  } catch {
    return text;
  }
}
