/**
 * The configuration as the rest of the product sees it: checked, with every default applied, paths made absolute and
 * secrets as references. `parse` makes it from the text of `datatrace.json`; nothing here holds a secret's value, so
 * it may be stored, logged and posted to a worker (it survives structured cloning).
 */

import type { ErrorPolicy, Limits, Mode, Resume, RetryPolicy, Verify } from '../core/model.ts';
import type { CreateTarget, FileCompression, FileFormat, TlsMode, WriteMode } from '../core/settings.ts';

/** Where a secret comes from. The value itself is read only when a connection is opened (`resolveSecret`). */
export type SecretRef =
  /** `${env:NAME}` */
  | { readonly kind: 'env'; readonly name: string }
  /** `${file:PATH}`; `path` is absolute. */
  | { readonly kind: 'file'; readonly path: string }
  /** Not in the file: the editor's secret storage, or `DATATRACE_SECRET_<CONNECTION>` for the command line. */
  | { readonly kind: 'stored' }
  /** An empty string in the file, or nothing to be secret about. */
  | { readonly kind: 'none' };

export type Environment = 'development' | 'staging' | 'production';

interface ConnectionBase {
  readonly name: string;
  /** Null when the file does not say. `production` as a target needs a typed confirmation. */
  readonly environment: Environment | null;
}

/** MySQL or MariaDB. Either `socket` is set or `host` and `port` are in force. */
export interface MysqlConnection extends ConnectionBase {
  readonly type: 'mysql';
  /** May hold `${env:NAME}` references: `resolveConnection` expands them. */
  readonly host: string;
  readonly port: number;
  /** Absolute path of a local socket; null: TCP. */
  readonly socket: string | null;
  readonly user: string;
  readonly password: SecretRef;
  readonly database: string;
  readonly tls: TlsMode;
  /** Absolute paths of PEM files. */
  readonly tlsCa: string | null;
  readonly tlsCert: string | null;
  readonly tlsKey: SecretRef;
  /** ms */
  readonly connectTimeoutMs: number;
  /** ms; 0: none. */
  readonly queryTimeoutMs: number;
}

export type ElasticsearchAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'apiKey'; readonly apiKey: SecretRef }
  | { readonly kind: 'bearer'; readonly bearer: SecretRef }
  | { readonly kind: 'basic'; readonly user: string; readonly password: SecretRef };

/** Elasticsearch or OpenSearch. */
export interface ElasticsearchConnection extends ConnectionBase {
  readonly type: 'elasticsearch';
  /** At least one; may hold `${env:NAME}` references. */
  readonly urls: readonly string[];
  readonly auth: ElasticsearchAuth;
  readonly tlsCa: string | null;
  /** SHA-256 fingerprint of the server's certificate. */
  readonly fingerprint: string | null;
  readonly compression: boolean;
  /** ms */
  readonly requestTimeoutMs: number;
}

export interface SqliteConnection extends ConnectionBase {
  readonly type: 'sqlite';
  /** Absolute path (after `resolveConnection`, when it holds a reference). */
  readonly file: string;
}

export interface FilesConnection extends ConnectionBase {
  readonly type: 'files';
  /** Absolute path (after `resolveConnection`, when it holds a reference). */
  readonly folder: string;
  readonly format: FileFormat;
  readonly compress: FileCompression;
}

export type Connection = MysqlConnection | ElasticsearchConnection | SqliteConnection | FilesConnection;

export type RowErrorPolicy = 'fail' | 'deadLetter';
export type CheckpointPlace = 'store' | 'target';

/** The settings that a task gives to all its units and that a unit may set for itself. */
export interface CopySettings {
  /** Parallel ranges inside one big unit, 1..16; `auto`: min(4, cores), for whoever runs it to decide. */
  readonly lanes: number | 'auto';
  /** A write batch ends at whichever comes first. `auto`: as the rows are large, about 512 KB. */
  readonly batchBytes: number | 'auto';
  readonly batchRows: number;
  readonly resume: Resume;
  readonly write: WriteMode;
  readonly verify: Verify;
  readonly createTarget: CreateTarget;
  /** Secondary indexes after the data. */
  readonly indexesAfter: boolean;
  readonly onRowError: RowErrorPolicy;
  readonly deadLetterLimit: number;
  readonly retry: RetryPolicy;
  /** ms without progress before a unit is a retryable failure; 0: never. */
  readonly stallMs: number;
  /** ms for a whole execution; 0: none. */
  readonly timeoutMs: number;
  readonly snapshot: boolean;
  readonly checkpoint: CheckpointPlace;
  readonly limits: Limits;
}

/** JSON as it stands in the file, for pieces that only a connector understands (mappings, queries). */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a task says about one unit by its exact name. */
export interface UnitOverride {
  /** Target name instead of prefix + name + suffix. */
  readonly as: string | null;
  /** Units that must be completed first. */
  readonly after: readonly string[];
  /** SQL condition for the rows to copy; null: all. */
  readonly where: string | null;
  /** Globs in order, `!` excludes. */
  readonly columns: readonly string[];
  /** Target mapping by field name. */
  readonly fields: ReadonlyMap<string, Json>;
  /** Columns to order and resume by; null: the connector chooses. */
  readonly key: readonly string[] | null;
  /** Elasticsearch sources: query, sort fields, slices. */
  readonly query: Json | null;
  readonly sort: readonly string[] | null;
  readonly slices: number | null;
  /** Only the settings that the file sets for this unit. */
  readonly settings: Partial<CopySettings>;
}

