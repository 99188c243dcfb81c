/**
 * Makes the search servers that the tests run against: the jars of a pom.xml from Maven Central and one class of ours,
 * compiled by a compiler that comes as a jar, too (a Java runtime is enough). All of it lies in the project's git-ignored
 * cache, made once for each pom.xml and class. Where it cannot be made the caller gets one sentence that says what to do:
 * no test is skipped. The jars are under their vendors' licences and are no part of the repository.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cache } from '../../../scripts/setup/paths.mjs';
import { withClassArchive } from './class-archive.ts';
import { packJar } from './jar.ts';
import { findJava, findMaven } from './java.ts';
import { SEARCH_RECIPES, type SearchKind, type SearchRecipe } from './kinds.ts';

const run = promisify(execFile);
const HOST = fileURLToPath(new URL('host/', import.meta.url));
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** What the classes are compiled for: the oldest Java that a server runs with. */
const LEVEL = '-17';
/** Changes when what is made of the jars does. */
const FORM = 'host.jar';

export interface SearchProgram {
  readonly java: string;
  /** Arguments for the program that start the server; its folder, plugins and settings follow. */
  readonly args: readonly string[];
  readonly recipe: SearchRecipe;
}

/** Throws an Error with one sentence a person can act on where there is no such server. */
export async function findSearchServer(kind: SearchKind): Promise<SearchProgram> {
  const recipe = SEARCH_RECIPES[kind];
  const java = await findJava(recipe.java);
  const jars = java === undefined ? undefined : await compiled(java, recipe);
  if (java === undefined || jars === undefined) throw new Error(`These tests need ${advice(kind, recipe)}`);
  const args = ['-cp', classPath(jars), recipe.main];
  const archive = await withClassArchive(java, jars.folder, kind, recipe, args);
  return { java, args: [...archive, ...args], recipe };
}

function advice(kind: SearchKind, { java: [oldest, newest] }: SearchRecipe): string {
  return (
    `a search server (${kind}), which is made of jars from Maven Central: install Maven and Java ${oldest} to ${newest} ` +
    '(Debian and Ubuntu: apt install maven default-jre-headless), or Python with pip for a Java of its own, or set ' +
    'DATATRACE_TEST_ELASTICSEARCH_URL=http://user:password@host:port to a server that may be written to.'
  );
}

interface Jars {
  readonly folder: string;
  /** File names under `lib`. */
  readonly server: readonly string[];
  readonly compiler: string;
}

function classPath({ folder, server }: Jars): string {
  return [join(folder, FORM), ...server.map((file) => join(folder, 'lib', file))].join(':');
}

/** The folder with a recipe's jars and compiled class; undefined where they cannot be had. */
async function compiled(java: string, recipe: SearchRecipe): Promise<Jars | undefined> {
  const pom = join(HOST, recipe.jars, 'pom.xml');
  const sources = await javaFiles(join(HOST, recipe.host, 'java'));
  const hash = createHash('sha256').update(LEVEL + FORM);
  for (const file of [pom, ...sources]) hash.update(await readFile(file));
  const folder = join(cache, `server-${recipe.jars}-${hash.digest('hex').slice(0, 8)}`);
  if (existsSync(folder)) return jarsIn(folder);

  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(`${folder}-draft-`);
  try {
    const maven = await findMaven();
    if (maven === undefined) return undefined;
    const limits = { timeout: 300_000, maxBuffer: 64 * 1024 * 1024, cwd: draft };
    await run(maven, ['-q', '-B', '-f', pom, COPY, `-DoutputDirectory=${join(draft, 'lib')}`], limits);
    const jars = await jarsIn(draft);
    const compiler = join(draft, 'lib', jars.compiler);
    const how = [LEVEL, '-nowarn', '-proc:none', '-cp', classPath(jars), '-d', join(draft, 'classes')];
    await run(java, ['-jar', compiler, ...how, ...sources], limits);
    await packJar(join(draft, 'classes'), join(draft, FORM));
    // Two test processes may do this at the same time: whoever renames first wins, the other uses that folder.
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return jarsIn(folder);
  } catch (error) {
    // Maven tells what is wrong on its standard output.
    const said = String((error as { stdout?: unknown }).stdout ?? '').slice(0, 2_000);
    process.stderr.write(`The jars of ${recipe.jars} could not be had: ${String(error)}\n${said}\n`);
    return undefined;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function jarsIn(folder: string): Promise<Jars> {
  const files = (await readdir(join(folder, 'lib'))).sort();
  const compiler = files.find((file) => file.startsWith('ecj-')) ?? '';
  return { folder, compiler, server: files.filter((file) => file !== compiler) };
}

async function javaFiles(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => file.endsWith('.java'))
    .sort()
    .map((file) => join(folder, file));
}
