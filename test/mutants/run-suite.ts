/** Runs a suite in a copy of the sources, and says which test noticed the bug. */
import { spawn } from 'node:child_process';
import { SIM } from './mutant.ts';

/** ms; a bug that makes a suite hang has been noticed. */
const LIMIT_MS = 120_000;
const HISTORIES = '400';
const SEED = '3';

/** @returns the test that failed, or null: the suite passes. */
export async function failingTest(folder: string, suite: string): Promise<string | null> {
  const args =
    suite === SIM
      ? ['test/model/sim.ts', '--histories', HISTORIES, '--seed', SEED, '--threads', '1', '--no-shrink', '--json']
      : ['--test', '--test-force-exit', '--test-reporter=tap', ...filesOf(suite)];
  const { code, output } = await run(folder, args);
  if (code === 0) return null;
  if (code === null) return `${suite}: does not come to its end`;
  return suite === SIM ? `simulation: ${simFailure(output)}` : `${suite}: ${tapFailure(output)}`;
}

/** Of a suite `FILE#WORDS` only the tests whose names hold the words. */
function filesOf(suite: string): string[] {
  const [file = '', words] = suite.split('#');
  return words === undefined ? [file] : ['--test-name-pattern', words, file];
}

function run(cwd: string, args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const { NODE_TEST_CONTEXT: _ours, ...env } = process.env;
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      if (output.length < 4_000_000) output += chunk.toString('utf8');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

/** The innermost test that is not ok. */
function tapFailure(output: string): string {
  const names = Array.from(output.matchAll(/^( *)not ok \d+ - (.*)$/gm), (match) => ({
    depth: match[1]?.length ?? 0,
    name: match[2] ?? '',
  }));
  const [first] = names.sort((a, b) => b.depth - a.depth);
  return first?.name ?? lastLine(output);
}

function simFailure(output: string): string {
  const broken = /^BROKEN (.*)$/m.exec(output)?.[1];
  return broken ?? lastLine(output);
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}
