import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { developmentNode } from '../setup/development-node.mjs';
import { serverFolder } from '../setup/host.mjs';
import { endGroup, run, startGroup } from '../setup/process.mjs';
import { linkBuiltins } from './profile.mjs';

/** How long the server may take until it listens, in ms; 300 ms is usual. */
const START_MS = 60_000;

/**
 * @typedef {object} WebHost a running VS Code server
 * @property {number} port
 * @property {string} origin e.g. `http://127.0.0.1:7411`
 * @property {number} pid of the server
 * @property {() => string} output what the server has printed, its last 64 KiB
 * @property {Promise<void>} ended resolves when the server is gone, for whatever reason
 * @property {() => Promise<void>} stop ends the server and everything it started
 */

/**
 * @typedef {object} WebHostOptions
 * @property {import('./profile.mjs').Profile} profile
 * @property {number} port
 * @property {string} [token] without one the host asks for none
 * @property {string} [workspace] the folder a window opens by default
 * @property {readonly string[]} [builtins] built-in extensions beside the two with the themes; default none
 * @property {boolean} [testDriver] needed for tests inside the host; suppresses notification toasts
 * @property {NodeJS.ProcessEnv} [env] on top of this process's own; reaches the extension host
 */

/**
 * Starts a VS Code server on 127.0.0.1 with an empty marketplace: nothing leaves the machine.
 * @param {WebHostOptions} options
 * @returns {Promise<WebHost>} once it listens
 * @throws {Error} one sentence when the port is in use, else what the server printed
 */
export async function startWebHost(options) {
  const { profile, port } = options;
  if (!(await isFree(port))) {
    throw new Error(
      `Port ${port} on 127.0.0.1 is in use: end the other program or set DATATRACE_PORT to another one, please.`,
    );
  }
  const args = [
    ...['--host', '127.0.0.1', '--port', String(port), '--accept-server-license-terms'],
    ...['--disable-workspace-trust', '--telemetry-level', 'off'],
    // A window that vanishes without goodbye would leave its extension host, and its locks, for three hours.
    ...['--reconnection-grace-time', '2'],
    ...folders(profile),
    ...['--builtin-extensions-dir', profile.builtins],
    ...(options.token ? ['--connection-token', options.token] : ['--without-connection-token']),
    ...(options.workspace ? ['--default-folder', options.workspace] : []),
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
  ];
  linkBuiltins(profile, options.builtins);
  const server = startGroup(developmentNode(), [mainFile, ...args], { env: environment(options.env) });
  let output = '';
  const keep = (/** @type {Buffer} */ chunk) => {
    output = (output + chunk).slice(-65_536);
  };
  server.stdout.on('data', keep);
  server.stderr.on('data', keep);
  const ended = new Promise((resolve) => server.once('exit', () => resolve(undefined)));
  const host = {
    port,
    origin: `http://127.0.0.1:${port}`,
    pid: /** @type {number} */ (server.pid),
    output: () => output,
    ended: /** @type {Promise<void>} */ (ended),
    stop: () => endGroup(server),
  };
  const late = AbortSignal.timeout(START_MS);
  while (!output.includes('Extension host agent listening')) {
    if (late.aborted || server.exitCode !== null || server.signalCode !== null) {
      await host.stop();
      throw new Error(`The VS Code server did not start:\n${output.slice(-4000)}`);
    }
    await Promise.race([new Promise((resolve) => server.stdout.once('data', resolve)), ended, afterMs(250)]);
  }
  return host;
}

/**
 * Installs a packed extension into a profile.
 * @param {import('./profile.mjs').Profile} profile
 * @param {string} vsix
 */
export async function installVsix(profile, vsix) {
  fs.rmSync(profile.extensions, { recursive: true, force: true });
  fs.mkdirSync(profile.extensions, { recursive: true });
  const args = [mainFile, '--accept-server-license-terms', ...folders(profile), '--install-extension', vsix, '--force'];
  await run(developmentNode(), args, { env: environment({}) });
}

/**
 * The extension hosts of a server: one for each open window.
 * @param {number} serverPid
 * @returns {number[]} process ids; Linux only, elsewhere empty
 */
export function extensionHosts(serverPid) {
  if (process.platform !== 'linux') return [];
  return fs.readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const command = fs.readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      if (!command.includes('--type=extensionHost')) return [];
      // The second field, the name in parentheses, may hold spaces: count from its end.
      const [, parent] = fs
        .readFileSync(`/proc/${entry}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return Number(parent) === serverPid ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}

/** @returns {Promise<number>} a port of 127.0.0.1 that nobody listens on */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const mainFile = path.join(serverFolder, 'out', 'server-main.js');

/** @param {import('./profile.mjs').Profile} profile */
function folders(profile) {
  return [
    ...['--user-data-dir', profile.userData],
    ...['--extensions-dir', profile.extensions],
    ...['--server-data-dir', profile.serverData],
  ];
}

/**
 * Our environment without what another VS Code, npm or a test runner put into it for its own children.
 * @param {NodeJS.ProcessEnv} [extra]
 */
function environment(extra = {}) {
  const foreign = /^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|NODE_TEST_CONTEXT$)/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), EXTENSIONS_GALLERY: '{}', ...extra };
}

/** @param {number} port */
async function isFree(port) {
  const probe = net.createServer();
  const free = await new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => resolve(true));
  });
  await new Promise((resolve) => probe.close(resolve));
  return /** @type {boolean} */ (free);
}

/** @param {number} ms */
function afterMs(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
