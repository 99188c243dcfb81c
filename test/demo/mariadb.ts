/**
 * `node test/demo/mariadb.ts [--rows-scale X] [--json]`: a shop of the demo's size (100 tables, 1.5 million rows at
 * scale 1) is copied from one private MariaDB into another by the command line; CHECKSUM TABLE must agree for every table.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startMariaDb } from '../servers/mysql/instance.ts';

const TABLES = 100;
const ROWS = 1_500_000;

const { values } = parseArgs({
  options: { 'rows-scale': { type: 'string', default: '1' }, json: { type: 'boolean', default: false } },
});
const scaled = ROWS * Number(values['rows-scale']);
const folder = mkdtempSync(join(tmpdir(), 'datatrace-mariadb-'));
const cli = join(import.meta.dirname, '../../dist/cli.js');

/** Shares of all rows: some tables are empty, most small, the largest a tenth of all. */
function rowsOf(table: number): number {
  if (table % 25 === 7) return 0;
  if (table === 42) return Math.round(scaled / 10);
  return Math.round(((((table * 37) % 100) + 1) / 5050) * scaled * 0.9);
}

const rows = Array.from({ length: TABLES }, (_, table) => rowsOf(table)).reduce((sum, count) => sum + count, 0);
const [source, target] = await Promise.all([startMariaDb({ name: 'shop' }), startMariaDb({ name: 'copy' })]);
try {
  await source.query('CREATE DATABASE shop; USE shop');
  await target.query('CREATE DATABASE copy; USE copy');
  for (let table = 0; table < TABLES; table++) {
    const name = `shop.t${String(table).padStart(3, '0')}`;
    await source.query(
      `CREATE TABLE ${name} (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(80) NOT NULL, price DECIMAL(12,2), seen DATETIME(6), weight DOUBLE, photo VARBINARY(32), KEY (name))`,
    );
    const count = rowsOf(table);
    if (count === 0) continue;
    await source.query(
      `INSERT INTO ${name} SELECT 9007199254740993 + seq, CONCAT('名 ', MD5(seq)), seq / 7, '2020-01-01' + INTERVAL seq * 1000003 MICROSECOND, seq / 3, UNHEX(MD5(seq + ${table})) FROM seq_1_to_${count}`,
    );
  }
  const connection = ({ name, host, port, user }: typeof source, database: string) => ({
    type: 'mysql',
    host,
    port,
    user,
    password: `\${env:PASSWORD_${name.toUpperCase()}}`,
    database,
    tls: 'off',
  });
  writeFileSync(
    join(folder, 'datatrace.json'),
    JSON.stringify({
      version: 1,
      connections: { shop: connection(source, 'shop'), copy: connection(target, 'copy') },
      tasks: { 'shop-copy': { source: 'shop', target: 'copy', concurrency: 10, resume: 'row' } },
    }),
  );
  const begun = performance.now();
  const child = spawn(process.execPath, [cli, 'run', 'shop-copy', '--store', join(folder, 'store')], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, PASSWORD_SHOP: source.password, PASSWORD_COPY: target.password },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const seconds = (performance.now() - begun) / 1000;

  const names = Array.from({ length: TABLES }, (_, table) => `t${String(table).padStart(3, '0')}`);
  const [before, after] = await Promise.all([
    source.query(`CHECKSUM TABLE ${names.map((name) => `shop.${name}`).join(', ')}`),
    target.query(`CHECKSUM TABLE ${names.map((name) => `copy.${name}`).join(', ')}`),
  ]);
  const different = names.filter((_, table) => {
    const sum = before[table]?.Checksum;
    return sum === undefined || sum === null || sum !== after[table]?.Checksum;
  });
  console.log(
    `${TABLES} tables, ${rows} rows in ${seconds.toFixed(1)} s; ${different.length} of ${TABLES} checksums differ (${source.version})`,
  );
  if (values.json) console.log(JSON.stringify({ tables: TABLES, rows, seconds, different, exitCode: code }));
  process.exitCode = code === 0 && different.length === 0 ? 0 : 1;
} finally {
  await Promise.all([source.stop(), target.stop()]);
  rmSync(folder, { recursive: true, force: true });
}
