import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { makeProfile, writeSettings } from '../host/profile.mjs';
import { root, scratch } from '../setup/paths.mjs';
import { startGroup } from '../setup/process.mjs';
import { DEMO_TASK } from './demo.mjs';

/**
 * Opens the demo in a desktop VS Code with a profile of its own and stays until its window is closed.
 * @param {string} command the editor's executable
 * @param {string} demo the workspace folder
 * @returns {Promise<number>} exit code
 */
export async function startDesktop(command, demo) {
  const profile = makeProfile(path.join(scratch, 'start-desktop'));
  // On the desktop the settings of the machine are those of the user.
  writeSettings(profile, { 'datatrace.openOnStart': DEMO_TASK });
  fs.cpSync(path.join(profile.userData, 'Machine'), path.join(profile.userData, 'User'), { recursive: true });
  const editor = startGroup(command, [
    `--extensionDevelopmentPath=${root}`,
    ...['--user-data-dir', profile.userData, '--extensions-dir', profile.extensions],
    ...['--disable-workspace-trust', '--skip-welcome', '--new-window'],
    // Keeps the window a child of this command, so that Ctrl+C ends it.
    '--verbose',
    demo,
  ]);
  editor.stdout.resume();
  editor.stderr.resume();
  console.log(`DataTrace demo is ready: a window of ${path.basename(command)} with ${demo}`);
  console.log('Press Ctrl+C to stop.');
  const [code] = await once(editor, 'exit');
  return code ?? 1;
}
