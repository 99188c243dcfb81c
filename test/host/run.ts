import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { format, parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { build } from '../../esbuild.mjs';
import { launchBrowser } from '../../scripts/host/browser.mjs';
import { makeProfile, writeSettings } from '../../scripts/host/profile.mjs';
import { freePort, installVsix, startWebHost } from '../../scripts/host/web-host.mjs';
import { artifacts, root } from '../../scripts/setup/paths.mjs';
import { fillWorkspace } from './workspace.ts';

// node test/host/run.ts [--grep PATTERN]: runs the tests of this folder inside a real VS Code, the web host, with the
// packed extension of $DATATRACE_VSIX (`npm run test:host` packs it and sets it).

const LIMIT_MS = 300_000;
const PREFIX = '[host-test] ';

const { values } = parseArgs({ options: { grep: { type: 'string' } } });
const vsix = process.env.DATATRACE_VSIX;
if (!vsix) throw new Error('DATATRACE_VSIX names no packed extension: use `npm run test:host`.');

await build();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-host-'));
const workspace = path.join(folder, 'workspace');
fs.mkdirSync(workspace);
fillWorkspace(workspace);
const tests = writeTestExtension(path.join(folder, 'tests'));
const profile = makeProfile(path.join(folder, 'profile'));
writeSettings(profile);
await installVsix(profile, vsix);

const host = await startWebHost({
  profile,
  port: await freePort(),
  testDriver: true,
  builtins: ['json', 'json-language-features'],
  env: {
    DATATRACE_STORE: path.join(folder, 'store'),
    DATATRACE_TEST_WORKSPACE: workspace,
    ...(values.grep === undefined ? {} : { DATATRACE_TEST_GREP: values.grep }),
  },
});
const browser = await launchBrowser();
const log: string[] = [];
try {
  console.log('Host: VS Code in the web host, with the packed extension.');
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  process.exitCode = await runInPage(page);
} finally {
  await browser.close();
  await host.stop();
  keepLogs();
  fs.rmSync(folder, { recursive: true, force: true });
}

/** VS Code loads tests only for an extension under development, and ours shall be the packed one: so an empty one. */
function writeTestExtension(place: string): string {
  fs.mkdirSync(place);
  const manifest = { name: 'host-tests', publisher: 'datatrace-tests', version: '0.0.1', engines: { vscode: '*' } };
  fs.writeFileSync(path.join(place, 'package.json'), JSON.stringify(manifest));
  return place;
}

/** Opens the window that runs the tests and shows their lines as they come. Returns the exit code. */
async function runInPage(page: Page): Promise<number> {
  let finish: (code: number) => void = () => {};
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    const text = format(...args);
    log.push(`[${type}] ${text}`);
    for (const line of text.split('\n').filter((each) => each.startsWith(PREFIX))) show(line.slice(PREFIX.length));
  });
  await page.exposeFunction('codeAutomationExit', (code: number) => finish(code));
  const remote = (file: string) => `vscode-remote://127.0.0.1:${host.port}${file}`;
  const payload = JSON.stringify([
    ['extensionDevelopmentPath', remote(tests)],
    ['extensionTestsPath', remote(path.join(root, 'dist/test/host/index.js'))],
    ['skipWelcome', 'true'],
  ]);
  await page.goto(`${host.origin}/?folder=${workspace}&payload=${encodeURIComponent(payload)}`);
  const late = setTimeout(async () => {
    fs.mkdirSync(artifacts, { recursive: true });
    await page.screenshot({ path: path.join(artifacts, 'host-tests-late.png') });
    console.error(`The tests did not end within ${LIMIT_MS / 1000} s: see artifacts/host-tests-late.png`);
    finish(1);
  }, LIMIT_MS);
  const code = await finished;
  clearTimeout(late);
  return code;
}

function show(line: string): void {
  const counts = /^counts (.*)$/.exec(line)?.[1];
  if (counts === undefined) console.log(line);
  else if (process.env.DATATRACE_COUNTS) fs.writeFileSync(process.env.DATATRACE_COUNTS, counts);
}

/** What the window and the extension host said, for a look after a failure. */
function keepLogs(): void {
  fs.mkdirSync(artifacts, { recursive: true });
  fs.writeFileSync(path.join(artifacts, 'host-tests-window.log'), `${log.join('\n')}\n`);
  const logs = path.join(profile.userData, 'logs');
  if (fs.existsSync(logs)) fs.cpSync(logs, path.join(artifacts, 'host-tests-logs'), { recursive: true });
}
