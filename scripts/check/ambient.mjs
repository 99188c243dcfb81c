import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Rooms whose time and randomness arrive through ports, so that a history can be replayed from its seed. */
const ROOMS = ['src/core', 'src/engine'];

const CALLS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']);
const MEMBERS = new Set(['Date.now', 'Math.random', 'performance.now', 'crypto.randomUUID', 'crypto.getRandomValues']);

/**
 * Finds uses of the machine's own clock, timers, randomness and network.
 * @param {string} folder the repository or a copy of it
 * @returns {string[]} one text for each use, with its place and the lesson
 */
export function ambientUses(folder) {
  const files = ROOMS.flatMap((room) => sources(path.join(folder, room)));
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
    /** @type {string[]} */
    const found = [];
    const visit = (/** @type {ts.Node} */ node) => {
      const use = ambient(node, source);
      if (use) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        const place = `${path.relative(folder, file)}:${line + 1}`;
        found.push(
          `${place} uses ${use}\n    Times arrive inside events; timers, randomness and the network are ports (src/core/ports.ts).`,
        );
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

/**
 * @param {ts.Node} node
 * @param {ts.SourceFile} source
 * @returns {string | undefined} what it uses
 */
function ambient(node, source) {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    return CALLS.has(node.expression.text) ? node.expression.text : undefined;
  }
  if (ts.isPropertyAccessExpression(node)) {
    const name = node.getText(source).replace(/^globalThis\./, '');
    return MEMBERS.has(name) ? name : undefined;
  }
  const isNow = ts.isNewExpression(node) && node.expression.getText(source) === 'Date' && !node.arguments?.length;
  return isNow ? 'new Date()' : undefined;
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function sources(folder) {
  if (!fs.existsSync(folder)) return [];
  const entries = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => name.endsWith('.ts')).map((name) => path.join(folder, name));
}
