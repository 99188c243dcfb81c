/** Searches for the documents of a page. */
import { DataError } from '../../core/ports.ts';
import type { Page } from '../contract.ts';
import { createOutput, type Output } from '../output.ts';
import type { Hits } from './hits.ts';
import { sliceHits } from './hits.ts';
import type { SourceFilter } from './source-filter.ts';
import type { Asking, InMoment, Said, UnitView } from './unit-view.ts';

/** Beside the documents an answer names each, and its index. Bytes. */
const BESIDE = 8 * 1024 * 1024;
/** More is taken only of a single document. */
const TIMES_A_PAGE = 3;

/** Memory of an answer that is kept for the next one, bytes. */
const MOST_KEPT_BYTES = 32 * 1024 * 1024;

export interface Answered extends Said, Hits {
  readonly body: Buffer;
}

export interface PageSearch {
  /** Members of the body that say which documents, of each try. */
  readonly members: (tries: number) => string;
  /** Documents that are asked for. */
  readonly size: number;
  readonly pageBytes: number;
  readonly into: Output;
}

/**
 * @param single only one document is asked for, or none smaller can be: it may be as large as a document can be
 * @returns null: the answer would be too large
 */
export async function searchPage(
  view: UnitView,
  by: Asking,
  { members, size, pageBytes, into }: PageSearch,
  single: boolean,
): Promise<InMoment<Answered> | null> {
  const maxBytes = single ? undefined : BESIDE + TIMES_A_PAGE * pageBytes;
  try {
    return await view.ask(
      by,
      (tries) => ({
        ...{ members: `"size":${size},${members(tries)}`, into },
        ...(maxBytes === undefined ? {} : { maxBytes }),
      }),
      (body) => ({ body, ...sliceHits(body, size) }),
    );
  } catch (error) {
    const tooLarge = error instanceof DataError && error.error.code === 'elasticsearch.answerTooLarge';
    if (tooLarge && !single) return null;
    throw error;
  }
}

/** Memory for the answers of a reader: a page stays as it is while the next one is read, not for longer. */
export function createPageMemory(): { readonly now: () => Output; readonly given: () => void } {
  const memory: [Output, Output] = [createOutput(), createOutput()];
  let pages = 0;
  return {
    now: () => {
      const turn = pages % 2 === 0 ? 0 : 1;
      // One document may have been a hundred times as large as a page.
      if (memory[turn].bytes.length > MOST_KEPT_BYTES) memory[turn] = createOutput();
      return memory[turn];
    },
    given: () => {
      pages += 1;
    },
  };
}

/** @param filter null = the documents as they are */
export function pageOfHits(
  { body, count, sourceBytes, places }: Answered,
  last: string,
  filter: SourceFilter | null,
): Page {
  if (filter !== null) return { rows: count, last, ...filter(body, places) };
  return { rows: count, bytes: sourceBytes, last, data: { format: 'search-hits', bytes: body, places } };
}
