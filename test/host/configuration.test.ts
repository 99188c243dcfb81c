import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as vscode from 'vscode';
import { configFile, dataTrace, editConfig, until } from './support.ts';

const uri = vscode.Uri.file(configFile);

const ours = () => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'DataTrace');

describe('datatrace.json in the editor', () => {
  const before = fs.readFileSync(configFile, 'utf8');

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    fs.writeFileSync(configFile, before);
    await until('the first file is in force again', async () => (await dataTrace()).tasks().length === 1);
  });

  it('is JSON with comments, and has no problem', async () => {
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    assert.equal(document.languageId, 'jsonc');
    await until('it was checked', async () => ours().length === 0);
  });

  it('shows problems of the open buffer at their place, and takes nothing in before it is saved', async () => {
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    const offset = document.getText().indexOf('"shop"', document.getText().indexOf('"tasks"'));
    const place = new vscode.Range(document.positionAt(offset), document.positionAt(offset + 6));
    await editor.edit((edit) => edit.replace(place, '"nowhere"'));
    const [problem] = await until('the problem is shown', async () => ours().length > 0 && ours());
    assert.equal(problem?.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(problem?.range.start.line, place.start.line);
    assert.equal((await dataTrace()).tasks().length, 1);
  });

  it('moves a password into secret storage', async () => {
    const canary = 'canary-4711-secret';
    editConfig((config) => {
      config.connections.server = { type: 'mysql', host: 'localhost', user: 'me', database: 'd', password: canary };
    });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    await until('the buffer is that of the disk', async () => document.getText().includes(canary));
    const place = document.positionAt(document.getText().indexOf(canary));
    const problem = await until('the literal is complained about', async () =>
      ours().find(({ range }) => range.contains(place)),
    );
    assert.ok(!problem.message.includes(canary));
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      problem.range,
    );
    const move = actions.find(({ title }) => title === 'Move to secret storage');
    assert.ok(move?.command, JSON.stringify(actions.map(({ title }) => title)));
    await vscode.commands.executeCommand(move.command.command, ...(move.command.arguments ?? []));
    assert.ok(!fs.readFileSync(configFile, 'utf8').includes(canary));
    await until('there is no problem left', async () => ours().length === 0);
    await vscode.commands.executeCommand('datatrace.copyDiagnostics');
    assert.ok(!(await vscode.env.clipboard.readText()).includes(canary));
  });

  it('is in force as soon as it changes on the disk; a bad one changes nothing', async () => {
    editConfig(({ tasks }) => {
      tasks.second = { source: 'shop', target: 'copy', units: ['customers'], prefix: 'second_' };
    });
    await until('the new task is there', async () => (await dataTrace()).tasks().length === 2);
    fs.writeFileSync(configFile, '{ "version": 1, "tasks": ');
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal((await dataTrace()).tasks().length, 2);
  });
});
