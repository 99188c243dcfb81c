/** The suite that every connector passes, within a real MySQL and between the two products. */
import { after } from 'node:test';
import { runConformance } from '../conformance/suite.ts';
import type { ServerKind } from '../servers/mysql/programs.ts';
import { sharedServer, stopSharedServers } from '../servers/mysql/shared.ts';
import { systemBetween } from './mysql-system.ts';

after(stopSharedServers);

const PAIRS: readonly (readonly [ServerKind, ServerKind])[] = [
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['mysql', 'mariadb'],
  ['mariadb11', 'mariadb11'],
];

for (const [from, to] of PAIRS) {
  runConformance(`${from} to ${to}`, async () => systemBetween(await sharedServer(from), await sharedServer(to)));
}
