/** Copies `rows` of one file into another with row resume and writes every recorded checkpoint as a line to stdout. */
import fs from 'node:fs';
import { sqliteConnector } from '../../src/connectors/sqlite/connector.ts';
import { runUnit } from '../conformance/run-unit.ts';

const [fromFile, toFile, batchRows] = process.argv.slice(2) as [string, string, string];
const from = { type: 'sqlite', name: 'from', file: fromFile } as const;
const to = { type: 'sqlite', name: 'to', file: toFile } as const;
const sides = {
  from,
  to,
  source: await sqliteConnector.openSource(from),
  target: await sqliteConnector.openTarget(to),
};
const say = (line: object) => fs.writeSync(1, `${JSON.stringify(line)}\n`);
await runUnit(sides, 'items', {
  settings: { batchRows: Number(batchRows) },
  at: (report) => {
    if (report.type === 'prepared') say({ prepared: report.prepared, checkpoint: report.place });
    if (report.type === 'checkpoint') say({ checkpoint: report.checkpoint });
  },
});
