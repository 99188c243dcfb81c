import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TaskManager } from '../../../src/engine/api.ts';
import type { TaskActions } from '../../../src/extension/commands/task-actions.ts';
import { createPanelCommands } from '../../../src/extension/panel/panel-commands.ts';
import { COMMAND_TYPES, type CommandArgs, type CommandType, PROTOCOL_VERSION } from '../../../src/protocol/panel.ts';

const DONE = { ok: true, note: null } as const;

/** Three units; records what is asked of whom. */
function bench(completed: readonly string[] = []) {
  const asked: unknown[][] = [];
  const actions = new Proxy({} as TaskActions, {
    get:
      (_target, name) =>
      async (...args: unknown[]) => {
        asked.push([name, ...args]);
        return name === 'takeOver' ? 'cancelled' : DONE;
      },
  });
  const units = ['a', 'b', 'c'].map((name) => {
    return { id: `id-${name}`, name, status: completed.includes(name) ? 'completed' : 'pending' };
  });
  const manager = { unitAt: (_taskId: string, index: number) => units[index] } as unknown as TaskManager;
  const log = { info: () => {}, show: () => asked.push(['log']) };
  const run = createPanelCommands({ current: () => manager }, actions, log, async (command, target) => {
    asked.push([command, target]);
  });
  return {
    asked,
    run: (command: CommandType, args: CommandArgs = {}) =>
      run('task', { type: 'command', v: PROTOCOL_VERSION, id: 1, epoch: 'e', command, args }),
  };
}

describe('what a panel asks for', () => {
  test('names units by their ids, in the order that was asked for, with place and revision', async () => {
    const { asked, run } = bench();
    await run('queueAdd', { units: [2, 0], place: 'top', queueRev: 7 });
    await run('queueAdd', { units: [1], place: 'before', before: 2, again: true });
    await run('queueMove', { units: [0], place: 'down', queueRev: 8 });
    await run('queueRemove', { units: [1], queueRev: 9 });
    await run('queueClear', { queueRev: 10 });
    await run('setMode', { mode: 'manual' });
    assert.deepEqual(asked, [
      ['addToQueue', 'task', ['id-c', 'id-a'], { to: { kind: 'top' }, baseRev: 7 }],
      ['addToQueue', 'task', ['id-b'], { to: { kind: 'before', unitId: 'id-c' }, again: true }],
      ['moveInQueue', 'task', ['id-a'], { kind: 'down' }, 8],
      ['removeFromQueue', 'task', ['id-b'], 9],
      ['clearQueue', 'task', 10],
      ['setMode', 'task', 'manual'],
    ]);
  });

  test('units that were completed meanwhile are left out of what is added, unless all were or they shall run again', async () => {
    const { asked, run } = bench(['a', 'c']);
    await run('queueAdd', { units: [0, 1, 2], place: 'bottom' });
    await run('queueAdd', { units: [0, 2], place: 'bottom' });
    await run('queueAdd', { units: [0, 1], place: 'bottom', again: true });
    assert.deepEqual(
      asked.map(([, , ids]) => ids),
      [['id-b'], ['id-a', 'id-c'], ['id-a', 'id-b']],
    );
  });

  test('units by themselves: retry, abort, restart, sync now; running some again is another thing than all', async () => {
    const { asked, run } = bench();
    for (const command of ['retryFailed', 'abort', 'restart', 'syncNow', 'runAgain'] as const)
      await run(command, { units: [1] });
    await run('runAgain');
    await run('retryFailed');
    assert.deepEqual(asked, [
      ['retryFailed', 'task', ['id-b']],
      ['abort', 'task', ['id-b']],
      ['restart', 'task', ['id-b']],
      ['syncNow', 'task', ['id-b']],
      ['runUnitsAgain', 'task', ['id-b']],
      ['runAgain', 'task'],
      ['retryFailed', 'task', undefined],
    ]);
  });

  test('a row that is no unit refuses the whole request: nothing is done for the others', async () => {
    const { asked, run } = bench();
    const refused = { ok: false, refusal: { code: 'view.outdated', args: {} } };
    assert.deepEqual(await run('queueAdd', { units: [0, 99], place: 'bottom' }), refused);
    assert.deepEqual(await run('queueMove', { units: [0], place: 'before', before: 99 }), refused);
    assert.deepEqual(await run('abort', { units: [3] }), refused);
    assert.deepEqual(asked, []);
  });

  test('every command is taken, and giving up is no failure', async () => {
    const { asked, run } = bench();
    for (const command of COMMAND_TYPES)
      assert.deepEqual(await run(command, { units: [], mode: 'auto' }), DONE, command);
    assert.equal(asked.length, COMMAND_TYPES.length);
  });
});
