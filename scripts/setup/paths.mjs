import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { versions } from './versions.mjs';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Git-ignored: the profiles, demo workspaces and logs of this clone. */
export const scratch = path.join(root, '.vscode-test');

/** Hosts and browsers; `DATATRACE_HOST_CACHE` shares them among clones. */
export const cache = path.resolve(process.env.DATATRACE_HOST_CACHE || scratch);

export const hostFolder = path.join(cache, `host-${versions.codeServer}`);
export const browserFolder = path.join(cache, `chromium-${versions.chromium}`);

/** Screenshots, logs and counts of test runs; kept as build artefacts by CI. */
export const artifacts = path.join(root, 'artifacts');
