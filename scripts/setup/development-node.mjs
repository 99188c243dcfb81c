import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

const bin = path.join(root, 'node_modules', '.bin');

/**
 * The Node that runs the build, the tests and the web host: the platform package among the dependencies, else (macOS
 * has none in this version) the installed one.
 * @returns {string} path of the executable
 * @throws {Error} one sentence when there is none that is new enough
 */
export function developmentNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const packaged = path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (fs.existsSync(packaged)) return packaged;
  if (runsTypeScript(process.versions.node)) return process.execPath;
  const found = spawnSync('node', ['-p', 'process.versions.node + " " + process.execPath'], { encoding: 'utf8' });
  const [version = '', executable = ''] = found.stdout.trim().split(/ (.*)/);
  if (runsTypeScript(version)) return executable;
  throw new Error(
    `There is no packaged Node 24 for ${process.platform}-${process.arch}: install Node 22.18 or newer, please.`,
  );
}

/** The environment in which `node` and the tools of the dependencies are found first. */
export function developmentEnvironment() {
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const rest = (process.env[key] ?? '').split(path.delimiter).filter((folder) => folder !== bin);
  return { ...process.env, [key]: [path.dirname(developmentNode()), bin, ...rest].join(path.delimiter) };
}

/** @param {string} version */
function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}
