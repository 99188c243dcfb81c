/** "Open the demo": a small SQLite shop and a task that copies it, in a folder of the person's choice. */
import * as vscode from 'vscode';
import { CONFIG_NAME } from '../config/definitions.ts';
import { exists } from '../exists.ts';
import type { Folders } from '../folders.ts';
import { plainText } from '../plain-text.ts';

const TABLES = 40;
/** The shop of one table is made in one piece: small enough not to hold up the editor. */
const MOST_ROWS = 4_000;
export const DEMO_TASK = 'demo-shop';

export async function openDemo(folders: Folders): Promise<void> {
  const place = await choosePlace();
  if (!place) return;
  const config = vscode.Uri.joinPath(place, CONFIG_NAME);
  if (await exists(config)) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t('{folder} has a {file} already: choose an empty folder, please.', {
        folder: plainText(place.fsPath),
        file: CONFIG_NAME,
      }),
    );
    return;
  }
  const title = vscode.l10n.t('Making the demo shop');
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, async (progress) => {
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(place, 'demo'));
    await makeShop(vscode.Uri.joinPath(place, 'demo', 'shop.db').fsPath, (increment) => progress.report({ increment }));
    await vscode.workspace.fs.writeFile(config, new TextEncoder().encode(demoConfig()));
  });
  // A folder inside of an open one is none of the window's own: only the file at a root is a configuration.
  const isOpen = vscode.workspace.workspaceFolders?.some(({ uri }) => uri.toString() === place.toString()) ?? false;
  if (!isOpen) {
    await vscode.commands.executeCommand('vscode.openFolder', place);
    return;
  }
  await folders.refresh(place);
  await vscode.commands.executeCommand('datatrace.openPanel');
}

async function choosePlace(): Promise<vscode.Uri | undefined> {
  const [only, ...others] = vscode.workspace.workspaceFolders ?? [];
  if (only && others.length === 0 && !(await exists(vscode.Uri.joinPath(only.uri, CONFIG_NAME)))) {
    const here = vscode.l10n.t('In this folder');
    const elsewhere = vscode.l10n.t('In another folder…');
    const placeHolder = vscode.l10n.t('The demo makes datatrace.json and a folder "demo" with a 10 MB database');
    const picked = await vscode.window.showQuickPick([here, elsewhere], { placeHolder });
    if (picked === undefined) return undefined;
    if (picked === here) return only.uri;
  }
  const title = vscode.l10n.t('Empty folder for the demo');
  const chosen = await vscode.window.showOpenDialog({ title, canSelectFolders: true, canSelectFiles: false });
  return chosen?.[0];
}

async function makeShop(file: string, report: (increment: number) => void): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite');
  await vscode.workspace.fs.delete(vscode.Uri.file(file)).then(undefined, () => undefined);
  const shop = new DatabaseSync(file);
  try {
    shop.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
    for (let table = 1; table <= TABLES; table++) {
      // Sizes between nothing and the most, the same at each making.
      const rows = table % 13 === 0 ? 0 : Math.round(MOST_ROWS * (((table * 37) % 100) / 100));
      const name = `${KINDS[table % KINDS.length]}_${String(table).padStart(2, '0')}`;
      shop.exec(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, label TEXT NOT NULL, price REAL, changed_at TEXT)`);
      shop.exec(`
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
        INSERT INTO ${name} SELECT i, '${name} number ' || i, (i * 7919 % 100000) / 100.0,
          datetime('2026-01-01', '+' || i || ' minutes') FROM n WHERE i <= ${rows}`);
      report(100 / TABLES);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    shop.close();
  }
}

const KINDS = ['orders', 'customers', 'invoices', 'products', 'payments', 'reviews', 'carts', 'visits'];

function demoConfig(): string {
  const lines = [
    vscode.l10n.t('The demo of DataTrace: copies demo/shop.db to demo/copy.db.'),
    vscode.l10n.t('Slowed down by "limits", so that there is something to watch.'),
  ];
  return `${lines.map((line) => `// ${line}`).join('\n')}
{
  "version": 1,
  "connections": {
    "shop": { "type": "sqlite", "file": "demo/shop.db" },
    "copy": { "type": "sqlite", "file": "demo/copy.db" }
  },
  "tasks": {
    "${DEMO_TASK}": {
      "source": "shop",
      "target": "copy",
      "concurrency": 6,
      "resume": "row",
      "batchRows": 200,
      "limits": { "rowsPerSecond": 2500 }
    }
  }
}
`;
}
