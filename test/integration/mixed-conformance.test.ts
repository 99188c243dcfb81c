import { after } from 'node:test';
import { type MixedKind, makeMixedSystem } from '../conformance/mixed-system.ts';
import { runConformance } from '../conformance/suite.ts';
import { suiteKind } from '../servers/mysql/instance.ts';
import { sharedServer, stopSharedServers } from '../servers/mysql/shared.ts';

const PAIRS: readonly (readonly [MixedKind, MixedKind])[] = [
  ['mysql', 'sqlite'],
  ['sqlite', 'mysql'],
  ['mysql', 'jsonl'],
  ['csv gzip', 'mysql'],
];

after(stopSharedServers);

for (const [from, to] of PAIRS)
  runConformance(`${from} to ${to}`, async () => makeMixedSystem(await sharedServer(suiteKind()), from, to), {
    sourceIsFile: /jsonl|csv/.test(from),
    targetIsFile: /jsonl|csv/.test(to),
  });
