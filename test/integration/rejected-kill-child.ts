/**
 * Copies `items` of one file into another, sets rejected rows aside, and stops for good at a batch with such rows: when
 * they are in the file (`listed`) or when the batch is committed (`committed`). Says what a host would have recorded.
 */
import fs from 'node:fs';
import type { Target } from '../../src/connectors/contract.ts';
import { sqliteConnector } from '../../src/connectors/sqlite/connector.ts';
import { runUnit } from '../conformance/run-unit.ts';

const [fromFile, toFile, deadLetters, at, batch, checkpoint] = process.argv.slice(2) as string[];
const from = { type: 'sqlite', name: 'from', file: fromFile ?? '' } as const;
const to = { type: 'sqlite', name: 'to', file: toFile ?? '' } as const;
const say = (line: object) => fs.writeSync(1, `${JSON.stringify(line)}\n`);
// Something keeps the process alive until it is killed.
setInterval(() => undefined, 1_000);
const forever = () => new Promise<never>(() => say({ stands: true }));

let rejecting = 0;
function standing(target: Target): Target {
  return {
    ...target,
    within: (scope) => standing(target.within(scope)),
    write: async (schema, options) => {
      const writer = await target.write(schema, options);
      return {
        ...writer,
        write: async (page, kept) => {
          if (page.rows > 0) return writer.write(page, kept);
          rejecting += 1;
          const here = rejecting === Number(batch);
          if (here && at === 'listed') await forever();
          const written = await writer.write(page, kept);
          return here ? forever() : written;
        },
      };
    },
  };
}

await runUnit(
  { from, to, source: await sqliteConnector.openSource(from), target: standing(await sqliteConnector.openTarget(to)) },
  'items',
  {
    settings: { batchRows: 4, onRowError: 'deadLetter', checkpoint: checkpoint === 'target' ? 'target' : 'store' },
    job: { deadLetters: deadLetters ?? '' },
    at: (report) => {
      if (report.type === 'prepared') say({ prepared: report.prepared, checkpoint: report.place });
      if (report.type === 'checkpoint') say({ checkpoint: report.checkpoint });
    },
  },
);
