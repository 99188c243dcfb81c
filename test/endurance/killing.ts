/** Kills our command line at random moments of a copy, and looks at what it left. */
import { cpSync, existsSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { dataFolder } from '../../src/host/data-folder.ts';
import { openStore } from '../../src/store/store.ts';
import { readWasm } from '../store/wasm.ts';
import type { Copy, Installed } from './command.ts';

export interface KillFigures {
  kills: number;
  copies: number;
  /** Kills after which a checkpoint was there to be compared. */
  midCopy: number;
  /** The checkpoint spoke of rows that the target does not have. */
  ahead: number;
  mostRepeatedBatches: number;
  different: number;
  failed: number;
}

export interface Killing {
  readonly installed: Pick<Installed, 'folder' | 'storeFolder' | 'run'>;
  readonly unit: string;
  readonly batchRows: number;
  /** Kills in all. */
  readonly wanted: number;
  readonly seed: number;
  /** Whether the checkpoint is in the store, where it can be compared. */
  readonly kept: boolean;
  /** Removes what a copy made. */
  clear(): Promise<void>;
  /** Rows in the target, when the server does nothing more for the process that was killed. */
  targetRows(): Promise<number>;
  /** Whether the target is what the source is. */
  isEqual(): Promise<boolean>;
}

/** How long after its beginning a unit is killed at the latest: before the end of its copy, on most machines. */
const MOST_MS = 1_500;

/** Copies again and again until there were as many kills as wanted. */
export async function killAgainAndAgain(killing: Killing): Promise<KillFigures> {
  const figures = { kills: 0, copies: 0, midCopy: 0, ahead: 0, mostRepeatedBatches: 0, different: 0, failed: 0 };
  const random = randomOf(killing.seed);
  while (figures.kills < killing.wanted) await copyWithKills(killing, figures, random);
  return figures;
}

/** Numbers in [0, 1) that follow from the seed alone. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** One copy from an empty target to its end. */
async function copyWithKills(killing: Killing, figures: KillFigures, random: () => number): Promise<void> {
  const { installed, wanted, seed } = killing;
  await killing.clear();
  // Until the unit was seen running: who is killed before has not begun the run.
  for (let begun = false; ; ) {
    const copy = installed.run({ command: begun ? [] : ['--again'] });
    if (figures.kills < wanted) killSometime(copy, random);
    const code = await copy.ended;
    begun ||= isRunning(copy);
    if (code === 0) break;
    if (code !== null) {
      figures.failed += 1;
      console.error(`ended with ${code}: ${copy.printed().slice(-2_000)}`);
      return;
    }
    figures.kills += 1;
    if (begun && killing.kept) await compareCheckpoint(killing, figures);
  }
  figures.copies += 1;
  if (await killing.isEqual()) return;
  figures.different += 1;
  console.error(`copy ${figures.copies} differs, seed ${seed}`);
}

/** Most rounds: a while after the unit began. Some: while the process starts. */
function killSometime(copy: Copy, random: () => number): void {
  const { child, ended } = copy;
  const early = random() < 0.1;
  const after = random() * (early ? 600 : MOST_MS);
  const kill = (): void => void child.kill('SIGKILL');
  let timer = setTimeout(kill, early ? after : 60_000);
  const look = (): void => {
    if (early || !isRunning(copy)) return;
    child.stdout?.off('data', look);
    clearTimeout(timer);
    timer = setTimeout(kill, after);
  };
  child.stdout?.on('data', look);
  void ended.then(() => clearTimeout(timer));
}

function isRunning({ printed }: Copy): boolean {
  return printed().includes('"status":"running"');
}

/** What the killed process left: the target against the checkpoint. */
async function compareCheckpoint(killing: Killing, figures: KillFigures): Promise<void> {
  const there = await killing.targetRows();
  const said = await checkpointRows(killing);
  if (said === null) return;
  figures.midCopy += 1;
  if (there < said) {
    figures.ahead += 1;
    console.error(`the checkpoint speaks of ${said} rows, the target has ${there}, seed ${killing.seed}`);
  }
  figures.mostRepeatedBatches = Math.max(figures.mostRepeatedBatches, Math.ceil((there - said) / killing.batchRows));
}

/** Rows that the last checkpoint says are committed; null = the unit has none. The store is looked at in a copy. */
async function checkpointRows({ installed, unit }: Killing): Promise<number | null> {
  const places = { workspaceFolder: installed.folder, storeFolder: installed.storeFolder };
  const { folder, database, key } = dataFolder(places);
  if (!existsSync(database)) return null;
  const copied = `${folder}-look`;
  cpSync(folder, copied, { recursive: true, filter: (path) => !statSync(path).isSocket() });
  const path = join(copied, basename(database));
  const opened = await openStore({ path, key, wasm: readWasm(), backupIntervalMs: Number.POSITIVE_INFINITY });
  try {
    const text = opened.store.load().units.find(({ name }) => name === unit)?.checkpoint ?? 'null';
    return (JSON.parse(text) as { readonly rows?: number } | null)?.rows ?? null;
  } finally {
    await opened.store.close();
    rmSync(copied, { recursive: true });
  }
}

/** Prints the figures; the process fails where something was lost, wrong, or repeated more than once a lane. */
export function report(
  figures: KillFigures,
  about: Readonly<Record<string, unknown>>,
  lanes: number,
  json: boolean,
): void {
  const all = { ...figures, ...about };
  for (const [name, value] of Object.entries(all)) console.log(`${name.padEnd(22)} ${value}`);
  if (json) console.log(JSON.stringify(all));
  const broken = figures.ahead + figures.different + figures.failed;
  if (broken > 0 || figures.mostRepeatedBatches > lanes) process.exitCode = 1;
}
