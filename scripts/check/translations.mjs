import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from '../setup/paths.mjs';

/** @type {typeof import('@vscode/l10n-dev')} */
const l10n = createRequire(import.meta.url)('@vscode/l10n-dev');

/**
 * Compares what is said in English with its translation: the manifest's words and those of `vscode.l10n.t`. (The words
 * of the panel are typed: a missing one does not compile.)
 * @returns {Promise<string[]>}
 */
export async function translationProblems() {
  const said = Object.fromEntries(Object.entries(await wordsOfTheHost()).map(([key, word]) => [key, message(word)]));
  return [
    ...compare(readJson('package.nls.json'), readJson('package.nls.zh-cn.json'), 'package.nls.zh-cn.json'),
    ...compare(said, readJson('l10n/bundle.l10n.zh-cn.json'), 'l10n/bundle.l10n.zh-cn.json'),
  ];
}

/**
 * @param {Record<string, string>} english
 * @param {Record<string, string>} translated
 * @param {string} file
 */
function compare(english, translated, file) {
  return [
    ...Object.keys(english)
      .filter((key) => !(key in translated))
      .map((key) => `${file}: no ${JSON.stringify(key)}`),
    ...Object.keys(translated)
      .filter((key) => !(key in english))
      .map((key) => `${file}: ${JSON.stringify(key)} is said nowhere`),
    ...Object.entries(english)
      .filter(([key, word]) => key in translated && placeholders(word) !== placeholders(translated[key] ?? ''))
      .map(([key]) => `${file}: ${JSON.stringify(key)} has other placeholders than the English`),
  ];
}

/** @param {string} word */
function placeholders(word) {
  return [...new Set(word.match(/\{\w+\}/g))].sort().join(' ');
}

async function wordsOfTheHost() {
  const folder = path.join(root, 'src', 'extension');
  if (!fs.existsSync(folder)) return {};
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const sources = files.map((name) => ({
    extension: '.ts',
    contents: fs.readFileSync(path.join(folder, name), 'utf8'),
  }));
  return l10n.getL10nJson(sources);
}

/** @param {string | { message: string }} word */
function message(word) {
  return typeof word === 'string' ? word : word.message;
}

/**
 * @param {string} file
 * @returns {Record<string, string>}
 */
function readJson(file) {
  const place = path.join(root, file);
  return fs.existsSync(place) ? JSON.parse(fs.readFileSync(place, 'utf8')) : {};
}
