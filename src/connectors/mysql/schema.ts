/** Reads what a table looks like: columns, keys, options. Everything comes as the server's own text. */
import type { Column } from '../contract.ts';
import { mysqlError } from './errors.ts';
import { quoteName, quoteText } from './quoting.ts';
import { type Session, textRows, textsOf } from './session.ts';
import type { Answered, SmallAnswer } from './small-answer.ts';

/** How the values of a column are read and written. */
export type CellClass =
  /** Numbers, dates, times, addresses: ASCII text without quotes. */
  | 'plain'
  /** Text in the column's own character set. */
  | 'chars'
  | 'bytes'
  /** MySQL's binary JSON, as text. */
  | 'json';

export type MysqlColumn = Column & {
  readonly dataType: string;
  readonly charset: string | null;
  readonly collation: string | null;
  readonly cell: CellClass;
  /** The text form of the column loses digits: it is read as DOUBLE instead. */
  readonly asDouble: boolean;
  /**
   * ENUM and SET with an empty member: the number of the value whose text is empty, too, and that a copy would take for
   * the other (an ENUM's 0, which stands for an invalid value; a SET of nothing but the empty member). Else null.
   */
  readonly emptyText: string | null;
  readonly generated: boolean;
  /** An INSERT that leaves the column out succeeds without a warning. */
  readonly optional: boolean;
};

export type MysqlIndex = {
  readonly name: string;
  readonly unique: boolean;
  readonly columns: readonly string[];
  /** False when the server would refuse or could not use it for ordering: prefix, expression, hash, invisible. */
  readonly plainOrder: boolean;
};

export type Flavour = 'mariadb' | 'mysql';

/** The server and database behind a connection. */
export type ServerInfo = {
  readonly flavour: Flavour;
  readonly version: string;
  /** major * 10000 + minor * 100 + patch */
  readonly number: number;
  readonly database: string;
  /** Equal for two connections to the same database of the same server. */
  readonly identity: string;
  /** `lower_case_table_names` */
  readonly nameCase: number;
  /** bytes */
  readonly maxAllowedPacket: number;
};

export type MysqlTable = {
  readonly name: string;
  readonly view: boolean;
  readonly systemVersioned: boolean;
  readonly engine: string;
  readonly transactional: boolean;
  /** Mean row size the server estimates, bytes; 0 = unknown. */
  readonly meanRowBytes: number;
  /** Size of its rows as the server estimates it, bytes; 0 = unknown. */
  readonly dataBytes: number;
  /** Every column in table order, generated ones too. */
  readonly columns: readonly MysqlColumn[];
  readonly indexes: readonly MysqlIndex[];
  readonly triggers: readonly string[];
  /** SHOW CREATE TABLE; empty for a view. */
  readonly ddl: string;
};

/** Characters of a setting that are looked at: longer than the longest path. */
const LONGEST_VALUE = 4_096;

