/**
 * What a unit's execution needs to know: addresses with resolved secrets, and the settings in force for the unit.
 * The config room makes these from datatrace.json; workers receive them as plain data.
 */
import type { Limits, Resume, Verify } from './model.ts';

export type TlsMode = 'off' | 'preferred' | 'required' | 'verify-ca' | 'verify-full';

export interface SqliteConnection {
  readonly type: 'sqlite';
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
}

export interface MysqlConnection {
  readonly type: 'mysql';
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Unix socket path; wins over host and port. */
  readonly socket: string | null;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: TlsMode;
  /** PEM texts. */
  readonly tlsCa: string | null;
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  readonly connectTimeoutMs: number;
  /** 0 = none. */
  readonly queryTimeoutMs: number;
}

export type FileFormat = 'jsonl' | 'csv';
export type FileCompression = 'none' | 'gzip';

export interface FilesConnection {
  readonly type: 'files';
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
  readonly format: FileFormat;
  readonly compress: FileCompression;
}

export type SearchLogin =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** In its encoded form. */
  | { readonly kind: 'apiKey'; readonly apiKey: string }
  | { readonly kind: 'bearer'; readonly bearer: string };

/** Elasticsearch or OpenSearch. */
export interface ElasticsearchConnection {
  readonly type: 'elasticsearch';
  readonly name: string;
  /** Nodes of one cluster, at least one: http or https, perhaps with a path before every other. */
  readonly urls: readonly string[];
  readonly auth: SearchLogin;
  /** PEM text. */
  readonly tlsCa: string | null;
  /** SHA-256 of the server's certificate or of one that it is signed by: hexadecimal, colons or not. */
  readonly fingerprint: string | null;
  readonly compression: boolean;
  readonly requestTimeoutMs: number;
}

/** A connection as workers get it: secrets resolved, paths absolute. Never logged, never stored. */
export type ResolvedConnection = SqliteConnection | MysqlConnection | FilesConnection | ElasticsearchConnection;

/** Where a connection leads: equal addresses are the same system. Holds no secret. */
export function addressOf(connection: ResolvedConnection): readonly (string | number)[] {
  switch (connection.type) {
    case 'sqlite':
      return ['sqlite', connection.file];
    case 'files':
      return ['files', connection.folder, connection.format, connection.compress];
    case 'elasticsearch':
      return ['elasticsearch', ...connection.urls.map(plainUrl).sort()];
    case 'mysql':
      return connection.socket === null
        ? ['mysql', connection.host.toLowerCase(), connection.port, connection.database]
        : ['mysql', connection.socket, connection.database];
  }
}

/** Without what means nothing: case of the host, the usual port, a slash at the end. */
function plainUrl(url: string): string {
  return (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, '');
}

export type WriteMode = 'upsert' | 'insert' | 'replace' | 'truncate';
export type CreateTarget = 'never' | 'missing' | 'recreate';

/** How a task's units are called in the target. */
export interface UnitNames {
  /** Globs in order, `!` excludes. */
  readonly units: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
  /** Names that are neither the unit's own nor made with prefix and suffix, by unit. */
  readonly as: Readonly<Record<string, string>>;
}

/** The settings in force for one unit, overrides applied. */
export interface UnitSettings {
  /** Name of the unit in the target. */
  readonly targetName: string;
  readonly where: string | null;
  /** Column globs in order, `!` excludes; ['*'] = all. */
  readonly columns: readonly string[];
  /** Key columns asked for; null = chosen from the schema. */
  readonly key: readonly string[] | null;
  /** What a document must match, as its server spells it. Absent or null: all are copied. */
  readonly query?: Readonly<Record<string, unknown>> | null;
  /** Fields that documents are ordered and resumed by. Absent or null: chosen by the source. */
  readonly sort?: readonly string[] | null;
  readonly batchRows: number;
  /** `auto`: as the rows are large. */
  readonly batchBytes: number | 'auto';
  readonly resume: Resume;
  readonly write: WriteMode;
  readonly verify: Verify;
  readonly createTarget: CreateTarget;
  /** Secondary indexes and foreign keys of a table that the copy creates are made after the data. */
  readonly indexesAfter: boolean;
  /** Absent: every unit keeps its name, or a task has too many names to be told of them all. */
  readonly names?: UnitNames;
  readonly checkpoint: 'store' | 'target';
  /**
   * Search servers: what the file says of single fields - as a mapping does where they are a target, as the columns are to
   * be where they are a source of rows. Absent: nothing.
   */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The copy goes to a new index, which this alias points at in the end. Absent or empty: to `targetName` itself. */
  readonly swapAlias?: string;
  /** Ranges of one big unit that are copied at the same time; `auto`: as the machine's cores allow. */
  readonly lanes: number | 'auto';
  /** Read from one consistent snapshot. */
  readonly snapshot: boolean;
  /** The unit's own, beside the task's; null = none. */
  readonly limits: Limits | null;
  /** What becomes of a row that the target refuses: the unit fails, or the row is set aside. */
  readonly onRowError: 'fail' | 'deadLetter';
  /** Most rows to set aside before the unit fails. */
  readonly deadLetterLimit: number;
  /** Units (source names) that must be completed first. */
  readonly after: readonly string[];
  /** ms without a sign of life before an execution fails (retryable); 0 = never. */
  readonly stallMs: number;
  /** ms for a whole execution before it fails for good; 0 = never. */
  readonly timeoutMs: number;
}
