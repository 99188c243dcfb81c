import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { dataTrace } from './support.ts';

describe('the commands', () => {
  it('of the manifest are all registered', async () => {
    const { version, activationMs } = await dataTrace();
    assert.equal(version, 1);
    assert.ok(activationMs < 150, `activation blocked for ${activationMs} ms`);
    const manifest = vscode.extensions.getExtension('datatrace.datatrace')?.packageJSON;
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const { command } of manifest.contributes.commands) assert.ok(registered.has(command), command);
  });
});
