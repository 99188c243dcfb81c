/**
 * The contract of a connector: what a system must be able to do to be copied from or into.
 * Adding a system = one folder, one registration in registry.ts, one call of the conformance suite.
 *
 * Every call may reject with a DataError whose code and class say what happened; nothing else is thrown on purpose.
 * No user value ever becomes a JavaScript number or Date on a same-engine copy, and a value that cannot be carried
 * exactly is refused in the plan: a silent difference is the worst bug this product can have.
 */
import type { Coded, Prepared, UnitType } from '../core/model.ts';
import type { DataError } from '../core/ports.ts';
import type { UnitSettings } from '../core/settings.ts';

/** Position in a unit, after which reading goes on. Made and understood by the source connector only (JSON text). */
export type Cursor = string;

export interface ListedUnit {
  readonly name: string;
  readonly type: UnitType;
  /** Views are copied only when they are named exactly. */
  readonly view: boolean;
  /** Estimated rows, null = unknown. */
  readonly rows: number | null;
  /** Why this unit is never copied (the plan says so); absent for units that can be. */
  readonly leftOut?: Coded;
}

export interface Column {
  readonly name: string;
  /** The engine's own full type text, for example `bigint(20) unsigned`. */
  readonly type: string;
  readonly nullable: boolean;
}

export type Engine = 'sqlite' | 'mysql' | 'files' | 'elasticsearch';

/** What a unit looks like when its copy begins. Plain data: crosses thread borders and is compared between attempts. */
export interface UnitSchema {
  readonly engine: Engine;
  readonly unit: string;
  /** The columns to copy, in order: no generated ones, invisible ones included. */
  readonly columns: readonly Column[];
  /** Columns the pages are ordered by; empty = no usable key, the unit is one atomic piece. */
  readonly key: readonly string[];
  /**
   * The key says where a row lies and is not part of its values (a bare rowid): rows of an earlier attempt cannot be
   * told by it, so the target is emptied before a copy begins from the first row. Absent: false.
   */
  readonly keyIsPosition?: boolean;
  /** What pages are read by, where that is not the key: of an order of the system's own, for the plan. Absent: the key. */
  readonly readBy?: readonly string[];
  /** Units that foreign keys of this one point at: they come first in a plan. Absent: none. */
  readonly parents?: readonly string[];
  /** Mean size of a row as the source estimates it, bytes. Absent: unknown. */
  readonly rowBytes?: number;
  /** Changes when columns, their types or the key change: a checkpoint of another fingerprint is not usable. */
  readonly fingerprint: string;
  /** The engine's own description (DDL and the like) for a target of the same engine. */
  readonly native: unknown;
  /** The unit as other engines see it. Absent: it can only be copied to its own engine. */
  readonly neutral?: NeutralUnit;
  /**
   * What is otherwise for targets that take no documents whole (`Target.takesDocuments`): each field is a column. Absent:
   * the unit is the same for every target.
   */
  readonly asRows?: Pick<
    UnitSchema,
    'columns' | 'key' | 'fingerprint' | 'native' | 'neutral' | 'warnings' | 'refusals'
  >;
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
}

/** What a column holds, said without words of one engine. `docs/types.md` has the map of every engine. */
export type NeutralType =
  /** `bits` of two's complement, or unsigned. */
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 24 | 32 | 64; readonly unsigned: boolean }
  /** IEEE 754; single precision values are carried as the double that is equal. */
  | { readonly kind: 'real'; readonly single: boolean }
  /** Text of digits, with exactly `scale` after the point where that is known. */
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** `length` in characters, null = no limit. */
  | { readonly kind: 'text'; readonly length: number | null }
  /** `length` in bytes, null = no limit. */
  | { readonly kind: 'bytes'; readonly length: number | null }
  /** Text: `YYYY-MM-DD`, `[-]HHH:MM:SS[.f]`, `YYYY-MM-DD HH:MM:SS[.f]`; an instant is in UTC. `fraction` = digits. */
  | { readonly kind: 'date' }
  | { readonly kind: 'time' | 'datetime' | 'instant'; readonly fraction: number }
  /** Text of a JSON document. */
  | { readonly kind: 'json' }
  /** Each value says itself what it is. */
  | { readonly kind: 'any' };

