/**
 * One process's part of the life of a store: opens what the process before it left, does some steps of the script, and
 * ends by a close, a kill or a power cut. The same part can be lived again with a disk that refuses at one place.
 */
import type { Event } from '../../src/core/events.ts';
import { createState, loadStore } from '../../src/core/state.ts';
import { type OpenedStore, openStore } from '../../src/store/store.ts';
import { createCrashDisk, type Death, type Operation, type Refusal } from './crash-disk.ts';
import { createHost, type Expectation, emptyLedger, type Host, type Ledger, ledgerCopy } from './crash-host.ts';
import { pictureOf } from './crash-picture.ts';
import { nextEvents, openings, type Script, STORE } from './crash-script.ts';
import { seededRandom } from './random.ts';
import { createSimDisk, type Image } from './sim-disk.ts';
import { readWasm } from './wasm.ts';

export const PATH = '/sim/datatrace.db';

/** Where a part begins: what is on the disk and what was said. */
export interface Beginning {
  readonly part: number;
  readonly image: Image;
  readonly expectation: Expectation;
}

export const FIRST: Beginning = {
  part: 0,
  image: new Map(),
  expectation: { pictures: [pictureOf({ tasks: [], units: [], runs: [], queue: [] })], ledger: emptyLedger() },
};

export interface Corpse {
  readonly place: number;
  readonly operation: Operation;
  readonly path: string;
  readonly image: Image;
  readonly expectation: Expectation;
}

export interface Lived {
  readonly end: Beginning;
  readonly corpses: readonly Corpse[];
  /** File operations of the part, in order. */
  readonly operations: readonly Operation[];
  readonly problems: readonly string[];
}

export interface Living {
  readonly seed: number;
  readonly control?: Control | undefined;
  readonly deathAt?: (place: number, operation: Operation) => Death | undefined;
  readonly refuse?: Refusal & { readonly place: number };
}

/** Planted faults, each of which must be noticed. */
export const CONTROLS = ['ack-early', 'no-fdatasync'] as const;
export type Control = (typeof CONTROLS)[number];

const STEPS = 10;
const PASSING: readonly string[] = ['store.full', 'store.readOnly', 'store.io', 'store.backup'];
const NEVER_MS = 3_600_000;

export function openSim(
  disk: Parameters<typeof createCrashDisk>[0]['disk'] | ReturnType<typeof createCrashDisk>,
): Promise<OpenedStore> {
  return openStore({
    path: PATH,
    key: STORE,
    wasm: readWasm(),
    disk,
    tickIntervalMs: NEVER_MS,
    idleCheckpointMs: NEVER_MS,
    unsyncedLimitMs: NEVER_MS,
    walLimitBytes: 64 << 10,
    backupIntervalMs: Number.POSITIVE_INFINITY,
    checkBackup: async () => 'ok',
    now: () => 0,
  });
}

export async function live(from: Beginning, living: Living): Promise<Lived> {
  const { part } = from;
  const random = seededRandom(living.seed * 7919 + part);
  const sim = createSimDisk({
    image: from.image,
    random: seededRandom(living.seed + part * 31),
    prompt: true,
    ignoreDatasync: living.control === 'no-fdatasync',
  });
  const corpses: Corpse[] = [];
  const operations: Operation[] = [];
  let host: Host | undefined;
  const expected = (): Expectation => host?.expectation() ?? from.expectation;
  const disk = createCrashDisk({
    disk: sim,
    deathAt(place, operation) {
      operations[place] = operation;
      return living.deathAt?.(place, operation);
    },
    onDeath: (place, operation, path, image) =>
      corpses.push({ place, operation, path, image, expectation: expected() }),
    ...(living.refuse && { refuse: living.refuse }),
  });
  const script: Script = { at: 1_000_000 * (part + 1), runs: 0, random };
  const problems: string[] = [];
  let opened: OpenedStore | undefined;
  try {
    opened = await openSim(disk);
    problems.push(...opened.notices.map((notice) => `said at opening: ${JSON.stringify(notice)}`));
    host = begin(opened, from, living, problems);
    for (const event of openings(script)) await insist(host, event);
    for (let step = 0; step < STEPS; step++) await takeStep(host, script, opened);
    if (random() < 0.4) await opened.store.close();
  } catch (error) {
    if (living.refuse === undefined || !isRefusal(error))
      problems.push(`unexpected: ${String((error as Error).stack)}`);
  }
  // A process that was refused ends as people end it; and then the power may go as well.
  const image = random() < 0.5 ? sim.snapshot() : sim.peek();
  const expectation = expected();
  problems.push(...(host?.problems ?? []));
  sim.cut();
  await opened?.store.close().catch(() => undefined); // frees SQLite's memory; the disk takes nothing any more
  return { end: { part: part + 1, image, expectation }, corpses, operations, problems };
}

function begin(opened: OpenedStore, from: Beginning, living: Living, problems: string[]): Host {
  const state = createState(5);
  const stored = opened.store.load();
  const picture = pictureOf(stored);
  if (!from.expectation.pictures.includes(picture)) problems.push('lost: the part before this one was not found');
  loadStore(state, STORE, stored);
  const ledger: Ledger = ledgerCopy(from.expectation.ledger);
  prune(ledger, state);
  return createHost({ state, store: opened.store, ledger, ackEarly: living.control === 'ack-early' });
}

/** What was said holds for what is still there: the picture has been compared, so the rest was taken back by a person. */
export function prune(ledger: Ledger, state: Host['state']): void {
  for (const unitId of [...ledger.started.keys()]) if (!state.taskOfUnit.has(unitId)) ledger.started.delete(unitId);
  for (const unitId of [...ledger.completed]) {
    if (state.taskOfUnit.get(unitId)?.units.get(unitId)?.row.status !== 'completed') ledger.completed.delete(unitId);
  }
}

async function takeStep(host: Host, script: Script, opened: OpenedStore): Promise<void> {
  const luck = script.random();
  if (luck < 0.06) return passing(() => opened.checkpoint());
  if (luck < 0.1) return passing(() => opened.backup());
  const events = nextEvents(host, script);
  await Promise.all(events.map((event) => insist(host, event)));
}

async function passing(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!PASSING.includes(codeOf(error))) throw error;
  }
}

/** Reports are tried again, as the engine does every ten seconds; a command that is refused is over. */
async function insist(host: Host, event: Event): Promise<void> {
  const isReport = 'unitId' in event || event.type === 'recover';
  for (let attempt = 1; ; attempt++) {
    try {
      await host.happen(event);
      return;
    } catch (error) {
      if (!PASSING.includes(codeOf(error)) || (isReport && attempt === 3)) throw error;
      if (!isReport) return;
    }
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}

function isRefusal(error: unknown): boolean {
  return codeOf(error).startsWith('store.');
}
