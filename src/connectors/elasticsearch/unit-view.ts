/**
 * A unit as it was in one moment, shared by all who read it: the readers of its ranges must not see different ones. A
 * moment that the server has lost (it was restarted, a node went away, nobody asked for long) is followed by a later one.
 */
import { DataError } from '../../core/ports.ts';
import { unlessAborted } from '../aborting.ts';
import { backOff } from './backoff.ts';
import type { SearchClient } from './client.ts';
import { searchError } from './errors.ts';
import { closePit, openPit, type PitSearch, searchPit } from './pit.ts';
import type { SearchServer } from './server.ts';

/** Searches change nothing: one that failed is done again for so long, ms. A server that is restarted takes less. */
const PATIENCE_MS = 60_000;
/** After so many failures the moment may be what fails: a node that kept a part of it is gone. */
const GIVEN_UP_AFTER = 4;
/** Moments that are lost as soon as they are asked for, one after the other. */
const MOST_LOST = 5;
/** Unread for so long it is closed, ms: before the first reader, and after the last one. */
const UNREAD_MS = 4 * 60_000;
const READ_MS = 10_000;

/** Who asks, and what ends that. */
export interface Asking {
  readonly client: SearchClient;
  readonly signal: AbortSignal | undefined;
}

/** What an answer was found to say. */
export interface Said {
  /** The newest name of the point in time. */
  readonly pit: string | null;
}

export interface InMoment<T> {
  readonly said: T;
  /** Number of the moment that was asked, from 1. */
  readonly moment: number;
}

export interface UnitView {
  /**
   * Asks in the moment of now; what fails for the moment is asked again, a lost moment is followed by another one.
   * @param search of each try, from 1
   * @param read finds what the answer says, and throws what is wrong with it
   */
  ask<T extends Said>(
    by: Asking,
    search: (tries: number) => PitSearch,
    read: (body: Buffer) => T,
  ): Promise<InMoment<T>>;
  /** Number of the moment of now; 0 = nobody has asked yet, or it is lost. */
  moment(): number;
  /** Somebody reads it, until what is answered is called. */
  hold(): () => void;
  /** Gives it back to the server. What is asked later is asked in another moment. */
  close(): Promise<void>;
}

export interface ViewOf {
  readonly unit: string;
  readonly product: SearchServer['product'];
  /** The client of the source itself: no reader's end ends what all wait for. */
  readonly client: SearchClient;
  /** Rejects where the unit is not any more what it was. */
  readonly check: (client: SearchClient) => Promise<void>;
  /** A lost moment is an error. */
  readonly frozen: boolean;
  readonly toError: (error: unknown) => unknown;
}

export function openView({ unit, product, client, check, frozen, toError }: ViewOf): UnitView {
  let pit: string | null = null;
  let moment = 0;
  let opening: Promise<void> | null = null;
  let readers = 0;
  let unread: NodeJS.Timeout | undefined;

  const closeLater = (ms: number): void => {
    clearTimeout(unread);
    unread = setTimeout(() => void close(), ms).unref();
  };
  const close = async (): Promise<void> => {
    clearTimeout(unread);
    const last = pit;
    pit = null;
    if (last !== null) await closePit(client, product, last);
  };
  const openOne = async (): Promise<void> => {
    if (frozen && moment > 0) throw searchError('elasticsearch.momentLost', { unit }, 'the point in time is gone');
    const opened = await openPit(client, product, unit);
    try {
      await check(client);
    } catch (error) {
      await closePit(client, product, opened);
      throw error;
    }
    pit = opened;
    moment += 1;
    if (readers === 0) closeLater(UNREAD_MS);
  };
  const current = async (signal: AbortSignal | undefined): Promise<string> => {
    while (pit === null) {
      opening ??= openOne().finally(() => {
        opening = null;
      });
      await (signal === undefined ? opening : unlessAborted(opening, signal));
    }
    return pit;
  };
  const lose = (lost: string): void => {
    if (pit === lost) pit = null;
  };

  return {
    ask: async (by, search, read) => {
      let until: number | null = null;
      let failures = 0;
      for (let tries = 1, lost = 0; ; tries += 1) {
        let asked: string | null = null;
        try {
          asked = await current(by.signal);
          const of = moment;
          const answer = await searchPit(by.client, asked, search(tries));
          if (answer !== null) {
            const said = read(answer.body);
            if (pit === asked) pit = said.pit ?? asked;
            return { said, moment: of };
          }
          lose(asked);
          lost += 1;
          if (lost > MOST_LOST) throw searchError('elasticsearch.momentLost', { unit }, 'each point in time is gone');
        } catch (thrown) {
          const error = toError(thrown);
          until ??= Date.now() + PATIENCE_MS;
          failures += 1;
          if (!isForNow(error) || Date.now() >= until) throw error;
          if (asked !== null && failures >= GIVEN_UP_AFTER && isAnswer(error)) lose(asked);
          await backOff(failures, by.signal === undefined ? [] : [by.signal]);
        }
      }
    },
    moment: () => (pit === null ? 0 : moment),
    hold: () => {
      clearTimeout(unread);
      readers += 1;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        readers -= 1;
        if (readers === 0) closeLater(READ_MS);
      };
    },
    close,
  };
}

/** Whether asking again may help; where the moment is lost for good only another attempt does. */
function isForNow(error: unknown): boolean {
  if (!(error instanceof DataError)) return false;
  return error.error.class === 'retryable' && error.error.code !== 'elasticsearch.momentLost';
}

/** Said by a server that is there. */
function isAnswer(error: unknown): boolean {
  const { code } = (error as DataError).error;
  return code === 'elasticsearch.unavailable' || code === 'elasticsearch.partialAnswer';
}
