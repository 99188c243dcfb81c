import fs from 'node:fs';
import path from 'node:path';
import { serverFolder } from '../setup/host.mjs';
import { root } from '../setup/paths.mjs';

/**
 * @typedef {object} Profile the folders of one VS Code, all under one
 * @property {string} folder
 * @property {string} userData settings, logs, workspace storage
 * @property {string} extensions
 * @property {string} serverData
 * @property {string} builtins
 */

/** A window without anything that is not about our extension, and nothing that looks for updates. */
const CLEAN_SETTINGS = {
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  'workbench.layoutControl.enabled': false,
  'window.menuBarVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
};

/** The built-in extensions that a bare window needs; every other one costs start-up time. */
const BARE = ['theme-defaults', 'theme-modern-icons'];

/**
 * @param {string} folder
 * @returns {Profile}
 */
export function makeProfile(folder) {
  const profile = {
    folder,
    userData: path.join(folder, 'data'),
    extensions: path.join(folder, 'extensions'),
    serverData: path.join(folder, 'server'),
    builtins: path.join(folder, 'builtins'),
  };
  for (const each of Object.values(profile)) fs.mkdirSync(each, { recursive: true });
  return profile;
}

/**
 * Writes the settings of every window of the profile; open windows take them over within a second.
 * @param {Profile} profile
 * @param {Record<string, unknown>} [settings] on top of the clean ones
 */
export function writeSettings(profile, settings = {}) {
  const folder = path.join(profile.userData, 'Machine');
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'settings.json');
  const making = `${file}.new`;
  fs.writeFileSync(making, JSON.stringify({ ...CLEAN_SETTINGS, ...settings }, null, 2));
  fs.renameSync(making, file);
}

/**
 * Makes the repository itself an installed extension of the profile, without packing it.
 * @param {Profile} profile
 */
export function linkRepository(profile) {
  const { publisher, name, version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  fs.rmSync(profile.extensions, { recursive: true, force: true });
  fs.mkdirSync(profile.extensions, { recursive: true });
  link(root, path.join(profile.extensions, `${publisher}.${name}-${version}`));
}

/**
 * Leaves only these built-in extensions in the profile.
 * @param {Profile} profile
 * @param {readonly string[]} [more] folder names, e.g. `json-language-features`
 */
export function linkBuiltins(profile, more = []) {
  fs.rmSync(profile.builtins, { recursive: true, force: true });
  fs.mkdirSync(profile.builtins, { recursive: true });
  for (const name of [...BARE, ...more]) {
    link(path.join(serverFolder, 'extensions', name), path.join(profile.builtins, name));
  }
}

/**
 * @param {string} target a folder
 * @param {string} place
 */
function link(target, place) {
  fs.symlinkSync(target, place, process.platform === 'win32' ? 'junction' : 'dir');
}
