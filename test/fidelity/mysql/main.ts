/** `npm run fidelity -- --engine mysql`: the nasty tables over pairs of real servers. */
import type { ServerKind } from '../../servers/mysql/programs.ts';
import { stopSharedServers } from '../../servers/mysql/shared.ts';
import type { Fidelity } from '../result.ts';
import { copyBetween, EVERY_SIZE, type PairOptions } from './run.ts';

export type Pair = readonly [ServerKind, ServerKind];

export const PAIRS: readonly Pair[] = [
  ['mariadb', 'mariadb'],
  ['mysql', 'mysql'],
  ['mariadb11', 'mariadb11'],
  ['mariadb', 'mysql'],
  ['mysql', 'mariadb'],
  ['mariadb11', 'mysql'],
  ['mysql', 'mariadb11'],
  ['mariadb', 'mariadb11'],
  ['mariadb11', 'mariadb'],
];

export interface MysqlFidelity extends Fidelity {
  /** Servers of each pair, and the seconds that it took. */
  readonly pairs: Record<string, { versions: readonly string[]; units: number; exact: number; seconds: number }>;
  /** Copies in batches of particular sizes, besides; all of them exact or told in `different`. */
  batches: number;
  /** Codes of the refusals between two servers of one kind. */
  refusedWithinKind: string[];
  /** Tables by pair and by the code of the refusal, of the error that the copy stopped with, of the plan's warning. */
  readonly kinds: Record<string, Record<'refused' | 'stopped' | 'said', Readonly<Record<string, readonly string[]>>>>;
}

const FULL: PairOptions = { quick: false, sizes: EVERY_SIZE };

export async function runMysqlFidelity(pairs: readonly Pair[] = PAIRS, options = FULL): Promise<MysqlFidelity> {
  const found: MysqlFidelity = {
    units: 0,
    exact: 0,
    refused: 0,
    different: [],
    pairs: {},
    batches: 0,
    kinds: {},
    refusedWithinKind: [],
  };
  try {
    for (const [from, to] of pairs) {
      const started = performance.now();
      const { pair, versions, units, exact, batches, refused, stopped, said, different } = await copyBetween(
        from,
        to,
        options,
      );
      const seconds = Math.round((performance.now() - started) / 1000);
      found.pairs[pair] = { versions, units, exact, seconds };
      found.kinds[pair] = { refused, stopped, said };
      if (from === to) found.refusedWithinKind = [...new Set([...found.refusedWithinKind, ...Object.keys(refused)])];
      found.units += units;
      found.exact += exact;
      found.batches += batches;
      found.refused += Object.values(refused).flat().length;
      found.different.push(...different);
    }
  } finally {
    await stopSharedServers();
  }
  return found;
}
