import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

let bytes: Uint8Array | undefined;

/** The sql.js build that the product ships, from the packages of the repository. */
export function readWasm(): Uint8Array {
  bytes ??= new Uint8Array(readFileSync(createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm-debug.wasm')));
  return bytes;
}
