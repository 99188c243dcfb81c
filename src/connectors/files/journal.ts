/**
 * Which rows end where in a file that is being written: one line for each batch, behind its bytes on the disk. A copy
 * goes on by cutting the file off where its checkpoint says.
 */
import fs from 'node:fs';

export interface Entry {
  readonly rows: number;
  /** Bytes of the file that hold them. */
  readonly bytes: number;
  /** Kept for the pipeline; null where it keeps it itself. */
  readonly checkpoint: string | null;
}

export interface Journal {
  /** Of the copy that wrote it. */
  readonly identity: string;
  readonly entries: readonly (Entry & { /** Of the journal up to and with this line. */ readonly end: number })[];
}

/** null when there is none that could be understood. A last line that was torn by a power cut is not one. */
export function readJournal(file: string): Journal | null {
  const text = readText(file);
  if (text === null) return null;
  const lines = text.split('\n');
  const head = parse(lines[0]);
  if (!Array.isArray(head) || typeof head[0] !== 'string') return null;
  let end = Buffer.byteLength(lines[0] as string) + 1;
  const entries: (Entry & { end: number })[] = [];
  for (const line of lines.slice(1, -1)) {
    const found = parse(line);
    if (!Array.isArray(found) || typeof found[0] !== 'number' || typeof found[1] !== 'number') break;
    end += Buffer.byteLength(line) + 1;
    const checkpoint = typeof found[2] === 'string' ? found[2] : null;
    entries.push({ rows: found[0], bytes: found[1], checkpoint, end });
  }
  return { identity: head[0], entries };
}

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parse(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return null;
  }
}

export function headLine(identity: string): string {
  return `${JSON.stringify([identity])}\n`;
}

export function entryLine({ rows, bytes, checkpoint }: Entry): string {
  return `${JSON.stringify(checkpoint === null ? [rows, bytes] : [rows, bytes, checkpoint])}\n`;
}
