/**
 * Simulated power cuts: the real store on a disk that forgets what was not synced, with other programs that fold and
 * delete the WAL in between. `node test/store/powercut.ts --cuts N [--seed S] [--control no-fdatasync|sync-off] [--json]`
 */
import type { Change } from '../../src/core/events.ts';
import { loadShim } from '../../src/store/shim.ts';
import { type OpenedStore, openStore } from '../../src/store/store.ts';
import { choiceOption, countOption, isRoundDue, readOptions, report } from './command-line.ts';
import { type Random, seededRandom } from './random.ts';
import { createSimDisk, type Image, type SimDisk } from './sim-disk.ts';
import { readWasm } from './wasm.ts';
import { firstChanges, inspect, lastTransition, progress, transition } from './workload.ts';

const PATH = '/sim/datatrace.db';
const CONTROLS = ['no-fdatasync', 'sync-off'] as const;

const options = readOptions(process.argv.slice(2));
const cuts = countOption(options, 'cuts', 200);
const control = choiceOption(options, 'control', CONTROLS);
const random = seededRandom(countOption(options, 'seed', 1));
const shim = await loadShim(readWasm());
const started = performance.now();
const figures = { cuts: 0, acknowledged: 0, lost: 0, corrupt: 0, setAside: 0, checkpoints: 0, rescues: 0, groupMax: 0 };

let image: Image = new Map();
let acknowledged = new Set<number>();
for (let round = 0; isRoundDue(round, cuts, control !== undefined, figures.lost + figures.corrupt); round++) {
  figures.cuts++;
  const disk = createSimDisk({
    image,
    random,
    callsUntilCut: Math.floor(random() ** 2 * 2500),
    ignoreDatasync: control === 'no-fdatasync',
    ignoreSync: control === 'sync-off',
  });
  const before = acknowledged.size;
  await writeUntilCut(disk, random);
  figures.acknowledged += acknowledged.size - before;
  image = disk.cut();
  const broken = await verify(round);
  if (broken || random() < 0.1) {
    image = new Map();
    acknowledged = new Set();
  }
}
const seconds = Math.round((performance.now() - started) / 100) / 10;
report(options, { ...figures, seconds }, figures.lost + figures.corrupt);

async function writeUntilCut(disk: SimDisk, chance: Random): Promise<void> {
  let opened: OpenedStore | undefined;
  try {
    opened = await open(disk);
    const { store } = opened;
    const state = store.load();
    if (state.tasks.length === 0) await store.transact(firstChanges());
    let n = lastTransition(state);
    let inFlight = 0;
    const worker = async (): Promise<void> => {
      while (disk.remains === undefined) {
        if (chance() < 0.4) await new Promise(setImmediate); // so that commits fall into a running sync
        const mine = n + 1;
        const durable = store.transact(transition(mine));
        n = mine;
        inFlight++;
        figures.groupMax = Math.max(figures.groupMax, inFlight);
        await durable;
        inFlight--;
        acknowledged.add(mine);
        if (chance() < 0.3) spill(store.tick, store.commit, progress(mine), chance);
        if (chance() < 0.02) {
          opened?.checkpoint();
          figures.checkpoints++;
        }
        if (chance() < 0.02 && visit(disk)) figures.rescues++;
      }
    };
    await Promise.allSettled([worker(), worker(), worker(), worker()]);
  } catch {
    // the power went
  }
  disk.cut();
  await opened?.store.close().catch(() => undefined); // frees SQLite's memory; the disk takes nothing any more
}

function spill(
  tick: (changes: readonly Change[]) => void,
  commit: (changes: readonly Change[]) => void,
  changes: readonly Change[],
  chance: Random,
): void {
  if (chance() < 0.5) tick(changes);
  else commit(changes);
}

function open(disk: SimDisk): Promise<OpenedStore> {
  return openStore({
    path: PATH,
    key: 'k',
    wasm: readWasm(),
    disk,
    backupIntervalMs: Number.POSITIVE_INFINITY,
    walLimitBytes: 48 << 10,
    tickIntervalMs: 2,
  });
}

/** Opens a copy of what is left: the next round recovers from the original by itself. */
async function verify(round: number): Promise<boolean> {
  const copy = createSimDisk({ image, random });
  try {
    const opened = await open(copy);
    if (opened.notices.length > 0) {
      figures.setAside++;
      throw new Error(opened.notices.map((notice) => JSON.stringify(notice)).join(' '));
    }
    const state = opened.store.load();
    await opened.store.close();
    const { lost, problems } = await inspect(copy, PATH, acknowledged);
    figures.lost += lost;
    const all = lastTransition(state) >= Math.max(0, ...acknowledged) - lost ? problems : [...problems, 'load differs'];
    if (all.length > 0) {
      figures.corrupt++;
      if (control === undefined) console.error(`cut ${round}: ${all.join('; ').slice(0, 300)}`);
    }
    return lost > 0 || all.length > 0;
  } catch (error) {
    figures.corrupt++;
    figures.lost += acknowledged.size;
    if (control === undefined) console.error(`cut ${round}: ${String(error).slice(0, 300)}`);
    return true;
  }
}

/** A read-write program opens and closes the live file: it folds the WAL that it finds and deletes it. */
function visit(disk: SimDisk): boolean {
  if (disk.remains !== undefined || !disk.exists(`${PATH}-wal`)) return false;
  const theirs = createSimDisk({ image: disk.snapshot(), random: Math.random });
  const visitor = shim.open(PATH, theirs);
  visitor.sql.run('PRAGMA locking_mode=EXCLUSIVE; PRAGMA wal_checkpoint(TRUNCATE)');
  visitor.close();
  const folded = theirs.snapshot().get(PATH);
  if (folded === undefined) return false;
  disk.foldByOther(PATH, folded);
  return true;
}
