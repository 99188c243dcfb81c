import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { developmentEnvironment, developmentNode } from '../setup/development-node.mjs';
import { install } from '../setup/install.mjs';
import { root } from '../setup/paths.mjs';
import { endGroup, startGroup } from '../setup/process.mjs';
import { memoryFolder } from './memory-folder.mjs';
import { suites } from './suites.mjs';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} [skipped] printed, so that nothing is skipped silently
 * @property {string[]} [unfinished] test files whose process ended before all their tests had
 */

/**
 * Runs suites one after the other and adds up what they counted.
 * @param {readonly string[]} args names of suites (default: all), then files or options for a single suite
 * @returns {Promise<number>} exit code, 0 only when none failed
 */
export async function test(args) {
  const names = args.filter((name) => suites.some((suite) => suite.name === name));
  const rest = args.filter((name) => !names.includes(name));
  const chosen = names.length > 0 ? suites.filter((suite) => names.includes(suite.name)) : suites;
  if (rest.length > 0 && chosen.length !== 1) {
    throw new Error(`No suite is named ${rest.join(' ')}. There are: ${suites.map(({ name }) => name).join(', ')}.`);
  }
  const inHost = chosen.some((suite) => suite.needsHost);
  await install({ host: inHost, browser: inHost || chosen.some((suite) => suite.needsBrowser) });
  const env = developmentEnvironment();
  if (chosen.some((suite) => suite.needsBuild)) await mustEndWell(['esbuild.mjs'], env, 'built');
  if (inHost) env.DATATRACE_VSIX = await packageForTests(env);

  const results = [];
  for (const suite of chosen) results.push(await runSuite(suite, rest, env));
  return report(results);
}

/**
 * @param {import('./suites.mjs').Suite} suite
 * @param {readonly string[]} rest
 * @param {NodeJS.ProcessEnv} env
 */
async function runSuite(suite, rest, env) {
  const started = Date.now();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-counts-'));
  const countsFile = path.join(folder, 'counts.json');
  const memory = suite.inMemory ? memoryFolder() : { env: {}, remove: () => {} };
  console.log(`\n== ${suite.name} ==`);
  try {
    const args = suite.args({ countsFile, rest });
    const code = await stream(args, { ...env, ...memory.env, DATATRACE_COUNTS: countsFile }, suite.limitMinutes);
    const counts = readCounts(countsFile, code, suite.isOneTest === true);
    for (const file of counts.unfinished ?? []) console.log(`✖ ended before its tests had: ${file}`);
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`== ${suite.name}: ${sentence(counts)} (${seconds} s) ==`);
    return { suite, counts };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
    memory.remove();
  }
}

/**
 * What a suite counted. An end with an error that no counted failure explains is a failure of its own, and so is a
 * suite that saw no test.
 * @param {string} file
 * @param {number} code
 * @param {boolean} isOneTest its exit code is its result
 * @returns {Counts}
 */
function readCounts(file, code, isOneTest) {
  if (isOneTest) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  if (!fs.existsSync(file)) return { passed: 0, failed: 1 };
  /** @type {Counts} */
  const counts = JSON.parse(fs.readFileSync(file, 'utf8'));
  const unexplained = code !== 0 && counts.failed === 0;
  const empty = counts.passed + counts.failed === 0;
  return unexplained || empty ? { ...counts, failed: counts.failed + 1 } : counts;
}

/** @param {{ suite: import('./suites.mjs').Suite, counts: Counts }[]} results */
function report(results) {
  console.log('');
  for (const { suite, counts } of results) console.log(`${suite.name.padEnd(17)} ${sentence(counts)}`);
  const passed = results.reduce((sum, { counts }) => sum + counts.passed, 0);
  const failed = results.reduce((sum, { counts }) => sum + counts.failed, 0);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** @param {Counts} counts */
function sentence({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}

/**
 * Packs the extension once for all suites that run it.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the VSIX
 */
async function packageForTests(env) {
  const folder = path.join(root, '.vscode-test', 'packed');
  const file = path.join(folder, 'datatrace.vsix');
  fs.mkdirSync(folder, { recursive: true });
  await mustEndWell(['scripts/package.mjs', '--out', file], env, 'packed');
  return file;
}

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {string} done what it does to the extension
 */
async function mustEndWell(args, env, done) {
  const code = await stream(args, env, 5);
  if (code !== 0) throw new Error(`The extension could not be ${done}: the suites that run it cannot start.`);
}

/**
 * Runs the development Node and shows what it prints.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {number} limitMinutes after which it is ended and has failed
 * @returns {Promise<number>} exit code
 */
async function stream(args, env, limitMinutes) {
  const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = startGroup(developmentNode(), args, { cwd: root, env: { ...env, ...colours } });
  child.stdout.pipe(process.stdout, { end: false });
  child.stderr.pipe(process.stderr, { end: false });
  const late = setTimeout(() => {
    console.error(`Ended after ${limitMinutes} minutes: ${args.join(' ')}`);
    void endGroup(child);
  }, limitMinutes * 60_000);
  const code = await new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
  clearTimeout(late);
  await endGroup(child);
  return code;
}
