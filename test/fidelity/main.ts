/** `npm run fidelity -- --engine sqlite [--json]`: nasty tables, source compared with target value by value. */
import { parseArgs } from 'node:util';
import type { Fidelity } from './result.ts';
import { runSqliteFidelity } from './sqlite.ts';

const ENGINES: Readonly<Record<string, () => Promise<Fidelity>>> = { sqlite: runSqliteFidelity };

const { values } = parseArgs({ options: { engine: { type: 'string' }, json: { type: 'boolean', default: false } } });
const run = values.engine === undefined ? undefined : ENGINES[values.engine];
if (run === undefined) {
  console.error(`usage: npm run fidelity -- --engine ${Object.keys(ENGINES).join('|')} [--json]`);
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
