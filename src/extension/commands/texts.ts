/** Read-only documents that commands make: plans, verifications. */
import * as vscode from 'vscode';

const SCHEME = 'datatrace';
const KEPT = 20;

export interface Texts extends vscode.Disposable {
  /** Opens a document in the active group of editors; one of the same name is replaced. */
  show(name: string, content: string): Promise<void>;
}

export function createTexts(): Texts {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const contents = new Map<string, string>();
  const registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => contents.get(uri.path) ?? '',
  });
  return {
    async show(name, content) {
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name.replace(/[\\/]/g, '_')}.md` });
      contents.delete(uri.path);
      contents.set(uri.path, content);
      for (const oldest of [...contents.keys()].slice(0, Math.max(0, contents.size - KEPT))) contents.delete(oldest);
      changed.fire(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.languages.setTextDocumentLanguage(document, 'markdown').then(undefined, () => undefined);
      await vscode.window.showTextDocument(document, { preview: true });
    },
    dispose() {
      registration.dispose();
      changed.dispose();
      contents.clear();
    },
  };
}
