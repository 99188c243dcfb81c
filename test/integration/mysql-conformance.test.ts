import { after } from 'node:test';
import { runConformance, type System } from '../conformance/suite.ts';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { connectors } from './mysql-copy.ts';
import { systemBetween } from './mysql-system.ts';

let servers: Promise<[MariaDb, MariaDb]> | undefined;

/** Two databases of this way's own on two servers that all ways share. */
async function makeSystem(connector?: Parameters<typeof systemBetween>[2]): Promise<System> {
  servers ??= Promise.all([startMariaDb({ name: 'source' }), startMariaDb({ name: 'target' })]);
  const [source, target] = await servers;
  return systemBetween(source, target, connector);
}

after(async () => {
  for (const server of (await servers) ?? []) await server.stop();
});

runConformance('MySQL', makeSystem);
runConformance('MySQL in lanes', makeSystem, { lanes: 2 });
// Where packets cannot be had, and where statements cannot be prepared.
for (const [way, connector] of connectors()) {
  if (way.endsWith('as text')) runConformance(`MySQL, ${way},`, () => makeSystem(connector));
}
