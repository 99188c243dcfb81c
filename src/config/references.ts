/**
 * `${env:NAME}` and `${file:PATH}`: the only expansions of the file, in secret fields (as the whole value) and in
 * addresses (anywhere, environment only). Nothing expands twice, and no message ever holds what a reference stands for.
 */
import path from 'node:path';
import type { SecretRef } from './model.ts';

const ENVIRONMENT = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g;
const WHOLE_ENVIRONMENT = /^\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}$/;
const WHOLE_FILE = /^\$\{file:([^}]+)\}$/;

/** The reference in a secret field; `absent` is what a missing field means. Undefined for a literal. */
export function parseSecret(
  text: string | undefined,
  folder: string,
  absent: 'stored' | 'none',
): SecretRef | undefined {
  if (text === undefined) return { kind: absent };
  if (text === '') return { kind: 'none' };
  const name = WHOLE_ENVIRONMENT.exec(text)?.[1];
  if (name !== undefined) return { kind: 'env', name };
  const file = WHOLE_FILE.exec(text)?.[1];
  if (file !== undefined) return { kind: 'file', path: path.resolve(folder, file) };
  return undefined;
}

export function hasReference(text: string): boolean {
  return /\$\{(env|file):/.test(text);
}

/** Names of the environment variables that an address uses. */
export function referencedNames(text: string): string[] {
  return [...text.matchAll(ENVIRONMENT)].map((match) => match[1]!);
}

/** The address with its references replaced; a variable that is not set is an empty text (check {@link referencedNames} first). */
export function expandAddress(text: string, environment: (name: string) => string | undefined): string {
  return text.replace(ENVIRONMENT, (_, name: string) => environment(name) ?? '');
}

/** Upper case, every other character `_`: how a name is spelled in environment variables. */
export function environmentName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/** Variable that holds the secret of a connection where nobody can be asked. */
export function secretVariable(connection: string): string {
  return `DATATRACE_SECRET_${environmentName(connection)}`;
}