export async function readServer(session: Session): Promise<ServerInfo> {
  const [row] = await textRows(
    session,
    'SELECT VERSION(), DATABASE(), @@hostname, @@port, @@datadir, @@lower_case_table_names, @@max_allowed_packet',
    'definitions',
  );
  // Cut, because a search for numbers in a million digits takes hours.
  const [version, database, hostname, port, datadir, nameCase, packet] = (row ?? []).map((each) =>
    (each ?? '').slice(0, LONGEST_VALUE),
  );
  const [, major = '0', minor = '0', patch = '0'] = /(\d+)\.(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return {
    flavour: /mariadb/i.test(version ?? '') ? 'mariadb' : 'mysql',
    version: version ?? '',
    number: Number(major) * 10_000 + Number(minor) * 100 + Number(patch),
    database: database ?? '',
    identity: JSON.stringify([hostname, port, datadir, database]),
    nameCase: Number(nameCase),
    maxAllowedPacket: Number(packet),
  };
}

/** Name as this server stores it. */
export function storedName(server: Pick<ServerInfo, 'nameCase'>, name: string): string {
  return server.nameCase === 1 ? name.toLowerCase() : name;
}

/** Reads a table; undefined when there is none of that name. */
export async function readTable(session: Session, server: ServerInfo, unit: string): Promise<MysqlTable | undefined> {
  const name = storedName(server, unit);
  const found = await session.ask([tableQuestion(name)]);
  if (tableRow(server, name, found[0]) === undefined) return undefined;
  return readTableOf(session, server, name, [...found, ...(await session.ask(partQuestions(name)))]);
}

/** @param answers to {@link tableQuestion} and {@link partQuestions} */
async function readTableOf(
  session: Session,
  server: ServerInfo,
  name: string,
  answers: readonly Answered[],
): Promise<MysqlTable | undefined> {
  const [about, ...parts] = answers;
  const table = tableRow(server, name, about);
  if (table === undefined) return undefined;
  const [, type, engine, meanRowBytes, dataBytes] = table;
  const view = type === 'VIEW' || type === 'SYSTEM VIEW';
  const [columns, indexes, triggers, ddl] = parts;
  return {
    name,
    view,
    systemVersioned: type === 'SYSTEM VERSIONED',
    engine: engine ?? '',
    transactional: view || (await isTransactional(session, engine ?? '')),
    meanRowBytes: Number(meanRowBytes ?? 0),
    dataBytes: Number(dataBytes ?? 0),
    columns: columnsOf(answerOf(columns), server, name),
    indexes: view ? [] : indexesOf(answerOf(indexes)),
    triggers: view ? [] : triggersAmong(textsOf(answerOf(triggers)), name),
    ddl: view ? '' : shortEnough(name, textsOf(answerOf(ddl))[0]?.[1] ?? ''),
  };
}

export function tableQuestion(...names: string[]): string {
  return `SELECT TABLE_NAME, TABLE_TYPE, ENGINE, AVG_ROW_LENGTH, DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME ${oneOf(names)}`;
}

export function columnsQuestion(...names: string[]): string {
  return (
    'SELECT COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, IS_NULLABLE, CHARACTER_SET_NAME, COLLATION_NAME, EXTRA, COLUMN_DEFAULT, TABLE_NAME ' +
    `FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME ${oneOf(names)} ORDER BY ORDINAL_POSITION`
  );
}

export function triggersQuestion(...names: string[]): string {
  return (
    'SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS ' +
    `WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE ${oneOf(names)}`
  );
}

/** Servers look a single name up, and go through all tables of the database for several. */
export function oneOf(names: readonly string[]): string {
  const [only] = names;
  return names.length === 1 && only !== undefined ? `= ${quoteText(only)}` : `IN (${names.map(quoteText).join(', ')})`;
}

/** Columns, keys, triggers and the statement that makes it: asked at once, because each question is a way of its own. */
export function partQuestions(name: string): string[] {
  return [
    columnsQuestion(name),
    `SHOW INDEX FROM ${quoteName(name)}`,
    triggersQuestion(name),
    showCreateQuestion(name),
  ];
}

/** The comparison in the question ignores case on some servers; names that differ only in case are different tables. */
function tableRow(
  server: ServerInfo,
  name: string,
  answer: Answered | undefined,
): readonly (string | null)[] | undefined {
  const found = textsOf(answerOf(answer));
  return found.find((row) => row[0] === name) ?? (server.nameCase === 2 ? found[0] : undefined);
}

export function answerOf(answer: Answered | undefined): SmallAnswer {
  if (answer !== undefined && 'rows' in answer) return answer;
  throw answer?.refused;
}

/** As {@link readTable}, but a missing table is an error that names it. */
export async function requireTable(session: Session, server: ServerInfo, unit: string): Promise<MysqlTable> {
  const name = storedName(server, unit);
  const answers = await session.ask([tableQuestion(name), ...partQuestions(name)]);
  return requireTableOf(session, server, unit, answers);
}

export async function requireTableOf(
  session: Session,
  server: ServerInfo,
  unit: string,
  answers: readonly Answered[],
): Promise<MysqlTable> {
  const table = await readTableOf(session, server, storedName(server, unit), answers);
  if (table !== undefined) return table;
  throw mysqlError('mysql.unitMissing', { unit }, `There is no table ${unit} in database ${server.database}.`);
}

export async function triggersOfTable(session: Session, name: string): Promise<string[]> {
  const rows = await textRows(session, triggersQuestion(name), 'definitions');
  return triggersAmong(rows, name);
}

export async function showCreate(session: Session, name: string): Promise<string> {
  const [row] = await textRows(session, showCreateQuestion(name), 'definitions');
  return row?.[1] ?? '';
}

export function showCreateQuestion(name: string): string {
  return `SHOW CREATE TABLE ${quoteName(name)}`;
}

/**
 * Whether the table's definition still reads as it did then: one question instead of six. Its counter and its triggers
 * are not part of it. False also where that cannot be told.
 */
export async function readsTheSame(session: Session, table: MysqlTable): Promise<boolean> {
  return !table.view && withoutCounter(await showCreate(session, table.name)) === withoutCounter(table.ddl);
}

/** The table with the definition that a server shows now; null where that does not read as it did. */
export function readsLike(shown: Answered, table: MysqlTable): MysqlTable | null {
  if ('refused' in shown) return null;
  const ddl = textsOf(shown)[0]?.[1] ?? '';
  if (ddl === table.ddl) return table;
  return withoutCounter(ddl) === withoutCounter(table.ddl) ? { ...table, ddl } : null;
}

/** Characters of a definition: 4,096 columns with a comment of 200 each have less. Taking more apart holds everybody up. */
const LONGEST_DEFINITION = 2 * 1024 * 1024;

function shortEnough(unit: string, ddl: string): string {
  if (ddl.length <= LONGEST_DEFINITION) return ddl;
  throw mysqlError('mysql.definitionTooLong', { unit }, `The definition of ${unit} has ${ddl.length} characters.`);
}

/** A definition without what changes with every row. */
export function withoutCounter(ddl: string): string {
  return ddl.replace(/ AUTO_INCREMENT=\d+/, '');
}

async function isTransactional(session: Session, engine: string): Promise<boolean> {
  // Nearly every table there is.
  if (engine === 'InnoDB') return true;
  const [row] = await textRows(
    session,
    `SELECT TRANSACTIONS FROM information_schema.ENGINES WHERE ENGINE = ${quoteText(engine)}`,
    'definitions',
  );
  return row?.[0] === 'YES';
}

function columnsOf(answer: SmallAnswer, server: ServerInfo, table: string): MysqlColumn[] {
  return textsOf(answer)
    .filter((row) => server.nameCase === 2 || row[8] === table)
    .map(([name, type, dataType, nullable, charset, collation, extra, fallback]) =>
      makeColumn({
        name: name ?? '',
        type: type ?? '',
        dataType: (dataType ?? '').toLowerCase(),
        nullable: nullable === 'YES',
        charset: charset ?? null,
        collation: collation ?? null,
        extra: extra ?? '',
        hasDefault: fallback !== null && fallback !== undefined,
      }),
    );
}

type ColumnText = {
  name: string;
  type: string;
  dataType: string;
  nullable: boolean;
  charset: string | null;
  collation: string | null;
  extra: string;
  hasDefault: boolean;
};

function makeColumn(text: ColumnText): MysqlColumn {
  const { name, type, dataType, nullable, charset, collation, extra } = text;
  const generated = /\b(VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.test(extra);
  return {
    name,
    type,
    nullable,
    dataType,
    charset,
    collation,
    cell: cellClass(dataType),
    // FLOAT prints 6 digits; DOUBLE(M,D) prints D decimals.
    asDouble: dataType === 'float' || (dataType === 'double' && type.includes('(')),
    emptyText: emptyTextOf(dataType, type),
    generated,
    optional: generated || nullable || text.hasDefault || /auto_increment|DEFAULT_GENERATED/i.test(extra),
  };
}

function emptyTextOf(dataType: string, type: string): string | null {
  const at = dataType === 'enum' || dataType === 'set' ? members(type).indexOf('') : -1;
  if (at < 0) return null;
  return dataType === 'enum' ? '0' : String(2n ** BigInt(at));
}

/** The members of an ENUM or SET, from the text of its type. */
export function members(type: string): string[] {
  return [...type.matchAll(/'((?:[^'\\]|''|\\.)*)'/gs)].map((found) => (found[1] ?? '').replaceAll("''", "'"));
}

const PLAIN_TYPES = new Set(
  'tinyint smallint mediumint int bigint decimal float double year date datetime timestamp time uuid inet4 inet6'.split(
    ' ',
  ),
);
const TEXT_TYPES = new Set('char varchar tinytext text mediumtext longtext enum set'.split(' '));
const BYTE_TYPES = new Set(
  (
    'binary varbinary tinyblob blob mediumblob longblob bit vector ' +
    'geometry point linestring polygon multipoint multilinestring multipolygon geometrycollection geomcollection'
  ).split(' '),
);

export function cellClass(dataType: string): CellClass {
  if (PLAIN_TYPES.has(dataType)) return 'plain';
  if (TEXT_TYPES.has(dataType)) return 'chars';
  return dataType === 'json' ? 'json' : 'bytes';
}

/** Types whose values are known to survive; any other type is refused in the plan. */
export function isKnownType(column: MysqlColumn): boolean {
  const { dataType, type } = column;
  // YEAR(2) cannot tell 1970 from 2070 in its text, members that are written alike cannot be told from each other.
  if (dataType === 'year' && type.startsWith('year(2)')) return false;
  if ((dataType === 'enum' || dataType === 'set') && new Set(members(type)).size < members(type).length) return false;
  return PLAIN_TYPES.has(dataType) || TEXT_TYPES.has(dataType) || BYTE_TYPES.has(dataType) || dataType === 'json';
}

function indexesOf({ rows, fields }: SmallAnswer): MysqlIndex[] {
  const at = (row: (Buffer | null)[], field: string): string | null => {
    const position = fields.findIndex((each) => each.toLowerCase() === field);
    return position < 0 ? null : (row[position]?.toString('utf8') ?? null);
  };
  const byName = new Map<string, MysqlIndex>();
  for (const row of rows) {
    const name = at(row, 'key_name') ?? '';
    const column = at(row, 'column_name');
    const plain =
      column !== null &&
      at(row, 'sub_part') === null &&
      at(row, 'index_type') === 'BTREE' &&
      at(row, 'visible') !== 'NO' &&
      at(row, 'ignored') !== 'YES';
    const former = byName.get(name);
    byName.set(name, {
      name,
      unique: at(row, 'non_unique') === '0',
      columns: [...(former?.columns ?? []), column ?? ''],
      plainOrder: plain && (former?.plainOrder ?? true),
    });
  }
  return [...byName.values()];
}

function triggersAmong(rows: readonly (readonly (string | null)[])[], table: string): string[] {
  return rows.filter((row) => row[1] === table).map((row) => row[0] ?? '');
}
