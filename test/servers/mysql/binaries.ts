/**
 * Finds the MariaDB programs the tests need, installing the system's own package when that is possible.
 *
 * Order: a program on the PATH (or in the usual system folders), then `apt-get install mariadb-server` as root or
 * through `sudo -n`. Where nothing works the caller gets one sentence that says what to do.
 */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Absolute paths of the server and of the program that initialises a data folder, and the server's version. */
export type MariaDbBinaries = { readonly server: string; readonly installDb: string; readonly version: string };

/** Finds or installs MariaDB. Throws an Error with one sentence a person can act on when neither works. */
export async function findMariaDb(): Promise<MariaDbBinaries> {
  const found = (await lookUp()) ?? (await installWithApt());
  if (found !== undefined) return found;
  throw new Error(
    'These tests need a MariaDB server: install it (Debian and Ubuntu: apt install mariadb-server) or set ' +
      'DATATRACE_TEST_MARIADB_URL=mysql://user:password@host:port to one that may be written to.',
  );
}

async function lookUp(): Promise<MariaDbBinaries | undefined> {
  const server = await firstExecutable(['mariadbd', 'mysqld']);
  const installDb = await firstExecutable(['mariadb-install-db', 'mysql_install_db']);
  if (server === undefined || installDb === undefined) return undefined;
  const { stdout } = await run(server, ['--no-defaults', '--version']);
  const version = /Ver (\S+)/.exec(stdout)?.[1] ?? 'unknown';
  return version.includes('MariaDB') ? { server, installDb, version } : undefined;
}

async function firstExecutable(names: readonly string[]): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/bin'];
  for (const name of names) {
    for (const folder of folders.filter((each) => each !== '')) {
      const path = join(folder, name);
      try {
        await access(path, constants.X_OK);
        return path;
      } catch {
        // Not here; the next folder may have it.
      }
    }
  }
  return undefined;
}

/**
 * A package's own start script would leave a service running on the usual port. The policy programme asked by
 * `invoke-rc.d` is overridden for this one installation by a private one that answers "not allowed" (101).
 */
async function installWithApt(): Promise<MariaDbBinaries | undefined> {
  const apt = await firstExecutable(['apt-get']);
  if (apt === undefined) return undefined;
  const isRoot = process.getuid?.() === 0;
  const prefix = isRoot ? [] : ['sudo', '-n'];
  const script = [
    'set -e',
    'export DEBIAN_FRONTEND=noninteractive',
    'policy=/usr/sbin/policy-rc.d',
    'if [ ! -e "$policy" ]; then printf "#!/bin/sh\\nexit 101\\n" > "$policy"; chmod 755 "$policy"; made=1; fi',
    'trap \'[ -z "$made" ] || rm -f "$policy"\' EXIT',
    `lock="-o DPkg::Lock::Timeout=120"`,
    'apt-get $lock install -y --no-install-recommends mariadb-server || { apt-get update && apt-get $lock install -y --no-install-recommends mariadb-server; }',
  ].join('\n');
  const [program, ...args] = [...prefix, 'sh', '-c', script];
  try {
    await run(program as string, args, { maxBuffer: 64 * 1024 * 1024, timeout: 300_000 });
  } catch {
    return undefined;
  }
  return lookUp();
}
