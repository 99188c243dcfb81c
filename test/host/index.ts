import path from 'node:path';
import { format } from 'node:util';
import type Mocha from 'mocha';

// Runs inside the extension host of a real VS Code, beside the packed extension. Every `*.test.ts` of this folder is
// bundled to a file beside this one (esbuild.mjs); write them with mocha's `describe` and `it`, import `vscode` freely,
// and poll with a deadline instead of sleeping. What the runner passes in:
//   process.env.DATATRACE_TEST_WORKSPACE   the folder that is open (test/host/workspace.ts fills it)
//   process.env.DATATRACE_TEST_FILES       the files that run in this window, separated by commas
//   process.env.DATATRACE_TEST_GREP        the pattern of `npm run test:host -- --grep PATTERN`
//   process.env.DATATRACE_STORE            the store's folder, empty at the start

/** The runner shows only lines that begin with this: the workbench prints in between. */
const PREFIX = '[host-test] ';

/**
 * Called by VS Code (extensionTestsPath).
 * @throws when a test failed: the host then ends with an error
 */
export async function run(): Promise<void> {
  const mocha = await newMocha();
  const folder = __dirname;
  for (const file of process.env.DATATRACE_TEST_FILES?.split(',') ?? []) mocha.addFile(path.join(folder, file));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('suite', (suite) => suite.title && say(`${indent(suite)}${suite.title}`));
    runner.on('pass', (test) => {
      counts.passed++;
      say(`${indent(test)}✔ ${test.title} (${test.duration ?? 0} ms)`);
    });
    runner.on('pending', (test) => {
      counts.skipped++;
      say(`${indent(test)}- ${test.title}`);
    });
    runner.on('fail', (test, error) => {
      counts.failed++;
      say(`${indent(test)}✖ ${test.title}`);
      say(format(error));
    });
  });
  say(`counts ${JSON.stringify(counts)}`);
  if (failures > 0) throw new Error(`${failures} tests failed`);
}

async function newMocha(): Promise<Mocha> {
  const loaded = await import('mocha');
  const options: Mocha.MochaOptions = { ui: 'bdd', timeout: 30_000, reporter: class {} as never };
  if (process.env.DATATRACE_TEST_GREP) options.grep = process.env.DATATRACE_TEST_GREP;
  return new loaded.default(options);
}

function say(text: string): void {
  for (const line of text.split('\n')) console.log('%s', PREFIX + line);
}

function indent(at: Mocha.Suite | Mocha.Runnable): string {
  return '  '.repeat(Math.max(0, at.titlePath().length - 1));
}
