/** Tables that are read together, and tables that are made: asked about less than one by one. */
import { quoteName } from './quoting.ts';
import {
  answerOf,
  columnsQuestion,
  type MysqlTable,
  oneOf,
  partQuestions,
  requireTable,
  requireTableOf,
  type ServerInfo,
  showCreateQuestion,
  storedName,
  tableQuestion,
  triggersQuestion,
  withoutCounter,
} from './schema.ts';
import { type Session, textRows, textsOf } from './session.ts';
import type { Answered } from './small-answer.ts';

/**
 * As `requireTable` for several tables at once: what the server answers for all of them is asked for once.
 * @returns for each how to come to it, which rejects where it is missing
 */
export async function requireTables(
  session: Session,
  server: ServerInfo,
  units: readonly string[],
): Promise<(() => Promise<MysqlTable>)[]> {
  // Where names are kept in another case than they are compared in, each has to be found for itself.
  if (units.length < FEW || server.nameCase === 2)
    return units.map((unit) => () => requireTable(session, server, unit));
  const names = units.map((unit) => storedName(server, unit));
  const shown = names.flatMap((name) => [`SHOW INDEX FROM ${quoteName(name)}`, showCreateQuestion(name)]);
  const [tables, columns, triggers, ...parts] = await session.ask([
    tableQuestion(...names),
    columnsQuestion(...names),
    triggersQuestion(...names),
    ...shown,
  ]);
  const [tableOf, columnsOf, triggersOf] = [byName(tables, 0), byName(columns, 8), byName(triggers, 1)];
  return units.map((unit, at) => () => {
    const name = names[at] ?? '';
    const [indexes, ddl] = parts.slice(2 * at, 2 * at + 2) as [Answered, Answered];
    return requireTableOf(session, server, unit, [tableOf(name), columnsOf(name), indexes, triggersOf(name), ddl]);
  });
}

/** So few tables are asked about one by one. */
const FEW = 4;

/** The rows of an answer that speak of one table. @param column that has its name */
function byName(answer: Answered | undefined, column: number): (name: string) => Answered {
  const { rows, fields } = answerOf(answer);
  const of = Map.groupBy(rows, (row) => row[column]?.toString('utf8') ?? '');
  return (name) => ({ rows: of.get(name) ?? [], fields });
}

/** Which of the names may be those of tables, by one question; the others are none. */
export async function presentNames(session: Session, names: readonly string[]): Promise<(name: string) => boolean> {
  const asked = `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME ${oneOf(names)}`;
  const present = new Set((await textRows(session, asked, 'definitions')).map(([name]) => name?.toLowerCase()));
  return (name) => present.has(name.toLowerCase());
}

/**
 * Carries out the statement that makes a table, and reads what came of it.
 * @param model a table of a server of the same version: where the new one reads like it, nothing more has to be asked
 * @throws DataError also where the statement was refused
 */
export async function makeTable(
  session: Session,
  server: ServerInfo,
  unit: string,
  statement: string,
  model: MysqlTable | null,
): Promise<MysqlTable> {
  const name = storedName(server, unit);
  if (model !== null && saysItAll(model.ddl)) {
    const [made, shown] = await session.ask([{ statement }, showCreateQuestion(name)], 'rows');
    answerOf(made);
    const ddl = textsOf(answerOf(shown))[0]?.[1] ?? '';
    if (withoutCounter(ddl) !== withoutCounter(renamed(model, name))) return requireTable(session, server, unit);
    return { ...model, name, meanRowBytes: 0, dataBytes: 0, triggers: [], ddl };
  }
  const [made, ...answers] = await session.ask([{ statement }, tableQuestion(name), ...partQuestions(name)], 'rows');
  answerOf(made);
  return requireTableOf(session, server, unit, answers);
}

/** Whether no collation is left to what servers have for a default. */
function saysItAll(ddl: string): boolean {
  return / COLLATE=\w/.test(ddl.slice(ddl.lastIndexOf('\n'))) && !/ CHARACTER SET \w+(?! COLLATE )\b/.test(ddl);
}

function renamed({ name, ddl }: MysqlTable, to: string): string {
  const begin = `CREATE TABLE ${quoteName(name)}`;
  return ddl.startsWith(begin) ? `CREATE TABLE ${quoteName(to)}${ddl.slice(begin.length)}` : ddl;
}
