import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createProgressMonitor } from '../../../src/engine/progress-monitor.ts';
import { createRemoteMonitor } from '../../../src/engine/remote-monitor.ts';
import { desk } from '../core/desk.ts';
import { testClock, testEngine, testFolder, turn } from './fakes.ts';

const facts = () => ({ planning: [], startErrors: [], slowSides: [], notices: [], blocked: null, maxRunningUnits: 1 });

describe('a unit whose target is prepared anew', () => {
  test('shows the rows of this copy, not those of the execution before', async () => {
    const { manager, executor, clock } = testEngine();
    await manager.addFolder(testFolder('A'));
    const id = manager.taskId('A', 'copy') ?? '';
    await manager.start(id, { by: 'person' });
    await turn();
    const checkpoint = { checkpoint: 'x', processed: 600, bytes: 600 } as const;
    executor.running.get('a')?.report({ type: 'checkpoint', ...checkpoint, phase: 'writing' });
    await manager.pause(id);
    executor.finish('a', { kind: 'stopped', ...checkpoint });
    await turn();
    await manager.resume(id);
    await turn();
    const again = executor.running.get('a');
    assert.ok(again);
    assert.equal(manager.header(id)?.rowsProcessed, 600);
    again.report({ type: 'prepared', prepared: 'emptied', total: 1000, place: 'p' });
    assert.equal(manager.header(id)?.rowsProcessed, 0);
    again.report({ type: 'progress', processed: 10, bytes: 10, total: null, phase: 'writing' });
    clock.advance(1000);
    await turn();
    assert.equal(manager.header(id)?.rowsProcessed, 10);
    await manager.dispose();
  });

  test('has the rate of this copy', () => {
    const clock = testClock();
    const monitor = createProgressMonitor(
      clock,
      () => undefined,
      () => undefined,
    );
    monitor.begin('t', 'a', 2, 600, 600);
    monitor.prepared('a', 1); // of an execution that is over
    clock.advance(1000);
    monitor.prepared('a', 2);
    clock.advance(500);
    monitor.record('a', 2, 50, 50, null, 'writing');
    clock.advance(500);
    assert.equal(monitor.unitRate('a'), 50);
    monitor.dispose();
  });

  test('has it in the window of another host, too', () => {
    const it = desk();
    it.define('t', { concurrency: 1 });
    it.start('t', ['a']);
    const execution = () => ({ at: it.now++, unitId: it.id('t', 'a'), attempt: it.unit('t', 'a').attempt });
    it.take({ type: 'checkpoint', ...execution(), checkpoint: 'x', processed: 60, bytes: 60 });
    it.tell('pause', 't');
    it.stopped('t', 'a', 'x');
    it.tell('resume', 't');
    const clock = testClock();
    const remote = createRemoteMonitor(clock, it.state, facts, () => undefined);
    remote.loaded([]);
    remote.follow(it.take({ type: 'prepared', ...execution(), prepared: 'emptied', total: 100 }).changes);
    clock.advance(500);
    remote.follow(it.take({ type: 'progress', ...execution(), processed: 50, bytes: 50, total: null }).changes);
    clock.advance(500);
    assert.equal(remote.monitor.unitRate(it.id('t', 'a')), 50);
    remote.dispose();
  });
});
