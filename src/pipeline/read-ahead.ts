import type { Page, Reader } from '../connectors/contract.ts';
import type { Buffers } from './buffers.ts';

/** Pages of a reader, the next one read while the last is written. */
export interface Pages {
  next(): Promise<Page | null>;
  /** Begins to read the next page if the worker's memory has room for it. */
  ahead(): void;
  /** Whether nothing follows, as far as that is known yet. */
  ended(): boolean;
  /** The page is not needed any more. */
  written(page: Page): void;
  close(): Promise<void>;
}

export function readAhead(reader: Reader, buffers: Buffers): Pages {
  let coming: Promise<Page | null> | null = null;
  let held = 0;
  let ended = false;
  const read = async () => {
    const page = await reader.next();
    if (page === null) ended = true;
    else {
      held += page.bytes;
      buffers.add(page.bytes);
    }
    return page;
  };
  return {
    next: () => {
      const page = coming ?? read();
      coming = null;
      return page;
    },
    ahead: () => {
      if (coming !== null || !buffers.roomy()) return;
      coming = read();
      // Whoever asks for the page hears of its failure; nobody may ask any more.
      coming.catch(() => undefined);
    },
    ended: () => ended,
    written: (page) => {
      held -= page.bytes;
      buffers.remove(page.bytes);
    },
    close: async () => {
      await coming?.catch(() => undefined);
      buffers.remove(held);
      held = 0;
      await reader.close();
    },
  };
}
