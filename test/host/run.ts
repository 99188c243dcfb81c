import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../../esbuild.mjs';
import { root } from '../../scripts/setup/paths.mjs';
import { fillDemo } from './demo-workspace.ts';
import { packedExtension, startEditor } from './editor.ts';
import { type Filled, fillBetweenServers } from './servers-workspace.ts';
import { fillQueueShop, fillTwoFolders, fillWorkspace } from './workspace.ts';

// node test/host/run.ts [WINDOW ..] [--grep PATTERN] [--tree] [--json]
// Runs the tests of this folder inside a real VS Code, the web host, with the packed extension of $DATATRACE_VSIX
// (`npm run test:host` packs it and sets it; else it is packed here). With --tree the repository's own `dist` runs
// instead, whose names can be read in a profile; with --json the figures that tests measured are the last line.

const LIMIT_MS = 300_000;

interface TestWindow {
  readonly fill: (workspace: string) => Promise<Filled>;
  /** What is opened, within the filled folder; itself by default. */
  readonly opens?: string;
  /** Which test files run in it. */
  readonly holds: (file: string) => boolean;
  /** A measurement that a busy machine spoils is taken again; what is our fault is missed every time. 1 by default. */
  readonly attempts?: number;
  /** Opened only when it is named: too long for every day. */
  readonly onlyNamed?: boolean;
}

const EVENT_LOOP = 'event-loop.test.js';
const QUEUE = 'queue.test.js';
const FOLDERS = 'folders.test.js';
const OWN_WINDOW: readonly string[] = [EVENT_LOOP, QUEUE, FOLDERS];
/** What is measured gets a window of its own, in which nothing else has happened. */
const WINDOWS: Readonly<Record<string, TestWindow>> = {
  tests: { fill: filesOnly(fillWorkspace), holds: (file) => !OWN_WINDOW.includes(file) },
  queue: { fill: filesOnly(fillQueueShop), holds: (file) => file === QUEUE },
  folders: { fill: filesOnly(fillTwoFolders), opens: 'both.code-workspace', holds: (file) => file === FOLDERS },
  'event-loop': { fill: filesOnly(fillDemo), holds: (file) => file === EVENT_LOOP, attempts: 3 },
  'event-loop-servers': {
    fill: fillBetweenServers,
    holds: (file) => file === EVENT_LOOP,
    attempts: 3,
    onlyNamed: true,
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grep: { type: 'string' },
    tree: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const counts: Record<string, number> = { passed: 0, failed: 0, skipped: 0 };
const figures: Record<string, number> = {};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-host-'));
try {
  await build();
  const vsix = values.tree ? undefined : await packedExtension(folder);
  console.log(`Host: VS Code in the web host, with ${values.tree ? 'the built tree' : 'the packed extension'}.`);
  const everyDay = Object.keys(WINDOWS).filter((name) => WINDOWS[name]?.onlyNamed !== true);
  for (const name of positionals.length > 0 ? positionals : everyDay) {
    const window = WINDOWS[name];
    if (!window) throw new Error(`There is no window ${name}, only ${Object.keys(WINDOWS).join(', ')}.`);
    for (let attempt = 1; ; attempt++) {
      const result = await runWindow(`${name}-${attempt}`, window, vsix);
      const isLast = result.code === 0 || attempt >= (window.attempts ?? 1);
      if (!isLast) {
        console.log(`Missed: measured again, time ${attempt + 1} of ${window.attempts}.`);
        continue;
      }
      for (const [count, value] of Object.entries(result.counts)) counts[count] = (counts[count] ?? 0) + value;
      if (result.code !== 0) process.exitCode = result.code;
      break;
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
if (process.env.DATATRACE_COUNTS) fs.writeFileSync(process.env.DATATRACE_COUNTS, JSON.stringify(counts));
if (values.json) console.log(JSON.stringify(figures));

/** A workspace that needs nothing but its files. */
function filesOnly(write: (workspace: string) => void): TestWindow['fill'] {
  return async (workspace) => {
    write(workspace);
    return { env: {}, close: async () => {} };
  };
}

interface WindowResult {
  readonly code: number;
  readonly counts: Readonly<Record<string, number>>;
}

async function runWindow(
  name: string,
  { fill, opens = '', holds }: TestWindow,
  vsix: string | undefined,
): Promise<WindowResult> {
  const place = path.join(folder, name);
  const workspace = path.join(place, 'workspace');
  fs.mkdirSync(workspace, { recursive: true });
  const filled = await fill(workspace);
  const bundles = path.join(root, 'dist/test/host');
  const files = fs.readdirSync(bundles).filter((file) => file.endsWith('.test.js') && holds(file));
  const editor = await startEditor({
    name: `host-${name}`,
    folder: place,
    vsix,
    builtins: ['json', 'json-language-features'],
    env: {
      DATATRACE_TEST_WORKSPACE: workspace,
      DATATRACE_TEST_FILES: files.join(','),
      ...filled.env,
      ...(values.grep === undefined ? {} : { DATATRACE_TEST_GREP: values.grep }),
    },
  });
  let said = {};
  const onLine = (line: string): void => {
    const [, kind, json = ''] = /^(counts|figures) (.*)$/.exec(line) ?? [];
    if (kind === 'figures') Object.assign(figures, JSON.parse(json));
    else if (kind === 'counts') said = JSON.parse(json);
    else console.log(line);
  };
  try {
    const opened = path.join(workspace, opens);
    const code = await editor.run({
      workspace: opened,
      bundle: path.join(bundles, 'index.js'),
      limitMs: LIMIT_MS,
      onLine,
    });
    return { code, counts: said };
  } finally {
    await editor.close();
    await filled.close();
  }
}
