/**
 * `npm run mutants [-- --only PATTERN] [--json]`: plants each bug of the list in a copy of the sources and runs the suites
 * that should notice. A bug that nobody notices is a test that is missing.
 */
import { parseArgs } from 'node:util';
import { makeCopy } from './copy.ts';
import { CORE_MUTANTS } from './core-mutants.ts';
import type { Mutant } from './mutant.ts';
import { OTHER_MUTANTS } from './other-mutants.ts';
import { failingTest } from './run-suite.ts';

/** Copies that are worked in at the same time. */
const LANES = 2;

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } } });
const mutants = [...CORE_MUTANTS, ...OTHER_MUTANTS].filter(
  ({ name }) => !values.only || new RegExp(values.only).test(name),
);
const began = performance.now();
const survivors: string[] = [];
const say = (line: string) => {
  if (!values.json) console.log(line);
};

const copies = Array.from({ length: LANES }, makeCopy);
try {
  // A text that does not match any more is an error before anything runs.
  for (const mutant of mutants) copies[0]!.plant(mutant)();
  const suites = [...new Set(mutants.flatMap((mutant) => mutant.suites))];
  await share(suites, async (suite, folder) => {
    const failure = await failingTest(folder, suite);
    if (failure !== null) throw new Error(`without any bug planted: ${failure}`);
  });
  await share(mutants, async (mutant, folder) => {
    const copy = copies.find((one) => one.folder === folder)!;
    const takeOut = copy.plant(mutant);
    try {
      const caughtBy = await firstFailure(mutant, folder);
      say(
        `${caughtBy === null ? 'SURVIVES' : 'caught  '}  ${mutant.name}${caughtBy === null ? '' : `\n          by ${caughtBy}`}`,
      );
      if (caughtBy === null) survivors.push(mutant.name);
    } finally {
      takeOut();
    }
  });
} finally {
  for (const copy of copies) copy.remove();
}
const seconds = Math.round((performance.now() - began) / 100) / 10;
console.log(JSON.stringify({ mutants: mutants.length, caught: mutants.length - survivors.length, survivors, seconds }));
if (survivors.length > 0) process.exitCode = 1;

async function firstFailure({ suites }: Mutant, folder: string): Promise<string | null> {
  for (const suite of suites) {
    const failure = await failingTest(folder, suite);
    if (failure !== null) return failure;
  }
  return null;
}

/** Each piece of work once, in whichever copy is free. */
async function share<T>(work: readonly T[], act: (one: T, folder: string) => Promise<void>): Promise<void> {
  const rest = work.values();
  await Promise.all(
    copies.map(async ({ folder }) => {
      for (const one of rest) await act(one, folder);
    }),
  );
}
