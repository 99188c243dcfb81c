/**
 * `npm run fidelity -- --engine sqlite|files|mysql|elasticsearch [--source KIND] [--target KIND] [--json]`: nasty tables and
 * indexes, source compared with target value by value. The kinds are those of the servers; without them every pair is taken.
 */
import { parseArgs } from 'node:util';
import { runSearchFidelity, SEARCH_PAIRS } from './elasticsearch/main.ts';
import { runFilesFidelity } from './files.ts';
import { PAIRS, runMysqlFidelity } from './mysql/main.ts';
import type { Fidelity } from './result.ts';
import { runSqliteFidelity } from './sqlite.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    source: { type: 'string' },
    target: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const ENGINES: Readonly<Record<string, () => Promise<Fidelity>>> = {
  sqlite: runSqliteFidelity,
  files: () => runFilesFidelity(),
  mysql: () => runMysqlFidelity(chosen(PAIRS)),
  elasticsearch: () => runSearchFidelity({ pairs: chosen(SEARCH_PAIRS), batchRows: null }),
};

function chosen<Kind extends string>(pairs: readonly (readonly [Kind, Kind])[]): readonly (readonly [Kind, Kind])[] {
  const found = pairs.filter(([from, to]) => (values.source ?? from) === from && (values.target ?? to) === to);
  if (found.length > 0) return found;
  console.error(`There is no such pair. There are: ${pairs.map((pair) => pair.join(' to ')).join(', ')}.`);
  process.exit(2);
}

const run = values.engine === undefined ? undefined : ENGINES[values.engine];
if (run === undefined) {
  console.error(
    `usage: npm run fidelity -- --engine ${Object.keys(ENGINES).join('|')} [--source KIND] [--target KIND] [--json]`,
  );
  process.exit(2);
}
const found = await run();
if (!values.json) {
  for (const difference of found.different) console.log(`different: ${difference}`);
  console.log(
    `${found.units} units: ${found.exact} exact, ${found.refused} refused, ${found.different.length} different`,
  );
}
console.log(JSON.stringify(found));
process.exitCode = found.different.length > 0 ? 1 : 0;
