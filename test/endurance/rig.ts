/**
 * Two private MariaDB servers and our command line between them, as it is installed, for what takes long: many rows,
 * little memory, kills and pauses.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../esbuild.mjs';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';

/** The log is not what is looked at, and old pages need not stay in memory. */
const SERVER_ARGUMENTS = [
  '--innodb-buffer-pool-size=1G',
  '--innodb-log-file-size=512M',
  '--innodb-flush-log-at-trx-commit=2',
];

export const TASK = 'copy';

export interface Rig {
  /** Holds `datatrace.json`. */
  readonly folder: string;
  readonly storeFolder: string;
  readonly source: MariaDb;
  readonly target: MariaDb;
  /** Name of the database on either side. */
  readonly from: string;
  readonly to: string;
  /** Writes the file with one task, `copy`, of these settings. */
  configure(settings: object): void;
  /** `datatrace run copy`, with options for Node before and for the command after. */
  run(options?: { readonly node?: readonly string[]; readonly command?: readonly string[] }): Copy;
  /** Tables whose checksums differ between the servers. */
  different(tables: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

export interface Copy {
  readonly child: ChildProcess;
  /** The exit code, null after a signal. */
  readonly ended: Promise<number | null>;
  /** What it printed so far: one JSON object a line. */
  printed(): string;
  /** Most memory that was resident so far, MB. */
  peakMegabytes(): number;
}

export async function openRig(): Promise<Rig> {
  const root = mkdtempSync(join(tmpdir(), 'datatrace-endurance-'));
  const folder = join(root, 'work');
  const storeFolder = join(root, 'store');
  mkdirSync(folder);
  const servers: MariaDb[] = [];
  const close = async (): Promise<void> => {
    for (const each of servers) await each.stop();
    rmSync(root, { recursive: true, force: true });
  };
  try {
    for (const name of ['source', 'target']) servers.push(await startMariaDb({ name, args: SERVER_ARGUMENTS }));
    const [source, target] = servers as [MariaDb, MariaDb];
    const [from, to] = [await source.freshDatabase('rows'), await target.freshDatabase('rows')];
    await build({ production: true, outdir: join(root, 'dist') });
    const env = { ...process.env, SOURCE_PASSWORD: source.password, TARGET_PASSWORD: target.password, LANG: 'C' };
    const command = [join(root, 'dist/cli.js'), 'run', TASK, '--store', storeFolder, '--json'];
    return {
      folder,
      storeFolder,
      source,
      target,
      from,
      to,
      close,
      configure: (settings) => {
        const connections = { source: connectionTo(source, from), target: connectionTo(target, to) };
        const tasks = { [TASK]: { source: 'source', target: 'target', resume: 'row', ...settings } };
        writeFileSync(join(folder, 'datatrace.json'), JSON.stringify({ version: 1, connections, tasks }));
      },
      run: ({ node = [], command: more = [] } = {}) => startCopy([...node, ...command, ...more], folder, env),
      different: async (tables) => {
        const sums = async (server: MariaDb, database: string): Promise<(string | null | undefined)[]> => {
          const names = tables.map((table) => `\`${database}\`.\`${table}\``).join(', ');
          return (await server.query(`CHECKSUM TABLE ${names} EXTENDED`)).map((row) => row.Checksum);
        };
        const [theirs, ours] = [await sums(source, from), await sums(target, to)];
        return tables.filter((_, at) => !theirs[at] || theirs[at] !== ours[at]);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function connectionTo({ name, host, port, user }: MariaDb, database: string): object {
  const password = `\${env:${name.toUpperCase()}_PASSWORD}`;
  return { type: 'mysql', host, port, user, password, database, tls: 'off' };
}

/** How often the memory is looked at, ms: the kernel keeps the peak, which is gone with the process. */
const LOOK_MS = 50;

function startCopy(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Copy {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
  });
  let peak = 0;
  const look = (): void => {
    peak = Math.max(peak, peakOf(child.pid ?? 0));
  };
  const timer = setInterval(look, LOOK_MS);
  const ended = once(child, 'close').then(([code]) => {
    clearInterval(timer);
    return code as number | null;
  });
  return { child, ended, printed: () => out, peakMegabytes: () => peak };
}

function peakOf(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kilobytes ?? 0) / 102.4) / 10;
  } catch {
    return 0; // It has ended.
  }
}
