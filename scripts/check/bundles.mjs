import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from '../../esbuild.mjs';
import { root } from '../setup/paths.mjs';
import { bundledPackages } from './licences.mjs';

/** The panel has to be there before a person wonders: architecture.md's budget. */
const PANEL_BYTES = 200_000;

/**
 * Builds what would be shipped and looks at what came in: licences, size, and no address of a registry in the lockfile.
 * @returns {Promise<string[]>}
 */
export async function bundleProblems() {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-bundles-'));
  try {
    await build({ production: true, outdir });
    const refused = bundledPackages(path.join(outdir, 'meta')).filter(({ allowed }) => !allowed);
    const panel = path.join(outdir, 'webview', 'panel.js');
    const bytes = fs.statSync(panel).size;
    return [
      ...refused.map(
        ({ name, licence }) => `${name} is under ${licence}, which may not be bundled into an MIT product`,
      ),
      ...(bytes >= PANEL_BYTES ? [`dist/webview/panel.js has ${bytes} bytes, ${PANEL_BYTES} are the limit`] : []),
      ...lockfileProblems(),
    ];
  } finally {
    fs.rmSync(outdir, { recursive: true, force: true });
  }
}

function lockfileProblems() {
  const lockfile = fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  /** @type {Record<string, { integrity?: string, link?: boolean, inBundle?: boolean, optionalDependencies?: object }>} */
  const packages = JSON.parse(lockfile).packages;
  return [
    ...(lockfile.includes('"resolved"')
      ? ['package-lock.json names addresses: see .npmrc, omit-lockfile-registry-resolved']
      : []),
    ...Object.entries(packages)
      .filter(([place, entry]) => place !== '' && !entry.link && !entry.inBundle && !entry.integrity)
      .map(([place]) => `package-lock.json: ${place} has no integrity`),
    // A registry that lacks a platform package leaves it out of the lockfile silently, and `npm ci` then refuses.
    ...Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !(`${place}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages))
        .map(
          (name) => `package-lock.json: ${place || 'the root'} wants ${name}, which is missing: npm ci will refuse it`,
        ),
    ),
  ];
}
