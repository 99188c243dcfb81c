/** The moments in which the units of one source are read, by whoever asks for a unit. */
import pLimit from 'p-limit';
import type { UnitSchema } from '../contract.ts';
import { type Cluster, checkUnit } from './describe.ts';
import { extentBody, readNativeOf, shardBodies } from './reading.ts';
import { type SmallAnswer, smallAnswer, totalOf } from './small-answers.ts';
import { type Asking, type InMoment, openView, type UnitView } from './unit-view.ts';

export interface Seen {
  /** The highest sequence number; null = there are no documents. */
  readonly last: number | null;
  readonly rows: number;
  /** The highest number of each shard, -1 = it has no documents; null = unknown. */
  readonly shards: readonly number[] | null;
}

export interface SharedView extends UnitView {
  /** What there is in the moment of now; asked once for each. */
  look(by: Asking): Promise<Seen>;
  /** What was seen last; null = nobody has looked. */
  seen(): Seen | null;
}

export interface Views {
  /** The unit as it is now: whoever asks for it later is given the same moment. */
  begin(schema: UnitSchema): SharedView;
  of(schema: UnitSchema): SharedView;
  /** All are given back to the server. */
  close(): Promise<void>;
}

interface Shards {
  readonly shards: readonly number[] | null;
  /** 0 = they were seen in several. */
  readonly moment: number;
}

/** More are not asked one by one: what changed there is not told from what did not. */
const MOST_SHARDS = 1_000;
const SHARDS_AT_ONCE = 8;

/**
 * @param cluster with the client of the source itself
 * @param frozen a lost moment is an error
 */
export function createViews(
  cluster: Cluster,
  frozen: boolean,
  toError: (error: unknown, schema: UnitSchema) => unknown,
): Views {
  const views = new Map<string, SharedView>();
  const keyOf = ({ unit, fingerprint }: UnitSchema): string => JSON.stringify([unit, fingerprint]);

  const begin = (schema: UnitSchema): SharedView => {
    const { reading } = readNativeOf(schema);
    const { client, server } = cluster;
    const view = openView({
      ...{ unit: schema.unit, product: server.product, client, frozen },
      check: () => checkUnit(cluster, schema),
      toError: (error) => toError(error, schema),
    });
    let last: { readonly moment: number; readonly seen: Seen } | null = null;
    const ask = (by: Asking, members: string): Promise<InMoment<SmallAnswer>> =>
      view.ask(by, () => ({ members }), smallAnswer);
    const look = async (by: Asking): Promise<Seen> => {
      for (;;) {
        if (last !== null && last.moment === view.moment()) return last.seen;
        const { said, moment } = await ask(by, extentBody(reading));
        const whole = { last: said.seq, rows: totalOf(said) };
        const single = { shards: [said.seq ?? -1], moment };
        const found = reading.shards === 1 ? single : await shardsSeen((members) => ask(by, members), whole);
        if (found.moment === moment) last = { moment, seen: { ...whole, shards: found.shards } };
      }
    };
    const shardsSeen = async (
      search: (members: string) => Promise<InMoment<SmallAnswer>>,
      whole: Pick<Seen, 'last' | 'rows'>,
    ): Promise<Shards> => {
      const bodies = shardBodies(reading, server.product);
      if (bodies.length > MOST_SHARDS) return { shards: null, moment: view.moment() };
      const limit = pLimit(SHARDS_AT_ONCE);
      const found = await Promise.all(bodies.map((members) => limit(() => search(members))));
      const moments = new Set(found.map(({ moment }) => moment));
      const names = found.flatMap(({ said }) => said.shard ?? []);
      const shards = found.map(({ said }) => said.seq ?? -1);
      // What a server makes of slices is its own matter: each must have been a shard, and all of them the whole.
      const rows = found.reduce((sum, { said }) => sum + totalOf(said), 0);
      const isWhole = rows === whole.rows && Math.max(-1, ...shards) === (whole.last ?? -1);
      const isEach = new Set(names).size === shards.filter((seq) => seq >= 0).length;
      return { shards: isWhole && isEach ? shards : null, moment: moments.size === 1 ? ([...moments][0] ?? 0) : 0 };
    };
    const shared = { ...view, look, seen: () => last?.seen ?? null };
    // Who still reads the one before goes on with it; what nobody reads any more is closed after a while.
    views.set(keyOf(schema), shared);
    return shared;
  };

  return {
    begin,
    of: (schema) => views.get(keyOf(schema)) ?? begin(schema),
    close: async () => {
      const all = [...views.values()];
      views.clear();
      await Promise.all(all.map((view) => view.close()));
    },
  };
}
