import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Groups that have to be gone when this process is. */
const groups = new Set();
let guarded = false;

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean }} [options] show: its output goes to the terminal;
 *   else it is kept and becomes part of the error
 * @returns {Promise<string>} standard output, empty with `show`
 * @throws {Error} with the exit code and the last lines of the output
 */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: options.show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let all = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
    all += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    all += chunk;
  });
  const [code, signal] = await once(child, 'close');
  if (code === 0) return out;
  const tail = all.trim().split('\n').slice(-200).join('\n');
  throw new Error(`${command} ${args.slice(0, 3).join(' ')} ended with ${signal ?? code}${tail ? `:\n${tail}` : ''}`);
}

/**
 * Starts a process that leads its own group, so that everything it starts can be ended with it. Ended at the latest
 * when this process ends, also by Ctrl+C.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function startGroup(command, args, options = {}) {
  guardExit();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  groups.add(child);
  return child;
}

/**
 * Ends a group started by `startGroup`: politely, after 3 s by force. Returns when its leader is gone.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function endGroup(child) {
  groups.delete(child);
  if (child.pid === undefined) return;
  const gone = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'exit');
  signalGroup(child.pid, 'SIGTERM');
  const late = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 3000);
  await gone;
  clearTimeout(late);
  signalGroup(child.pid, 'SIGKILL');
}

/**
 * @param {number | undefined} pid the group's leader
 * @param {NodeJS.Signals} signal
 */
export function signalGroup(pid, signal) {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // the group is gone already
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

function guardExit() {
  if (guarded) return;
  guarded = true;
  process.on('exit', () => {
    for (const child of groups) signalGroup(child.pid, 'SIGKILL');
  });
  for (const [signal, code] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    process.once(signal, () => process.exit(code));
  }
}
