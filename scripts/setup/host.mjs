import fs from 'node:fs';
import path from 'node:path';
import { npm } from './npm.mjs';
import { hostFolder } from './paths.mjs';
import { versions } from './versions.mjs';

/** What the VS Code server needs of its dependencies; the others are for features that the tests never touch, or native. */
const KEPT = [
  '@microsoft/1ds-core-js',
  '@microsoft/1ds-post-js',
  '@parcel/watcher',
  '@vscode/deviceid',
  '@vscode/iconv-lite-umd',
  '@vscode/proxy-agent',
  '@vscode/ripgrep-universal',
  '@vscode/spdlog',
  '@vscode/tree-sitter-wasm',
  '@xterm/addon-serialize',
  '@xterm/addon-unicode11',
  '@xterm/headless',
  '@xterm/xterm',
  'cookie',
  'detect-libc',
  'http-proxy-agent',
  'https-proxy-agent',
  'jschardet',
  'minimist',
  'node-pty',
  'tar',
  'tas-client',
  'vscode-oniguruma',
  'vscode-regexpp',
  'vscode-textmate',
  'ws',
  'yauzl',
  'yazl',
];

/** The server's native file logger needs a compiler; this one writes the same files. */
const FILE_LOGGER = `'use strict';
const fs = require('node:fs');
const path = require('node:path');
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
class Logger {
  constructor(file) {
    this.file = file;
    this.level = 2;
    this.plain = false;
    fs.mkdirSync(path.dirname(file), { recursive: true });
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.plain = true; }
  flush() {}
  drop() {}
}
levels.forEach((name, level) => {
  Logger.prototype[name] = function (text) {
    if (level < this.level) return;
    try {
      fs.appendFileSync(this.file, this.plain ? text : new Date().toISOString() + ' [' + name + '] ' + text + '\\n');
    } catch {}
  };
});
const create = async (_name, file) => new Logger(file);
// One by one: the importing ES module finds only names that are assigned like this.
exports.version = 0;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
`;

const STAMP = '.complete';

/** The VS Code server's own folder inside an installed host. */
export const serverFolder = path.join(hostFolder, 'node_modules', 'code-server', 'lib', 'vscode');

export function hostIsInstalled() {
  return fs.existsSync(path.join(hostFolder, STAMP));
}

/**
 * Installs the VS Code server from its npm package. Made beside its final place and renamed, so that two runs at the
 * same time cannot see half of it.
 */
export async function installHost() {
  const making = `${hostFolder}.${process.pid}`;
  fs.rmSync(making, { recursive: true, force: true });
  fs.mkdirSync(making, { recursive: true });
  try {
    writeJson(path.join(making, 'package.json'), {
      private: true,
      dependencies: { 'code-server': versions.codeServer },
    });
    await install(making, []);
    const server = path.join(making, path.relative(hostFolder, serverFolder));
    keepNeededDependencies(path.join(server, 'package.json'));
    await install(server, ['--omit=dev']);
    replaceNativeModules(path.join(server, 'node_modules', '@vscode'));
    fs.writeFileSync(path.join(making, STAMP), `${versions.codeServer}\n`);
    settle(making, hostFolder, hostIsInstalled);
  } finally {
    fs.rmSync(making, { recursive: true, force: true });
  }
}

/**
 * Moves a finished folder to its place; a complete one that another run put there meanwhile wins.
 * @param {string} making
 * @param {string} place
 * @param {() => boolean} isComplete
 */
export function settle(making, place, isComplete) {
  if (isComplete()) return;
  fs.rmSync(place, { recursive: true, force: true });
  try {
    fs.renameSync(making, place);
  } catch (error) {
    if (!isComplete()) throw error;
  }
}

/**
 * @param {string} folder
 * @param {readonly string[]} extra
 */
async function install(folder, extra) {
  await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...extra], folder);
}

/** @param {string} file the server's package.json */
function keepNeededDependencies(file) {
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
  manifest.dependencies = Object.fromEntries(KEPT.map((name) => [name, manifest.dependencies[name]]));
  delete manifest.allowScripts;
  delete manifest.overrides;
  writeJson(file, manifest);
}

/** @param {string} scope the folder `node_modules/@vscode` of the server */
function replaceNativeModules(scope) {
  const watchdog = path.join(scope, 'native-watchdog');
  fs.mkdirSync(watchdog, { recursive: true });
  writeJson(path.join(watchdog, 'package.json'), { name: '@vscode/native-watchdog', main: 'index.js' });
  // The extension host polls its parent by itself as well.
  fs.writeFileSync(path.join(watchdog, 'index.js'), 'exports.start = () => {};\n');
  fs.writeFileSync(path.join(scope, 'spdlog', 'index.js'), FILE_LOGGER);
}

/**
 * @param {string} file
 * @param {unknown} value
 */
function writeJson(file, value) {
  fs.writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
