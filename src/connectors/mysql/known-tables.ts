/**
 * What tables of a source looked like when they were last asked about. The plan asks about all of them, and each copy
 * begins with the same question: where the definition still reads the same, one short question answers it.
 */
import { type MysqlTable, requireTable, type ServerInfo, showCreate, storedName, withoutCounter } from './schema.ts';
import type { Session } from './session.ts';

/** Of a task of many units the first ones; a definition takes a few kilobytes. */
const MOST_TABLES = 1_000;

/** By the server as one source knows it: gone with that source. */
const known = new WeakMap<ServerInfo, Map<string, MysqlTable>>();

/** As `requireTable`; triggers and the estimate of the row size may be those of before. */
export async function requireKnownTable(session: Session, server: ServerInfo, unit: string): Promise<MysqlTable> {
  const tables = known.get(server) ?? new Map<string, MysqlTable>();
  known.set(server, tables);
  const name = storedName(server, unit);
  const former = tables.get(name);
  if (former !== undefined && !former.view) {
    // Whatever is wrong with it, the whole question says better.
    const ddl = await showCreate(session, name).catch(() => '');
    if (withoutCounter(ddl) === withoutCounter(former.ddl)) return { ...former, ddl };
  }
  const table = await requireTable(session, server, unit);
  if (former !== undefined || tables.size < MOST_TABLES) tables.set(name, table);
  return table;
}
