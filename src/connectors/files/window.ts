/** A file as one moving piece of memory: rows are cut out of it without copying. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { FileCompression } from '../../core/settings.ts';

/** Bytes that are asked for at a time. */
const CHUNK = 512 * 1024;

export interface Window {
  /** Never written again: what is cut out of it stays good. */
  readonly bytes: Buffer;
  /** What is unread begins here; the reader moves it forward. */
  at: number;
  /** Nothing comes after `bytes`. */
  readonly ended: boolean;
  /** Of `at` in the (unpacked) file, bytes. */
  offset(): number;
  /** Makes more bytes readable, in new memory; `at` moves along. */
  fill(): Promise<void>;
  close(): Promise<void>;
}

/** Fills memory with what comes next; 0 = the end. */
interface Bytes {
  readInto(memory: Buffer, from: number): Promise<number>;
  close(): Promise<void>;
}

/** @param from bytes of the unpacked file to leave out */
export async function openWindow(file: string, compress: FileCompression, from: number): Promise<Window> {
  const source = compress === 'gzip' ? await unpacked(file, from) : await plain(file, from);
  let start = from;
  const window = {
    bytes: Buffer.alloc(0) as Buffer,
    at: 0,
    ended: false,
    offset: () => start + window.at,
    fill: async () => {
      const rest = window.bytes.length - window.at;
      const memory = Buffer.allocUnsafeSlow(rest + Math.max(CHUNK, rest >> 1));
      window.bytes.copy(memory, 0, window.at);
      start += window.at;
      let end = rest;
      while (end < memory.length && !window.ended) {
        const read = await source.readInto(memory, end);
        end += read;
        window.ended = read === 0;
      }
      window.bytes = memory.subarray(0, end);
      window.at = 0;
    },
    close: () => source.close(),
  };
  return window;
}

async function plain(file: string, from: number): Promise<Bytes> {
  const handle: FileHandle = await open(file, 'r');
  let position = from;
  return {
    readInto: async (memory, at) => {
      const { bytesRead } = await handle.read(memory, at, memory.length - at, position);
      position += bytesRead;
      return bytesRead;
    },
    close: () => handle.close(),
  };
}

/** A packed file can only be read from its beginning. */
async function unpacked(file: string, from: number): Promise<Bytes> {
  const packed = createReadStream(file, { highWaterMark: CHUNK });
  const gunzip = createGunzip({ chunkSize: CHUNK });
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  const chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  let skip = from;
  return {
    readInto: async (memory, at) => {
      while (rest.length === 0) {
        const next = await chunks.next();
        if (next.done) return 0;
        const left = Math.min(skip, next.value.length);
        skip -= left;
        rest = next.value.subarray(left);
      }
      const taken = rest.copy(memory, at);
      rest = rest.subarray(taken);
      return taken;
    },
    close: async () => {
      packed.destroy();
      gunzip.destroy();
    },
  };
}
