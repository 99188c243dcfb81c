import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The tables of the test shop and their rows: an empty one, a small one, and one that takes a moment. */
export const SHOP_TABLES: Readonly<Record<string, number>> = { empty: 0, customers: 250, orders: 20_000 };

/**
 * Fills a folder with a small SQLite shop (`shop.db`) and a `datatrace.json` with one task, `shop-copy`, that copies it
 * to `copy.db`.
 */
export function fillWorkspace(folder: string): void {
  fillShop(folder, SHOP_TABLES, { concurrency: 2, resume: 'row' });
}

/** Names of the tables of `fillQueueShop`, in plan order. */
export const QUEUE_TABLES = Array.from({ length: 12 }, (_, index) => `t${String(index + 1).padStart(2, '0')}`);

/** A shop of small tables that are copied slowly enough to be steered: about half a second for each. */
export function fillQueueShop(folder: string): void {
  const tables = Object.fromEntries(QUEUE_TABLES.map((table) => [table, 500]));
  fillShop(folder, tables, { concurrency: 2, resume: 'row', batchRows: 50, limits: { rowsPerSecond: 1_000 } });
}

/** Two folders of one workspace, each with a task of the same name. */
export function fillTwoFolders(folder: string): void {
  for (const name of ['shop', 'archive']) {
    fs.mkdirSync(path.join(folder, name));
    fillShop(path.join(folder, name), { customers: 10, orders: 20 }, { concurrency: 2, resume: 'row' });
  }
  const workspace = { folders: [{ path: 'shop' }, { path: 'archive' }] };
  fs.writeFileSync(path.join(folder, 'both.code-workspace'), JSON.stringify(workspace));
}

function fillShop(folder: string, tables: Readonly<Record<string, number>>, settings: object): void {
  const shop = new DatabaseSync(path.join(folder, 'shop.db'));
  for (const [table, rows] of Object.entries(tables)) {
    shop.exec(`CREATE TABLE "${table}" (id INTEGER PRIMARY KEY, label TEXT NOT NULL, amount REAL)`);
    shop.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO "${table}" SELECT i, '${table} ' || i, i / 4.0 FROM n WHERE i <= ${rows}`);
  }
  shop.close();
  const config = {
    version: 1,
    connections: { shop: { type: 'sqlite', file: 'shop.db' }, copy: { type: 'sqlite', file: 'copy.db' } },
    tasks: { 'shop-copy': { source: 'shop', target: 'copy', ...settings } },
  };
  fs.writeFileSync(path.join(folder, 'datatrace.json'), `${JSON.stringify(config, null, 2)}\n`);
}
