/**
 * Two private MariaDB servers and our command line between them, as it is installed, for what takes long: many rows,
 * little memory, kills and pauses.
 */
import { type MariaDb, startMariaDb } from '../servers/mysql/instance.ts';
import { type Installed, install } from './command.ts';

/** The log is not what is looked at, and old pages need not stay in memory. */
const SERVER_ARGUMENTS = [
  '--innodb-buffer-pool-size=1G',
  '--innodb-log-file-size=512M',
  '--innodb-flush-log-at-trx-commit=2',
];

export interface Rig extends Omit<Installed, 'remove'> {
  readonly source: MariaDb;
  readonly target: MariaDb;
  /** Name of the database on either side. */
  readonly from: string;
  readonly to: string;
  /** Tables whose checksums differ between the servers. */
  different(tables: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

export async function openRig(): Promise<Rig> {
  const servers: MariaDb[] = [];
  let installed: Installed | undefined;
  const close = async (): Promise<void> => {
    for (const each of servers) await each.stop();
    installed?.remove();
  };
  try {
    for (const name of ['source', 'target']) servers.push(await startMariaDb({ name, args: SERVER_ARGUMENTS }));
    const [source, target] = servers as [MariaDb, MariaDb];
    const [from, to] = [await source.freshDatabase('rows'), await target.freshDatabase('rows')];
    const connections = { source: connectionTo(source, from), target: connectionTo(target, to) };
    installed = await install(connections, { SOURCE_PASSWORD: source.password, TARGET_PASSWORD: target.password });
    return {
      ...installed,
      ...{ source, target, from, to, close },
      different: async (tables) => {
        const sums = async (server: MariaDb, database: string): Promise<(string | null | undefined)[]> => {
          const names = tables.map((table) => `\`${database}\`.\`${table}\``).join(', ');
          return (await server.query(`CHECKSUM TABLE ${names} EXTENDED`)).map((row) => row.Checksum);
        };
        const [theirs, ours] = [await sums(source, from), await sums(target, to)];
        return tables.filter((_, at) => !theirs[at] || theirs[at] !== ours[at]);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Its password is in the variable `SOURCE_PASSWORD` or `TARGET_PASSWORD`, as the server is called. */
export function connectionTo({ name, host, port, user }: MariaDb, database: string): object {
  const password = `\${env:${name.toUpperCase()}_PASSWORD}`;
  return { type: 'mysql', host, port, user, password, database, tls: 'off' };
}
