/** What must hold after every crash: the store opens without a word, holds what was said, and the work goes on to its end. */
import { createState, loadStore } from '../../src/core/state.ts';
import { firstValue, lockForThisProcess } from '../../src/store/pragmas.ts';
import { loadShim } from '../../src/store/shim.ts';
import { createHost, type Expectation, type Host, ledgerCopy } from './crash-host.ts';
import { openSim, PATH, prune } from './crash-life.ts';
import { pictureOf } from './crash-picture.ts';
import { openings, report, type Script, STORE, startEvents } from './crash-script.ts';
import { createSimDisk, type Image } from './sim-disk.ts';
import { readWasm } from './wasm.ts';

export interface Verdict {
  readonly lost: string | null;
  readonly corrupt: string | null;
  readonly doubleRuns: readonly string[];
}

const MOST_REPORTS = 1_000;

/** @param thoroughly SQLite reads every page as well, which opening leaves out */
export async function examine(image: Image, { pictures, ledger }: Expectation, thoroughly: boolean): Promise<Verdict> {
  const disk = createSimDisk({ image, random: Math.random, prompt: true });
  const damage = thoroughly ? await damageOf(image) : null;
  if (damage !== null) return corrupt(damage);
  try {
    const { store, notices } = await openSim(disk);
    try {
      if (notices.length > 0) return corrupt(notices.map((notice) => JSON.stringify(notice)).join(' '));
      const stored = store.load();
      if (!pictures.includes(pictureOf(stored))) {
        return { lost: difference(pictures[0] ?? '', pictureOf(stored)), corrupt: null, doubleRuns: [] };
      }
      const state = createState(5);
      loadStore(state, STORE, stored);
      const known = ledgerCopy(ledger);
      prune(known, state);
      const host = createHost({ state, store: undefined, ledger: known });
      await toTheEnd(host);
      return { lost: null, corrupt: null, doubleRuns: host.problems };
    } finally {
      await store.close();
    }
  } catch (error) {
    return corrupt(String((error as Error).stack));
  }
}

/** Nothing is stored here: what is asked is whether the core finds its way from what the crash left. */
async function toTheEnd(host: Host): Promise<void> {
  const script: Script = { at: 900_000_000, runs: 0, random: () => 0.9 };
  for (const event of openings(script)) await host.happen(event);
  for (const [taskId, task] of host.state.tasks) {
    await host.happen({ type: 'setMode', at: script.at, taskId, mode: 'auto' });
    if (task.row.runState === 'paused' || task.row.runState === 'interrupted')
      await host.happen({ type: 'resume', at: script.at, taskId });
    else for (const event of startEvents(script, taskId, false, null)) await host.happen(event);
  }
  for (let reports = 0; host.running.size > 0; reports++) {
    if (reports > MOST_REPORTS) {
      host.problems.push('the work does not come to an end');
      return;
    }
    for (const execution of [...host.running.values()])
      for (const event of report(host, script, execution, 1)) await host.happen(event);
  }
}

async function damageOf(image: Image): Promise<string | null> {
  if (!image.has(PATH)) return null; // died before there was a store
  const file = (await loadShim(readWasm())).open(PATH, createSimDisk({ image, random: Math.random, prompt: true }));
  try {
    lockForThisProcess(file.sql);
    const verdict = String(firstValue(file.sql, 'PRAGMA integrity_check'));
    if (verdict !== 'ok') return verdict;
    return file.sql.exec('PRAGMA foreign_key_check').length > 0 ? 'foreign keys are broken' : null;
  } finally {
    file.close();
  }
}

function corrupt(reason: string): Verdict {
  return { lost: null, corrupt: reason, doubleRuns: [] };
}

/** Where two pictures begin to differ. */
function difference(expected: string, found: string): string {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at++;
  return `expected ..${expected.slice(Math.max(0, at - 80), at + 120)}.. found ..${found.slice(at, at + 120)}..`;
}
