/**
 * Debian's packages for tests that need servers and tools of the system. Those of a newer suite are unpacked into a
 * folder, without touching the system: archive and keyring are those of the system's own package sources, signatures
 * stay checked, and nothing is installed: programs run through the folder's own loader (see `loaderOf`).
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { cache } from '../../scripts/setup/paths.mjs';
import { firstExecutable } from './executables.ts';

const run = promisify(execFile);

const SUITE = 'sid';
/** Says which packages a folder holds; written last, so a folder without it was never complete. */
const CONTENTS = 'packages.txt';
const DEBIAN_SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

export interface Wanted {
  /** With all that they depend on. */
  readonly packages: readonly string[];
  /** Only their own files. */
  readonly alone?: readonly string[];
}

/**
 * The root folder of the unpacked packages, made once and kept in the git-ignored cache of the project. The suite moves
 * on: a folder stays at the version it was made with until it is deleted.
 * @returns undefined where that is not possible: another system than Debian, no network
 */
export async function unpackDebianPackages(name: string, wanted: Wanted): Promise<string | undefined> {
  const folder = join(cache, `server-${name}`);
  if (existsSync(join(folder, CONTENTS))) return folder;
  const archive = await debianArchive();
  if (archive === undefined) return undefined;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(`${folder}-draft-`);
  try {
    const root = join(draft, 'root');
    const files = await download(archive, wanted, draft);
    await mkdir(root);
    for (const file of files) await run('dpkg-deb', ['-x', file, root]);
    await writeFile(join(root, CONTENTS), files.map((file) => `${basename(file)}\n`).join(''));
    // Two test processes may do this at the same time: whoever renames first wins, the other uses that folder.
    await rename(root, folder).catch((error: unknown) => {
      if (!existsSync(join(folder, CONTENTS))) throw error;
    });
    return folder;
  } catch (error) {
    process.stderr.write(
      `Packages ${wanted.packages.join(', ')} of Debian ${SUITE} could not be unpacked: ${String(error)}\n`,
    );
    return undefined;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Program and first arguments that run a binary of the folder with the folder's own C library.
 * @throws Error where the folder has no loader
 */
export async function loaderOf(root: string): Promise<readonly string[]> {
  for (const triplet of await readdir(join(root, 'usr/lib'))) {
    const libraries = join(root, 'usr/lib', triplet);
    const loader = (await readdir(libraries).catch(() => [])).find((file) => /^ld-linux.*\.so\.\d+$/.test(file));
    if (loader !== undefined) return [join(libraries, loader), '--library-path', libraries];
  }
  throw new Error(`There is no loader in ${root}.`);
}

interface Archive {
  readonly uri: string;
  readonly keyring: string;
}

/** The first Debian archive among the system's own sources, in either of their two formats. */
async function debianArchive(): Promise<Archive | undefined> {
  for (const file of DEBIAN_SOURCES) {
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const stanza of text.split(/\n\s*\n/)) {
      const uri = /^URIs:\s*(\S+\/debian\/?)\s*$/m.exec(stanza)?.[1] ?? /^deb .*?(\S+\/debian\/?) /m.exec(stanza)?.[1];
      if (uri === undefined) continue;
      const keyring =
        /signed-by[:=]\s*([^\s\]]+)/i.exec(stanza)?.[1] ?? '/usr/share/keyrings/debian-archive-keyring.gpg';
      return { uri, keyring };
    }
  }
  return undefined;
}

/** Paths of the downloaded packages. Everything apt writes stays in `folder`, and none of its locks is taken. */
async function download(archive: Archive, wanted: Wanted, folder: string): Promise<string[]> {
  const list = join(folder, 'debian.list');
  const status = join(folder, 'status');
  await writeFile(list, `deb [signed-by=${archive.keyring}] ${archive.uri} ${SUITE} main\n`);
  await writeFile(status, '');
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true });
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::State::status=${status}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'Debug::NoLocking=true',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((option) => ['-o', option]);
  const limits = {
    maxBuffer: 64 * 1024 * 1024,
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  const archives = join(folder, 'cache/archives');
  const apt = (...args: string[]) => run('apt-get', [...options, ...args], { ...limits, cwd: archives });
  await apt('update');
  await apt('-y', '--no-install-recommends', '--download-only', 'install', ...wanted.packages);
  if (wanted.alone !== undefined) await apt('download', ...wanted.alone);
  return (await readdir(archives)).filter((file) => file.endsWith('.deb')).map((file) => join(archives, file));
}

/**
 * Installs packages of the system's own release, as root or through `sudo -n`.
 *
 * A package's own start script would leave a service running on the usual port. The policy programme asked by
 * `invoke-rc.d` is overridden for this one installation by a private one that answers "not allowed" (101).
 * @returns false where that is not possible
 */
export async function installDebianPackages(packages: readonly string[]): Promise<boolean> {
  if ((await firstExecutable(['apt-get'])) === undefined) return false;
  const isRoot = process.getuid?.() === 0;
  const prefix = isRoot ? [] : ['sudo', '-n'];
  const script = [
    'set -e',
    'export DEBIAN_FRONTEND=noninteractive',
    'policy=/usr/sbin/policy-rc.d',
    'if [ ! -e "$policy" ]; then printf "#!/bin/sh\\nexit 101\\n" > "$policy"; chmod 755 "$policy"; made=1; fi',
    'trap \'[ -z "$made" ] || rm -f "$policy"\' EXIT',
    'install="apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends"',
    '$install "$@" || { apt-get update && $install "$@"; }',
  ].join('\n');
  const [program = '', ...args] = [...prefix, 'sh', '-c', script, 'sh', ...packages];
  try {
    await run(program, args, { maxBuffer: 64 * 1024 * 1024, timeout: 300_000 });
    return true;
  } catch {
    return false;
  }
}
