/** "Create sync task": a few questions, then the task stands in datatrace.json, which is opened at it. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { ConfigModel, Connection, Json } from '../../config/model.ts';
import { CONFIG_NAME } from '../config/definitions.ts';
import type { Folders } from '../folders.ts';
import type { NewEnd } from './starter.ts';

const STEPS = 3;

export async function createTask(folders: Folders): Promise<void> {
  const folder = await chooseFolder();
  if (!folder) return;
  const { freeName, nameProblem, withNewTask } = await import('./starter.ts');
  const uri = vscode.Uri.joinPath(folder.uri, CONFIG_NAME);
  const open = folders.all().find((each) => each.uri.toString() === folder.uri.toString());
  const model = open?.definitions.current().model ?? null;
  if (open && open.definitions.current().problems > 0) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t('Correct the errors of {file} first, please.', { file: CONFIG_NAME }),
    );
    await vscode.window.showTextDocument(uri);
    return;
  }
  const source = await chooseEnd(1, vscode.l10n.t('Source: copy from'), model, folder.uri.fsPath, []);
  if (!source) return;
  const target = await chooseEnd(2, vscode.l10n.t('Target: copy to'), model, folder.uri.fsPath, [source.name]);
  if (!target) return;
  const names = [...(model?.tasks.keys() ?? [])];
  const name = await vscode.window.showInputBox({
    title: stepTitle(3, vscode.l10n.t('Name of the task')),
    value: freeName(`${source.name}-to-${target.name}`, names),
    validateInput: (value) => problemText(nameProblem(value, names)),
  });
  if (!name) return;
  const header = [
    vscode.l10n.t('Tasks of DataTrace. Every field is explained when you point at it.'),
    vscode.l10n.t('Passwords never stand here: they are asked for and kept in the secret storage of the editor.'),
  ];
  const document = await openOrNothing(uri);
  const text = withNewTask(document?.getText() ?? null, { name, description: '', source, target }, header);
  await replaceFile(uri, document, text);
  await folders.refresh(folder.uri);
  await showTask(uri, name);
}

function problemText(problem: 'form' | 'taken' | undefined): string | undefined {
  if (problem === 'form') return vscode.l10n.t('Letters, digits, "-", "_" and ".", up to 64, please.');
  if (problem === 'taken') return vscode.l10n.t('This name is taken.');
  return undefined;
}

function stepTitle(step: number, title: string): string {
  return vscode.l10n.t('{title} ({step} of {steps})', { title, step, steps: STEPS });
}

async function chooseFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const all = vscode.workspace.workspaceFolders ?? [];
  if (all.length === 0) {
    await vscode.commands.executeCommand('vscode.openFolder');
    return undefined;
  }
  if (all.length === 1) return all[0];
  return vscode.window.showWorkspaceFolderPick({ placeHolder: vscode.l10n.t('Folder of the task') });
}

type EndItem = vscode.QuickPickItem & { readonly make: () => Promise<NewEnd | undefined> };

async function chooseEnd(
  step: number,
  title: string,
  model: ConfigModel | null,
  folder: string,
  used: readonly string[],
): Promise<NewEnd | undefined> {
  const taken = [...(model?.connections.keys() ?? []), ...used];
  const isTarget = step === 2;
  const items: EndItem[] = [...(model?.connections.values() ?? [])]
    .filter(({ name }) => !used.includes(name))
    .map((connection) => ({
      label: connection.name,
      description: describe(connection),
      make: async () => ({ name: connection.name, connection: null }),
    }));
  items.push(
    {
      label: `$(file) ${vscode.l10n.t('SQLite file…')}`,
      alwaysShow: true,
      make: () => newSqlite(folder, taken, isTarget),
    },
    {
      label: `$(folder) ${vscode.l10n.t('Folder of JSON Lines or CSV files…')}`,
      alwaysShow: true,
      make: () => newFiles(stepTitle(step, title), folder, taken),
    },
    {
      label: `$(server) ${vscode.l10n.t('MySQL or MariaDB server…')}`,
      alwaysShow: true,
      make: () => newMysql(stepTitle(step, title), taken),
    },
    {
      label: `$(search) ${vscode.l10n.t('Elasticsearch or OpenSearch cluster…')}`,
      alwaysShow: true,
      make: () => newSearch(stepTitle(step, title), taken),
    },
  );
  const picked = await vscode.window.showQuickPick(items, { title: stepTitle(step, title) });
  return picked?.make();
}

function describe(connection: Connection): string {
  if (connection.type === 'sqlite') return `SQLite · ${path.basename(connection.file)}`;
  if (connection.type === 'files') return `${path.basename(connection.folder)} · *.${connection.format}`;
  if (connection.type === 'mysql') return `MySQL · ${connection.host}/${connection.database}`;
  return `Elasticsearch · ${connection.urls.join(', ')}`;
}

async function newSqlite(folder: string, taken: readonly string[], isTarget: boolean): Promise<NewEnd | undefined> {
  const { freeName } = await import('./starter.ts');
  const filters = { SQLite: ['db', 'sqlite', 'sqlite3', 'db3'], [vscode.l10n.t('All files')]: ['*'] };
  const chosen = isTarget
    ? await vscode.window.showSaveDialog({
        title: vscode.l10n.t('File to copy to'),
        defaultUri: vscode.Uri.file(path.join(folder, 'copy.db')),
        filters,
      })
    : (
        await vscode.window.showOpenDialog({
          title: vscode.l10n.t('File to copy from'),
          defaultUri: vscode.Uri.file(folder),
          filters,
        })
      )?.[0];
  if (!chosen) return undefined;
  const file = writtenPath(folder, chosen.fsPath);
  const name = freeName(path.basename(chosen.fsPath, path.extname(chosen.fsPath)), taken);
  return { name, connection: { type: 'sqlite', file } };
}

/** As it stands in the file: relative where it is inside of the folder. */
function writtenPath(folder: string, chosen: string): string {
  const relative = path.relative(folder, chosen);
  const inside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return inside ? relative.split(path.sep).join('/') : chosen;
}

