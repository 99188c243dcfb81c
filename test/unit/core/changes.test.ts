import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apply } from '../../../src/core/apply.ts';
import { decide } from '../../../src/core/decide.ts';
import { accepted, type Draft, decideInDraft, put, refused, setTask, setUnit } from '../../../src/core/draft.ts';
import type { Change, UnitFields } from '../../../src/core/events.ts';
import { type RunRow, UNIT_STATUSES, type UnitRow } from '../../../src/core/model.ts';
import type { CoreState, UnitEntry } from '../../../src/core/state.ts';
import { type Desk, desk, names, planned } from './desk.ts';
import { reloadedSnapshotOf, snapshotOf, stored } from './snapshot.ts';

const UNITS = 9;

/** Two tasks of one folder and one of another; units run, wait, have failed, come after others and stand in queues. */
function loaded(): Desk {
  const it = desk(5);
  it.define('shop', { mode: 'manual', concurrency: 3 });
  it.define('toys', { concurrency: 1 });
  it.define('books', { concurrency: 2 }, 'B');
  const plan = planned(names(UNITS)).map((unit, at) => ({ ...unit, after: at % 4 === 3 ? ['u0', 'u2'] : [] }));
  it.start('shop', [], { plan });
  it.queueAdd('shop', ['u0', 'u1', 'u2', 'u5', 'u6', 'u3']);
  it.fail('shop', 'u0');
  it.lose('shop', 'u1');
  it.start('toys', names(4), { only: ['u1', 'u2'] });
  it.start('books', names(3));
  it.tell('stop', 'books');
  return it;
}

/** Numbers that are the same in every run. */
function chance(seed: number) {
  let number = seed;
  const below = (limit: number) => {
    number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (number >>> 8) % limit;
  };
  const one = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const some = <T>(list: readonly T[]): T[] => list.filter(() => below(3) === 0);
  return { below, one, some };
}

type Chance = ReturnType<typeof chance>;

/** Of a unit, in any combination: what decisions never ask for, too. */
function anyFields(
  { below, one, some }: Chance,
  entry: UnitEntry | undefined,
  name = entry?.row.name,
): Partial<UnitFields> {
  const set: Partial<UnitFields> = {};
  if (below(2) === 0) set.status = one(UNIT_STATUSES);
  if (below(3) === 0) set.nextRetryAt = one([null, 5_000, 5_000, 9_000]);
  if (below(3) === 0) set.retriesUsed = one([0, 1, 2]);
  if (below(3) === 0) set.reason = one([null, { code: 'unitAborted', args: {} }, { code: 'another', args: {} }]);
  if (below(4) === 0) set.total = one([null, 10, 250]);
  if (below(3) === 0) Object.assign(set, { processed: below(100), bytes: below(1_000), rejected: below(5) });
  if (below(4) === 0) set.prepared = one([null, 'created']);
  if (below(4) === 0) set.attempt = below(9);
  if (below(3) === 0) set.error = one([null, ...['noSuchTable', 'connectionLost'].map(errorOf)]);
  // A unit that leaves the plan has left the queue.
  if (below(9) === 0) set.removed = entry?.queueOrder === null && below(2) === 0;
  if (below(9) === 0) set.planOrder = below(1_000_000);
  if (below(9) === 0) set.after = some([...names(UNITS), 'late']).filter((other) => other !== name);
  return set;
}

function errorOf(code: string) {
  return { class: 'permanent', code, args: {}, message: '' } as const;
}

