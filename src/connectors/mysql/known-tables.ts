/**
 * What tables of a source looked like when they were last asked about. The plan asks about all of them, and each copy
 * begins with the same question: where the definition still reads the same, one short question answers it.
 */
import { type MysqlTable, requireTable, type ServerInfo, showCreate, storedName, withoutCounter } from './schema.ts';
import type { Session } from './session.ts';
import { requireTables } from './tables.ts';
import { jointly } from './together.ts';

/** Of a task of many units the first ones; a definition takes a few kilobytes. */
const MOST_TABLES = 1_000;

/** By the server as one source knows it: gone with that source. */
const known = new WeakMap<ServerInfo, Map<string, MysqlTable>>();

type Asked = { readonly server: ServerInfo; readonly unit: string };

/** Tables of a database that its server goes through quickly when it is asked about some of them by name. */
const MOST_GONE_THROUGH = 2_000;

const sizes = new WeakMap<ServerInfo, number>();

/** How many tables and views the database has. */
export function noteSize(server: ServerInfo, tables: number): void {
  sizes.set(server, tables);
}

/** All that are asked about in one breath are of one source. */
const requireJointly = jointly<Asked, MysqlTable>(async (session, asked) => {
  const [{ server }] = asked as [Asked];
  const units = asked.map(({ unit }) => unit);
  if ((sizes.get(server) ?? Number.POSITIVE_INFINITY) <= MOST_GONE_THROUGH)
    return requireTables(session, server, units);
  return units.map((unit) => () => requireTable(session, server, unit));
});

/** The table as it was when it was last asked about. */
export function knownTable(server: ServerInfo, unit: string): MysqlTable | undefined {
  return known.get(server)?.get(storedName(server, unit));
}

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
  const table = await requireJointly(session, { server, unit });
  if (former !== undefined || tables.size < MOST_TABLES) tables.set(name, table);
  return table;
}
