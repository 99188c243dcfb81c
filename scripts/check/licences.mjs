import fs from 'node:fs';
import path from 'node:path';
import { root } from '../setup/paths.mjs';

/** Licences that may be bundled into an MIT product. */
const ALLOWED = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC-BY-4.0',
  'Unlicense',
];

/**
 * @typedef {{ name: string, version: string, licence: string, text: string, allowed: boolean }} Bundled
 */

/**
 * The packages of which something is in the bundles.
 * @param {string} meta the folder with the metafiles of a build
 * @returns {Bundled[]} sorted by name
 */
export function bundledPackages(meta) {
  const folders = new Set();
  // SQLite's WebAssembly file is copied, not bundled.
  folders.add('node_modules/sql.js');
  for (const file of fs.readdirSync(meta).filter((name) => name !== 'hostTests.json')) {
    const { outputs } = JSON.parse(fs.readFileSync(path.join(meta, file), 'utf8'));
    for (const output of Object.values(/** @type {Record<string, { inputs: object }>} */ (outputs))) {
      for (const input of Object.keys(output.inputs)) {
        const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
        if (match) folders.add(match[0]);
      }
    }
  }
  return [...folders].map(read).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Writes the licences of everything that is in the bundles into one file.
 * @param {string} meta the folder with the metafiles of a build
 * @param {string} file
 */
export function writeLicences(meta, file) {
  const parts = bundledPackages(meta).map(
    ({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}`,
  );
  fs.writeFileSync(file, `${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
}

/**
 * @param {string} folder of a package, relative to the repository
 * @returns {Bundled}
 */
function read(folder) {
  const place = path.join(root, folder);
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(place, 'package.json'), 'utf8'));
  const licence = String(license ?? 'unknown');
  const file = fs.readdirSync(place).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? fs.readFileSync(path.join(place, file), 'utf8').trim() : `Licence: ${licence}`;
  const choices = licence.replace(/[()]/g, '').split(/ OR /);
  const allowed = choices.some((choice) => choice.split(/ AND /).every((each) => ALLOWED.includes(each)));
  return { name, version, licence, text, allowed };
}
