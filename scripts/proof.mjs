import { refuseOldNode } from './setup/node-version.mjs';

// npm run proof [-- PART ..]: the closing figures at full size, in one table. Exit code 0 only when all hold.
// PART limits it to the commands that contain one of the words, e.g. `startup kill`.
refuseOldNode();
const { developmentEnvironment, developmentNode } = await import('./setup/development-node.mjs');
const { install } = await import('./setup/install.mjs');
const { root } = await import('./setup/paths.mjs');
const { run } = await import('./setup/process.mjs');
await install({ host: true, browser: true });
await run(developmentNode(), ['esbuild.mjs'], { cwd: root, env: developmentEnvironment() });
const { proofs } = await import('./proof/figures.mjs');
const parts = process.argv.slice(2);
const wanted = proofs.filter(
  ({ command }) => parts.length === 0 || parts.some((part) => command.join(' ').includes(part)),
);
if (wanted.length === 0) throw new Error(`No figure is measured by a command with ${parts.join(' or ')}.`);

const rows = [['figure', 'measured', 'limit', '']];
for (const { command, figures } of wanted) {
  console.log(`node ${command.join(' ')} ...`);
  const measured = await measure(command);
  for (const { name, read, limit, holds } of figures) {
    const value = measured.figures && read(measured.figures);
    const holding = value !== undefined && holds(value);
    if (!holding) process.exitCode = 1;
    rows.push([
      name,
      value === undefined ? (measured.error ?? 'not measured') : String(value),
      limit,
      holding ? 'holds' : 'MISSED',
    ]);
  }
}
const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
console.log('');
for (const row of rows)
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );

/**
 * @param {readonly string[]} command for the development Node
 * @returns {Promise<{ figures?: any, error?: string }>} the JSON of its last line
 */
async function measure(command) {
  try {
    const out = await run(developmentNode(), command, { cwd: root, env: developmentEnvironment() });
    return { figures: JSON.parse(out.trim().split('\n').at(-1) ?? '') };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.error(text);
    // A command that says its figures and then fails has said them nevertheless.
    const line = text.split('\n').findLast((each) => each.startsWith('{'));
    return line ? { figures: JSON.parse(line) } : { error: 'failed, see above' };
  }
}
