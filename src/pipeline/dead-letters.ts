/**
 * The file of rejected rows: JSON Lines, one file for each run, written by all workers that copy its units.
 *
 * It is only ever added to. A row has a place: its unit, the lane that read it and its number among the rejected rows of
 * that lane. What was added by an execution that ended before its batch was committed is taken back by a later line: a
 * row at a place that is taken already (its batch was repeated), or `kept` - how many rows of each lane count, told when
 * an execution begins. So nothing is listed twice, whatever was killed in between.
 *
 * Every piece begins with a line break: half a line, which a full disk or a kill leaves, ends where the next one begins.
 */
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReadableCell, StoredRow } from '../connectors/page-rows.ts';
import type { UnitError } from '../core/model.ts';
import { refusal } from './failure.ts';

/** Rejected rows so far, by lane; holes are 0. */
export type Counts = readonly (number | undefined)[];

/** Lane, and number of a row among the rejected ones of that lane, from 1. */
export type Place = readonly [lane: number, number: number];

export interface DeadLetter {
  readonly place: Place;
  /** As people read it; null where the unit has no key. */
  readonly key: string | null;
  readonly error: Pick<UnitError, 'code' | 'message'>;
  /** When it was rejected, ISO 8601. */
  readonly at: string;
  /** By column. */
  readonly row: Readonly<Record<string, ReadableCell>>;
  /** What is needed to write the row exactly as it was read. */
  readonly stored: StoredRow;
  /** Of the unit's schema when the row was read. */
  readonly fingerprint: string;
}

/** What a line says of a unit. */
export type Line =
  | DeadLetter
  /** Was rejected again when it was written again: takes the place of the line before. */
  | (DeadLetter & { readonly again: true })
  /** An execution goes on after so many rows of each lane: others were taken back. */
  | { readonly kept: Counts }
  /** These are about to be committed by a replay. */
  | { readonly sent: readonly Place[] }
  /** These were committed by a replay. */
  | { readonly written: readonly Place[] };

export interface LetterFile {
  /** On the disk when it resolves. */
  append(unit: string, lines: readonly Line[]): Promise<void>;
  close(): Promise<void>;
}

/** Never through a link that somebody laid there; 0 where the system has no such thing. */
const NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const HEADER = JSON.stringify({ datatrace: 'rejected rows', version: 1 });

/**
 * Makes the file where it is not there yet: readable by its user only, as is its folder.
 * @throws DataError `pipeline.deadLettersUnusable`
 */
export function openLetters(file: string): LetterFile {
  // Lanes of one unit share it, and may need it first at the same time.
  let opening: Promise<FileHandle> | null = null;
  return {
    append: (unit, lines) =>
      usable(file, async () => {
        opening ??= openAppending(file);
        const handle = await opening;
        const text = lines.map((line) => `\n${prefixOf(unit)}${JSON.stringify(line).slice(1)}`).join('');
        // One call: pieces of several workers must not mix.
        const { bytesWritten } = await handle.write(text);
        if (bytesWritten !== Buffer.byteLength(text)) throw new Error('the disk did not take all of it');
        await handle.datasync();
      }),
    close: async () => {
      const handle = await opening?.catch(() => null);
      opening = null;
      await handle?.close();
    },
  };
}

/** How every line of a unit begins. */
function prefixOf(unit: string): string {
  return `{"unit":${JSON.stringify(unit)},`;
}

async function openAppending(file: string): Promise<FileHandle> {
  const folder = dirname(file);
  const flags = constants.O_WRONLY | constants.O_APPEND | NOFOLLOW;
  const there = await open(file, flags).catch(unlessMissing);
  if (there !== null) return there;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  await writeFile(draft, HEADER, { mode: 0o600, flag: 'wx' });
  try {
    // At once with its first line, or another worker's file: whoever comes second finds it.
    // Not every system has links.
    await link(draft, file)
      .catch(unlessThere(() => copyFile(draft, file, constants.COPYFILE_EXCL)))
      .catch(unlessThere());
  } finally {
    await rm(draft, { force: true });
  }
  for (const each of [folder, dirname(folder)]) await syncFolder(each);
  return open(file, flags);
}

/** So that a power cut does not take the file's name; folders of some systems cannot be synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Where a row that still counts lies in the file. */
export interface Located {
  readonly place: Place;
  readonly offset: number;
  /** bytes */
  readonly length: number;
  /** A replay was about to commit it, and nobody heard whether it did. */
  readonly sent: boolean;
}

