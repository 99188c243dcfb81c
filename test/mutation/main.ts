/**
 * `npm run mutation -- [--mutate FILE ..] [--lanes N] [--histories N] [--json]`: how many small wrong changes of the core
 * its tests notice. Each mutant meets the unit tests that reach it, then a few random histories. Prints who survived
 * without an explanation in survivors.md and, as its last line, the figures.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { instrument, type Mutant } from './instrument.ts';
import { startRunner, tryAll } from './pool.ts';
import type { Baseline, Trial, Work } from './runner.ts';
import { explained, keyOf } from './survivors.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CODE = 'src/core';
/** What decides about the core, besides the tests of its own folder. Tests of time and size say nothing here. */
const MORE_TESTS = ['test/unit/config/unit-selection.test.ts'];
const WITHOUT_FILES = ['cost.test.ts'];
const WITHOUT = ['is matched in bounded time', 'may name 100,000 units', 'the units of a long chain'];

const { values } = parseArgs({
  options: {
    mutate: { type: 'string', multiple: true },
    lanes: { type: 'string', default: '2' },
    histories: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const began = performance.now();
const say = values.json ? () => {} : console.log;
const files = values.mutate ?? fs.readdirSync(path.join(ROOT, CODE)).map((name) => `${CODE}/${name}`);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-mutation-'));
try {
  process.exitCode = await main();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<number> {
  const { mutants, sources } = await instrument(ROOT, files);
  const work: Work = {
    sources: path.join(folder, 'sources.json'),
    tests: testFiles(),
    without: WITHOUT,
    seed: Number(values.seed),
    histories: Number(values.histories),
    active: null,
    measure: true,
  };
  fs.writeFileSync(work.sources, JSON.stringify(sources));
  const first = await startRunner(work);
  first.end();
  if (!first.baseline) throw new Error('the tests do not pass without a mutant');
  const together = first.baseline.tests.reduce((ms, test) => ms + test.ms, 0) / 1_000;
  say(
    `${mutants.length} mutants, ${first.baseline.tests.length} tests of ${together.toFixed(1)} s together, ${seconds()} s`,
  );

  const killed = new Map<string, string>();
  const lanes = Number(values.lanes);
  const { baseline } = first;
  const trying: Work = { ...work, measure: false };
  const atLoad = new Set(baseline.loaded);
  const trials = mutants.map(({ id }) => trialOf(baseline, id, atLoad.has(id)));
  const isLate = ({ mutant }: Trial) => atLoad.has(mutant);
  let tried = 0;
  const note = ({ mutant }: Trial, by: string | null) => {
    if (by !== null) killed.set(mutant, by);
    else if (values.verbose) say(`survives: ${keyOf(mutants.find(({ id }) => id === mutant)!)}`);
    if (++tried % 500 === 0) say(`${tried} tried, ${tried - killed.size} survive, ${seconds()} s`);
  };
  await tryAll(
    trying,
    trials.filter((one) => !isLate(one)),
    lanes,
    (trial, result) => {
      if (result.kind === 'lost') note(trial, 'the end of its process');
      else note(trial, result.by === null ? null : baseline.tests[result.by]!.name);
    },
  );
  // What runs while the code is loaded is switched on before: a process for each.
  for (const trial of trials.filter(isLate))
    await tryAll({ ...trying, histories: 0, active: trial.mutant }, [trial], 1, (_, result) => {
      if (result.kind === 'lost') note(trial, 'the loading of the code');
      else note(trial, result.by === null ? null : baseline.tests[result.by]!.name);
    });
  return report(mutants, killed, baseline);
}

function testFiles(): string[] {
  const folder = 'test/unit/core';
  const own = fs.readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith('.test.ts'));
  const files = [
    ...own.filter((name) => !WITHOUT_FILES.includes(name)).map((name) => `${folder}/${name}`),
    ...MORE_TESTS,
  ];
  return files.map((name) => pathToFileURL(path.join(ROOT, name)).href);
}

/** The quick tests first. Of a mutant that is met while the code is loaded nobody knows whom it concerns. */
function trialOf({ tests }: Baseline, mutant: string, all: boolean): Trial {
  const covering = tests.flatMap(({ ms, hits, name }, test) => {
    const times = hits[mutant] ?? 0;
    if (all && name.startsWith('history ')) return [];
    return all || times > 0 ? [{ test, ms, hits: all ? 1_000_000 : times }] : [];
  });
  return { mutant, tests: covering.sort((a, b) => a.ms - b.ms) };
}

function report(mutants: readonly Mutant[], killed: ReadonlyMap<string, string>, baseline: Baseline): number {
  const met = new Set(baseline.tests.flatMap(({ hits }) => Object.keys(hits)).concat(baseline.loaded));
  const surviving = mutants.filter(({ id }) => !killed.has(id));
  const { ids: known, idle } = explained(surviving, files);
  const perFile = new Map<string, { mutants: number; survived: number; unexplained: number }>();
  for (const mutant of mutants) {
    const row = perFile.get(mutant.file) ?? { mutants: 0, survived: 0, unexplained: 0 };
    row.mutants++;
    if (!killed.has(mutant.id)) row.survived++;
    if (!killed.has(mutant.id) && !known.has(mutant.id)) row.unexplained++;
    perFile.set(mutant.file, row);
  }
  for (const mutant of surviving) {
    if (known.has(mutant.id) && !values.all) continue;
    const { id, file, line, column, mutator } = mutant;
    const unmet = met.has(id) ? '' : ' (no test gets there)';
    say(`\n${file}:${line}:${column} ${mutator}${unmet}\n* \`\` ${keyOf(mutant)} \`\``);
  }
  for (const key of idle) say(`\nsurvivors.md explains what does not survive: ${key}`);
  say('');
  for (const [file, { mutants: count, survived, unexplained }] of perFile)
    say(
      `${percent(count - survived, count)
        .toFixed(1)
        .padStart(6)} %  ${file}: ${count} mutants, ${survived} survive, ${unexplained} of them unexplained`,
    );
  const histories = [...killed.values()].filter((by) => by.startsWith('history ')).length;
  const figures = {
    mutants: mutants.length,
    killed: killed.size,
    survived: surviving.length,
    unexplained: surviving.length - known.size,
    idleLines: idle.length,
    killedByHistories: histories,
    score: percent(killed.size, mutants.length),
    seconds: seconds(),
  };
  console.log(JSON.stringify(figures));
  return 0;
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.round((part / whole) * 1_000) / 10;
}

function seconds(): number {
  return Math.round((performance.now() - began) / 1_000);
}
