/**
 * Writes the demo workspace: `node scripts/demo.ts FOLDER [--rows-scale X]`.
 * A SQLite shop of 100 tables and about 1.5 million rows, made from a seed, and the configuration that copies it.
 * The same call makes the same content; an existing shop of the same version and scale is kept.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';

const VERSION = 1;
const ROWS = 1_500_000;
const MOST_ROWS = 150_000;

const YEARS = ['2017', '2018', '2019', '2020', '2021', '2022', '2023', '2024', '2025', '2026'];

/** Columns of a table, each with the SQL expression of row `n` (1, 2, ..), `h` being a number that looks random. */
type Columns = Readonly<Record<string, readonly [type: string, expression: string]>>;

const ID: Columns = { id: ['INTEGER PRIMARY KEY', 'n'] };
const MOMENT = (name: string): Columns => ({
  [name]: ['TEXT NOT NULL', `strftime('%Y-%m-%d %H:%M:%f', 1483228800 + h % 315360000, 'unixepoch')`],
});
const MONEY = (name: string): Columns => ({
  [name]: ['NUMERIC NOT NULL', `printf('%d.%02d', h % 2000, h / 7 % 100)`],
});

const YEARLY: Readonly<Record<string, Columns>> = {
  orders: {
    ...ID,
    customer_id: ['INTEGER NOT NULL', 'h % 60000 + 1'],
    ...MONEY('total'),
    state: [
      'TEXT NOT NULL',
      `CASE h % 5 WHEN 0 THEN 'open' WHEN 1 THEN 'paid' WHEN 2 THEN 'shipped' WHEN 3 THEN 'returned' ELSE 'closed' END`,
    ],
    ...MOMENT('ordered_at'),
  },
  order_items: {
    order_id: ['INTEGER NOT NULL', '(n + 3) / 4'],
    line: ['INTEGER NOT NULL', '(n + 3) % 4 + 1'],
    product_id: ['INTEGER NOT NULL', 'h % 9000 + 1'],
    quantity: ['INTEGER NOT NULL', 'h % 9 + 1'],
    ...MONEY('price'),
  },
  payments: {
    ...ID,
    order_id: ['INTEGER NOT NULL', 'h % 90000 + 1'],
    ...MONEY('amount'),
    reference: ['TEXT NOT NULL', `printf('%08X-%04X', h, n % 65536)`],
    ...MOMENT('paid_at'),
  },
  shipments: {
    ...ID,
    order_id: ['INTEGER NOT NULL', 'h % 90000 + 1'],
    carrier: ['TEXT', `CASE h % 4 WHEN 0 THEN NULL WHEN 1 THEN 'Post' WHEN 2 THEN '顺丰速运' ELSE 'Übersee' END`],
    weight_kg: ['REAL', 'h % 40000 / 1000.0'],
    ...MOMENT('sent_at'),
  },
  invoices: {
    number: ['TEXT PRIMARY KEY', `printf('R-%08d', n)`],
    ...MONEY('net'),
    ...MONEY('tax'),
    scan: ['BLOB', "CASE h % 3 WHEN 0 THEN NULL ELSE CAST(printf('%016x', h) AS BLOB) END"],
  },
  events: {
    ...ID,
    kind: ['TEXT NOT NULL', `CASE h % 3 WHEN 0 THEN 'view' WHEN 1 THEN 'cart' ELSE 'search' END`],
    session: ['TEXT NOT NULL', `printf('%08x%08x', h, h / 3)`],
    counter: ['INTEGER NOT NULL', '9007199254740993 + n'],
    ...MOMENT('seen_at'),
  },
  refunds: {
    ...ID,
    payment_id: ['INTEGER NOT NULL', 'h % 50000 + 1'],
    ...MONEY('amount'),
    reason: ['TEXT', `CASE h % 4 WHEN 0 THEN '' WHEN 1 THEN NULL WHEN 2 THEN 'damaged' ELSE 'wrong size' END`],
  },
  stock_moves: {
    ...ID,
    product_id: ['INTEGER NOT NULL', 'h % 9000 + 1'],
    delta: ['INTEGER NOT NULL', 'h % 200 - 100'],
    warehouse: ['TEXT NOT NULL', `char(65 + h % 6)`],
    ...MOMENT('moved_at'),
  },
};

const NAMED: Columns = {
  ...ID,
  name: [
    'TEXT NOT NULL',
    `printf('%s %d', CASE h % 4 WHEN 0 THEN 'Zürich' WHEN 1 THEN '杭州' WHEN 2 THEN 'Oslo' ELSE 'Quito' END, n)`,
  ],
  ...MOMENT('updated_at'),
};