export interface NeutralUnit {
  /** In the order of `UnitSchema.columns`. */
  readonly types: readonly NeutralType[];
  /** Columns whose values identify a row, without NULL; empty = none. */
  readonly key: readonly string[];
  /** The engine where the unit was a table, with what it needs to make the same table again. null = unknown. */
  readonly origin: { readonly engine: Engine; readonly native: unknown } | null;
  /** Why no other engine can have it exactly. Absent: nothing stands against it. */
  readonly refusals?: readonly Coded[];
  /**
   * The rows are documents: `_id` (text, the key), `_source` (JSON, its bytes as they are) and perhaps `_routing` (text or
   * NULL) are among the columns, and others are of no account. Absent: they are rows of values.
   */
  readonly documents?: true;
}

/**
 * A value between different engines: an integer, an IEEE double, bytes, text or NULL. Text is UTF-8, also when it came
 * as something that is not valid UTF-8: a target that cannot hold it refuses it.
 */
export type Cell = bigint | number | Uint8Array | { readonly text: Uint8Array } | null;

/** Row-major values of a page. Same-engine pairs may use a form of their own, which both sides name in `formats`. */
export type PageData =
  /** Where `UnitSchema.keyIsPosition`, each row begins with its position, an integer. */
  | { readonly format: 'neutral'; readonly cells: readonly Cell[] }
  /** Bytes of the text protocol in the session's character set, as the server sent them. */
  | { readonly format: 'mysql-text'; readonly cells: readonly (Uint8Array | null)[] }
  /**
   * Rows of the text protocol as they arrived, one behind the other: each value with its length before it. `ends` says
   * where each row ends. Good until the second page after it is asked for.
   */
  | {
      readonly format: 'mysql-rows';
      readonly width: number;
      readonly bytes: Uint8Array;
      readonly ends: Uint32Array;
    }
  /** Value and storage class, exact for SQLite: text stays bytes, integers stay 64 bit. */
  | { readonly format: 'sqlite'; readonly cells: readonly SqliteCell[] }
  /**
   * Documents of a search answer as they arrived. `places`: eight numbers a document, begin and end in `bytes` of its id,
   * routing and version (as JSON: with quotes where it is a string) and `_source`; 0, 0 = it has none. `Page.bytes` is the
   * sum of the sources. Good until the second page after it is asked for.
   */
  | { readonly format: 'search-hits'; readonly bytes: Uint8Array; readonly places: Uint32Array };

export type SqliteCell = bigint | number | Uint8Array | { readonly text: Uint8Array } | null;

export interface Page {
  readonly rows: number;
  /** Size of the values, bytes; what throttling and back-pressure count. */
  readonly bytes: number;
  /** Where to go on after this page; null when the unit has no usable key. */
  readonly last: Cursor | null;
  readonly data: PageData;
}

/** Reads a unit in key order. `next` may be called once more while the last page is being written (double buffer). */
export interface Reader {
  /** null = the end. Rejects when the schema changed or the unit was removed in mid-copy, with the change named. */
  next(): Promise<Page | null>;
  close(): Promise<void>;
}

export interface ReadOptions {
  readonly where: string | null;
  /** Exclusive lower border; null = from the first row. */
  readonly after: Cursor | null;
  /** Inclusive upper border taken at the start of the copy; null = none. */
  readonly upTo: Cursor | null;
  /** A page ends at whichever comes first; at least one row. */
  readonly pageRows: number;
  readonly pageBytes: number;
  /** The form pages are wanted in; one of this source's `formats`. */
  readonly format: PageData['format'];
  /** `Source.confirm` will be asked when all rows are read. Absent: the end of the reader is the last that is asked. */
  readonly confirmed?: boolean;
}

/** Whose work a connector does: what ends it, and what it may wait for. */
export interface Scope {
  /**
   * Once aborted, every call of the scope rejects with the reason (where that is a DataError) and the connections that
   * it holds are cut, whether the server answers or not.
   */
  readonly signal: AbortSignal;
  /** Waits for a turn that other units hold by right, for however long: so that nobody takes it for a stall. */
  wait<T>(turn: Promise<T>): Promise<T>;
}

/** Rows in a range of the key, and a number that changes when a value of one of them does. */
export interface Digest {
  readonly rows: number;
  readonly sum: string;
}

export interface KeyRange {
  /** Exclusive; null = from the first row. */
  readonly after: Cursor | null;
  /** Inclusive; null = to the last row. */
  readonly upTo: Cursor | null;
}

