/**
 * Secrets that are not in the file live in the editor's secret storage, bound to the folder and to where they lead
 * (type, host, port, user): a file that points elsewhere does not get them.
 */
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { ConfigModel, Connection, SecretRef } from '../../config/model.ts';
import { secretBinding } from '../../config/secrets.ts';
import type { Secrets } from '../../core/ports.ts';
import type { Log } from '../log.ts';
import { plainText } from '../plain-text.ts';

export interface StoredSecrets extends Secrets {
  /** Keeps a value; undefined forgets it. */
  set(connection: Connection, value: string | undefined): Promise<void>;
  has(connection: Connection): Promise<boolean>;
}

export function createSecrets(
  storage: vscode.SecretStorage,
  folderKey: string,
  model: () => ConfigModel | null,
  log: Log,
): StoredSecrets {
  const keyOf = (connection: Connection): string => {
    const binding = createHash('sha256').update(secretBinding(connection)).digest('hex').slice(0, 32);
    return `connection/${folderKey}/${binding}`;
  };
  return {
    async get(name) {
      const connection = model()?.connections.get(name);
      const value = connection && (await storage.get(keyOf(connection)));
      if (value) log.redactor.add(value);
      return value;
    },
    async set(connection, value) {
      if (value === undefined) return storage.delete(keyOf(connection));
      log.redactor.add(value);
      await storage.store(keyOf(connection), value);
    },
    has: async (connection) => (await storage.get(keyOf(connection))) !== undefined,
  };
}

/** Whether a connection takes a secret from the secret storage. */
export function usesStoredSecret(connection: Connection): boolean {
  return secretRefs(connection).some(({ kind }) => kind === 'stored');
}

function secretRefs(connection: Connection): readonly SecretRef[] {
  switch (connection.type) {
    case 'mysql':
      return [connection.password];
    case 'elasticsearch':
      return authRefs(connection.auth);
    case 'sqlite':
    case 'files':
      return [];
  }
}

function authRefs(auth: Extract<Connection, { type: 'elasticsearch' }>['auth']): readonly SecretRef[] {
  switch (auth.kind) {
    case 'none':
      return [];
    case 'apiKey':
      return [auth.apiKey];
    case 'bearer':
      return [auth.bearer];
    case 'basic':
      return [auth.password];
  }
}

/** Asks for what is missing. @returns false when the person gave up. */
export async function askForMissingSecrets(
  connections: readonly (Connection | undefined)[],
  secrets: StoredSecrets,
): Promise<boolean> {
  for (const connection of connections) {
    if (!connection || !usesStoredSecret(connection) || (await secrets.has(connection))) continue;
    if (!(await askForSecret(connection, secrets))) return false;
  }
  return true;
}

/** @returns false when the person gave up; an empty text is a secret ("no password"). */
export async function askForSecret(connection: Connection, secrets: StoredSecrets): Promise<boolean> {
  const where =
    connection.type === 'mysql'
      ? `${connection.user}@${connection.socket ?? connection.host}`
      : connection.type === 'elasticsearch'
        ? connection.urls.join(', ')
        : '';
  const value = await vscode.window.showInputBox({
    title: vscode.l10n.t('Secret of connection {name}', { name: connection.name }),
    prompt: vscode.l10n.t('Kept in the secret storage of the editor, for {where} only.', {
      where: plainText(where || connection.name),
    }),
    password: true,
    ignoreFocusOut: true,
  });
  if (value === undefined) return false;
  await secrets.set(connection, value);
  return true;
}