const REFERENCE = [
  'addresses',
  'brands',
  'campaigns',
  'carriers',
  'categories',
  'countries',
  'coupons',
  'currencies',
  'customers',
  'employees',
  'languages',
  'price_lists',
  'products',
  'regions',
  'reviews',
  'stores',
  'suppliers',
  'tax_rates',
  'warehouses',
  'wish_lists',
];

function tables(): [name: string, columns: Columns][] {
  const all: [string, Columns][] = REFERENCE.map((name) => [name, NAMED]);
  for (const [name, columns] of Object.entries(YEARLY))
    for (const year of YEARS) all.push([`${name}_${year}`, columns]);
  return all.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A few empty tables, many small ones, some large ones: as shops are. The sum is `rows`, the largest MOST_ROWS. */
function sizes(count: number, scale: number): number[] {
  let seed = 20_261_121;
  const random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const weights = Array.from({ length: count }, () => (random() < 0.04 ? 0 : random() ** 3 + 0.002));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const made = weights.map((weight) => Math.min(MOST_ROWS, Math.round((weight / sum) * ROWS)));
  made[made.indexOf(Math.max(...made))] = MOST_ROWS;
  return made.map((rows) => Math.round(rows * scale));
}

function writeShop(file: string, scale: number): { tables: number; rows: number } {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -64000');
  const shop = tables();
  const rowsOf = sizes(shop.length, scale);
  database.exec('BEGIN');
  for (const [index, [name, columns]] of shop.entries()) {
    const definitions = Object.entries(columns).map(([column, [type]]) => `${column} ${type}`);
    if ('line' in columns) definitions.push('PRIMARY KEY (order_id, line)');
    database.exec(`CREATE TABLE ${name} (${definitions.join(', ')})`);
    const values = Object.values(columns).map(([, expression]) => expression);
    // A multiplicative hash: the same rows on every machine, no two tables alike.
    const hash = `(n * 2654435761 + ${index * 40503}) % 4294967291`;
    database.exec(
      `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT ${rowsOf[index]}), r(n, h) AS (SELECT n, ${hash} FROM c)
       INSERT INTO ${name} SELECT ${values.join(', ')} FROM r WHERE ${rowsOf[index]} > 0`,
    );
  }
  database.exec(`PRAGMA user_version = ${VERSION}`);
  database.exec('COMMIT');
  database.close();
  return { tables: shop.length, rows: rowsOf.reduce((sum, rows) => sum + rows, 0) };
}

/** @param rows rows per second: chosen so that a run of the whole shop takes about 90 seconds to watch. */
function configuration(rows: number): string {
  return `// The demo: a shop of 100 tables, copied 10 at a time. Change something and watch the panel.
{
  "version": 1,
  "connections": {
    "shop": { "type": "sqlite", "file": "demo/shop.db" },
    "copy": { "type": "sqlite", "file": "demo/copy.db" },
  },
  "tasks": {
    "shop-copy": {
      "description": "The demo shop into a second SQLite file",
      "source": "shop",
      "target": "copy",
      "concurrency": 10, // units at a time
      "resume": "row", // an interrupted table goes on where it was
      "batchRows": 500,
      "limits": { "rowsPerSecond": ${rows} }, // slow enough to watch: remove the line to see the real speed
    },
  },
}
`;
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'rows-scale': { type: 'string', default: '1' } },
  });
  const folder = positionals[0];
  const scale = Number(values['rows-scale']);
  if (folder === undefined || !(scale > 0 && scale <= 10)) {
    console.error('usage: node scripts/demo.ts FOLDER [--rows-scale X], 0 < X <= 10');
    process.exit(2);
  }
  const demo = join(folder, 'demo');
  const shop = join(demo, 'shop.db');
  const stamp = join(demo, 'shop.json');
  const wanted = JSON.stringify({ version: VERSION, scale });
  mkdirSync(demo, { recursive: true });
  if (!(existsSync(shop) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)) {
    const draft = `${shop}.new`;
    rmSync(draft, { force: true });
    const begun = performance.now();
    const made = writeShop(draft, scale);
    renameSync(draft, shop);
    writeFileSync(stamp, wanted);
    console.log(`${made.tables} tables, ${made.rows} rows in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
  const config = join(folder, 'datatrace.json');
  if (!existsSync(config)) writeFileSync(config, configuration(Math.round((ROWS * scale) / 88)));
}

main();
