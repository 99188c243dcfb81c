/** Makes a failing history smaller: leaves steps out as long as the same invariant breaks. */
import { createTally } from './coverage.ts';
import { type History, play } from './history.ts';
import { InvariantBroken } from './invariants.ts';

/** What breaks, or null. */
export function failureOf(
  history: History,
  thorough = false,
): { readonly invariant: string; readonly error: Error } | null {
  try {
    play(history, createTally(), { thorough });
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { invariant: error instanceof InvariantBroken ? error.invariant : error.message.slice(0, 30), error };
  }
}

/** What is looked for only now and then is looked for everywhere in a smaller form. */
export function isOfMemory(invariant: string): boolean {
  return invariant === 'memory' || invariant === 'reads';
}

/** @param limitMs then the smallest form found so far is good enough */
export function shrunk(history: History, limitMs: number): History {
  const first = failureOf(history);
  if (!first) return history;
  const thorough = isOfMemory(first.invariant);
  const end = performance.now() + limitMs;
  const breaks = (candidate: History) => failureOf(candidate, thorough)?.invariant === first.invariant;
  let smallest = history;
  const attempt = (candidate: History) => {
    if (performance.now() > end || !breaks(candidate)) return false;
    smallest = candidate;
    return true;
  };
  for (let size = history.steps.length >> 1; size >= 1; size = size === 1 ? 0 : (size + 1) >> 1) {
    for (let from = 0; from < smallest.steps.length; ) {
      const { steps } = smallest;
      if (!attempt({ ...smallest, steps: [...steps.slice(0, from), ...steps.slice(from + size)] })) from += size;
    }
  }
  attempt({ ...smallest, trouble: 0 });
  for (const [index] of smallest.tasks.entries())
    for (const easier of [
      { parents: 0 },
      { manual: false },
      { retries: 0 },
      { concurrency: 1 },
      { units: 1 },
      { units: 3 },
    ]) {
      const tasks = smallest.tasks.map((wish, at) => (at === index ? { ...wish, ...easier } : wish));
      attempt({ ...smallest, tasks });
    }
  return smallest;
}
