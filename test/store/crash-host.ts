/**
 * A host around the real core and the real store, as small as one can be: decides, commits, takes the changes into memory,
 * waits for the disk, and only then says so and starts units. It notes what it has said, for that must survive everything.
 */
import { apply } from '../../src/core/apply.ts';
import { decide } from '../../src/core/decide.ts';
import type { Change, Decision, Effect, Event } from '../../src/core/events.ts';
import type { UnitId } from '../../src/core/model.ts';
import type { Store } from '../../src/core/ports.ts';
import type { CoreState } from '../../src/core/state.ts';
import { copyOf, pictureOf, storedOf } from './crash-picture.ts';

/** What people and workers were told, over all processes of a life. */
export interface Ledger {
  /** Units that were said to be completed, and not begun anew by a person since. */
  readonly completed: Set<UnitId>;
  /** The newest execution of each unit that was really started. */
  readonly started: Map<UnitId, number>;
}

export function emptyLedger(): Ledger {
  return { completed: new Set(), started: new Map() };
}

export function ledgerCopy({ completed, started }: Ledger): Ledger {
  return { completed: new Set(completed), started: new Map(started) };
}

/** States that the disk may hold when the process dies now. */
export interface Expectation {
  readonly pictures: readonly string[];
  readonly ledger: Ledger;
}

export interface Host {
  readonly state: CoreState;
  /** Units that run in this process, with their attempts. */
  readonly running: Map<UnitId, Execution>;
  readonly problems: string[];
  /** Resolves when the answer was given; false = the store refused, nothing has changed. */
  happen(event: Event): Promise<boolean>;
  expectation(): Expectation;
}

export interface Execution {
  readonly unitId: UnitId;
  readonly attempt: number;
  stage: number;
  stop: boolean;
  waits: boolean;
}

export interface HostOptions {
  readonly state: CoreState;
  /** undefined = nothing is stored. */
  readonly store: Store | undefined;
  readonly ledger: Ledger;
  /** Planted fault: says what is not even committed. */
  readonly ackEarly?: boolean;
}

/** Events by which people have completed units executed again, or forget that they were. */
function beginsAnew(event: Event): boolean {
  if (event.type === 'reset' || event.type === 'deleteTask') return true;
  if (event.type === 'start' || event.type === 'restart' || event.type === 'queueAdd') return event.again;
  return false;
}

export function createHost({ state, store, ledger, ackEarly = false }: HostOptions): Host {
  const running = new Map<UnitId, Execution>();
  const problems: string[] = [];
  /** From the newest acknowledged state on, all that followed, refused ones among them. */
  let open: { readonly commit: number; readonly picture: string }[] = [
    { commit: 0, picture: pictureOf(storedOf(state)) },
  ];
  let commits = 0;
  /** Expectations that were asked for while a change was being written: it may be on the disk as well. */
  let underWay: string[][] | undefined;

  async function happen(event: Event): Promise<boolean> {
    const decision = decide(state, event);
    const stored = decision.changes.filter(({ kind }) => kind !== 'maxRunning');
    if (stored.length === 0 || store === undefined) {
      takeIn(event, decision.changes);
      perform(decision.effects);
      return true;
    }
    if (ackEarly) {
      takeIn(event, decision.changes);
      note();
      acknowledged(commits);
      await null; // says it, and then does it
      store.transact(stored).catch(() => undefined);
      perform(decision.effects);
      return true;
    }
    underWay = [];
    const durable = write(store, stored, decision);
    takeIn(event, decision.changes);
    if (decision.durability !== 'buffered') note();
    underWay = undefined;
    const mine = commits;
    if (durable !== undefined) {
      await durable;
      acknowledged(mine);
    }
    perform(decision.effects);
    return true;
  }

  function write(to: Store, stored: readonly Change[], { durability, changes }: Decision): Promise<void> | undefined {
    try {
      if (durability === 'durable') return to.transact(stored);
      if (durability === 'committed') to.commit(stored);
      else to.tick(stored);
      return undefined;
    } catch (error) {
      // Refused, but nobody knows how much of it reached the disk: after a crash it may be there whole.
      const possible = copyOf(state);
      apply(possible, changes);
      open.push({ commit: commits, picture: pictureOf(storedOf(possible)) });
      throw error;
    }
  }

  function takeIn(event: Event, changes: readonly Change[]): void {
    apply(state, changes);
    for (const unitId of ledger.completed) {
      const row = state.taskOfUnit.get(unitId)?.units.get(unitId)?.row;
      if (row?.status === 'completed') continue;
      if (!beginsAnew(event)) problems.push(`${unitId} was completed, and ${event.type} undid it`);
      ledger.completed.delete(unitId);
    }
    if (event.type === 'deleteTask') {
      for (const unitId of ledger.started.keys()) if (!state.taskOfUnit.has(unitId)) ledger.started.delete(unitId);
    }
  }

  function note(): void {
    commits++;
    const picture = pictureOf(storedOf(state));
    open.push({ commit: commits, picture });
    for (const pictures of underWay ?? []) pictures.push(picture);
  }

  function acknowledged(commit: number): void {
    open = open.filter((one) => one.commit >= commit);
    if (open.at(-1)?.commit !== commit) return; // more is on its way: what is completed by it was not said yet
    for (const { units } of state.tasks.values())
      for (const [unitId, { row }] of units) if (row.status === 'completed') ledger.completed.add(unitId);
  }

  function perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'startUnit') startUnit(effect.unitId, effect.attempt);
      if (effect.kind === 'stopUnit') {
        const execution = running.get(effect.unitId);
        if (execution?.attempt === effect.attempt) execution.stop = true;
      }
      if (effect.kind === 'proceed') {
        const execution = running.get(effect.unitId);
        if (execution?.attempt === effect.attempt) execution.waits = false;
      }
    }
  }

  function startUnit(unitId: UnitId, attempt: number): void {
    const before = ledger.started.get(unitId) ?? 0;
    if (running.has(unitId)) problems.push(`${unitId} was started while it ran`);
    if (attempt <= before) problems.push(`${unitId} was started as ${attempt} after ${before}`);
    if (ledger.completed.has(unitId)) problems.push(`${unitId} was started although it was completed`);
    ledger.started.set(unitId, attempt);
    running.set(unitId, { unitId, attempt, stage: 0, stop: false, waits: false });
  }

  return {
    state,
    running,
    problems,
    happen,
    expectation() {
      const pictures = open.map(({ picture }) => picture);
      underWay?.push(pictures);
      return { pictures, ledger: ledgerCopy(ledger) };
    },
  };
}
