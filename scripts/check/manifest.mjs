import fs from 'node:fs';
import path from 'node:path';
import { root } from '../setup/paths.mjs';

/**
 * @typedef {{ command: string, title: string, category?: string }} Command
 * @typedef {{ command: string, when?: string }} MenuEntry
 */

/**
 * Reads package.json as the editor does and finds what it would only show as a missing word, picture or command.
 * @returns {string[]}
 */
export function manifestProblems() {
  const manifest = readJson('package.json');
  const contributes = manifest.contributes;
  if (!contributes) return ['package.json contributes nothing: the editor would show nothing of DataTrace.'];
  /** @type {Command[]} */
  const commands = contributes.commands ?? [];
  const known = new Set(commands.map(({ command }) => command));
  /** @type {Record<string, MenuEntry[]>} */
  const menus = contributes.menus ?? {};
  return [
    ...commands.flatMap(commandProblems),
    ...Object.entries(menus).flatMap(([menu, entries]) =>
      entries
        .filter(({ command }) => command && !known.has(command))
        .map(({ command }) => `${menu}: no command ${command}`),
    ),
    ...(contributes.keybindings ?? [])
      .filter((/** @type {MenuEntry} */ { command }) => command.startsWith('datatrace.') && !known.has(command))
      .map((/** @type {MenuEntry} */ { command }) => `keybindings: no command ${command}`),
    ...paletteProblems(commands, menus),
    ...missingFiles(manifest),
    ...activationProblems(manifest.activationEvents ?? []),
    ...nlsProblems(manifest),
  ];
}

/** @param {Command} command */
function commandProblems({ command, title, category }) {
  const problems = [];
  if (!command.startsWith('datatrace.')) problems.push(`${command}: a command of ours begins with datatrace.`);
  if (category !== 'DataTrace') problems.push(`${command}: its category is not DataTrace`);
  if (!/^%.+%$/.test(title)) problems.push(`${command}: its title is not a key of package.nls.json`);
  return problems;
}

/**
 * A command that stands on a row of a tree needs that row: from the palette it would do nothing.
 * @param {readonly Command[]} commands
 * @param {Record<string, MenuEntry[]>} menus
 */
function paletteProblems(commands, menus) {
  const hidden = new Set((menus.commandPalette ?? []).filter(({ when }) => when === 'false').map((e) => e.command));
  const onRows = new Set((menus['view/item/context'] ?? []).map(({ command }) => command));
  const elsewhere = new Set((menus['view/title'] ?? []).map(({ command }) => command));
  return commands
    .map(({ command }) => command)
    .filter(
      (command) => /Item$/.test(command) && onRows.has(command) && !elsewhere.has(command) && !hidden.has(command),
    )
    .map((command) => `${command}: stands on rows only, hide it from the palette (menus.commandPalette, when: false)`);
}

/** @param {any} manifest */
function missingFiles(manifest) {
  /** @type {(string | undefined)[]} */
  const files = [
    manifest.icon,
    ...(manifest.contributes.viewsContainers?.activitybar ?? []).map(
      (/** @type {{ icon: string }} */ { icon }) => icon,
    ),
    ...(manifest.contributes.jsonValidation ?? []).map((/** @type {{ url: string }} */ { url }) => url),
  ];
  return files
    .filter(
      (file) => file?.match(/^(\.\/|\w+\/)/) && !file.startsWith('./dist/') && !fs.existsSync(path.join(root, file)),
    )
    .map((file) => `package.json names ${file}, which does not exist`);
}

/** @param {readonly string[]} events */
function activationProblems(events) {
  return events
    .filter((event) => event === '*' || event === 'onStartupFinished' || event.includes('**'))
    .map((event) => `activationEvents: ${event} would wake the extension in folders that have nothing to do with it`);
}

/** @param {unknown} manifest */
function nlsProblems(manifest) {
  const used = new Set([...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map((match) => match[1] ?? ''));
  if (used.size === 0) return [];
  const words = readJson('package.nls.json');
  return [
    ...[...used].filter((key) => !(key in words)).map((key) => `package.nls.json: no ${key}`),
    ...Object.keys(words)
      .filter((key) => !used.has(key))
      .map((key) => `package.nls.json: ${key} is used nowhere`),
  ];
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
}
