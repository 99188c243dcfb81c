/** The few parts of sql.js 1.16.0 that the store uses; the package carries no types. */
declare module 'sql.js/dist/sql-wasm-debug.js' {
  export type SqlValue = number | string | Uint8Array | null;
  export interface SqlStatement {
    /** Address of the `sqlite3_stmt`, for calls that sql.js does not wrap. */
    readonly stmt: number;
    bind(values: SqlValue[]): boolean;
    step(): boolean;
    get(): SqlValue[];
    reset(): void;
    free(): boolean;
  }
  export interface SqlDatabase {
    /** Address of the `sqlite3`. */
    readonly db: number;
    run(sql: string, values?: SqlValue[]): SqlDatabase;
    exec(sql: string, values?: SqlValue[]): { columns: string[]; values: SqlValue[][] }[];
    prepare(sql: string): SqlStatement;
    close(): void;
  }
  export interface SqlJs {
    Database: new (data: Uint8Array) => SqlDatabase;
  }
  // biome-ignore lint/style/noDefaultExport: the package's own shape
  export default function initSqlJs(config: {
    print(text: string): void;
    printErr(text: string): void;
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): object;
  }): Promise<SqlJs>;
}
