/** The moments in which the units of one source are read, by whoever asks for a unit. */
import type { UnitSchema } from '../contract.ts';
import { type Cluster, checkUnit } from './describe.ts';
import { extentBody, readNativeOf } from './reading.ts';
import { smallAnswer, totalOf } from './small-answers.ts';
import { type Asking, openView, type UnitView } from './unit-view.ts';

export interface Seen {
  /** The highest sequence number; null = there are no documents. */
  readonly last: number | null;
  readonly rows: number;
}

export interface SharedView extends UnitView {
  /** What there is in the moment of now. */
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
    const look = async (by: Asking): Promise<Seen> => {
      const { said, moment } = await view.ask(by, () => ({ members: extentBody(reading) }), smallAnswer);
      const seen = { last: said.seq, rows: totalOf(said) };
      last = { moment, seen };
      return seen;
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
