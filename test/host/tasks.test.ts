import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as vscode from 'vscode';
import type { Answer } from '../../src/core/events.ts';
import { dataTrace, editConfig, task, until, workspace } from './support.ts';
import { SHOP_TABLES } from './workspace.ts';

const run = async (command: string): Promise<Answer> => {
  const { id } = await task();
  return vscode.commands.executeCommand(`datatrace.${command}`, { taskId: id });
};
const state = (wanted: string) => async () => (await task()).runState === wanted;

describe('a task in the editor', () => {
  it('is shown ready before it has run', async () => {
    assert.equal((await dataTrace()).treeAsText(), 'shop-copy (ready)');
  });

  it('is planned without copying anything', async () => {
    await run('plan');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'datatrace');
    for (const table of Object.keys(SHOP_TABLES)) assert.ok(document?.getText().includes(`\`${table}\``), table);
    assert.equal((await task()).units, 0);
    assert.equal(fs.existsSync(path.join(workspace, 'copy.db')), false);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('is started, paused and resumed by commands, and ends with the target equal to the source', async () => {
    const before = editConfig(({ tasks }) => {
      Object.assign(tasks['shop-copy'] ?? {}, { batchRows: 100, limits: { rowsPerSecond: 4_000 } });
    });
    try {
      await until('the file is in force', async () => (await task()).definitionRemoved === false);
      const started = await run('start');
      assert.ok(started.ok, JSON.stringify(started));
      assert.equal(started.note?.code, 'startedAuto');
      await until('rows are on their way', async () => (await task()).percent > 5 && (await task()).counts.running > 0);
      const again = await run('start');
      assert.ok(!again.ok && again.refusal.code === 'alreadyRunning', JSON.stringify(again));

      assert.ok((await run('pause')).ok);
      await until('the task is paused', state('paused'));
      const text = (await dataTrace()).treeAsText();
      assert.match(text, /^shop-copy \(paused · \d+(\.\d)?%\)/);
      assert.match(text, /\n {2}Paused \(1\)\n {4}orders \(\d+(\.\d)?%\)/);
    } finally {
      fs.writeFileSync(path.join(workspace, 'datatrace.json'), before);
    }
    assert.ok((await run('resume')).ok);
    await until('the task has ended', async () => (await task()).outcome === 'completed');
    assert.equal(
      (await dataTrace()).treeAsText(),
      [
        'shop-copy (completed)',
        '  Completed (3)',
        '    customers (250 rows)',
        '    empty (0 rows)',
        '    orders (20,000 rows)',
      ].join('\n'),
    );
    assert.deepEqual(contents('copy.db'), contents('shop.db'));
  });

  it('has nothing to do when all units are completed', async () => {
    const answer = await run('start');
    assert.ok(answer.ok && answer.note?.code === 'nothingToDo', JSON.stringify(answer));
  });

  it('is verified', async () => {
    await run('verify');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /All 3 units hold as many rows as their source/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('opens one panel, however often it is asked for', async () => {
    await run('openPanel');
    await run('openPanel');
    const panels = () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('datatrace.task'));
    await until('the panel is there', async () => panels().length > 0);
    await run('openPanel');
    assert.equal(panels().length, 1);
    await vscode.window.tabGroups.close(panels());
  });

  it('copies diagnostics', async () => {
    await vscode.commands.executeCommand('datatrace.copyDiagnostics');
    const text = await vscode.env.clipboard.readText();
    assert.match(text, /shop-copy: idle, outcome completed/);
  });
});

function contents(file: string): Record<string, unknown[]> {
  const database = new DatabaseSync(path.join(workspace, file), { readOnly: true });
  try {
    return Object.fromEntries(
      Object.keys(SHOP_TABLES).map((table) => [table, database.prepare(`SELECT * FROM "${table}" ORDER BY id`).all()]),
    );
  } finally {
    database.close();
  }
}
