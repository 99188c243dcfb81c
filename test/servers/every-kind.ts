/**
 * `npm run test:servers [-- --kind KIND] [--json] [FILE ..]`: the integration tests that know one kind of server, against each kind (or
 * those named) in turn. Ends with 1 when a test failed.
 */
import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { memoryFolder } from '../../scripts/test/memory-folder.mjs';
import { isServerKind, SERVER_KINDS, type ServerKind } from './mysql/programs.ts';

type Counts = { readonly passed: number; readonly failed: number };

const { values, positionals } = parseArgs({
  options: { kind: { type: 'string', multiple: true }, json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const kinds = values.kind ?? SERVER_KINDS;
/** Files that start such a server, themselves or through what they share. */
const files = positionals.length > 0 ? positionals : globSync('test/integration/*.test.ts').filter(knowsOneKind).sort();

const results: Record<string, Counts & { seconds: number }> = {};
for (const kind of kinds) {
  if (!isServerKind(kind)) throw new Error(`There is no kind of server ${kind}: ${SERVER_KINDS.join(', ')}.`);
  const begun = performance.now();
  const counts = await runAgainst(kind);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  results[kind] = { ...counts, seconds };
  console.log(`${kind}: ${counts.passed} passed, ${counts.failed} failed in ${files.length} files, ${seconds} s`);
}
const failed = Object.values(results).reduce((sum, each) => sum + each.failed, 0);
if (values.json) console.log(JSON.stringify({ kinds: Object.keys(results).length, failed, results }));
process.exitCode = failed === 0 ? 0 : 1;

function knowsOneKind(file: string): boolean {
  return /\b(?:startMariaDb|suiteKind)\(/.test(readFileSync(file, 'utf8'));
}

async function runAgainst(kind: ServerKind): Promise<Counts> {
  const memory = memoryFolder();
  const folder = await mkdtemp(join(tmpdir(), 'datatrace-kind-'));
  const sums = join(folder, 'counts.json');
  try {
    const reporters = [
      ...['--test-reporter=dot', '--test-reporter-destination=stderr'],
      ...['--test-reporter=./scripts/test/counts-reporter.mjs', `--test-reporter-destination=${sums}`],
    ];
    const child = spawn(process.execPath, ['--test', '--test-concurrency=1', ...reporters, ...files], {
      env: { ...process.env, ...memory.env, DATATRACE_TEST_SERVER: kind },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    const { passed, failed } = JSON.parse(await readFile(sums, 'utf8')) as Counts;
    // An end with an error that no counted failure explains.
    return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
  } finally {
    await rm(folder, { recursive: true, force: true });
    memory.remove();
  }
}