export interface Letters {
  /** In the order of their places: rows that were rejected and not written since. */
  readonly open: readonly Located[];
  /** All that were rejected, by lane. */
  readonly counts: Counts;
  /** Rows that were not written since and whose line somebody took out of the file, or damaged, as far as later ones tell. */
  readonly missing: number;
  /** @throws DataError `pipeline.deadLettersUnusable` */
  read(located: Located): Promise<DeadLetter>;
  close(): Promise<void>;
}

type Entry = { offset: number; length: number; state: 'open' | 'sent' | 'written' };
/** By lane, number n at n - 1; holes where somebody took lines out of the file. */
type Lanes = ((Entry | undefined)[] | undefined)[];

/** The rows of a unit; none when there is no file. @throws DataError `pipeline.deadLettersUnusable` */
export function readLetters(file: string, unit: string): Promise<Letters> {
  return usable(file, async () => {
    const handle = await open(file, constants.O_RDONLY | NOFOLLOW).catch(unlessMissing);
    const lanes: Lanes = [];
    const prefix = Buffer.from(prefixOf(unit));
    try {
      for await (const { offset, bytes } of linesOf(handle)) {
        if (!bytes.subarray(0, prefix.length).equals(prefix)) continue;
        const line = parsed(bytes);
        if (line !== null) take(lanes, line, offset, bytes.length);
      }
    } catch (error) {
      await handle?.close();
      throw error;
    }
    const found: Located[] = [];
    let missing = 0;
    for (const [lane, entries = []] of lanes.entries())
      for (const [at, entry] of entries.entries())
        if (entry === undefined) missing += 1;
        else if (entry.state !== 'written')
          found.push({
            place: [lane, at + 1],
            offset: entry.offset,
            length: entry.length,
            sent: entry.state === 'sent',
          });
    return {
      open: found,
      counts: lanes.map((entries) => entries?.length),
      missing,
      read: ({ offset, length }) =>
        usable(file, async () => {
          const bytes = Buffer.alloc(length);
          await handle?.read(bytes, 0, length, offset);
          return JSON.parse(bytes.toString('utf8')) as DeadLetter;
        }),
      close: async () => handle?.close(),
    };
  });
}

function take(lanes: Lanes, line: Line, offset: number, length: number): void {
  const entryAt = ([lane, number]: Place): Entry | undefined => lanes[lane]?.[number - 1];
  if ('kept' in line) {
    for (const [lane, entries = []] of lanes.entries()) entries.length = Math.min(entries.length, line.kept[lane] ?? 0);
  } else if ('sent' in line) {
    for (const place of line.sent) {
      const entry = entryAt(place);
      if (entry?.state === 'open') entry.state = 'sent';
    }
  } else if ('written' in line) {
    for (const [lane, number] of line.written) {
      lanes[lane] ??= [];
      // Its own line may be gone: nobody needs it any more.
      lanes[lane][number - 1] = { offset: 0, length: 0, state: 'written' };
    }
  } else if ('again' in line) {
    // It has all that the line before it had, should that be gone.
    const [lane, number] = line.place;
    lanes[lane] ??= [];
    lanes[lane][number - 1] = { offset, length, state: 'open' };
  } else {
    const [lane, number] = line.place;
    lanes[lane] ??= [];
    lanes[lane][number - 1] = { offset, length, state: 'open' };
  }
}

/** null: half a line. */
function parsed(bytes: Buffer): Line | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as Line;
  } catch {
    return null;
  }
}

const PIECE_BYTES = 256 * 1024;
const LINE_BREAK = 0x0a;

async function* linesOf(handle: FileHandle | null): AsyncGenerator<{ offset: number; bytes: Buffer }, undefined> {
  if (handle === null) return;
  let held: Buffer[] = [];
  let begin = 0;
  let position = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, position);
    if (bytesRead === 0) break;
    let from = 0;
    for (;;) {
      const end = piece.subarray(0, bytesRead).indexOf(LINE_BREAK, from);
      if (end < 0) break;
      yield { offset: begin, bytes: Buffer.concat([...held, piece.subarray(from, end)]) };
      held = [];
      from = end + 1;
      begin = position + from;
    }
    held.push(piece.subarray(from, bytesRead));
    position += bytesRead;
  }
  yield { offset: begin, bytes: Buffer.concat(held) };
}

function unlessThere(otherwise?: () => Promise<void>): (error: NodeJS.ErrnoException) => Promise<void> {
  return async (error) => {
    if (error.code === 'EEXIST') return;
    if (otherwise === undefined) throw error;
    await otherwise();
  };
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

async function usable<T>(file: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const detail = (error as Error).message;
    throw refusal('pipeline.deadLettersUnusable', { file, detail }, detail);
  }
}
