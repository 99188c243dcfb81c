/** The file of rejected rows as people read it. */
import * as vscode from 'vscode';

/**
 * Opens the file in an editor, at the first row of a unit where one is named: the file is that of a whole run.
 * Extensions see no document above 50 MB; such a one is opened at its beginning.
 */
export async function showRejectedRows(file: string, unit: string | undefined): Promise<void> {
  const uri = vscode.Uri.file(file);
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(uri);
  } catch {
    await vscode.commands.executeCommand('vscode.open', uri);
    return;
  }
  const editor = await vscode.window.showTextDocument(document, { preview: true });
  const start = unit === undefined ? -1 : document.getText().indexOf(`{"unit":${JSON.stringify(unit)},"place"`);
  if (start < 0) return;
  const at = document.positionAt(start);
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.AtTop);
}
