import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from '../setup/paths.mjs';

/**
 * Compares what is said in English with its translation: the manifest's words and those of `vscode.l10n.t`. (The words
 * of the panel and of src/wording are typed: a missing one does not compile.)
 * @returns {string[]}
 */
export function translationProblems() {
  const said = Object.fromEntries(wordsOfTheEditor().map((word) => [word, word]));
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

/**
 * The words given to the editor's translation. Code that runs without the editor gets it as a parameter named `t`, which
 * the editor's own extraction tool does not see.
 */
function wordsOfTheEditor() {
  const folder = path.join(root, 'src', 'extension');
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  /** @type {string[]} */
  const words = [];
  for (const file of files) {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const visit = (/** @type {ts.Node} */ node) => {
      if (ts.isCallExpression(node) && /(^|\.)t$/.test(node.expression.getText(source))) {
        words.push(...literals(node.arguments[0]));
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return words;
}

/**
 * @param {ts.Node | undefined} node
 * @returns {string[]} the text, or both of a condition
 */
function literals(node) {
  if (!node) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  return ts.isConditionalExpression(node) ? [...literals(node.whenTrue), ...literals(node.whenFalse)] : [];
}

/**
 * @param {string} file
 * @returns {Record<string, string>}
 */
function readJson(file) {
  const place = path.join(root, file);
  return fs.existsSync(place) ? JSON.parse(fs.readFileSync(place, 'utf8')) : {};
}
