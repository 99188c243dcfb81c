import fs from 'node:fs';
import path from 'node:path';
import { scratch } from '../setup/paths.mjs';
import { versions } from '../setup/versions.mjs';

/**
 * @typedef {{ host: 'web', why: string } | { host: 'desktop', command: string, why: string }
 *   | { host: 'download', why: string }} Choice download: a desktop is tried once the dependencies are there
 */

/** How long the download server may take to answer, in ms, before the web host is used instead. */
const ANSWER_MS = 5000;

/**
 * Chooses where the demo opens: the desktop where there is one, else the web host.
 * @param {NodeJS.ProcessEnv} [env] `DATATRACE_HOST=desktop|web|auto` decides by hand
 * @returns {Choice}
 */
export function chooseHost(env = process.env) {
  const wanted = env.DATATRACE_HOST ?? 'auto';
  if (wanted === 'web') return { host: 'web', why: 'DATATRACE_HOST' };
  if (wanted === 'auto') {
    if (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return { host: 'web', why: 'no screen' };
    // There `code` is the remote one, which cannot load a development extension.
    if (env.VSCODE_IPC_HOOK_CLI) return { host: 'web', why: 'terminal of a remote VS Code' };
  }
  for (const name of ['code', 'codium', 'cursor']) {
    const command = onPath(name, env.PATH ?? '');
    if (command) return { host: 'desktop', command, why: `${name} is on the PATH` };
  }
  return { host: 'download', why: 'no VS Code on the PATH' };
}

/**
 * Downloads a desktop VS Code, unless the server does not answer.
 * @returns {Promise<Exclude<Choice, { host: 'download' }>>}
 */
export async function downloadDesktop() {
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  /** @type {() => void} */
  let answer = () => {};
  const answered = new Promise((resolve) => {
    answer = () => resolve('answered');
  });
  const late = new Promise((resolve) => setTimeout(resolve, ANSWER_MS, 'late').unref());
  const downloaded = downloadAndUnzipVSCode({
    version: versions.vscode,
    cachePath: scratch,
    reporter: {
      report: ({ stage }) => {
        if (stage === 'downloading' || stage === 'foundMatchingInstall') answer();
      },
      error: () => {},
    },
  }).then(
    (command) => ({ host: /** @type {const} */ ('desktop'), command, why: 'downloaded' }),
    () => ({ host: /** @type {const} */ ('web'), why: 'no desktop VS Code in reach' }),
  );
  const first = await Promise.race([answered, late, downloaded]);
  return first === 'late' ? { host: 'web', why: 'no desktop VS Code in reach' } : downloaded;
}

/**
 * @param {string} name
 * @param {string} folders
 */
function onPath(name, folders) {
  const endings = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  return folders
    .split(path.delimiter)
    .flatMap((folder) => endings.map((ending) => path.join(folder, name + ending)))
    .find((file) => fs.existsSync(file));
}
