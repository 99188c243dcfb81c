import fs from 'node:fs';
import { refuseOldNode } from './setup/node-version.mjs';

// npm run check: everything that can be said without running the product, in less than a minute.
refuseOldNode();
const { developmentEnvironment, developmentNode } = await import('./setup/development-node.mjs');
const { install } = await import('./setup/install.mjs');
const { root } = await import('./setup/paths.mjs');
const { run } = await import('./setup/process.mjs');
await install({});
const { ambientUses } = await import('./check/ambient.mjs');
const { bundleProblems } = await import('./check/bundles.mjs');
const { manifestProblems } = await import('./check/manifest.mjs');
const { translationProblems } = await import('./check/translations.mjs');
const { wallBreaches } = await import('./check/walls.mjs');

/** What is looked at, and how; each returns what is wrong. @type {[string, () => Promise<string[]>][]} */
const steps = [
  ['types', () => tool('typescript/bin/tsc', ['-p', '.'])],
  [
    'lint and format',
    () =>
      tool('@biomejs/biome/bin/biome', [
        'check',
        '--error-on-warnings',
        '--diagnostic-level=warn',
        '--max-diagnostics=50',
        '.',
      ]),
  ],
  ['walls', async () => [...(await wallBreaches(root)), ...ambientUses(root)]],
  ['unused code', () => tool('knip/bin/knip.js', ['--no-config-hints', '--no-progress'])],
  ['manifest', async () => manifestProblems()],
  ['translations', async () => translationProblems()],
  ['bundles and licences', bundleProblems],
];

const counts = { passed: 0, failed: 0 };
const waiting = [...steps];
// Two at a time: most of them use one core.
await Promise.all([work(), work()]);
if (process.env.DATATRACE_COUNTS) fs.writeFileSync(process.env.DATATRACE_COUNTS, JSON.stringify(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;

async function work() {
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    const [name, look] = step;
    const started = Date.now();
    const problems = await look().catch((error) => [error instanceof Error ? error.message : String(error)]);
    counts[problems.length === 0 ? 'passed' : 'failed']++;
    console.log(`${problems.length === 0 ? '✔' : '✖'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    for (const problem of problems) console.log(`  ${problem.replace(/\n/g, '\n  ')}`);
  }
}

/**
 * @param {string} file of a package
 * @param {readonly string[]} args
 */
async function tool(file, args) {
  try {
    await run(developmentNode(), [`${root}/node_modules/${file}`, ...args], {
      cwd: root,
      env: developmentEnvironment(),
    });
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
