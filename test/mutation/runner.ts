/**
 * A process that holds the code with its mutants and all tests, and tries one mutant after the other. What loops for
 * ever is ended by the engine; a test that fails is run again without the mutant, to know that the process is sound.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import vm from 'node:vm';
import fc from 'fast-check';

export interface Work {
  /** File with the JSON of the sources. */
  readonly sources: string;
  /** URLs of the test files. */
  readonly tests: readonly string[];
  /** Parts of names of tests that are left out. */
  readonly without: readonly string[];
  readonly seed: number;
  readonly histories: number;
  /** In force from the loading of the code on. */
  readonly active: string | null;
  /** Find out first how long the tests take and what they meet. */
  readonly measure: boolean;
}

export interface Baseline {
  readonly kind: 'ready';
  readonly tests: readonly {
    readonly name: string;
    readonly ms: number;
    readonly hits: Readonly<Record<string, number>>;
  }[];
  /** Mutants that are met while the code is loaded. */
  readonly loaded: readonly string[];
}

export interface Trial {
  readonly mutant: string;
  /** Indexes of tests, with the time that each takes without a mutant (ms) and how often it meets this one. */
  readonly tests: readonly { readonly test: number; readonly ms: number; readonly hits: number }[];
}

/** `by` = index of the test that failed, null = none did. */
export type Verdict = { readonly kind: 'done'; readonly by: number | null; readonly unsound: boolean };

interface Switches {
  activeMutant: string | undefined;
  currentTestId: string | undefined;
  hitCount: number | undefined;
  hitLimit: number | undefined;
  mutantCoverage: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}

const work = JSON.parse(process.argv[2]!) as Work;
const sources = new Map(Object.entries(JSON.parse(readFileSync(work.sources, 'utf8')) as Record<string, string>));
const switches: Switches = {
  activeMutant: work.active ?? undefined,
  currentTestId: undefined,
  hitCount: undefined,
  hitLimit: undefined,
  mutantCoverage: { static: {}, perTest: {} },
};
Object.assign(globalThis, { __stryker__: switches });

/** What counts who meets which mutant: most of the time that instrumented code takes. */
const COUNTS = /\bstryCov_\w+\((?:"\d+"(?:, )?)+\)/g;
const COLLECTOR = new URL('./collector.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'node:test' ? { url: COLLECTOR, shortCircuit: true } : next(specifier, context),
  load: (url, context, next) => {
    const source = sources.get(url);
    if (source === undefined) return next(url, context);
    return { format: 'module', source: work.measure ? source : source.replace(COUNTS, '0'), shortCircuit: true };
  },
});

const tests = await load();
const call = new vm.Script('mutationStep()');
const TIMES = 20;
/** ms */
const LEAST = 1_500;

if (work.measure) process.send!(baseline());
else process.send!({ kind: 'ready', tests: [], loaded: [] } satisfies Baseline);
process.on('message', (trial: Trial) => process.send!(tried(trial)));

async function load(): Promise<readonly { name: string; run: () => unknown }[]> {
  fc.configureGlobal({ seed: work.seed });
  const { collected } = await import('./collector.ts');
  for (const url of work.tests) await import(url);
  const tests = collected.filter(({ name }) => !work.without.some((part) => name.includes(part)));
  if (work.histories === 0) return tests;
  const { historyAt } = await import('../model/lane.ts');
  const { play } = await import('../model/history.ts');
  const { createTally } = await import('../model/coverage.ts');
  const histories = Array.from({ length: work.histories }, (_, path) => {
    const history = historyAt(work.seed, String(path));
    return { name: `history ${path} of seed ${work.seed}`, run: () => play(history, createTally()) };
  });
  return [...tests, ...histories];
}

function baseline(): Baseline {
  const loaded = Object.keys(switches.mutantCoverage.static);
  for (const { run } of tests) run(); // warm
  const measured = tests.map(({ name, run }, index) => {
    switches.currentTestId = `t${index}`;
    const began = performance.now();
    const answer = run();
    if (answer instanceof Promise) throw new Error(`${name}: only tests that do not wait can be run again and again`);
    return { name, ms: performance.now() - began, hits: switches.mutantCoverage.perTest[`t${index}`] ?? {} };
  });
  switches.currentTestId = undefined;
  return { kind: 'ready', tests: measured, loaded };
}

/** Tests that failed of late, the newest first: neighbours in the code are noticed by the same tests. */
let noticing: number[] = [];

function tried({ mutant, tests: covering }: Trial): Verdict {
  const late = noticing.flatMap((index) => covering.find(({ test }) => test === index) ?? []);
  for (const { test, ms, hits } of new Set([...late, ...covering])) {
    if (passes(test, mutant, ms, hits)) continue;
    noticing = [test, ...noticing.filter((index) => index !== test)].slice(0, 6);
    const unsound = work.active === null && !passes(test, null, ms, 0);
    return { kind: 'done', by: test, unsound };
  }
  return { kind: 'done', by: null, unsound: false };
}

function passes(test: number, mutant: string | null, ms: number, hits: number): boolean {
  switches.activeMutant = mutant ?? undefined;
  switches.hitCount = mutant === null ? undefined : 0;
  switches.hitLimit = hits * 100 + 1_000;
  Object.assign(globalThis, { mutationStep: tests[test]!.run });
  try {
    call.runInThisContext({ timeout: Math.ceil(LEAST + ms * TIMES) });
    return true;
  } catch {
    return false;
  } finally {
    switches.activeMutant = work.active ?? undefined;
  }
}