/** Everything that a draft can take back. */
function anyChange(state: CoreState, luck: Chance): Change {
  const { below, one, some } = luck;
  const task = state.tasks.get(one(['shop', 'shop', 'shop', 'toys', 'books', 'nobody']));
  const taskId = task?.row.id ?? 'nobody';
  const entries = [...(task?.units.values() ?? [])];
  const ids = [...entries.flatMap(({ row }) => (row.removed ? [] : [row.id])), 'nobody'];
  const unitId = one([...entries.map(({ row }) => row.id), 'nobody']);
  const anySet = () => anyFields(luck, task?.units.get(unitId));
  const units = one([null, some(names(UNITS))]);
  const runId = one(['new', task?.run?.id ?? 'new']);
  const attempt = { runId, unitId, attempt: 1, startedAt: 1, endedAt: null, outcome: null } as const;
  const run: RunRow = {
    id: runId,
    taskId,
    startedAt: 1,
    endedAt: null,
    outcome: null,
    startedBy: 'person',
    mode: 'auto',
  } as never;
  const makers: (() => Change)[] = [
    () => ({ kind: 'unit', taskId, unitId, set: anySet() }),
    () => ({ kind: 'unit', taskId, unitId, set: anySet() }),
    () => ({ kind: 'unit', taskId, unitId, set: { ...anySet(), status: 'running' } }),
    () => {
      const { after, planOrder, removed, ...set } = anySet();
      const ends = set.status === 'running' ? { status: 'pending' as const } : {}; // no statement starts many
      return { kind: 'unitsWhere', taskId, statuses: some(UNIT_STATUSES), set: { ...set, ...ends, prepared: null } };
    },
    () => ({ kind: 'enqueue', taskId, entries: entriesOf(state, taskId, some(ids), below(2) === 0) }),
    () => ({ kind: 'dequeue', taskId, unitIds: some(ids) }),
    () => ({ kind: 'clearQueue', taskId }),
    () => ({ kind: 'putRun', run: { ...run, units, concurrency: 2, rows: below(9), bytes: 0, rejected: 0 } }),
    () => ({ kind: 'run', taskId, runId, set: one([{ rows: 7 }, { units }, { outcome: 'completed' }]) }),
    () => ({ kind: 'task', taskId, set: one([{ runState: 'running' }, { runState: 'paused' }, { name: 'new' }]) }),
    () => ({ kind: 'putAttempt', taskId, attempt: { ...attempt, rows: 0, bytes: 0, errorCode: null } }),
    () => ({ kind: 'attempt', taskId, runId, unitId, attempt: 1, set: { rows: 1 } }),
    () => ({ kind: 'forgetRuns', taskId, keep: 1 }),
    () => ({ kind: 'maxRunning', maxRunningUnits: below(9) }),
  ];
  return one(makers)();
}

/** Before or behind all others: two entries never have one place. */
function entriesOf(state: CoreState, taskId: string, unitIds: readonly string[], before: boolean) {
  const orders = [...(state.tasks.get(taskId)?.units.values() ?? [])].map(({ queueOrder }) => queueOrder ?? 0);
  const place = (at: number) => (before ? Math.min(0, ...orders) - 1 - at : Math.max(0, ...orders) + 1 + at);
  return unitIds.map((unitId, at) => ({ unitId, order: place(at), addedAt: 1_000 + at }));
}

/** And what is decided without a draft. */
function anyChangeAtAll(state: CoreState, luck: Chance): Change {
  const { below, one } = luck;
  if (below(4) > 0) return anyChange(state, luck);
  const task = one([...state.tasks.values()]);
  const entry = one([...task.units.values()]);
  const { row } = entry;
  const taskId = task.row.id;
  if (below(6) === 0 && state.tasks.size > 1) return { kind: 'dropTask', taskId };
  if (below(3) === 0) return { kind: 'putUnits', taskId, units: [{ ...row, ...anyFields(luck, entry) }] };
  const id = `${taskId}#${task.nextUnit + below(3)}`;
  const name = task.idByName.has('late') ? `new ${id}` : 'late';
  const last = Math.max(...[...task.units.values()].map((entry) => entry.row.planOrder));
  const added: UnitRow = { ...row, removed: false, ...anyFields(luck, undefined, name), id, name, planOrder: last + 1 };
  const units = [{ ...added, after: added.after.filter((other) => other !== name) }];
  if (below(3) === 0) units[0]!.planOrder = below(9);
  return { kind: 'putUnits', taskId, units };
}

/** As `deepEqual`, but quick when all is well. */
function same(actual: unknown, expected: unknown, about: () => string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) assert.deepEqual(actual, expected, about());
}

describe('changes that come in any order', () => {
  test('leave in memory what a store gives that holds the same, one by one or all at once', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const luck = chance(seed);
      const [whole, single] = [loaded().state, loaded().state];
      // Comes after a unit that may turn up later, completed already.
      const child: Change = { kind: 'unit', taskId: 'shop', unitId: 'shop#9', set: { after: ['late', 'u2'] } };
      for (const state of [whole, single]) apply(state, [child]);
      for (let list = 0; list < 3; list++) {
        const changes: Change[] = [];
        for (let count = 1 + luck.below(6); count > 0; count--) {
          const change = anyChangeAtAll(single, luck);
          changes.push(change);
          apply(single, [change]);
        }
        apply(whole, changes);
        const about = () => `seed ${seed}: ${JSON.stringify(changes)}`;
        same(snapshotOf(whole), snapshotOf(single), about);
        same(stored(snapshotOf(single)), stored(reloadedSnapshotOf(single)), about);
      }
    }
  });

  test('are taken back whole at the end of a draft', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const luck = chance(seed * 7);
      const { state } = loaded();
      const before = snapshotOf(state);
      const changes: Change[] = [];
      decideInDraft(state, (draft) => {
        for (let count = 1 + luck.below(6); count > 0; count--) {
          const change = anyChange(state, luck);
          changes.push(change);
          put(draft, change);
        }
        return luck.below(2) === 0 ? accepted() : refused('unknownTask');
      });
      same(snapshotOf(state), before, () => `seed ${seed}: ${JSON.stringify(changes)}`);
    }
  });
});

