/** Two different engines, one of them a MySQL or MariaDB server. */
import { DatabaseSync } from 'node:sqlite';
import { connectionTo } from '../integration/mysql-copy.ts';
import type { MariaDb } from '../servers/mysql/instance.ts';
import { type Kind, makeSide, type Side, systemOf } from './files-system.ts';
import type { System } from './suite.ts';

export type MixedKind = 'mysql' | Kind;

export async function makeMixedSystem(server: MariaDb, from: MixedKind, to: MixedKind): Promise<System> {
  const side = (kind: MixedKind) => (kind === 'mysql' ? mysqlSide(server) : asText(makeSide(kind)));
  return systemOf(await side(from), await side(to));
}

async function mysqlSide(server: MariaDb): Promise<Side> {
  const database = await server.freshDatabase('mixed');
  const name = `\`${database}\``;
  const charset = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci';
  const query = (sql: string) => server.query(`USE ${name}; ${sql}`);
  await server.query(`ALTER DATABASE ${name} ${charset}`);
  return {
    connection: connectionTo(server, database),
    sql: async (statement) => {
      await query(statement);
    },
    rows: async (table) =>
      (await query(`SELECT * FROM \`${table}\``)).map((row) => JSON.stringify(Object.values(row))).sort(),
    clear: async () => {
      await query(`DROP DATABASE ${name}; CREATE DATABASE ${name} ${charset}`);
    },
    close: async () => {
      await query(`DROP DATABASE ${name}`);
    },
  };
}

/** The same rows in the words of a server: every value as text, bytes as the characters of their numbers. */
function asText(side: Side): Side {
  const { connection } = side;
  if (connection.type !== 'sqlite')
    return { ...side, rows: async (table) => (await side.rows(table)).map(decode).sort() };
  return {
    ...side,
    rows: (table) => {
      const db = new DatabaseSync(connection.file);
      try {
        const statement = db.prepare(`SELECT * FROM "${table}"`);
        statement.setReadBigInts(true);
        statement.setReturnArrays(true);
        return (statement.all() as unknown as unknown[][]).map((row) => JSON.stringify(row.map(text))).sort();
      } finally {
        db.close();
      }
    },
  };
}

function text(value: unknown): string | null {
  if (value === null) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}

/** `integer:3130 | text:61 | null:` as `exactRows` says it. */
function decode(row: string): string {
  const values = row.split(' | ').map((cell) => {
    const [type, hex = ''] = cell.split(':') as [string, string?];
    if (type === 'null') return null;
    return Buffer.from(hex, 'hex').toString(type === 'blob' ? 'latin1' : 'utf8');
  });
  return JSON.stringify(values);
}
