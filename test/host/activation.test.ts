import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the packed extension', () => {
  it('is installed in this host and activates', async () => {
    const extension = vscode.extensions.getExtension('datatrace.datatrace');
    assert.ok(extension, 'the host knows no extension datatrace.datatrace');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('has the workspace of the runner open', () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.equal(folder?.uri.fsPath, process.env.DATATRACE_TEST_WORKSPACE);
  });

  it('listens on no TCP port', () => {
    const servers = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap');
    assert.deepEqual(servers, []);
  });
});
