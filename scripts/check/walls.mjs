import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { root } from '../setup/paths.mjs';

/**
 * Checks who imports whom against `.dependency-cruiser.cjs`.
 * @param {string} folder the repository, or a copy of it with `src`, `webview` and `tsconfig.json`
 * @returns {Promise<string[]>} one text for each breach, with the lesson where the code belongs
 * @throws {Error} when no module was seen: a check that looks at nothing would always pass
 */
export async function wallBreaches(folder) {
  const config = path.join(root, '.dependency-cruiser.cjs');
  const cli = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [cli, '--config', config, '--output-type', 'json', 'src', 'webview'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let complaints = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  await once(child, 'close');
  if (!out.startsWith('{')) throw new Error(`The walls could not be checked:\n${complaints || out}`);
  const { summary } = JSON.parse(out);
  const lessons = new Map(summary.ruleSetUsed.forbidden.map((/** @type {Rule} */ rule) => [rule.name, rule.comment]));
  if (summary.totalCruised === 0 || summary.totalDependenciesCruised === 0) {
    throw new Error('The walls were not checked: no module or no import was seen. Does the tool read this TypeScript?');
  }
  return summary.violations.map((/** @type {Violation} */ { from, to, rule }) => {
    return `${from} imports ${to} (${rule.name})\n    ${lessons.get(rule.name)}`;
  });
}

/** @typedef {{ name: string, comment: string }} Rule */
/** @typedef {{ from: string, to: string, rule: { name: string } }} Violation */
