/**
 * Secondary indexes and foreign keys that are made after the data (`indexesAfter`). What is still owed is written on the
 * table itself, as its comment, by the statement that creates it: whatever happens to the process or to its notes, the
 * last step of a copy sees the mark, compares the table with the source's definition, and takes the mark away with the
 * very statement that adds what is missing. A table without the mark is not touched.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DataError } from '../../core/ports.ts';
import type { Scope } from '../contract.ts';
import {
  autoIncrementColumn,
  closing,
  FOREIGN_KEY,
  maskQuoted,
  quotedNames,
  splitCreateTable,
} from './create-table.ts';
import { mysqlError } from './errors.ts';
import { quoteName } from './quoting.ts';
import { showCreate } from './schema.ts';
import { type Session, type Sessions, textRows } from './session.ts';

export const OWED_MARK = 'datatrace: secondary indexes are added after the data';

/** Time between two looks at a statement that goes on, ms. */
const LOOK_MS = 1_000;
/** A server that has not answered any look for so long is taken for dead, ms. */
const SILENCE_MS = 60_000;

export type IndexSplit = {
  /** The statement that creates the table without them, marked. The whole definition where nothing can be left for later. */
  readonly create: string;
  /** Definitions to be added, in the order of the source. */
  readonly later: readonly string[];
};

/**
 * Unique keys stay: a row that collides is found with its batch, and rows are overwritten by them. So does what an
 * AUTO_INCREMENT column cannot be without.
 * @param create a CREATE TABLE as `adaptDdl` makes it
 */
export function splitIndexes(create: string): IndexSplit {
  const { name, definitions, options } = splitCreateTable(create);
  const counter = autoIncrementColumn(definitions);
  const leads = (definition: string): boolean => counter !== null && quotedNames(keyColumns(definition))[0] === counter;
  const isLed = definitions.some((each) => /^(?:PRIMARY|UNIQUE) KEY/.test(each) && leads(each));
  const isLater = (definition: string): boolean => {
    if (FOREIGN_KEY.test(maskQuoted(definition))) return true;
    if (!/^(?:(?:FULLTEXT|SPATIAL|VECTOR) )?KEY /.test(definition)) return false;
    return isLed || counter === null || !quotedNames(keyColumns(definition)).includes(counter);
  };
  const later = definitions.filter(isLater);
  if (later.length === 0) return { create, later };
  const now = definitions.filter((each) => !isLater(each));
  const marked = ` COMMENT='${OWED_MARK}'${withoutComment(options)}`;
  return { create: `CREATE TABLE ${name} (\n  ${now.join(',\n  ')}\n)${marked}`, later };
}

/** From the key's opening parenthesis. */
function keyColumns(definition: string): string {
  const open = maskQuoted(definition).indexOf('(');
  return open < 0 ? '' : definition.slice(open);
}

/** The table's comment stands in front of its partitions, which may have comments of their own. */
const TABLE_COMMENT = / COMMENT='~*'/;

function commentPlace(options: string): { readonly from: number; readonly to: number } | null {
  const masked = maskQuoted(options);
  const head = masked.slice(0, /PARTITION BY/.exec(masked)?.index ?? masked.length);
  const found = TABLE_COMMENT.exec(head);
  return found === null ? null : { from: found.index, to: found.index + found[0].length };
}

function withoutComment(options: string): string {
  const at = commentPlace(options);
  return at === null ? options : options.slice(0, at.from) + options.slice(at.to);
}

/** The comment of a table as the definition quotes it. */
function quotedComment(options: string): string {
  const at = commentPlace(options);
  return at === null ? "''" : options.slice(at.from + ' COMMENT='.length, at.to);
}

export function owesIndexes(ddl: string): boolean {
  return ddl !== '' && quotedComment(splitCreateTable(ddl).options) === `'${OWED_MARK}'`;
}

/**
 * What adds that which a marked table still lacks: one statement, and one more for each further full-text index, because
 * InnoDB may take one at a time. The last of them takes the mark away.
 */
export function addingStatements(present: string, whole: string, name: string): string[] {
  const there = new Set(splitCreateTable(present).definitions.filter(isIndex).map(identityOf));
  const missing = splitIndexes(whole).later.filter((each) => !there.has(identityOf(each)));
  const [, ...furtherTexts] = missing.filter((each) => each.startsWith('FULLTEXT'));
  const first = missing.filter((each) => !furtherTexts.includes(each)).map((each) => `ADD ${each}`);
  const steps = [first, ...furtherTexts.map((each) => [`ADD ${each}`])];
  const comment = quotedComment(splitCreateTable(whole).options);
  // A source that is itself a table whose indexes are owed.
  steps.at(-1)?.push(`COMMENT=${comment === `'${OWED_MARK}'` ? "''" : comment}`);
  return steps.map((parts) => `ALTER TABLE ${quoteName(name)} ${parts.join(', ')}`);
}

function isIndex(definition: string): boolean {
  return /^(?:(?:UNIQUE|FULLTEXT|SPATIAL|VECTOR) )?KEY /.test(definition) || FOREIGN_KEY.test(maskQuoted(definition));
}

/** A key is told by its name, a foreign key by what it points from and at: its name may be the server's own. */
function identityOf(definition: string): string {
  const masked = maskQuoted(definition);
  const foreign = /FOREIGN KEY.*? REFERENCES `~*`(?:\.`~*`)? \([^)]*\)/s.exec(masked);
  if (foreign !== null) return definition.slice(foreign.index, foreign.index + foreign[0].length);
  return (quotedNames(definition)[0] ?? '').toLowerCase();
}

