import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';
import { run } from './process.mjs';

/**
 * Runs npm itself with the Node that npm was started with: the one in node_modules may be replaced meanwhile.
 * @param {readonly string[]} args
 * @param {string} cwd
 */
export async function npm(args, cwd) {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.[cm]?js$/.test(cli)) {
    await run(process.env.npm_node_execpath ?? process.execPath, [cli, ...args], { cwd });
  } else {
    await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { cwd });
  }
}

/**
 * Whether node_modules holds what package-lock.json asks for. Versions are compared, not times: a clone, a checkout
 * and a cache restore all change times.
 */
export function dependenciesAreCurrent() {
  try {
    const wanted = readPackages(path.join(root, 'package-lock.json'));
    const present = readPackages(path.join(root, 'node_modules', '.package-lock.json'));
    return Object.entries(wanted).every(([place, entry]) => {
      if (place === '' || entry.link) return true;
      const found = present[place];
      return found ? found.version === entry.version : entry.optional === true || entry.devOptional === true;
    });
  } catch {
    return false;
  }
}

/** Installs the dependencies of the lockfile, without running any of their scripts. */
export async function installDependencies() {
  await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], root);
}

/**
 * @param {string} file a lockfile
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }>}
 */
function readPackages(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
}