/** Where rows have moved to. */
export interface LateRange {
  /** Exclusive; it may lie before what was read last. */
  readonly after: Cursor;
  /** Inclusive: the bound from now on. */
  readonly upTo: Cursor;
}

/** Rows to be cut into ranges. */
export interface Divisible {
  readonly where: string | null;
  readonly upTo: Cursor;
  /** How many there are. */
  readonly rows: number;
  readonly parts: number;
}

export interface RowSum {
  readonly key: Cursor;
  readonly sum: string;
}

/**
 * Sums of rows worked out where the rows are: both sides of a copy are compared without moving them. Equal rows have
 * equal sums on both sides, and keys are told in the source's form.
 */
export interface RowSums {
  /** Rows that one comparison is worth. */
  readonly chunkRows: number;
  /** Key of the `rows`-th row of a range; null = it has fewer. Only asked of units with a key. */
  keyAt(range: KeyRange, rows: number): Promise<Cursor | null>;
  digest(range: KeyRange): Promise<Digest>;
  /** Each row of a range in key order, the first `most` of them. Only asked of units with a key. */
  each(range: KeyRange, most: number): Promise<readonly RowSum[]>;
  /** A key as people read it. */
  keyText(key: Cursor): string;
}

/**
 * The rows of a unit as a target holds them, read to be compared with the source's one by one: for systems that cannot
 * add up sums of their rows which another one would find, too. Numbers are places of a row's cells, as `rowOf` tells them.
 */
export interface StoredRows {
  /** What the pages of both sides come in. */
  readonly format: PageData['format'];
  /** Cells that tell a row from all others; none = only how often each row is there can be compared. */
  readonly key: readonly number[];
  /** The other cells that are compared. */
  readonly values: readonly number[];
  /** Those among them that hold JSON which may be spelled differently: compared by what it says. */
  readonly json: readonly number[];
  /** All rows, in any order, from the first one again with each call. */
  read(): Promise<Reader>;
  /** A page of the source as the target should hold it. Absent: as it is. */
  expected?(page: Page): Page;
}

/** What there is to be copied. */
export interface Extent {
  readonly upTo: Cursor | null;
  readonly rows: number;
}

/** How a unit looks when its copy begins, and how far it goes; null = that has to be asked for. */
export interface Beginning {
  readonly schema: UnitSchema;
  readonly extent: Extent | null;
}

export interface Source {
  /** Forms its pages can have, best first; `neutral` is always among them or the pair is refused. */
  readonly formats: readonly PageData['format'][];
  listUnits(): Promise<readonly ListedUnit[]>;
  /** Units that are described at a time: those of one turn share questions. Absent: a few. */
  readonly describesAtOnce?: number;
  describe(unit: string, settings: UnitSettings): Promise<UnitSchema>;
  /**
   * `describe` and `extent` of a unit whose copy begins with its first row, in pages of this form; the reader that is opened
   * next may have rows of this moment. Absent: they are asked for one after the other.
   */
  begin?(unit: string, settings: UnitSettings, format: PageData['format']): Promise<Beginning>;
  /** The last key now; null when the unit is empty or has no usable key. */
  upperBound(schema: UnitSchema, where: string | null): Promise<Cursor | null>;
  /** Rows up to and including `upTo` (null = all). */
  count(schema: UnitSchema, where: string | null, upTo: Cursor | null): Promise<number>;
  /** `upperBound` and the `count` up to it, of one moment. Absent: they are asked for one after the other. */
  extent?(schema: UnitSchema, where: string | null): Promise<Extent>;
  /**
   * A row that changes while it is copied may be read a second time, at its new place: rows read are then no proof of how
   * many the target must hold. Absent: each row is read once.
   */
  readonly rereads?: true;
  /**
   * Asked when everything up to `upTo` was read: where rows that had a place up to `upTo` may have moved to before they were
   * read, or after that; null = nowhere. It is read, too, until the answer is null. Absent: rows keep their places.
   */
  late?(schema: UnitSchema, upTo: Cursor): Promise<LateRange | null>;
  /**
   * As `count`, and rejects as a reader does at its end when the unit is not what it was: for readers that leave it to this
   * (`ReadOptions.confirmed`). Absent: each reader looks for itself.
   */
  confirm?(schema: UnitSchema, where: string | null, upTo: Cursor | null): Promise<number>;
  read(schema: UnitSchema, options: ReadOptions): Promise<Reader>;
  /**
   * Keys that cut a unit into up to `whole.parts` ranges of about as many rows each, ascending, each of them a key that was
   * there, and before `upTo`. Fewer, or none, where good ones cannot be had cheaply; estimates that are wrong make
   * ranges uneven, never wrong. Absent: units are read by one reader.
   */
  borders?(schema: UnitSchema, whole: Divisible): Promise<readonly Cursor[]>;
  /** Whether `borders` can find some of a unit of so many rows; for the plan. Absent: yes. */
  divides?(schema: UnitSchema, rows: number): boolean;
  /**
   * The source as it is at this moment: everything asked of the answered one is read from one snapshot, by one reader
   * at a time, until it is closed. Its close ends the snapshot only. Absent: this source has none.
   */
  snapshot?(scope: Scope): Promise<Source>;
  /** Absent: this source cannot be verified by checksum. */
  sums?(schema: UnitSchema, where: string | null): RowSums;
  /** The same source as part of a scope. Only the original is closed. */
  within(scope: Scope): Source;
  close(): Promise<void>;
}

