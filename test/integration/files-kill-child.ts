/** Executes one unit as its arguments say (JSON) and writes what a host would record as lines to stdout. */
import fs from 'node:fs';
import type { Prepared } from '../../src/core/model.ts';
import type { ResolvedConnection, UnitSettings } from '../../src/core/settings.ts';
import { copy } from './files-copy.ts';

interface Order {
  readonly from: ResolvedConnection;
  readonly to: ResolvedConnection;
  readonly unit: string;
  readonly settings: Partial<UnitSettings>;
  readonly checkpoint: string | null;
  readonly prepared: Prepared | null;
}

const { from, to, unit, settings, checkpoint, prepared } = JSON.parse(process.argv[2] ?? '') as Order;
const say = (line: object) => fs.writeSync(1, `${JSON.stringify(line)}\n`);
await copy(from, to, unit, {
  settings,
  checkpoint,
  prepared,
  at: (report) => {
    if (report.type === 'prepared') say({ prepared: report.prepared, checkpoint: report.place });
    if (report.type === 'checkpoint') say({ checkpoint: report.checkpoint });
    if (report.type === 'finished') say({ outcome: report.outcome });
  },
});
