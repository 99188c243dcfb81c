/**
 * What Java keeps of the classes that a server loads at its start: with it a start takes less than half of the processor's
 * time. It is made once for each kind of server, by a server that is started and ended for nothing else.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SearchKind, SearchRecipe } from './kinds.ts';
import { hostArguments, JVM, settingsOf } from './launch.ts';

/** Longest time that is spent on it, ms. */
const MOST_MS = 120_000;

/**
 * Options for Java: none where there is no archive and none can be made, which is tried once.
 * @param folder of the jars, where it is kept: Java ignores one that was made by another Java, or with jars elsewhere
 * @param args arguments for Java that name the jars and the class
 */
export async function withClassArchive(
  java: string,
  folder: string,
  kind: SearchKind,
  recipe: SearchRecipe,
  args: readonly string[],
): Promise<string[]> {
  const made = createHash('sha256').update(`${folder}\n${java}\n${(await stat(java)).mtimeMs}`);
  const archive = join(folder, `${kind}-${made.digest('hex').slice(0, 8)}.jsa`);
  const failed = `${archive}.none`;
  if (!existsSync(archive) && !existsSync(failed)) {
    const draft = `${archive}-${process.pid}`;
    const home = await mkdtemp(join(tmpdir(), `dt-${kind}-classes-`));
    try {
      const host = hostArguments(recipe, home, settingsOf(recipe, home, 0));
      const watched = [...JVM, `-XX:ArchiveClassesAtExit=${draft}`, ...args, ...host];
      await startAndEnd(java, watched, recipe.secure ? async () => {} : useOnce);
      await rename(draft, archive);
    } catch (error) {
      await writeFile(failed, String(error));
    } finally {
      await rm(home, { recursive: true, force: true });
      await rm(draft, { force: true });
    }
  }
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`, '-Xlog:disable', '-Xlog:all=error'] : [];
}

/** What nearly every test does with a server, so that its classes are loaded, too. */
async function useOnce(port: string): Promise<void> {
  const send = async (method: string, path: string, body?: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      body: JSON.stringify(body) ?? null,
    });
    await answer.text();
  };
  await send('GET', '/_cluster/health?wait_for_status=yellow&timeout=30s');
  await send('PUT', '/a', { settings: { number_of_shards: 1, number_of_replicas: 0 } });
  await send('PUT', '/a/_doc/1?refresh=true', { a: 1, b: 'text' });
  await send('POST', '/a/_search', { query: { match: { b: 'text' } }, sort: ['a'] });
}

/** Rejects where it did not come as far as being ready. */
async function startAndEnd(java: string, args: readonly string[], use: (port: string) => Promise<void>): Promise<void> {
  const child = spawn(java, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const late = setTimeout(() => child.kill('SIGKILL'), MOST_MS);
  const atExit = (): boolean => child.kill('SIGKILL');
  process.once('exit', atExit);
  const gone = once(child, 'exit');
  let said = '';
  let isReady = false;
  for await (const piece of child.stdout) {
    said += String(piece);
    const port = /^READY (\d+)$/m.exec(said)?.[1];
    if (port === undefined || isReady) continue;
    isReady = true;
    await use(port).catch(() => {});
    child.stdin.end();
  }
  await gone;
  clearTimeout(late);
  process.removeListener('exit', atExit);
  if (!isReady) throw new Error(`It did not start: ${said.slice(0, 2_000)}`);
}
