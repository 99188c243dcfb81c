/**
 * What the extension costs a window in a real VS Code: how long its activation holds others up, what it leaves behind in
 * a window that does nothing, and how large it is. Every run is a window with an extension host of its own.
 */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { type Editor, packedExtension, startEditor } from '../host/editor.ts';
import { fillWorkspace } from '../host/workspace.ts';
import { type BenchOptions, type BenchResult, quantile, rounded } from './result.ts';
import type { ActivationFigures, IdleFigures, TaskFigures } from './startup-probe.ts';

const LIMIT_MS = 120_000;
const PANEL = 'extension/dist/webview/panel.js';

export async function bench(options: BenchOptions): Promise<BenchResult> {
  const runs = options.runs ?? 5;
  const folder = fs.mkdtempSync(join(tmpdir(), 'datatrace-bench-'));
  try {
    const vsix = await packedExtension(folder);
    const bundle = await bundleProbe(folder);
    const editor = await startEditor({ name: 'bench-startup', folder: join(folder, 'editor'), vsix });
    try {
      return await measure(editor, { folder, bundle, vsix, runs });
    } finally {
      await editor.close();
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Measured {
  readonly folder: string;
  readonly bundle: string;
  readonly vsix: string;
  readonly runs: number;
}

async function measure(editor: Editor, { folder, bundle, vsix, runs }: Measured): Promise<BenchResult> {
  const look = <T>(name: string) => inWindow<T>(editor, join(folder, name), bundle);
  const activations: ActivationFigures[] = [];
  await look('activation-0'); // the first window warms up caches, as the second start of an editor finds them
  for (let run = 1; run <= runs; run++) activations.push(await look<ActivationFigures>(`activation-${run}`));
  const task = await look<TaskFigures>('tasks-1');
  const idle = await look<IdleFigures>('idle-1');
  for (const place of idle.places) console.log(`  a timer of ours is set: ${place}`);
  if (task.longest_task_ms > 50) console.log(`  the longest task: ${task.places.join(', ')}`);

  const blocks = activations.map(({ load_ms, activate_ms }) => load_ms + activate_ms);
  const p50 = (read: (figures: ActivationFigures) => number) => rounded(quantile(activations.map(read), 0.5));
  const ours = {
    activation_blocks_ms_min: rounded(Math.min(...blocks)),
    activation_blocks_ms_p50: rounded(quantile(blocks, 0.5)),
    activation_blocks_ms_max: rounded(Math.max(...blocks)),
    activation_load_ms_p50: p50(({ load_ms }) => load_ms),
    activation_activate_ms_p50: p50(({ activate_ms }) => activate_ms),
    activation_ms_p50: p50(({ resolved_ms }) => resolved_ms),
    activation_ms_max: rounded(Math.max(...activations.map(({ resolved_ms }) => resolved_ms))),
    folder_ready_ms_p50: p50(({ ready_ms }) => ready_ms),
    opening_longest_task_ms: rounded(task.longest_task_ms),
    opening_longest_task_wall_ms: rounded(task.wall_ms),
    idle_tcp_sockets: idle.tcp_sockets,
    idle_listening_sockets: idle.listening_sockets,
    idle_timers: idle.timers,
    vsix_bytes: fs.statSync(vsix).size,
    panel_bytes: sizeInside(vsix, PANEL),
  };
  return { bench: 'startup', runs, ours, peers: {}, ratios: {}, exact: activations.length === runs };
}

/** Opens a window on a small shop, runs the probe in its extension host, and closes the window. */
async function inWindow<T>(editor: Editor, workspace: string, bundle: string): Promise<T> {
  fs.mkdirSync(workspace);
  fillWorkspace(workspace);
  const config = join(workspace, 'datatrace.json');
  fs.renameSync(config, `${config}.later`);
  let figures: T | undefined;
  const said: string[] = [];
  const onLine = (line: string) => {
    said.push(line);
    if (line.startsWith('figures ')) figures = JSON.parse(line.slice('figures '.length)) as T;
  };
  const code = await editor.run({ workspace, bundle, limitMs: LIMIT_MS, onLine });
  if (code !== 0 || figures === undefined) {
    throw new Error(`${workspace} ended with ${code}, see artifacts/bench-startup-window.log\n${said.join('\n')}`);
  }
  return figures;
}

async function bundleProbe(folder: string): Promise<string> {
  const outfile = join(folder, 'startup-probe.js');
  await esbuild.build({
    entryPoints: [join(import.meta.dirname, 'startup-probe.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    logLevel: 'warning',
  });
  return outfile;
}

/** The uncompressed size of a file in a zip archive, from its directory. */
function sizeInside(archive: string, name: string): number {
  const bytes = fs.readFileSync(archive);
  const ENTRY = Buffer.from([0x50, 0x4b, 0x01, 0x02]);
  for (let at = bytes.indexOf(ENTRY); at >= 0; at = bytes.indexOf(ENTRY, at + 4)) {
    const found = bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28));
    if (found === name) return bytes.readUInt32LE(at + 24);
  }
  throw new Error(`${archive} holds no ${name}`);
}
