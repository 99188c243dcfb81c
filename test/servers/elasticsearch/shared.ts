/** One server of each kind for a whole test process, started when it is first asked for. */
import { type SearchServer, startSearchServer } from './instance.ts';
import type { SearchKind } from './kinds.ts';

const started = new Map<SearchKind, Promise<SearchServer>>();

export function sharedSearchServer(kind: SearchKind): Promise<SearchServer> {
  const running = started.get(kind) ?? startSearchServer(kind, { name: 'shared' });
  started.set(kind, running);
  return running;
}

export async function stopSharedSearchServers(): Promise<void> {
  const servers = await Promise.allSettled(started.values());
  started.clear();
  for (const server of servers) if (server.status === 'fulfilled') await server.value.stop();
}