/** What would be done to the target for one unit; nothing is changed by asking. */
export interface TargetPlan {
  readonly create: string | null;
  /** Target names that foreign keys of the table that is there point at. Absent: none. */
  readonly parents?: readonly string[];
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
}

export interface WriteOptions {
  readonly settings: UnitSettings;
  readonly format: PageData['format'];
  /** The whole unit in one transaction, committed by `commit` (units without a usable key). */
  readonly atomic: boolean;
  /**
   * This attempt goes on after a checkpoint: in the modes `insert` and `truncate` the first pages may hold rows whose
   * commit was never heard of, so the writer looks their keys up and counts those that are there as acknowledged.
   */
  readonly resumed?: boolean;
  /** The range of the unit that this writer is for, where several are written at the same time. Absent: 0. */
  readonly lane?: number;
  /** Before this copy the target held nothing: no row is written over that is not the copy's own. Absent: false. */
  readonly clean?: boolean;
  /**
   * Of a row that comes more than once the last one counts, whatever its version: one that was deleted and written anew may
   * have a lower one. Absent: the highest version counts, where rows have versions.
   */
  readonly lastCounts?: boolean;
  /** Aborted when the copy is to end: a batch that waits to be sent again is given up. Absent: nobody ends it so. */
  readonly stop?: AbortSignal;
  /** Which copy this is, and how many rows its checkpoint says are committed; 0 = it begins with the first row. */
  readonly copy?: { readonly identity: string; readonly rows: number };
}

/** A row of a page that the target does not take. */
export interface RefusedRow {
  /** Its number in the page, from 0. */
  readonly row: number;
  readonly error: DataError;
}

export interface Writer {
  /**
   * Writes the page in one transaction, with the checkpoint in the same transaction where it is kept in the target.
   * Resolves when committed (atomic: when sent). A warning of the server is an error.
   * @returns rows acknowledged by the target, which must equal the rows of the page.
   */
  write(page: Page, checkpoint: string | null): Promise<number>;
  /** Whether a write that failed so (deadlock, lock wait) left nothing behind and may be done again at once. Absent: no. */
  mayRepeat?(error: unknown): boolean;
  /**
   * Adds rows to the transaction that the next `write` commits, which may be one of a page without rows. When it rejects
   * for what rows hold (`Target.isRowError`) nothing of the page is left and what was added before stays. Absent: rows
   * cannot be taken back one by one.
   * @returns rows acknowledged
   */
  add?(page: Page): Promise<number>;
  /**
   * Writes every row that the target takes and tells the others, with why each is refused (`Target.isRowError`), in the
   * order of the page; with the checkpoint as `write` does. For targets that answer for each row of a batch. Absent: bad
   * rows are found by `add`, where there is one.
   */
  writeGood?(page: Page, checkpoint: string | null): Promise<readonly RefusedRow[]>;
  /** Ends an atomic copy; does nothing otherwise. */
  commit(): Promise<void>;
  /** Rolls back what is open and gives the connection back. Safe to call twice. */
  close(): Promise<void>;
}

