/** One server of each kind for a whole test process, started when it is first asked for. */
import { type MariaDb, startServer } from './instance.ts';
import type { ServerKind } from './programs.ts';

const started = new Map<ServerKind, Promise<MariaDb>>();

export function sharedServer(kind: ServerKind): Promise<MariaDb> {
  const running = started.get(kind) ?? startServer(kind, { name: 'shared' });
  started.set(kind, running);
  return running;
}

export async function stopSharedServers(): Promise<void> {
  const servers = await Promise.allSettled(started.values());
  started.clear();
  for (const server of servers) if (server.status === 'fulfilled') await server.value.stop();
}
