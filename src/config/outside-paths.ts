/** Paths of a configuration that lead out of its folder: a host opens them only with a person's consent. */
import { readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { leaves } from './check-connections.ts';
import type { ConfigModel, Connection, SecretRef, TaskConfig } from './model.ts';
import { hasReference } from './references.ts';

export interface OutsidePath {
  readonly connection: string;
  /** Absolute, links followed. */
  readonly path: string;
}

/** The paths outside the folder that the two connections of `task` use; links count as where they lead. */
export async function outsidePaths(
  task: Pick<TaskConfig, 'source' | 'target'>,
  config: ConfigModel,
): Promise<OutsidePath[]> {
  const folder = await followLinks(config.folder);
  const found: OutsidePath[] = [];
  for (const name of [task.source, task.target]) {
    const connection = config.connections.get(name);
    if (connection === undefined) continue;
    for (const used of usedPaths(connection)) {
      // An address from the environment is the word of whoever runs this, not of the file.
      if (hasReference(used)) continue;
      const real = await followLinks(used);
      if (leaves(folder, real)) found.push({ connection: name, path: real });
    }
  }
  return found;
}

function usedPaths(connection: Connection): string[] {
  const certificates = 'tlsCa' in connection ? [connection.tlsCa] : [];
  switch (connection.type) {
    case 'sqlite':
      return [connection.file];
    case 'files':
      return [connection.folder];
    case 'mysql':
      return compact([...certificates, connection.tlsCert, fileOf(connection.password), fileOf(connection.tlsKey)]);
    case 'elasticsearch': {
      const { auth } = connection;
      const secrets =
        'apiKey' in auth ? auth.apiKey : 'bearer' in auth ? auth.bearer : 'password' in auth ? auth.password : null;
      return compact([...certificates, secrets === null ? null : fileOf(secrets)]);
    }
  }
}

function fileOf(secret: SecretRef): string | null {
  return secret.kind === 'file' ? secret.path : null;
}

function compact(paths: readonly (string | null)[]): string[] {
  return paths.filter((entry) => entry !== null);
}

/** Links that are followed one after the other before they count as a circle, as in Linux. */
const MAX_LINKS = 40;

/**
 * The real path, also of a file that does not exist yet: its folder may be a link, and it may itself be a link to a
 * place where nothing is yet, which opening it would make.
 */
async function followLinks(target: string, links = 0): Promise<string> {
  try {
    return await realpath(target);
  } catch {
    const parent = path.dirname(target);
    if (parent === target) return target;
    const place = path.join(await followLinks(parent, links), path.basename(target));
    const leadsTo = await readlink(place).catch(() => null);
    if (leadsTo === null || links >= MAX_LINKS) return place;
    return followLinks(path.resolve(path.dirname(place), leadsTo), links + 1);
  }
}
