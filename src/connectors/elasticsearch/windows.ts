/**
 * How wide the next range of sequence numbers is: numbers of documents that were changed or deleted are gaps, and how
 * large documents are is known of those that came.
 */

export interface WindowLimits {
  /** Documents of a page, and of one search. */
  readonly mostRows: number;
  /** What a page should have, bytes; one document may have more. */
  readonly pageBytes: number;
  /** Most documents that can share one sequence number. */
  readonly shards: number;
}

export interface Windows {
  /** Numbers in the next range, at least 1. @param tries the range was asked for so often and failed */
  width(tries: number): number;
  /** The last range was read. */
  came(width: number, rows: number, bytes: number): void;
  /** It had more documents than one search brings. */
  tooMany(width: number, rows: number): void;
  /** It was larger than an answer may be, or took too long. */
  tooLarge(width: number): void;
}

/** Documents that are asked for before one was seen: on the disk, where their size is known from, they are packed. */
const FIRST_ROWS = 500;
/** A range is at most so many times as wide as the one before. */
const GROWTH = 4;
/** What is left for ranges that are denser than the last ones. */
const SLACK = 0.9;

/**
 * @param density documents for each sequence number, as far as it is known
 * @param rowBytes size of a document on the disk; null = unknown
 */
export function createWindows(limits: WindowLimits, density: number, rowBytes: number | null): Windows {
  const { mostRows, pageBytes, shards } = limits;
  let dense = clamp(density, shards);
  let mean = rowBytes ?? 0;
  let most = FIRST_ROWS;
  let widest = Number.POSITIVE_INFINITY;
  return {
    width: (tries) => {
      const rows = Math.max(1, Math.min(mostRows, most, mean > 0 ? pageBytes / mean : mostRows));
      // So many can never be more than that many documents.
      const safe = Math.floor(rows / shards);
      const width = Math.min(widest, Math.max(safe, Math.floor((SLACK * rows) / dense)));
      return Math.max(1, Math.floor(width / 2 ** (tries - 1)));
    },
    came: (width, rows, bytes) => {
      widest = width * GROWTH;
      if (rows > 0) {
        most = Number.POSITIVE_INFINITY;
        mean = mean === 0 ? bytes / rows : (mean + bytes / rows) / 2;
      }
      dense = clamp((dense + rows / width) / 2, shards);
    },
    tooMany: (width, rows) => {
      dense = clamp(rows / width, shards);
      widest = Math.max(1, Math.floor(width / 2));
    },
    tooLarge: (width) => {
      widest = Math.max(1, Math.floor(width / 4));
    },
  };
}

function clamp(density: number, shards: number): number {
  return Math.min(shards, Math.max(density, 1e-9));
}