describe('a draft', () => {
  const changesOf = (make: (draft: Draft) => void) => {
    const decision = decideInDraft(loaded().state, (draft) => {
      make(draft);
      return accepted();
    });
    return decision.changes;
  };

  test('writes a unit that changes twice once, where it changed first', () => {
    const changes = changesOf((draft) => {
      const task = draft.state.tasks.get('shop')!;
      setUnit(draft, task, 'shop#1', { bytes: 1, rejected: 1 });
      setUnit(draft, task, 'shop#2', { bytes: 2 });
      setTask(draft, task, { queueRev: 9 });
      setUnit(draft, task, 'shop#1', { bytes: 3, total: 4 });
    });
    assert.deepEqual(changes, [
      { kind: 'unit', taskId: 'shop', unitId: 'shop#1', set: { bytes: 3, rejected: 1, total: 4 } },
      { kind: 'unit', taskId: 'shop', unitId: 'shop#2', set: { bytes: 2 } },
      { kind: 'task', taskId: 'shop', set: { queueRev: 9 } },
    ]);
  });

  test('writes it again behind a statement about many units', () => {
    const statement = { kind: 'unitsWhere', taskId: 'shop', statuses: ['failed'], set: { bytes: 7 } } as const;
    const one = (bytes: number) => ({ kind: 'unit', taskId: 'shop', unitId: 'shop#1', set: { bytes } }) as const;
    const all = [one(1), statement, one(2)];
    const changes = changesOf((draft) => {
      for (const change of all) put(draft, change);
    });
    assert.deepEqual(changes, all);
  });

  test('refuses what it could not take back, and leaves nothing behind', () => {
    const { state } = loaded();
    const before = snapshotOf(state);
    const task = state.tasks.get('toys')!;
    const changes: Change[] = [
      { kind: 'putTask', task: task.row },
      { kind: 'putUnits', taskId: 'toys', units: [] },
      { kind: 'dropTask', taskId: 'toys' },
    ];
    for (const change of changes) {
      const tried = () =>
        decideInDraft(state, (draft) => {
          setTask(draft, task, { name: 'new' });
          put(draft, change);
          return accepted();
        });
      assert.throws(tried, { message: `${change.kind} is decided without a draft` });
      assert.deepEqual(snapshotOf(state), before);
    }
  });
});

test('what is none of the kinds that there are is an error, not a silence', () => {
  const it = loaded();
  const { state } = it;
  const strange = { kind: 'strange', type: 'strange', taskId: 'shop' };
  const message = 'unexpected value {"kind":"strange","type":"strange","taskId":"shop"}';
  assert.throws(() => apply(state, [strange as never]), { message });
  assert.throws(() => decide(state, strange as never), { message });
  const { id, attempt } = it.unit('toys', 'u1');
  const finished = { type: 'finished', at: 1, unitId: id, attempt, outcome: strange, random: 0 };
  assert.throws(() => decide(state, finished as never), { message });
});

test('a task that is told to run keeps its turn when it runs already', () => {
  const { state } = loaded();
  const turns = [...state.ring];
  assert.equal(turns.length, 2);
  for (const taskId of turns) apply(state, [{ kind: 'task', taskId, set: { runState: 'running' } }]);
  assert.deepEqual([...state.ring], turns);
});

test('a task that is put again has a new row, and the units that it had', () => {
  const { state } = loaded();
  const before = snapshotOf(state);
  const row = { ...state.tasks.get('shop')!.row, name: 'new', concurrency: 7 };
  apply(state, [{ kind: 'putTask', task: row }]);
  const tasks = before.tasks.map((task) => (task.row.id === 'shop' ? { ...task, row } : task));
  assert.deepEqual(snapshotOf(state), { ...before, tasks });
});
