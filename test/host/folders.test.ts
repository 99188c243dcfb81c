import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Answer } from '../../src/core/events.ts';
import { answering } from './person.ts';
import { dataTrace, until, workspace } from './support.ts';

const tree = async () => (await dataTrace()).treeAsText();
const started = (folder: string) => fs.existsSync(path.join(workspace, folder, 'copy.db'));

describe('two folders with a task of the same name', () => {
  it('stand in the tree one below the other', async () => {
    await until('both were looked at', async () => (await dataTrace()).tasks().length === 2);
    assert.equal(await tree(), ['shop', '  shop-copy (ready)', 'archive', '  shop-copy (ready)'].join('\n'));
  });

  it('are told apart where one of them is chosen, and only that one runs', async () => {
    const offered: string[] = [];
    const { answer } = await answering({ pick: ({ description }) => offered.push(description ?? '') === 2 }, () =>
      vscode.commands.executeCommand<Answer>('datatrace.start'),
    );
    assert.deepEqual(offered, ['shop · ready · 0%', 'archive · ready · 0%']);
    assert.ok(answer?.ok, JSON.stringify(answer));
    await until('it has ended', async () => (await dataTrace()).tasks().some(({ outcome }) => outcome === 'completed'));
    assert.deepEqual([started('shop'), started('archive')], [false, true]);
    assert.match(await tree(), /^shop\n {2}shop-copy \(ready\)\narchive\n {2}shop-copy \(completed\)\n/);
  });

  it('are told apart in questions', async () => {
    const [first] = (await dataTrace()).tasks();
    const { answer, said } = await answering({}, () =>
      vscode.commands.executeCommand('datatrace.reset', { taskId: first?.id }),
    );
    assert.equal(answer, 'cancelled');
    assert.match(said[0] ?? '', /^Forget the progress of shop-copy \(shop\)\?/);
  });
});