export interface TaskConfig {
  readonly name: string;
  readonly description: string;
  /** Connection names; both exist in the same model. */
  readonly source: string;
  readonly target: string;
  /** Globs in order, `!` excludes; see `selectUnits`. */
  readonly units: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
  readonly overrides: ReadonlyMap<string, UnitOverride>;
  /** The mode of the first start; afterwards the store's is in force. */
  readonly mode: Mode;
  /** Units at a time, 1..64. */
  readonly concurrency: number;
  readonly resumeOnStart: boolean;
  /** Elasticsearch targets: the alias to move to the loaded index; empty: none. */
  readonly swapAlias: string;
  readonly onError: ErrorPolicy;
  /** Tasks that must have completed. */
  readonly after: readonly string[];
  /** Old names of this task. */
  readonly formerly: readonly string[];
  readonly settings: CopySettings;
}

/** Everything in force for one unit of a task; fits the core's `UnitSettings`, which workers get. */
export interface UnitSettings extends CopySettings {
  readonly unit: string;
  readonly targetName: string;
  readonly after: readonly string[];
  readonly where: string | null;
  readonly columns: readonly string[];
  readonly fields: ReadonlyMap<string, Json>;
  readonly key: readonly string[] | null;
  readonly query: Json | null;
  readonly sort: readonly string[] | null;
  readonly slices: number | null;
}

export type ScheduleRule =
  | { readonly type: 'ONCE'; readonly datetime: string }
  | {
      readonly type: 'INTERVAL';
      readonly interval: number;
      readonly unit: 'seconds' | 'minutes' | 'hours' | 'days';
      readonly from: 'grid' | 'last';
    }
  | { readonly type: 'DAILY'; readonly time: string }
  /** 0 = Monday .. 6 = Sunday */
  | { readonly type: 'WEEKLY'; readonly daysOfWeek: readonly number[]; readonly time: string }
  | { readonly type: 'MONTHLY'; readonly dayOfMonth: number; readonly time: string }
  | { readonly type: 'YEARLY'; readonly month: number; readonly day: number; readonly time: string }
  | { readonly type: 'CRON'; readonly cron: string };

export type CleanupKind = 'logs' | 'dead_letters' | 'runs' | 'backups';

export type ScheduleAction =
  | { readonly type: 'SYNC'; readonly task: string; readonly mode: Mode; readonly units: readonly string[] | null }
  | {
      readonly type: 'BACKUP';
      readonly task: string;
      readonly connection: string;
      readonly kind: 'full' | 'incremental';
      readonly column: string | null;
      readonly keepCount: number | null;
      readonly keepDays: number | null;
    }
  | { readonly type: 'RECOVERY'; readonly connection: string; readonly backup: string; readonly target: string }
  | { readonly type: 'CLEANUP'; readonly retentionDays: number; readonly what: readonly CleanupKind[] }
  /** Null: every connection. */
  | { readonly type: 'HEALTH_CHECK'; readonly connections: readonly string[] | null }
  | { readonly type: 'RETENTION_CHECK'; readonly retentionDays: number }
  | {
      readonly type: 'CUSTOM';
      readonly run:
        | { readonly kind: 'command'; readonly command: string }
        | { readonly kind: 'shell'; readonly shell: string }
        | {
            readonly kind: 'http';
            readonly method: string;
            readonly url: string;
            readonly headers: ReadonlyMap<string, string>;
            readonly body: string | null;
          };
      readonly timeoutSeconds: number;
    };

export interface ScheduleConfig {
  readonly name: string;
  readonly description: string;
  readonly rule: ScheduleRule;
  readonly action: ScheduleAction;
  /** IANA zone; null: the machine's, stored when the schedule is created. */
  readonly zone: string | null;
  /** Permits only; arming is in the store. */
  readonly enabled: boolean;
  readonly misfire: 'once' | 'skip' | 'all';
  readonly graceSeconds: number;
  readonly overlap: 'skip' | 'bufferOne' | 'cancelOther';
  /** 0: no end. */
  readonly maxRuns: number;
  readonly startAt: string | null;
  readonly endAt: string | null;
  readonly jitterSeconds: number;
}

export interface ConfigModel {
  readonly version: 1;
  /** Absolute path of the file. */
  readonly file: string;
  /** Its folder: relative paths start here. */
  readonly folder: string;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly tasks: ReadonlyMap<string, TaskConfig>;
  readonly schedules: ReadonlyMap<string, ScheduleConfig>;
}

/** The settings in force for one unit of a task: the task's, with what the file says for this unit on top. */
export function unitSettings(task: TaskConfig, unit: string): UnitSettings {
  const override = task.overrides.get(unit);
  return {
    ...task.settings,
    ...override?.settings,
    unit,
    targetName: override?.as ?? `${task.prefix}${unit}${task.suffix}`,
    after: override?.after ?? [],
    where: override?.where ?? null,
    columns: override?.columns ?? ['*'],
    fields: override?.fields ?? new Map(),
    key: override?.key ?? null,
    query: override?.query ?? null,
    sort: override?.sort ?? null,
    slices: override?.slices ?? null,
  };
}
