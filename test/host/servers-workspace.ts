import fs from 'node:fs';
import path from 'node:path';
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';

/** What a workspace needs beside its files. */
export interface Filled {
  /** For the editor: passwords that the configuration refers to. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const TABLES = 8;
const ROWS = 200_000;

/** Eight tables of 200,000 rows, copied at the same time from one private MariaDB to another. */
export async function fillBetweenServers(workspace: string): Promise<Filled> {
  const servers: MariaDb[] = [];
  const close = async (): Promise<void> => {
    for (const each of servers) await each.stop();
  };
  try {
    for (const name of ['shop', 'copy']) servers.push(await startMariaDb({ name }));
    const [shop, copy] = servers as [MariaDb, MariaDb];
    const [from, to] = [await shop.freshDatabase('shop'), await copy.freshDatabase('copy')];
    for (let table = 0; table < TABLES; table++) {
      await shop.query(
        `USE \`${from}\`; CREATE TABLE items_${table} (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(80) NOT NULL, seen DATETIME(6));
         INSERT INTO items_${table} SELECT seq * 3, CONCAT('item ', MD5(seq)), '2020-01-01' + INTERVAL seq SECOND FROM seq_1_to_${ROWS}`,
      );
    }
    const config = {
      version: 1,
      connections: { shop: connectionTo(shop, from), copy: connectionTo(copy, to) },
      tasks: { 'shop-copy': { source: 'shop', target: 'copy', concurrency: TABLES, resume: 'row' } },
    };
    fs.writeFileSync(path.join(workspace, 'datatrace.json'), JSON.stringify(config));
    const env = { SHOP_PASSWORD: shop.password, COPY_PASSWORD: copy.password };
    return { env, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function connectionTo({ name, host, port, user }: MariaDb, database: string): object {
  const password = `\${env:${name.toUpperCase()}_PASSWORD}`;
  return { type: 'mysql', host, port, user, password, database, tls: 'off' };
}