async function newFiles(title: string, folder: string, taken: readonly string[]): Promise<NewEnd | undefined> {
  const { freeName } = await import('./starter.ts');
  const open = { canSelectFiles: false, canSelectFolders: true, defaultUri: vscode.Uri.file(folder) };
  const chosen = (await vscode.window.showOpenDialog({ ...open, title: vscode.l10n.t('Folder of the files') }))?.[0];
  if (!chosen) return undefined;
  const formats = (['jsonl', 'csv'] as const).flatMap((format) =>
    (['none', 'gzip'] as const).map((compress) => ({
      label: `*.${format}${compress === 'gzip' ? '.gz' : ''}`,
      connection: { type: 'files', folder: writtenPath(folder, chosen.fsPath), format, compress },
    })),
  );
  const picked = await vscode.window.showQuickPick(formats, { title });
  const name = freeName(path.basename(chosen.fsPath), taken);
  return picked && { name, connection: picked.connection };
}

async function newMysql(title: string, taken: readonly string[]): Promise<NewEnd | undefined> {
  const { freeName } = await import('./starter.ts');
  const address = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('user@host:port/database; the password is asked for later and kept in secret storage.'),
    placeHolder: 'root@localhost:3306/shop',
    ignoreFocusOut: true,
    validateInput: (value) => (parseAddress(value) ? undefined : vscode.l10n.t('user@host:port/database, please.')),
  });
  const parsed = address === undefined ? undefined : parseAddress(address);
  if (!parsed) return undefined;
  return { name: freeName(parsed.database, taken), connection: { type: 'mysql', ...parsed } satisfies Json };
}

