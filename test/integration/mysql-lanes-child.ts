/** Copies a unit in lanes until somebody kills this process: says each batch, and what a host would have recorded. */
import fs from 'node:fs';
import { mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import type { MysqlConnection, UnitSettings } from '../../src/core/settings.ts';
import { runUnit } from '../conformance/run-unit.ts';

const [from, to, settings] = process.argv.slice(2).map((text) => JSON.parse(text) as unknown) as [
  MysqlConnection,
  MysqlConnection,
  Partial<UnitSettings>,
];
const sides = {
  ...{ from, to },
  source: await mysqlConnector.openSource(from),
  target: await mysqlConnector.openTarget(to),
};
const say = (line: object) => fs.writeSync(1, `${JSON.stringify(line)}\n`);
await runUnit(sides, 'items', {
  settings,
  lanesFrom: { rows: 1, bytes: 1 },
  afterBatch: (written) => say({ written }),
  at: (report) => {
    if (report.type === 'prepared') say({ prepared: report.prepared, checkpoint: report.place });
    if (report.type === 'checkpoint') say({ checkpoint: report.checkpoint });
  },
});
