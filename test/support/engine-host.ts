/** A host of the real engine for tests: real store, real workers, real files; only the folder is a temporary one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { loadFolder } from '../../src/config/load.ts';
import { environmentSecrets } from '../../src/config/secrets.ts';
import type { Coded, TaskId } from '../../src/core/model.ts';
import type { DefinitionState, TaskManager } from '../../src/engine/api.ts';
import { createExecutor } from '../../src/engine/executor.ts';
import { createTaskManager } from '../../src/engine/manager.ts';
import { folderStatus } from '../../src/workspace/status.ts';
import { createStoreAccess } from '../../src/workspace/store-access.ts';
import { systemClock, systemRandom } from '../../src/workspace/system-clock.ts';

const require = createRequire(import.meta.url);
const WASM = require.resolve('sql.js/dist/sql-wasm-debug.wasm');
const WORKER = new URL('../../src/worker/main.ts', import.meta.url);

export interface TestFolder {
  readonly path: string;
  /** Where the stores of this test lie. */
  readonly storeFolder: string;
  write(config: object): void;
  remove(): void;
}

export function makeFolder(): TestFolder {
  const root = mkdtempSync(join(tmpdir(), 'datatrace-engine-'));
  const path = mkdtempSync(join(root, 'workspace-'));
  return {
    path,
    storeFolder: join(root, 'stores'),
    write: (config) => writeFileSync(join(path, 'datatrace.json'), JSON.stringify(config)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export interface TestHost {
  readonly manager: TaskManager;
  readonly key: string;
  readonly log: Coded[];
  id(task: string): TaskId;
  /** Reads the file again, as a host does when it changed. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export async function openHost(folder: TestFolder, app = 'test'): Promise<TestHost> {
  const log: Coded[] = [];
  let definitions = await readDefinitions(folder.path);
  const listeners = new Set<() => void>();
  const manager = createTaskManager({
    clock: systemClock,
    executor: createExecutor({ workerFile: WORKER, clock: systemClock, maxWorkers: 2 }),
    random: systemRandom,
    environment: (name) => process.env[name],
    secretKnown: () => {},
    maxRunningUnits: 64,
    log: (line) => log.push(line),
  });
  const access = createStoreAccess({
    workspaceFolder: folder.path,
    storeFolder: folder.storeFolder,
    app,
    wasmFile: WASM,
    status: () => folderStatus(manager, access.place.key),
    log: (line) => log.push(line),
  });
  const { key } = access.place;
  await manager.addFolder({
    key,
    path: folder.path,
    name: 'test',
    definitions: {
      current: () => definitions,
      onChange(listener) {
        listeners.add(listener);
        return { dispose: () => listeners.delete(listener) };
      },
    },
    secrets: environmentSecrets(process.env),
    access,
    trusted: () => true,
  });
  return {
    manager,
    key,
    log,
    id(task) {
      const id = manager.taskId(key, task);
      if (id === undefined) throw new Error(`no task ${task}`);
      return id;
    },
    async reload() {
      definitions = await readDefinitions(folder.path);
      for (const listener of listeners) listener();
    },
    close: () => manager.dispose(),
  };
}

async function readDefinitions(folder: string): Promise<DefinitionState> {
  const { model, problems } = await loadFolder(folder);
  return { model: model ?? null, problems: problems.filter((problem) => problem.severity === 'error').length };
}

/** A source with `tables` tables of `rows` rows each: t000, t001 .. */
export function makeShop(file: string, tables: number, rows: number): void {
  const database = new DatabaseSync(file);
  database.exec('BEGIN');
  for (let table = 0; table < tables; table++) {
    const name = tableName(table);
    database.exec(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price NUMERIC, photo BLOB)`);
    database.exec(
      `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT ${rows})
       INSERT INTO ${name} SELECT n, 'name ' || n, n * 1.5, CASE n % 3 WHEN 0 THEN NULL ELSE randomblob(8) END FROM c WHERE ${rows} > 0`,
    );
  }
  database.exec('COMMIT');
  database.close();
}

export function tableName(index: number): string {
  return `t${String(index).padStart(3, '0')}`;
}

/** Names of the tables whose rows differ between two files (both directions of EXCEPT, with storage classes). */
export function differences(source: string, target: string): string[] {
  const database = new DatabaseSync(source, { readOnly: true, timeout: 10_000 });
  try {
    database.prepare('ATTACH ? AS copy').run(target);
    const tables = database
      .prepare(`SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
      .all() as { name: string }[];
    const there = new Set(
      (database.prepare(`SELECT name FROM copy.sqlite_master WHERE type = 'table'`).all() as { name: string }[]).map(
        ({ name }) => name,
      ),
    );
    return tables
      .map(({ name }) => name)
      .filter((name) => {
        if (!there.has(name)) return true;
        const columns = (database.prepare(`SELECT name FROM pragma_table_info(?)`).all(name) as { name: string }[])
          .map((column) => `quote("${column.name}"), typeof("${column.name}")`)
          .join(', ');
        const rows = (schema: string) => `SELECT ${columns} FROM ${schema}."${name}"`;
        const { n } = database
          .prepare(
            `SELECT (SELECT count(*) FROM (${rows('main')} EXCEPT ${rows('copy')})) +
                    (SELECT count(*) FROM (${rows('copy')} EXCEPT ${rows('main')})) +
                    abs((SELECT count(*) FROM main."${name}") - (SELECT count(*) FROM copy."${name}")) AS n`,
          )
          .get() as { n: number };
        return n > 0;
      });
  } finally {
    database.close();
  }
}

/** Polls until `ready` answers something, or fails with `what` after the deadline. */
export async function until<T>(what: string, ready: () => T | undefined | false, deadlineMs = 20_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = ready();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
