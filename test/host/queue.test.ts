import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as vscode from 'vscode';
import type { Answer } from '../../src/core/events.ts';
import { type Answers, answering } from './person.ts';
import { dataTrace, task, until, workspace } from './support.ts';
import { QUEUE_TABLES } from './workspace.ts';

/** Runs a command on the task, playing a person who answers what is asked. */
async function act(command: string, target: object = {}, answers: Answers = {}) {
  const { id } = await task();
  const run = () =>
    vscode.commands.executeCommand<Answer | undefined>(`datatrace.${command}`, { taskId: id, ...target });
  return answering(answers, run);
}

async function must(command: string, target: object = {}, answers: Answers = {}): Promise<void> {
  const { answer, said } = await act(command, target, answers);
  assert.ok(answer?.ok, `${command}: ${JSON.stringify(answer)} ${JSON.stringify(said)}`);
}

/** Names of the units that stand in a group of the tree. */
async function group(name: string): Promise<string[]> {
  const lines = (await dataTrace()).treeAsText().split('\n');
  const first = lines.findIndex((line) => line.startsWith(`  ${name} (`));
  if (first < 0) return [];
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((line) => !line.startsWith('    '));
  return rest.slice(0, end < 0 ? rest.length : end).map((line) => line.trim().replace(/ \(.*$/, ''));
}

const firstLine = async () => (await dataTrace()).treeAsText().split('\n')[0] ?? '';

interface Report {
  readonly run: { readonly id: string; readonly outcome: string | null; readonly mode: string };
  readonly attempts: readonly { readonly unit: string; readonly startedAt: number; readonly outcome: string | null }[];
}

async function report(): Promise<Report> {
  await must('copyReportJson');
  return JSON.parse(await vscode.env.clipboard.readText());
}

/** Each step needs the ones before it. */
describe('a task in manual mode', function () {
  this.bail(true);

  it('is switched to while units run: nothing more starts, the running ones finish', async () => {
    await must('start');
    await until('two units run', async () => (await task()).counts.running === 2);
    await must('setMode', {}, { pick: 'Manual' });
    const { mode, switchingTo } = await task();
    assert.ok(mode === 'manual' || switchingTo === 'manual');
    await until('the switch is complete', async () => (await task()).mode === 'manual');
    const { counts, runState, waitsForAdditions } = await task();
    assert.deepEqual([counts.running, runState, waitsForAdditions], [0, 'running', true]);
    assert.ok(counts.completed >= 2 && counts.completed < QUEUE_TABLES.length, JSON.stringify(counts));
    assert.match(await firstLine(), /^shop-copy \(waiting for units · \d+%\)$/);
    assert.deepEqual(await group('Queue'), []);
    assert.equal((await group('Available')).length, counts.pending);
  });

  let order: string[] = [];

  it('takes units into its queue and moves them, also while the task is stopped', async () => {
    await must('stop');
    await until('it rests', async () => (await task()).runState === 'idle');
    const [a, b, c, d, e, ...rest] = await group('Available');
    assert.ok(a && b && c && d && e && rest.length > 0);
    await must('addToQueue', { units: [a, b, c, d] });
    await must('addToQueueTop', { units: [e] });
    assert.deepEqual(await group('Queue'), [e, a, b, c, d]);
    await must('queueUp', { units: [d] });
    await must('queueDown', { units: [a] });
    assert.deepEqual(await group('Queue'), [e, b, a, d, c]);
    await must('removeFromQueue', { units: [b] });
    await must('queueBefore', { units: [c] }, { pick: a });
    assert.deepEqual(await group('Queue'), [e, c, a, d]);
    await must('queueBottom', { units: [e, c] });
    await must('queueTop', { units: [e, d] });
    order = [e, d, a, c];
    assert.deepEqual(await group('Queue'), order);
    const available = [b, ...rest].join();
    await until('what is queued is not available', async () => (await group('Available')).join() === available);
    assert.equal((await task()).queued, 4);
  });

  it('runs them in that order, then waits for more', async () => {
    await must('setConcurrency', {}, { input: '1' });
    const from = (await report()).attempts.length;
    await must('start');
    await until('the queue is done', async () => {
      const { queued, counts, waitsForAdditions } = await task();
      return queued === 0 && counts.running === 0 && waitsForAdditions;
    });
    const { attempts, run } = await report();
    assert.deepEqual(
      attempts.slice(from).map(({ unit }) => unit),
      order,
    );
    assert.deepEqual([run.outcome, run.mode], [null, 'manual']);
  });

  it('starts what is added while it waits, and takes edits while units run, also with its panel open', async () => {
    const { id } = await task();
    await vscode.commands.executeCommand('datatrace.openPanel', { taskId: id });
    const [x, y, z] = await group('Available');
    assert.ok(x && y && z);
    await must('addToQueue', { units: [x, y, z] });
    await until('the first one runs', async () => (await group('Running')).includes(x));
    assert.deepEqual(await group('Queue'), [y, z]);
    await must('queueTop', { units: [z] });
    assert.deepEqual(await group('Queue'), [z, y]);
    await must('removeFromQueue', { units: [y] });
    await until('they are done', async () => (await task()).waitsForAdditions);
    assert.ok((await group('Available')).includes(y));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('takes a selection of several rows, and can be emptied', async () => {
    await must('stop');
    await until('it rests', async () => (await task()).runState === 'idle');
    const { id } = await task();
    const available = await group('Available');
    const rows = ['failed', 'pending'].map((name) => ({ kind: 'group', id: name, taskId: id, group: name }));
    const { answer } = await answering({}, () =>
      vscode.commands.executeCommand<Answer>('datatrace.addToQueue', rows[0], rows),
    );
    assert.ok(answer?.ok, JSON.stringify(answer));
    assert.deepEqual(await group('Queue'), available);
    await must('clearQueue');
    assert.deepEqual([await group('Queue'), await group('Available')], [[], available]);
    assert.match((await dataTrace()).treeAsText(), /\n {2}Queue \(empty\)\n/);
  });

  it('ends when nothing is left, with a report of all of it', async () => {
    await must('setConcurrency', {}, { input: '4' });
    await must('addToQueue', {}, { pick: await group('Available') });
    await must('start');
    await until('the run has ended', async () => (await task()).outcome === 'completed');
    const { run, attempts } = await report();
    assert.equal(run.outcome, 'completed');
    const done = attempts.filter(({ outcome }) => outcome === 'completed').map(({ unit }) => unit);
    assert.deepEqual([...done].sort(), QUEUE_TABLES);
    await must('copyReport');
    const text = await vscode.env.clipboard.readText();
    assert.match(text, /^# Run of shop-copy\n\n- `shop` \(SQLite\) to `copy` \(SQLite\)\n- Outcome: completed\n/);
    assert.match(text, /\| `t01` \| 1 \| completed \|/);
    await vscode.env.clipboard.writeText('');
  });

  it('shows its last runs, and the executions of a unit', async () => {
    const shown = () => vscode.window.activeTextEditor?.document.getText() ?? '';
    const { said } = await act('showRuns', {}, { pick: ':' });
    // The summary of the run may be told in between.
    assert.ok(said.includes('Runs of shop-copy: choose one for its report'), said.join('\n'));
    await until('the report is shown', async () => shown().startsWith('# Run of shop-copy'));
    await act('showRuns', { units: ['t01'] });
    await until('the executions are shown', async () => shown().startsWith('# Executions of t01 in shop-copy'));
    assert.match(shown(), /\| 1 \| completed \|/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('runs completed units again only when a person agrees, naming the target', async () => {
    const refused = await act('runUnitsAgain', { units: ['t01', 't02'] });
    assert.equal(refused.answer, 'cancelled');
    assert.match(refused.said[0] ?? '', /copy \(SQLite\) again \(2\)\?/);
    await must('runUnitsAgain', { units: ['t01', 't02'] }, { button: 'Run again' });
    await until('they were copied again', async () => {
      const { attempts } = await report();
      const again = attempts.filter(({ outcome }) => outcome === 'completed').map(({ unit }) => unit);
      return again.length === 2 && (await task()).outcome === 'completed';
    });
  });

  it('forgets everything when a person agrees; the target stays as it is', async () => {
    const kept = await act('deleteStoredData');
    assert.equal(kept.answer, 'cancelled');
    assert.match(kept.said[0] ?? '', /Lost: its progress.*\nKept: .*copy \(SQLite\)/);
    assert.equal((await task()).counts.completed, QUEUE_TABLES.length);
    await must('deleteStoredData', {}, { button: 'Delete stored data' });
    await until('nothing is stored', async () => (await task()).units === 0);
    assert.equal((await dataTrace()).treeAsText(), 'shop-copy (ready)');
    const copy = new DatabaseSync(path.join(workspace, 'copy.db'), { readOnly: true });
    try {
      for (const table of QUEUE_TABLES) {
        assert.deepEqual({ ...copy.prepare(`SELECT count(*) AS n FROM "${table}"`).get() }, { n: 500 }, table);
      }
    } finally {
      copy.close();
    }
  });
});
