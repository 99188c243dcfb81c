/** From a connection of the file to what a worker gets. */
import type { Connection } from '../config/model.ts';
import { resolveConnection, secretsIn } from '../config/secrets.ts';
import type { ResolvedConnection } from '../core/settings.ts';
import type { Folder } from './api.ts';

export interface AddressPorts {
  /** Environment variables that addresses and secrets of the configuration may refer to. */
  environment(name: string): string | undefined;
  /** A secret was resolved, wherever it was kept: from now on it is left out of whatever is shown. */
  secretKnown(secret: string): void;
}

/** Rejects with a DataError that names where a secret was looked for, never the secret. */
export async function addressOfConnection(
  connection: Connection,
  folder: Folder,
  ports: AddressPorts,
): Promise<ResolvedConnection> {
  const { path, secrets } = folder;
  const resolved = await resolveConnection(connection, { folder: path, environment: ports.environment, secrets });
  for (const secret of secretsIn(resolved)) ports.secretKnown(secret);
  return resolved;
}