export type Otherwise = { readonly index: string; readonly present: string; readonly wanted: string };

/**
 * The first owed key whose name another one has: somebody made it, of other columns or of another kind. Foreign keys are
 * told by more than their names; expressions are not compared, because every server writes them in its own way.
 */
export function keyMadeOtherwise(present: string, whole: string): Otherwise | null {
  const keys = splitCreateTable(present).definitions.filter(isIndex);
  const there = new Map(keys.map((each) => [identityOf(each), each]));
  for (const wanted of splitIndexes(whole).later) {
    const found = there.get(identityOf(wanted));
    if (found !== undefined && !FOREIGN_KEY.test(maskQuoted(wanted)) && shapeOf(found) !== shapeOf(wanted))
      return { index: shownName(wanted), present: found, wanted };
  }
  return null;
}

/** Kind, and columns with the length of their prefixes, in order. Directions and options do not count. */
function shapeOf(definition: string): string {
  const [kind = ''] = definition.split('KEY ', 1);
  const masked = maskQuoted(definition);
  const open = masked.indexOf('(');
  const columns = masked.slice(open, closing(masked, open));
  if (/[(,]\s*\(/.test(columns)) return kind.trim();
  const parts = [...columns.matchAll(/`(~*)`(?:\((\d+)\))?/g)].map((part) => {
    const from = open + part.index;
    const [name = ''] = quotedNames(definition.slice(from, from + (part[1] ?? '').length + 2));
    return [name.toLowerCase(), part[2] ?? ''];
  });
  return JSON.stringify([kind.trim(), parts]);
}

/** How a key is called in messages. */
export function shownName(definition: string): string {
  return quotedNames(definition)[0] ?? '';
}

/**
 * Adds what the table owes; nothing where it owes nothing. An earlier execution's statement that the server still works
 * at is waited for. Its own may take hours: it has no time limit, but the server is asked whether it is still at it.
 * @param whole the definition as the target is to have it
 * @throws DataError `mysql.indexesFailed`, `mysql.indexOtherwise`; what may go away by itself keeps its own code
 */
export async function addOwedIndexes(
  sessions: Sessions,
  table: string,
  whole: () => string,
  wait: Scope['wait'],
): Promise<void> {
  await sessions.use(async (session) => {
    if (!owesIndexes(await showCreate(session, table))) return;
    await wait(untilOthersEnd(session, table));
    const present = await showCreate(session, table);
    if (!owesIndexes(present)) return;
    const definition = whole();
    refuseOtherwise(table, keyMadeOtherwise(present, definition));
    for (const statement of addingStatements(present, definition, table)) {
      await wait(watched(sessions, session, statement)).catch((error: unknown) => {
        throw explain(error, table);
      });
    }
  });
}

function refuseOtherwise(table: string, otherwise: Otherwise | null): void {
  if (otherwise === null) return;
  const message = `${otherwise.present} in the way of ${otherwise.wanted}`;
  throw mysqlError('mysql.indexOtherwise', { table, ...otherwise }, message);
}

type Running = { readonly id: string; readonly database: string; readonly statement: string };

/** Statements that run on the server, as far as this account may see them: its own, always. */
async function running(session: Session): Promise<Running[]> {
  const rows = await textRows(session, 'SHOW FULL PROCESSLIST');
  return rows.map((row) => ({ id: row[0] ?? '', database: row[3] ?? '', statement: row[7] ?? '' }));
}

/** A server works on at the statement of a connection that is gone. */
async function untilOthersEnd(session: Session, table: string): Promise<void> {
  const [own] = await textRows(session, 'SELECT DATABASE()');
  const begins = `ALTER TABLE ${quoteName(table)} `;
  const isOurs = ({ database, statement }: Running): boolean =>
    database === own?.[0] && statement.startsWith(begins) && / (?:COMMENT=|ADD FULLTEXT)/.test(statement);
  while ((await running(session)).some(isOurs)) await delay(LOOK_MS);
}

/** Runs the statement, and gives the connection up when the server neither works at it any more nor answers. */
async function watched(sessions: Sessions, session: Session, statement: string): Promise<void> {
  const [row] = await textRows(session, 'SELECT CONNECTION_ID()');
  const over = new AbortController();
  const work = session.run(statement, 'untimed').finally(() => over.abort());
  const watch = async (): Promise<void> => {
    let seen = false;
    let heardAt = performance.now();
    for (;;) {
      await delay(LOOK_MS, undefined, { signal: over.signal });
      const limit = delay(SILENCE_MS, null, { signal: over.signal });
      const list = await Promise.race([sessions.use(running).catch(() => null), limit]);
      if (list !== null) heardAt = performance.now();
      const there = list?.some(({ id }) => id === row?.[0]) === true;
      // Behind some proxies no connection has the number that it is told.
      if ((list !== null && seen && !there) || performance.now() - heardAt >= SILENCE_MS) return session.destroy();
      seen ||= there;
    }
  };
  await Promise.all([work, watch().catch(() => {})]);
}

/** Lost connections and the like keep their code; for anything else: the rows are there, and what is missing is said. */
function explain(error: unknown, table: string): unknown {
  if (!(error instanceof DataError) || error.error.class === 'retryable') return error;
  const detail = error.error.message;
  return mysqlError('mysql.indexesFailed', { table, detail }, detail, error);
}
