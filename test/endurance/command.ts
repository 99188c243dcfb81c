/** Our command line as it is installed, with a folder of its own and one task. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../esbuild.mjs';

export const TASK = 'copy';

export interface Installed {
  /** Holds `datatrace.json`. */
  readonly folder: string;
  readonly storeFolder: string;
  /** Writes the file with one task, `copy`, between the connections `source` and `target`. */
  configure(settings: object): void;
  /** `datatrace run copy`, with options for Node before and for the command after. */
  run(options?: { readonly node?: readonly string[]; readonly command?: readonly string[] }): Copy;
  remove(): void;
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

/** @param env further variables, for the passwords of the connections */
export async function install(
  connections: { readonly source: object; readonly target: object },
  env: Readonly<Record<string, string>>,
): Promise<Installed> {
  const root = mkdtempSync(join(tmpdir(), 'datatrace-endurance-'));
  const folder = join(root, 'work');
  const storeFolder = join(root, 'store');
  mkdirSync(folder);
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  try {
    await build({ production: true, outdir: join(root, 'dist') });
  } catch (error) {
    remove();
    throw error;
  }
  const command = [join(root, 'dist/cli.js'), 'run', TASK, '--store', storeFolder, '--json'];
  return {
    folder,
    storeFolder,
    remove,
    configure: (settings) => {
      const tasks = { [TASK]: { source: 'source', target: 'target', resume: 'row', ...settings } };
      writeFileSync(join(folder, 'datatrace.json'), JSON.stringify({ version: 1, connections, tasks }));
    },
    run: ({ node = [], command: more = [] } = {}) =>
      startCopy([...node, ...command, ...more], folder, { ...process.env, ...env, LANG: 'C' }),
  };
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
