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
  const shop = new DatabaseSync(path.join(folder, 'shop.db'));
  for (const [table, rows] of Object.entries(SHOP_TABLES)) {
    shop.exec(`CREATE TABLE "${table}" (id INTEGER PRIMARY KEY, label TEXT NOT NULL, amount REAL)`);
    shop.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO "${table}" SELECT i, '${table} ' || i, i / 4.0 FROM n WHERE i <= ${rows}`);
  }
  shop.close();
  const config = {
    version: 1,
    connections: { shop: { type: 'sqlite', file: 'shop.db' }, copy: { type: 'sqlite', file: 'copy.db' } },
    tasks: { 'shop-copy': { source: 'shop', target: 'copy', concurrency: 2, resume: 'row' } },
  };
  fs.writeFileSync(path.join(folder, 'datatrace.json'), `${JSON.stringify(config, null, 2)}\n`);
}
