/** A workspace of SQLite files, and the command line in it: as processes of their own, and in the test's process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../src/cli/commands.ts';

const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const WORKER = new URL('../../src/worker/main.ts', import.meta.url);
const WASM = fileURLToPath(new URL('../../node_modules/sql.js/dist/sql-wasm-debug.wasm', import.meta.url));
/** `t0`, `t1` .. in `shop.db`. */
export const TABLES = 12;
/** Rows of each. */
export const ROWS = 200;

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout (or stderr) matches; fails when the process ends before. */
  seen(pattern: RegExp, stream?: 'out' | 'err'): Promise<void>;
}

export interface CliDriver {
  /** Holds the workspace `work` and the stores in `store`. */
  readonly folder: string;
  /** Writes datatrace.json with the task `nightly`, and more tasks. */
  configure(task: object, connections?: object, tasks?: object): void;
  start(...argv: string[]): Running;
  datatrace(...argv: string[]): Promise<Ended>;
  /** The same commands in this process, which is one more host of the folder: a second less for each. */
  here(...argv: string[]): Promise<Ended>;
  /** The content of every table of a file of the workspace. */
  tableTexts(file: string): string[];
  dispose(): void;
}

export type Line = Record<string, unknown>;

export function linesOf(ended: Pick<Ended, 'out'>): Line[] {
  return ended.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

export function createCliDriver(): CliDriver {
  const folder = mkdtempSync(path.join(tmpdir(), 'datatrace-cli-'));
  const work = path.join(folder, 'work');
  const children = new Set<ChildProcess>();
  mkdirSync(work);
  fillShop(path.join(work, 'shop.db'));
  configure({});

  function configure(task: object, connections: object = {}, tasks: object = {}): void {
    const sqlite = (file: string): object => ({ type: 'sqlite', file });
    const copies = { source: 'shop', target: 'copy', resume: 'row', batchRows: 20, concurrency: 3 };
    const config = {
      connections: { shop: sqlite('shop.db'), copy: sqlite('copy.db'), ...connections },
      tasks: { nightly: { ...copies, ...task }, ...tasks },
    };
    writeFileSync(path.join(work, 'datatrace.json'), JSON.stringify(config));
  }

  function start(...argv: string[]): Running {
    const env = { ...process.env, DATATRACE_STORE: path.join(folder, 'store'), LANG: 'C', LC_ALL: '', LC_MESSAGES: '' };
    const child = spawn(process.execPath, [CLI, ...argv], { cwd: work, env });
    children.add(child);
    const texts = { out: '', err: '' };
    const looks: (() => void)[] = [];
    for (const [stream, name] of [
      [child.stdout, 'out'],
      [child.stderr, 'err'],
    ] as const) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text;
        for (const look of looks) look();
      });
    }
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code, signal) => {
        children.delete(child);
        resolve({ code, signal, ...texts });
      });
    });
    return {
      child,
      ended,
      seen(pattern, stream = 'out') {
        const found = new Promise<void>((resolve) => {
          const look = (): void => {
            if (pattern.test(texts[stream])) resolve();
          };
          looks.push(look);
          look();
        });
        const over = ended.then(({ code }) => {
          throw new Error(`ended with ${code} before ${pattern}: ${texts.out}${texts.err}`);
        });
        return Promise.race([found, over]);
      },
    };
  }

  async function here(...argv: string[]): Promise<Ended> {
    const texts = { out: '', err: '' };
    const [command = '', ...rest] = argv;
    const code = await runCli([command, '--store', path.join(folder, 'store'), ...rest], {
      cwd: work,
      env: { ...process.env, LANG: 'C', LC_ALL: '', LC_MESSAGES: '' },
      out(text) {
        texts.out += text;
      },
      err(text) {
        texts.err += text;
      },
      terminal: null,
      onInterrupt: () => ({ dispose: () => undefined }),
      ask: null,
      keepAlive() {
        const timer = setInterval(() => undefined, 60_000);
        return { dispose: () => clearInterval(timer) };
      },
      workerFile: WORKER,
      wasmFile: WASM,
      nodeVersion: process.versions.node,
      version: () => '0.0.0',
      now: () => Date.now(),
    });
    return { code, signal: null, ...texts };
  }

  return {
    folder,
    configure,
    start,
    here,
    datatrace: (...argv) => start(...argv).ended,
    tableTexts(file) {
      const database = new DatabaseSync(path.join(work, file), { readOnly: true, timeout: 10_000 });
      try {
        return Array.from({ length: TABLES }, (_, table) =>
          JSON.stringify(database.prepare(`SELECT * FROM t${table} ORDER BY id`).all()),
        );
      } finally {
        database.close();
      }
    },
    dispose() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function fillShop(file: string): void {
  const shop = new DatabaseSync(file);
  shop.exec('BEGIN');
  for (let table = 0; table < TABLES; table++) {
    shop.exec(`CREATE TABLE t${table} (id INTEGER PRIMARY KEY, name TEXT)`);
    const insert = shop.prepare(`INSERT INTO t${table} VALUES (?, ?)`);
    for (let id = 1; id <= ROWS; id++) insert.run(id, `row ${id} of ${table}`);
  }
  shop.exec('COMMIT');
  shop.close();
}
