/**
 * Where the store of a workspace folder lies: one place for VS Code and the command line, outside the workspace, keyed by
 * the folder's real path, so that all hosts on one folder meet on one store and two folders never share one.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { errnoOf } from '../core/coded-error.ts';
import { HostError, reasonOf } from './errors.ts';

export interface DataFolder {
  /** First 16 hex digits of the SHA-256 of the workspace folder's real path. */
  readonly key: string;
  /** The workspace folder's real path. */
  readonly workspace: string;
  /** Absolute. */
  readonly folder: string;
  /** The database file inside the folder. */
  readonly database: string;
}

export interface DataFolderOptions {
  /** Must exist. */
  readonly workspaceFolder: string;
  /** The setting or the option `--store`: the parent of the keyed folders. Wins over DATATRACE_STORE. */
  readonly storeFolder?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Only computes; {@link prepareDataFolder} makes it. Throws when the workspace folder does not exist. */
export function dataFolder(options: DataFolderOptions): DataFolder {
  const workspace = fs.realpathSync.native(options.workspaceFolder);
  const key = createHash('sha256').update(workspace).digest('hex').slice(0, 16);
  const env = options.env ?? process.env;
  const parent =
    chosen(options.storeFolder) ?? chosen(env.DATATRACE_STORE) ?? envPaths('datatrace', { suffix: '' }).data;
  const folder = join(parent, key);
  return { key, workspace, folder, database: join(folder, 'datatrace.db') };
}

function chosen(folder: string | undefined): string | undefined {
  if (folder === undefined || folder.trim() === '') return undefined;
  const home = folder.replace(/^~(?=$|[\\/])/, homedir());
  return isAbsolute(home) ? home : resolve(home);
}

/**
 * Makes the folder, private to its user, and writes `workspace.json` beside the database, for people who look for it.
 * Throws `host.unsafeFolder` when the folder is a link or belongs to another user, `host.folder` when it cannot be made.
 */
export function prepareDataFolder(place: DataFolder): void {
  const { folder, workspace } = place;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    makePrivate(folder);
    writeForPeople(join(folder, 'workspace.json'), `${JSON.stringify({ workspace }, null, 2)}\n`);
  } catch (error) {
    if (error instanceof HostError) throw error;
    const reason = reasonOf(error);
    throw new HostError(
      'host.folder',
      `The data folder ${folder} cannot be used: ${reason}`,
      { folder, reason },
      error,
    );
  }
}

/** Mode and owner mean nothing on Windows, where the user's profile is private by its access list. */
export function makePrivate(folder: string): void {
  const stat = fs.lstatSync(folder);
  if (!stat.isDirectory()) throw unsafe(folder, 'it is not a folder of its own (a link?)');
  const user = process.getuid?.();
  if (user === undefined) return;
  if (stat.uid !== user) throw unsafe(folder, 'it belongs to another user');
  if ((stat.mode & 0o077) !== 0) fs.chmodSync(folder, 0o700);
}

function unsafe(folder: string, reason: string): HostError {
  return new HostError('host.unsafeFolder', `The data folder ${folder} is not safe to use: ${reason}`, {
    folder,
    reason,
  });
}

function writeForPeople(path: string, text: string): void {
  try {
    if (fs.readFileSync(path, 'utf8') === text) return;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  const draft = `${path}.${process.pid}`;
  fs.rmSync(draft, { force: true });
  fs.writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  fs.renameSync(draft, path);
}
