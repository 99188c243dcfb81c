import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnitOutcome } from '../../../src/core/events.ts';
import type { RunId } from '../../../src/core/model.ts';
import type { DeadLetterFiles, TaskManager } from '../../../src/engine/api.ts';
import { type TestExecutor, testEngine, testFolder } from './fakes.ts';

const ended = (rejected: number): UnitOutcome => {
  return { kind: 'completed', processed: 10, bytes: 90, rejected, verified: 'none', note: null };
};
const person = { by: 'person' } as const;

interface Bench {
  readonly manager: TaskManager;
  readonly executor: TestExecutor;
  readonly taskId: string;
  /** What was asked to be kept, run by run. */
  readonly kept: ReadonlySet<RunId>[];
}

async function bench(): Promise<Bench> {
  const { manager, executor } = testEngine();
  const kept: ReadonlySet<RunId>[] = [];
  const deadLetters: DeadLetterFiles = {
    path: (taskId, runId) => `/letters/${taskId}/${runId}`,
    keepOnly: (_taskId, runIds) => void kept.push(runIds),
  };
  const folder = testFolder('A');
  await manager.addFolder({ ...folder, access: { ...folder.access, deadLetters } });
  executor.units = ['a', 'b'];
  const taskId = manager.taskId('A', 'copy') ?? '';
  return { manager, executor, taskId, kept };
}

const runIdOf = ({ manager, taskId }: Bench) => manager.lastRun(taskId)?.id ?? '';
const idOf = ({ manager, taskId }: Bench, name: string) =>
  manager.units(taskId, null, -1, 10).units.find((unit) => unit.name === name)?.id ?? '';

describe('rejected rows', () => {
  test('have a file of the run that copies them, which views find as soon as there are some', async () => {
    const it = await bench();
    const { manager, executor, taskId } = it;
    await manager.start(taskId, person);
    const file = `/letters/${taskId}/${runIdOf(it)}`;
    assert.equal(executor.running.get('a')?.job.deadLetters, file);
    assert.equal(executor.running.get('a')?.job.replay, undefined);
    assert.equal(manager.rejectedFile(taskId, null), null);
    executor.finish('a', ended(2));
    executor.finish('b');
    assert.equal((await manager.settled(taskId)).rejected, 2);
    assert.equal(manager.rejectedFile(taskId, null), file);
    assert.equal(manager.rejectedFile(taskId, idOf(it, 'a')), file);
    assert.equal(manager.rejectedFile(taskId, idOf(it, 'b')), null);
    assert.deepEqual([manager.header(taskId)?.rejected, manager.list()[0]?.rejected], [2, 2]);
    assert.deepEqual(it.kept.at(-1)?.has(runIdOf(it)), true);
  });

  test('are written again by a run of these units, with the file of their copy', async () => {
    const it = await bench();
    const { manager, executor, taskId } = it;
    await manager.start(taskId, person);
    const first = runIdOf(it);
    executor.finish('a', ended(2));
    executor.finish('b');
    await manager.settled(taskId);
    const answer = await manager.retryRejected(taskId, person);
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.deepEqual([...executor.running.keys()], ['a']);
    const job = executor.running.get('a')?.job;
    assert.deepEqual(job?.replay, { processed: 10, bytes: 90, rejected: 2 });
    assert.equal(job?.deadLetters, `/letters/${taskId}/${first}`);
    executor.finish('a', ended(0));
    const { outcome, rows, rejected } = await manager.settled(taskId);
    assert.deepEqual([outcome, rows, rejected], ['completed', 2, 0]);
    assert.equal(manager.rejectedFile(taskId, null), null);
  });

  test('that are not there are no reason to run, and globs choose units', async () => {
    const it = await bench();
    const { manager, executor, taskId } = it;
    await manager.start(taskId, person);
    executor.finish('a', ended(1));
    executor.finish('b', ended(1));
    await manager.settled(taskId);
    const none = await manager.retryRejected(taskId, { ...person, units: ['c*'] });
    assert.equal(none.ok && none.note?.code, 'nothingRejected');
    assert.equal(executor.running.size, 0);
    await manager.retryRejected(taskId, { ...person, units: ['b*'] });
    assert.deepEqual([...executor.running.keys()], ['b']);
    const unknown = await manager.retryRejected(taskId, person, ['nobody']);
    assert.ok(!unknown.ok && unknown.refusal.code === 'unknownUnits', JSON.stringify(unknown));
    executor.finish('b');
    await manager.settled(taskId);
  });

  test('of a running task are written again by its next executions', async () => {
    const it = await bench();
    const { manager, executor, taskId } = it;
    await manager.start(taskId, person);
    executor.finish('a', ended(1));
    const answer = await manager.retryRejected(taskId, person, [idOf(it, 'a')]);
    assert.equal(answer.ok && answer.note?.code, 'replayStarted');
    assert.deepEqual([...executor.running.keys()].sort(), ['a', 'b']);
    executor.finish('a');
    executor.finish('b');
    assert.equal((await manager.settled(taskId)).outcome, 'completed');
  });
});
