/**
 * Follows one file of a folder. The editor's watcher may start half a minute after the window, and what happens before
 * is never told; the system's own knows at once, but not on every network drive. So both, and saves in this window.
 */
import fs from 'node:fs';
import * as vscode from 'vscode';

/** Programs empty a file before they write it, ms. */
const SETTLE_MS = 50;

export function watchFile(folder: vscode.Uri, name: string, changed: () => void): vscode.Disposable {
  const file = vscode.Uri.joinPath(folder, name).toString();
  let timer: NodeJS.Timeout | undefined;
  const settle = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLE_MS);
  };
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, name));
  const subscriptions = [
    watcher,
    watcher.onDidChange(settle),
    watcher.onDidCreate(settle),
    watcher.onDidDelete(settle),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.toString() === file) changed();
    }),
    ofSystem(folder.fsPath, name, settle),
  ];
  return new vscode.Disposable(() => {
    clearTimeout(timer);
    vscode.Disposable.from(...subscriptions).dispose();
  });
}

/** Of the folder: a file that is replaced by renaming is another file. */
function ofSystem(folder: string, name: string, changed: () => void): { dispose(): void } {
  try {
    const watcher = fs.watch(folder, { persistent: false }, (_event, file) => {
      if (file === null || file === name) changed();
    });
    // The folder is gone, or watches have run out: the editor's watcher is left.
    watcher.on('error', () => watcher.close());
    return { dispose: () => watcher.close() };
  } catch {
    return { dispose: () => undefined };
  }
}