function parseAddress(text: string): { host: string; port: number; user: string; database: string } | undefined {
  const match = /^([^\s@:/]+)@(\[[0-9A-Fa-f:]+\]|[^\s@:/]+)(?::(\d{1,5}))?\/([^\s/]+)$/.exec(text.trim());
  const [, user, host, port = '3306', database] = match ?? [];
  if (!user || !host || !database || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port), user, database };
}

async function newSearch(title: string, taken: readonly string[]): Promise<NewEnd | undefined> {
  const { freeName, searchAddress } = await import('./starter.ts');
  const address = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('Address of a node, with http:// or https:// and without a user or password.'),
    placeHolder: 'https://localhost:9200',
    ignoreFocusOut: true,
    validateInput: (value) =>
      searchAddress(value) ? undefined : vscode.l10n.t('An address such as https://localhost:9200, please.'),
  });
  const url = address === undefined ? undefined : searchAddress(address);
  const auth = url && (await chooseLogin(title));
  if (!url || !auth) return undefined;
  const login: Json = Object.keys(auth).length === 0 ? {} : { auth };
  return { name: freeName(new URL(url).hostname, taken), connection: { type: 'elasticsearch', url, ...login } };
}

/** The setting `auth`; empty = nobody logs in. */
async function chooseLogin(title: string): Promise<Readonly<Record<string, string>> | undefined> {
  const { isVariableName } = await import('./starter.ts');
  const ways = [
    {
      label: vscode.l10n.t('User and password'),
      detail: vscode.l10n.t('The password is asked for later and kept in secret storage.'),
      ask: async () => {
        const prompt = vscode.l10n.t('User name');
        const user = await vscode.window.showInputBox({ title, prompt, value: 'elastic', ignoreFocusOut: true });
        return user ? { user } : undefined;
      },
    },
    {
      label: vscode.l10n.t('API key'),
      detail: vscode.l10n.t('It is read from an environment variable.'),
      ask: async () => {
        const prompt = vscode.l10n.t('Name of the environment variable that holds the API key');
        const validateInput = (value: string): string | undefined =>
          isVariableName(value) ? undefined : vscode.l10n.t('Letters, digits and "_", please.');
        const options = { title, prompt, value: 'SEARCH_API_KEY', ignoreFocusOut: true, validateInput };
        const name = await vscode.window.showInputBox(options);
        return name ? { apiKey: `\${env:${name}}` } : undefined;
      },
    },
    { label: vscode.l10n.t('No login'), ask: async () => ({}) },
  ];
  return (await vscode.window.showQuickPick(ways, { title, placeHolder: vscode.l10n.t('How to log in') }))?.ask();
}

async function openOrNothing(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined;
  }
}

/** Through the editor, so that an open document and its undo stack stay right. */
async function replaceFile(uri: vscode.Uri, document: vscode.TextDocument | undefined, text: string): Promise<void> {
  if (!document) {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    return;
  }
  const edit = new vscode.WorkspaceEdit();
  const end = document.lineAt(document.lineCount - 1).range.end;
  edit.replace(uri, new vscode.Range(new vscode.Position(0, 0), end), text);
  await vscode.workspace.applyEdit(edit);
  await document.save();
}

/** Opens the file at a task. */
export async function showTask(uri: vscode.Uri, task: string | undefined): Promise<void> {
  const { parseTree, findNodeAtLocation } = await import('jsonc-parser');
  const document = await vscode.workspace.openTextDocument(uri);
  const root = task === undefined ? undefined : parseTree(document.getText(), [], { allowTrailingComma: true });
  const node = root && findNodeAtLocation(root, ['tasks', task ?? '']);
  const offset = node?.parent?.offset ?? node?.offset;
  const position = offset === undefined ? undefined : document.positionAt(offset);
  await vscode.window.showTextDocument(document, {
    preview: false,
    ...(position ? { selection: new vscode.Range(position, position) } : {}),
  });
}
