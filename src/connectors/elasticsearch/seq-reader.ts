/**
 * Reads a unit by the sequence numbers of its documents: range by range, each proven complete by the server's own count
 * of it. A document has one number in each shard; one that is changed gets a new, higher one.
 */
import type { Page, Reader, ReadOptions, UnitSchema } from '../contract.ts';
import { searchError } from './errors.ts';
import { type Answered, createPageMemory, pageOfHits, searchPage } from './page-search.ts';
import {
  countBody,
  nextBody,
  queryOf,
  readNativeOf,
  type SeqRange,
  seqCursor,
  seqOf,
  wholeDocuments,
} from './reading.ts';
import { smallAnswer, totalOf } from './small-answers.ts';
import { sourceFilter } from './source-filter.ts';
import type { Asking, InMoment, UnitView } from './unit-view.ts';
import { createWindows } from './windows.ts';

export interface SeqReading {
  readonly schema: UnitSchema;
  readonly options: ReadOptions;
  /** Inclusive. */
  readonly upTo: number;
  /** Documents for each number, as far as it is known. */
  readonly density: number;
}

/** Documents of one number, which come in several pages: how many of them have come. */
interface Crowd {
  readonly seq: number;
  readonly moment: number;
  readonly came: number;
  /** Of them that are asked for at a time. */
  readonly size: number;
}

export function openSeqReader(view: UnitView, by: Asking, { schema, options, upTo, density }: SeqReading): Reader {
  const { reading } = readNativeOf(schema);
  const { pageBytes } = options;
  const mostRows = Math.min(options.pageRows, reading.mostHits);
  const windows = createWindows({ mostRows, pageBytes, shards: reading.shards }, density, schema.rowBytes ?? null);
  const filter = sourceFilter(reading.columns);
  const release = view.hold();
  const memory = createPageMemory();
  const begin = options.after === null ? -1 : seqOf(options.after);
  /** Everything up to it was given out. */
  let behind = begin;
  let crowd: Crowd | null = null;
  let crowdPages = 0;
  const proof = { rows: 0, searches: 0, moment: 0, oneMoment: true };

  const inRange = (range: SeqRange): string =>
    `"track_total_hits":true,${wholeDocuments(reading)},"query":${queryOf(reading, range)}`;

  const took = ({ said, moment }: InMoment<Answered>): void => {
    if (proof.searches > 0 && proof.moment !== moment) proof.oneMoment = false;
    proof.moment = moment;
    proof.searches += 1;
    proof.rows += said.count;
  };

  /** The next range; null = it was empty, or is to be asked for again in another size. */
  const readWindow = async (): Promise<Page | null> => {
    let width = 0;
    const range = (tries: number): SeqRange => {
      width = Math.min(windows.width(tries), upTo - behind);
      return { after: behind, upTo: behind + width };
    };
    const search = { members: (tries: number) => inRange(range(tries)), size: mostRows, pageBytes, into: memory.now() };
    const found = await searchPage(view, by, search, false);
    if (found === null) {
      if (width === 1) return readCrowd(crowdAt(1));
      windows.tooLarge(width);
      return null;
    }
    const { said } = found;
    const total = totalOf(said);
    if (total > said.count && said.count === mostRows) {
      if (width === 1) return readCrowd(crowdAt(mostRows));
      windows.tooMany(width, total);
      return null;
    }
    if (total !== said.count) throw missing(said.count, total);
    took(found);
    windows.came(width, said.count, said.sourceBytes);
    behind += width;
    if (said.count > 0) return pageOfHits(said, seqCursor(behind), filter);
    if (behind < upTo) await skip();
    return null;
  };

  /** Goes to before the next document. */
  const skip = async (): Promise<void> => {
    const members = nextBody(reading, { after: behind, upTo });
    const { said } = await view.ask(by, () => ({ members }), smallAnswer);
    behind = said.seq === null ? upTo : said.seq - 1;
  };

  /** A page of the documents of the next number: they are too many, or too large, for one. */
  const readCrowd = async (before: Crowd): Promise<Page | null> => {
    const size = Math.min(before.size, reading.mostHits - before.came);
    const range = inRange({ after: behind, upTo: before.seq });
    // Their order is the same as long as the moment is.
    const search = { members: () => `"from":${before.came},${range}`, size, pageBytes, into: memory.now() };
    const found = await searchPage(view, by, search, size === 1);
    if (found === null) {
      crowd = { ...before, size: 1 };
      return null;
    }
    const { said, moment } = found;
    if (before.came > 0 && before.moment !== moment) {
      // From the first one again: which ones have come, nobody knows.
      crowd = null;
      proof.oneMoment = false;
      return null;
    }
    took(found);
    const came = before.came + said.count;
    const total = totalOf(said);
    if (came > total || (said.count === 0 && came < total)) throw missing(came, total);
    crowd = came < total ? { ...before, moment, came } : null;
    if (crowd === null) behind = before.seq;
    else crowdPages += 1;
    return said.count === 0 ? null : pageOfHits(said, seqCursor(behind, crowd === null ? 0 : crowdPages), filter);
  };
  const crowdAt = (size: number): Crowd => ({ seq: behind + 1, moment: 0, came: 0, size });

  const missing = (read: number, counted: number): Error =>
    searchError('elasticsearch.documentsMissing', { unit: schema.unit, read, counted }, `${read} of ${counted}`);

  /** What was read piece by piece is what there is, as long as all of it was read in one moment. */
  const prove = async (): Promise<void> => {
    if (proof.searches < 2 || !proof.oneMoment) return;
    const members = countBody(reading, { after: begin < 0 ? null : begin, upTo });
    const { said, moment } = await view.ask(by, () => ({ members }), smallAnswer);
    const counted = totalOf(said);
    if (moment === proof.moment && counted !== proof.rows) throw missing(proof.rows, counted);
    proof.searches = 0;
  };

  return {
    next: async () => {
      while (behind < upTo) {
        const page = await (crowd === null ? readWindow() : readCrowd(crowd));
        if (page === null) continue;
        memory.given();
        return page;
      }
      await prove();
      return null;
    },
    close: async () => {
      behind = upTo;
      crowd = null;
      proof.searches = 0;
      release();
    },
  };
}
