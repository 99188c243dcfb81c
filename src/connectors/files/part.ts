/** The file beside the target in which rows are gathered until all of them are there. */
import fs from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FileCompression } from '../../core/settings.ts';
import { refuse } from './errors.ts';
import { writeSidecar } from './finish.ts';
import { entryLine, headLine, readJournal } from './journal.ts';
import { stateOf, type UnitFiles } from './places.ts';
import { readSidecar, type Sidecar } from './sidecar.ts';

const pack = promisify(gzip);

/** Never through a link that somebody laid there; 0 where the system has no such thing. */
const NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;

/** Bytes as they lie in the file. Packed pieces one behind the other, empty ones too, are one packed file (RFC 1952, 2.2). */
export async function packed(bytes: Buffer, compress: FileCompression): Promise<Buffer> {
  return compress === 'gzip' ? pack(bytes) : bytes;
}

/**
 * The file that is there, when it is what the copy made of its part: that was killed before anybody heard of the end.
 */
export function finishedBy(files: UnitFiles, identity: string | null, rows: number | null): boolean {
  if (fs.existsSync(files.part)) return false;
  const sidecar = sidecarOf(files);
  if (sidecar === null || sidecar.copy === null || sidecar.outdated) return false;
  return (identity === null || sidecar.copy === identity) && (rows === null || sidecar.rows === rows);
}

/** The schema file of the file that is there, if it is one and speaks of it. */
export function sidecarOf(files: UnitFiles): Sidecar | null {
  try {
    const sidecar = readSidecar(files.schema);
    return sidecar !== null && stateOf(files.data)?.size === String(sidecar.bytes) ? sidecar : null;
  } catch {
    return null;
  }
}

/** Makes an empty part that holds only what comes before the first row. */
export async function makePart(files: UnitFiles, header: Buffer): Promise<void> {
  const there = sidecarOf(files);
  if (there?.copy && !there.outdated) writeSidecar(files.schema, { ...there, outdated: true });
  for (const file of [files.journal, files.part]) fs.rmSync(file, { force: true });
  const handle = await open(files.part, 'wx');
  try {
    await writeAll(handle, header, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export interface OpenPart {
  /** Appends a batch, on the disk when it resolves if batches are `kept`. */
  append(bytes: Buffer, rows: number, checkpoint: string | null): Promise<void>;
  close(): Promise<void>;
}

export interface PartOptions {
  readonly header: Buffer;
  readonly copy: { readonly identity: string; readonly rows: number };
  /** Each batch is on the disk, and known by its rows, before it counts: the copy may go on after it. */
  readonly kept: boolean;
}

/**
 * Opens the part where the copy stands; what was written after that is cut off.
 * @throws DataError `files.partOfAnotherCopy` when it does not hold what the checkpoint speaks of
 */
export async function openPart(files: UnitFiles, { header, copy, kept }: PartOptions): Promise<OpenPart> {
  if (copy.rows > 0 && finishedBy(files, copy.identity, copy.rows)) return finishedPart(files);
  if (copy.rows === 0 && !fs.existsSync(files.part)) await makePart(files, header);
  const handle = await open(files.part, fs.constants.O_RDWR | NOFOLLOW);
  let journal: FileHandle | null = null;
  let end = 0;
  try {
    if (copy.rows > 0) {
      const found = readJournal(files.journal);
      const entry = found?.entries.findLast(({ rows }) => rows === copy.rows);
      const { size } = await handle.stat();
      if (entry === undefined || found?.identity !== copy.identity || size < entry.bytes)
        throw refuse('files.partOfAnotherCopy', { file: files.part }, `${files.part} is not of this copy`);
      await handle.truncate(entry.bytes);
      end = entry.bytes;
      journal = await open(files.journal, fs.constants.O_RDWR | NOFOLLOW);
      await journal.truncate(entry.end);
    } else {
      await handle.truncate(0);
      await writeAll(handle, header, 0);
      end = header.length;
      fs.rmSync(files.journal, { force: true });
      if (kept) {
        journal = await open(files.journal, 'wx+');
        await journal.writeFile(headLine(copy.identity));
      }
    }
  } catch (error) {
    await handle.close();
    await journal?.close();
    throw error;
  }
  let journalEnd = (await journal?.stat())?.size ?? 0;

  return {
    append: async (bytes, rows, checkpoint) => {
      const { size, nlink } = await handle.stat();
      if (size !== end || nlink === 0)
        throw refuse('files.targetReplaced', { file: files.part }, `${files.part} was changed by somebody else`);
      await writeAll(handle, bytes, end);
      end += bytes.length;
      if (journal === null) return;
      // In this order: a line must not speak of bytes that a power cut could still take.
      await handle.datasync();
      const line = Buffer.from(entryLine({ rows, bytes: end, checkpoint }));
      await writeAll(journal, line, journalEnd);
      journalEnd += line.length;
      await journal.datasync();
    },
    close: async () => {
      await handle.close();
      await journal?.close();
    },
  };
}

/** A complete file takes no more rows. */
function finishedPart(files: UnitFiles): OpenPart {
  return {
    append: async () => {
      throw refuse('files.partOfAnotherCopy', { file: files.part }, `${files.data} is complete`);
    },
    close: async () => undefined,
  };
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}