export interface Target {
  readonly formats: readonly PageData['format'][];
  /**
   * Rows that nothing but their position tells (`UnitSchema.keyIsPosition`) keep it here: one that is written again is
   * the same row. Absent: they would come twice, so such a unit is one atomic piece.
   */
  readonly keepsPositions?: boolean;
  /**
   * It keeps documents whole: a source of documents shows itself to it as `_id`, `_routing` and `_source`. Absent: such a
   * source shows a column for each field.
   */
  readonly takesDocuments?: true;
  /** Names of units that differ by case alone are the same one here. Absent: where the system always does, or never. */
  readonly foldsNames?: boolean;
  /** Several writers may write ranges of one unit at the same time. Absent: one at a time. */
  readonly takesLanes?: boolean;
  /** Its writers find the rows of a batch whose commit was not heard of: `WriteOptions.resumed`. Absent: they do not. */
  readonly findsOpenBatch?: boolean;
  /** Least and most bytes of a batch that suit it, where the file does not say how many. Absent: 256 KB to 1 MB. */
  readonly batchBytes?: { readonly least: number; readonly most: number };
  /** Whether it takes rows also after `finish`. Absent: a unit is written anew or not at all. */
  readonly takesMore?: boolean;
  /**
   * Whether the error is about what rows hold (a constraint, a value that does not fit): the others of their batch can
   * be written without them. Absent: nothing is.
   */
  isRowError?(error: DataError): boolean;
  plan(schema: UnitSchema, settings: UnitSettings): Promise<TargetPlan>;
  /** How rows of this form will be written, where there are several ways. Absent: there is one. */
  way?(format: PageData['format']): Promise<Coded>;
  /** Whether what was prepared is still there. Absent: it is where `plan` has nothing to create. */
  holds?(schema: UnitSchema, settings: UnitSettings): Promise<boolean>;
  /** Creates, recreates, empties or just inspects the target as the settings say; once for each fresh checkpoint. */
  prepare(schema: UnitSchema, settings: UnitSettings): Promise<Prepared>;
  /** Removes all rows: a unit of mode insert or truncate that starts again from its beginning. */
  empty(schema: UnitSchema, settings: UnitSettings): Promise<void>;
  /**
   * The checkpoints kept in the target, one for each lane that has committed; empty = none. Only asked where
   * `settings.checkpoint` is `target`. Waits for batches of an earlier execution whose commit is still under way: what
   * they say then holds.
   */
  readCheckpoints(schema: UnitSchema, settings: UnitSettings): Promise<readonly string[]>;
  write(schema: UnitSchema, options: WriteOptions): Promise<Writer>;
  /** Rows up to and including `upTo` (null = all), compared by the target itself. */
  count(schema: UnitSchema, settings: UnitSettings, upTo: Cursor | null): Promise<number>;
  /** Of the rows as the source would have them. Absent: this target cannot be verified by checksum. */
  sums?(schema: UnitSchema, settings: UnitSettings): RowSums;
  /** Its rows, read back; asked where not both sides have sums. Absent: it cannot be verified by checksum but by these. */
  stored?(schema: UnitSchema, settings: UnitSettings): Promise<StoredRows>;
  /**
   * What came to the target since it was prepared that may have changed rows on their way (a trigger); null = nothing.
   * Absent: nothing can.
   */
  touchedBy?(settings: UnitSettings): Promise<Coded | null>;
  /** Checkpoints kept in the target are not to be trusted any more. */
  forgetCheckpoint(schema: UnitSchema, settings: UnitSettings): Promise<void>;
  /** After the data and its verification: foreign keys, counters; forgets a checkpoint kept in the target. */
  finish(schema: UnitSchema, settings: UnitSettings): Promise<void>;
  /**
   * An execution ends before `finish`, for whatever reason: what was changed for its time is put back, within seconds, even
   * where the scope's signal is aborted. Absent: nothing was.
   */
  leave?(settings: UnitSettings): Promise<void>;
  /** The same target as part of a scope. Only the original is closed. */
  within(scope: Scope): Target;
  close(): Promise<void>;
}

/** One system. `test` connects, asks who is there and disconnects. Aborted, a call rejects and its connection is cut. */
export interface Connector<C> {
  openSource(connection: C, signal?: AbortSignal): Promise<Source>;
  openTarget(connection: C, signal?: AbortSignal): Promise<Target>;
  test(connection: C, signal?: AbortSignal): Promise<{ readonly server: string }>;
}
