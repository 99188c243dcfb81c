/** Problems of the configuration in the open buffer, and what can be done about them at once. */
import * as vscode from 'vscode';
import type { Fix, Problem } from '../../config/problem.ts';
import type { Coded } from '../../core/model.ts';
import type { Folders } from '../folders.ts';
import { CONFIG_NAME } from './definitions.ts';

const CHECK_MS = 200;
const SELECTOR: vscode.DocumentSelector = { scheme: 'file', pattern: `**/${CONFIG_NAME}` };
const MOVE_SECRET = 'datatrace.internal.moveToSecretStorage';

export function createConfigProblems(folders: Folders, word: (coded: Coded) => string): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('datatrace');
  const found = new Map<string, readonly Problem[]>();
  const timers = new Map<string, NodeJS.Timeout>();

  function schedule(document: vscode.TextDocument, ms: number): void {
    if (!isConfig(document)) return;
    const id = document.uri.toString();
    clearTimeout(timers.get(id));
    timers.set(
      id,
      setTimeout(() => {
        timers.delete(id);
        void check(document);
      }, ms),
    );
  }

  async function check(document: vscode.TextDocument): Promise<void> {
    const { parse } = await import('../../config/parse.ts');
    if (document.isClosed) return;
    const { problems } = parse(document.getText(), document.uri.fsPath);
    found.set(document.uri.toString(), problems);
    collection.set(
      document.uri,
      problems.map((problem) => diagnosticOf(problem, word)),
    );
  }

  function forget(document: vscode.TextDocument): void {
    const id = document.uri.toString();
    clearTimeout(timers.get(id));
    timers.delete(id);
    found.delete(id);
    collection.delete(document.uri);
  }

  const actions: vscode.CodeActionProvider = {
    provideCodeActions(document, range) {
      const problems = found.get(document.uri.toString()) ?? [];
      return problems
        .filter((problem) => problem.fix && rangeOf(problem).intersection(range))
        .map((problem) => actionOf(document, problem, problem.fix as Fix, word));
    },
  };

  const subscriptions = [
    collection,
    vscode.workspace.onDidOpenTextDocument((document) => schedule(document, 0)),
    vscode.workspace.onDidChangeTextDocument(({ document }) => schedule(document, CHECK_MS)),
    vscode.workspace.onDidCloseTextDocument(forget),
    vscode.languages.registerCodeActionsProvider(SELECTOR, actions, {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    vscode.commands.registerCommand(MOVE_SECRET, (uri: vscode.Uri, connection: string, path: Problem['path']) =>
      moveToSecretStorage(uri, connection, path, folders),
    ),
  ];
  for (const document of vscode.workspace.textDocuments) schedule(document, 0);

  return new vscode.Disposable(() => {
    for (const timer of timers.values()) clearTimeout(timer);
    vscode.Disposable.from(...subscriptions).dispose();
  });
}

/** Only the file at the root of a workspace folder is a configuration. */
function isConfig(document: vscode.TextDocument): boolean {
  if (document.uri.scheme !== 'file' || !document.uri.path.endsWith(`/${CONFIG_NAME}`)) return false;
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  return folder !== undefined && vscode.Uri.joinPath(folder.uri, CONFIG_NAME).toString() === document.uri.toString();
}

function rangeOf(problem: Problem): vscode.Range {
  return new vscode.Range(problem.line - 1, problem.column - 1, problem.endLine - 1, problem.endColumn - 1);
}

function diagnosticOf(problem: Problem, word: (coded: Coded) => string): vscode.Diagnostic {
  const severity = problem.severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(rangeOf(problem), word(problem), severity);
  diagnostic.source = 'DataTrace';
  diagnostic.code = problem.code;
  return diagnostic;
}

function actionOf(
  document: vscode.TextDocument,
  problem: Problem,
  fix: Fix,
  word: (coded: Coded) => string,
): vscode.CodeAction {
  const titles: Record<Fix['kind'], string> = {
    renameKey: vscode.l10n.t('Rename to "{name}"', { name: 'to' in fix ? fix.to : '' }),
    replaceValue: vscode.l10n.t('Replace by "{value}"', { value: 'to' in fix ? fix.to : '' }),
    moveToSecretStorage: vscode.l10n.t('Move to secret storage'),
  };
  const action = new vscode.CodeAction(titles[fix.kind], vscode.CodeActionKind.QuickFix);
  action.diagnostics = [diagnosticOf(problem, word)];
  action.isPreferred = true;
  if (fix.kind === 'moveToSecretStorage') {
    const args = [document.uri, fix.connection, problem.path];
    action.command = { command: MOVE_SECRET, title: titles[fix.kind], arguments: args };
    return action;
  }
  action.edit = new vscode.WorkspaceEdit();
  action.edit.replace(document.uri, rangeOf(problem), JSON.stringify(fix.to));
  return action;
}

/** Takes the literal out of the buffer, keeps it where nobody checks it in, and saves: the undo stack still has it. */
async function moveToSecretStorage(
  uri: vscode.Uri,
  connection: string,
  path: Problem['path'],
  folders: Folders,
): Promise<void> {
  const [{ editValue, withValue }, { parse }, { parseTree, findNodeAtLocation }] = await Promise.all([
    import('../../config/edit.ts'),
    import('../../config/parse.ts'),
    import('jsonc-parser'),
  ]);
  const document = await vscode.workspace.openTextDocument(uri);
  const text = document.getText();
  const root = parseTree(text, [], { allowTrailingComma: true });
  const literal: unknown = root && findNodeAtLocation(root, [...path])?.value;
  if (typeof literal !== 'string') return;
  // What the connection is without the literal says what the secret is bound to.
  const model = parse(withValue(text, path, undefined), uri.fsPath).model;
  const definition = model?.connections.get(connection);
  const folder = folders.all().find((each) => vscode.Uri.joinPath(each.uri, CONFIG_NAME).toString() === uri.toString());
  if (!definition || !folder) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t('Correct the other errors of {file} first, please: the secret is bound to its connection.', {
        file: CONFIG_NAME,
      }),
    );
    return;
  }
  await folder.secrets.set(definition, literal);
  const edit = new vscode.WorkspaceEdit();
  for (const { offset, length, content } of editValue(text, path, undefined)) {
    const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
    edit.replace(uri, range, content);
  }
  await vscode.workspace.applyEdit(edit);
  await document.save();
  await folder.definitions.reload();
}
