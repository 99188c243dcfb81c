/** Processes that try mutants, a few at a time; one that hangs or dies is replaced. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Baseline, Trial, Verdict, Work } from './runner.ts';

/** How a trial ended; `lost` = the process did not survive the mutant, or never answered. */
export type Result = Verdict | { readonly kind: 'lost' };

/** ms for what the engine cannot end by itself. */
const LONGEST_MS = 120_000;

export interface Runner {
  readonly baseline: Baseline | null;
  ask(trial: Trial): Promise<Result>;
  end(): void;
}

/** @returns with `baseline` null when the process could not load the tests. */
export async function startRunner(work: Work): Promise<Runner> {
  const child = fork(fileURLToPath(new URL('./runner.ts', import.meta.url)), [JSON.stringify(work)], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=1024'],
    stdio: ['ignore', 'ignore', work.active === null ? 'inherit' : 'ignore', 'ipc'],
  });
  const baseline = await answerOf<Baseline>(child, work.active === null ? LONGEST_MS * 5 : LONGEST_MS);
  return {
    baseline,
    async ask(trial) {
      if (!child.connected) return { kind: 'lost' };
      const answer = answerOf<Verdict>(child, LONGEST_MS);
      child.send(trial);
      return (await answer) ?? { kind: 'lost' };
    },
    end: () => child.kill('SIGKILL'),
  };
}

function answerOf<T>(child: ChildProcess, ms: number): Promise<T | null> {
  return new Promise((resolve) => {
    const done = (answer: T | null) => {
      clearTimeout(timer);
      child.removeAllListeners();
      if (answer === null) child.kill('SIGKILL');
      resolve(answer);
    };
    const timer = setTimeout(done, ms, null);
    child.once('message', (message) => done(message as T));
    child.once('exit', () => done(null));
    child.once('error', () => done(null));
  });
}

/** Tries them all, `lanes` at a time. */
export async function tryAll(
  work: Work,
  trials: readonly Trial[],
  lanes: number,
  onResult: (trial: Trial, result: Result) => void,
): Promise<void> {
  const waiting = trials.values();
  const lane = async () => {
    let runner: Runner | null = null;
    for (const trial of waiting) {
      let result: Result = { kind: 'lost' };
      for (let turn = 0; turn < 2; turn++) {
        runner ??= await startRunner(work);
        if (work.active === null && !runner.baseline) throw new Error('the tests could not be loaded');
        result = await runner.ask(trial);
        if (result.kind === 'done' && !result.unsound) break;
        runner.end();
        runner = null;
        if (result.kind === 'lost') break;
      }
      onResult(trial, result);
    }
    runner?.end();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
