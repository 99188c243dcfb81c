/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {(run: { countsFile: string, rest: readonly string[] }) => string[]} args for the development Node
 * @property {number} limitMinutes
 * @property {boolean} [needsBuild] reads `dist`
 * @property {boolean} [inMemory] its temporary files need no disk
 * @property {boolean} [needsBrowser]
 * @property {boolean} [needsHost] a web host, a browser and the packed extension have to be there
 * @property {boolean} [isOneTest] counts as one test by its exit code; the others write their counts to a file
 */

/** In the order in which they run: the fastest answer first. @type {readonly Suite[]} */
export const suites = [
  { name: 'check', args: () => ['scripts/check.mjs'], limitMinutes: 3 },
  nodeTests('unit', 10),
  nodeTests('model', 10),
  { ...nodeTests('webview', 10), needsBuild: true, needsBrowser: true },
  { ...nodeTests('integration', 15), needsBuild: true, inMemory: true },
  { name: 'host', args: ({ rest }) => ['test/host/run.ts', ...rest], limitMinutes: 10, needsHost: true },
  { ...nodeTests('e2e', 15), needsHost: true },
  tool('kill', 'test/store/kill.ts', ['--kills', '20']),
  tool('powercut', 'test/store/powercut.ts', ['--cuts', '20']),
  tool('crash', 'test/store/crash.ts', ['--points', '500']),
  // The same harnesses must notice a store that loses what it acknowledged.
  tool('kill-control', 'test/store/kill.ts', ['--kills', '20', '--control', 'ack-early']),
  tool('powercut-control', 'test/store/powercut.ts', ['--cuts', '20', '--control', 'no-fdatasync']),
];

/**
 * The files of a folder under `test`, run by Node's own runner.
 * @param {string} name of the folder and the suite
 * @param {number} limitMinutes
 * @returns {Suite}
 */
function nodeTests(name, limitMinutes) {
  return {
    name,
    limitMinutes,
    args: ({ countsFile, rest }) => [
      '--test',
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=./scripts/test/counts-reporter.mjs', `--test-reporter-destination=${countsFile}`],
      // A browser and servers are shared out badly among files that run at the same time on two cores.
      ...(['webview', 'integration', 'e2e'].includes(name) ? ['--test-concurrency=1'] : []),
      ...(rest.length > 0 ? rest : [`test/${name}/**/*.test.ts`]),
    ],
  };
}

/**
 * A measuring command at a small size.
 * @param {string} name
 * @param {string} file
 * @param {readonly string[]} size
 * @returns {Suite}
 */
function tool(name, file, size) {
  return {
    name,
    limitMinutes: 5,
    isOneTest: true,
    args: ({ rest }) => [file, ...(rest.length > 0 ? rest : size), '--json'],
  };
}
