import { after } from 'node:test';
import { makeSearchSystem } from '../conformance/search-system.ts';
import { runConformance } from '../conformance/suite.ts';
import { isSearchKind } from '../servers/elasticsearch/kinds.ts';
import { sharedSearchServer, stopSharedSearchServers } from '../servers/elasticsearch/shared.ts';

/** Takes a minute for each kind, so that they have to be named. */
const KINDS = (process.env.DATATRACE_TEST_SEARCH_KINDS ?? '').split(',').filter(isSearchKind);

after(stopSharedSearchServers);

for (const kind of KINDS)
  runConformance(`sqlite to ${kind}`, async () => makeSearchSystem(await sharedSearchServer(kind)), {
    targetIsSearch: true,
  });
