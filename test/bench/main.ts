/** `npm run bench -- NAME [--rows N] [--runs N] [--shape NAME] [--source KIND] [--target KIND] [--json]`: runs the measurement in ./NAME.ts. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { BenchModule, BenchResult } from './result.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string' },
    runs: { type: 'string' },
    shape: { type: 'string' },
    source: { type: 'string' },
    target: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [name = ''] = positionals;
const module = new URL(`./${name}.ts`, import.meta.url);
if (!/^[a-z]+$/.test(name) || ['main', 'result'].includes(name) || !existsSync(module)) {
  throw new Error(`there is no measurement "${name}" (name one of the files in test/bench)`);
}

const { bench } = (await import(module.href)) as BenchModule;
const { shape, source, target } = values;
const result = await bench({
  rows: count('rows', values.rows),
  runs: count('runs', values.runs),
  ...{ shape, source, target },
});
printTable(result);
if (values.json) console.log(JSON.stringify(result));
if (!result.exact) process.exitCode = 1;

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} must be a whole number above 0`);
  return value;
}

function printTable({ bench: title, runs, ours, peers, ratios, exact }: BenchResult): void {
  console.log(`${title}, ${runs} runs${exact ? '' : ', NOT EXACT'}`);
  for (const [heading, figures] of Object.entries({ ours, peers, ratios })) {
    for (const [figure, value] of Object.entries(figures))
      console.log(`  ${heading.padEnd(7)} ${figure.padEnd(42)} ${value}`);
  }
}
