import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { linkRepository, makeProfile, writeSettings } from '../host/profile.mjs';
import { startWebHost } from '../host/web-host.mjs';
import { developmentEnvironment, developmentNode } from '../setup/development-node.mjs';
import { install } from '../setup/install.mjs';
import { cache, root, scratch } from '../setup/paths.mjs';
import { isAlive, run, signalGroup } from '../setup/process.mjs';
import { chooseHost, downloadDesktop } from './choose-host.mjs';
import { DEMO_TASK, freshDemoCopy, makeDemo } from './demo.mjs';
import { startDesktop } from './desktop.mjs';

/** Fixed, because VS Code keys what it remembers of a workspace by host and port. */
const PORT = Number(process.env.DATATRACE_PORT ?? 7411);

/** What helps to look at a configuration; the others only cost time, and some of them call home. */
const BUILTINS = ['json', 'json-language-features', 'configuration-editing'];

/**
 * Does the whole set-up, opens a real VS Code on the demo workspace and stays until it is closed or Ctrl+C.
 * @param {{ check: boolean }} options check: a headless browser looks instead of a person, on a fresh copy of the
 *   demo, and the run ends when the panel shows the task running
 * @returns {Promise<number>} exit code
 */
export async function start({ check }) {
  const started = Date.now();
  let choice = check ? { host: /** @type {const} */ ('web'), why: '--check' } : chooseHost();
  await install({ host: choice.host === 'web', browser: check });
  if (choice.host === 'download') {
    choice = await downloadDesktop();
    await install({ host: choice.host === 'web' });
  }
  console.log(`Building; the host is ${choice.host === 'web' ? 'the web host' : choice.command} (${choice.why}) ...`);
  const [demo] = await Promise.all([makeDemo(), run(developmentNode(), ['esbuild.mjs'], { cwd: root, show: true })]);
  if (choice.host === 'desktop') return startDesktop(choice.command, demo);
  return check ? await checkInBrowser(started, freshDemoCopy(demo)) : await serve(demo);
}

/** @param {string} demo the workspace folder */
async function serve(demo) {
  await endLeftover();
  const profile = demoProfile(path.join(scratch, 'start'));
  const token = keptToken();
  const host = await startWebHost({ profile, port: PORT, token, workspace: demo, builtins: BUILTINS });
  fs.writeFileSync(LEFTOVER, JSON.stringify({ starter: process.pid, server: host.pid }));
  const url = `${host.origin}/?tkn=${token}`;
  openForAPerson(url);
  console.log(`DataTrace demo is ready: ${url}`);
  console.log('Press Ctrl+C to stop.');
  await host.ended;
  console.error(`The VS Code server ended by itself:\n${host.output().slice(-2000)}`);
  return 1;
}

/**
 * @param {number} started when the command began, in ms
 * @param {string} demo the workspace folder
 */
async function checkInBrowser(started, demo) {
  const profile = demoProfile(path.join(scratch, 'check', 'profile'));
  const host = await startWebHost({
    profile,
    port: PORT,
    token: keptToken(),
    workspace: demo,
    builtins: BUILTINS,
    env: { DATATRACE_STORE: path.join(scratch, 'check', 'store') },
  });
  try {
    const { waitForRunningTask } = await import('./check-panel.mjs');
    await waitForRunningTask(`${host.origin}/?tkn=${keptToken()}`);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`The demo's panel shows a running task after ${seconds} s.`);
    return 0;
  } finally {
    await host.stop();
  }
}

/** @param {string} folder */
function demoProfile(folder) {
  const profile = makeProfile(folder);
  writeSettings(profile, { 'datatrace.openOnStart': DEMO_TASK });
  linkRepository(profile);
  return profile;
}

/** The same at every start, so that the URL stays the same; only this user can read it. */
function keptToken() {
  const file = path.join(cache, 'token');
  if (!fs.existsSync(file)) {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(file, randomBytes(16).toString('hex'), { mode: 0o600 });
  }
  return fs.readFileSync(file, 'utf8').trim();
}

const LEFTOVER = path.join(scratch, 'start.json');

/** Ends the server of an earlier start that was killed and could not end it itself. */
async function endLeftover() {
  if (process.platform !== 'linux' || !fs.existsSync(LEFTOVER)) return;
  const { starter, server } = JSON.parse(fs.readFileSync(LEFTOVER, 'utf8'));
  if (isAlive(starter) || !isAlive(server)) return;
  const command = fs.readFileSync(`/proc/${server}/cmdline`, 'utf8');
  // The id may belong to another program by now.
  if (!command.includes('server-main.js') || !command.includes(scratch)) return;
  signalGroup(server, 'SIGKILL');
  while (isAlive(server)) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** @param {string} url */
function openForAPerson(url) {
  const screen = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!screen || process.env.CI || process.env.VSCODE_IPC_HOOK_CLI) return;
  const commands = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] };
  const [command = 'xdg-open', ...args] = commands[/** @type {'darwin'} */ (process.platform)] ?? ['xdg-open'];
  const opener = spawn(command, [...args, url], { stdio: 'ignore', detached: true, env: developmentEnvironment() });
  opener.on('error', () => {
    // The URL is printed anyway.
  });
  opener.unref();
}
