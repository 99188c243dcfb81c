/** The process of `datatrace`: composition root of the command line. */
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pathToFileURL } from 'node:url';
import { word } from '../wording/word.ts';
import { runCli } from './commands.ts';
import { type CliHost, localeOf } from './host.ts';

/** This script: `dist/cli.js` beside its worker, or `src/cli/main.ts` in a source tree. */
const script = realpathSync(process.argv[1] ?? '.');
const bundled = !script.endsWith('.ts');
const folder = path.dirname(script);

const workerFile = bundled ? path.join(folder, 'worker.js') : pathToFileURL(path.join(folder, '../worker/main.ts'));
const wasmFile = bundled
  ? path.join(folder, 'sql-wasm-debug.wasm')
  : path.join(folder, '../../node_modules/sql.js/dist/sql-wasm-debug.wasm');

const manifestFile = path.join(folder, bundled ? '../package.json' : '../../package.json');

const host: CliHost = {
  cwd: process.cwd(),
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  terminal: process.stderr.isTTY
    ? () => ({ columns: process.stderr.columns || 80, rows: process.stderr.rows || 24 })
    : null,
  onInterrupt(listener) {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, listener);
    return {
      dispose() {
        for (const signal of signals) process.off(signal, listener);
      },
    };
  },
  ask:
    process.stdin.isTTY && process.stderr.isTTY
      ? async (question) => {
          const lines = createInterface({ input: process.stdin, output: process.stderr });
          const gone = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
          try {
            return await Promise.race([lines.question(question).catch(() => ''), gone]);
          } finally {
            lines.close();
          }
        }
      : null,
  keepAlive() {
    const timer = setInterval(() => undefined, 60_000);
    return { dispose: () => clearInterval(timer) };
  },
  workerFile,
  wasmFile,
  nodeVersion: process.versions.node,
  version: () => (JSON.parse(readFileSync(manifestFile, 'utf8')) as { version: string }).version,
  now: () => Date.now(),
};

/**
 * A reader that went away (`datatrace status | head`) is no failure; EIO: the terminal was closed, and the hang-up that
 * comes with it pauses the run. Anything else, a full disk above all, is said, and is no reason to drop what runs.
 */
let outputLost = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (outputLost || error.code === 'EPIPE' || error.code === 'EIO') return;
  outputLost = true;
  host.err(`${word({ code: 'cli.outputLost', args: { reason: error.message } }, localeOf(host.env))}\n`);
});
process.stderr.on('error', () => undefined);

void runCli(process.argv.slice(2), host).then((code) => {
  process.exitCode = code === 0 && outputLost ? 1 : code;
  // A second Ctrl-C asks for the end now; what was committed is durable.
  if (code === 130) process.exit(code);
});
