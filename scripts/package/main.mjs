import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../../esbuild.mjs';
import { writeLicences } from '../check/licences.mjs';
import { root, scratch } from '../setup/paths.mjs';

// Built in a folder of its own, so that a demo or a debug session that runs from `dist` is not changed under its feet.
// What goes in is said by .vscodeignore, which is an allow-list.

/** @type {typeof import('@vscode/vsce')} */
const vsce = createRequire(import.meta.url)('@vscode/vsce');

/** Larger ones are slow to install; architecture.md's budget. */
const LIMIT_BYTES = 2_000_000;

const { values } = parseArgs({ options: { out: { type: 'string' }, json: { type: 'boolean', default: false } } });
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const out = path.resolve(values.out ?? path.join(root, `${manifest.name}-${manifest.version}.vsix`));
const stage = path.join(scratch, `stage-${process.pid}`);

try {
  await makeStage();
  await vsce.createVSIX({
    cwd: stage,
    packagePath: out,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  const files = await vsce.listFiles({ cwd: stage, packageManager: vsce.PackageManager.None });
  report(fs.statSync(out).size, files.sort());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  fs.rmSync(stage, { recursive: true, force: true });
}

async function makeStage() {
  const dist = path.join(stage, 'dist');
  fs.rmSync(stage, { recursive: true, force: true });
  await build({ production: true, outdir: dist });
  writeLicences(path.join(dist, 'meta'), path.join(dist, 'THIRD-PARTY-LICENCES.txt'));
  const files = await vsce.listFiles({ cwd: root, packageManager: vsce.PackageManager.None });
  for (const file of files.filter((name) => !name.startsWith('dist/'))) {
    fs.mkdirSync(path.dirname(path.join(stage, file)), { recursive: true });
    fs.copyFileSync(path.join(root, file), path.join(stage, file));
  }
  fs.copyFileSync(path.join(root, '.vscodeignore'), path.join(stage, '.vscodeignore'));
  // What only serves development stays at home.
  const { scripts, devDependencies, optionalDependencies, bin, private: _, ...published } = manifest;
  fs.writeFileSync(path.join(stage, 'package.json'), JSON.stringify(published, null, 2));
}

/**
 * @param {number} bytes
 * @param {string[]} files
 */
function report(bytes, files) {
  const shown = path.relative(process.cwd(), out);
  for (const file of files) console.log(`${String(size(file)).padStart(9)}  ${file}`);
  console.log(`${shown}: ${bytes} bytes, ${files.length} files`);
  if (bytes >= LIMIT_BYTES) {
    console.error(`The VSIX is larger than ${LIMIT_BYTES} bytes: look at dist/meta for what came in.`);
    process.exitCode = 1;
  }
  if (values.json)
    console.log(JSON.stringify({ file: shown, bytes, files, panelBytes: size('dist/webview/panel.js') }));
}

/** @param {string} file of the VSIX */
function size(file) {
  return fs.statSync(path.join(stage, file), { throwIfNoEntry: false })?.size;
}
