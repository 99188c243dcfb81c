import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

// Builds everything that runs outside of Node's own type stripping:
//   dist/extension.js, dist/worker.js, dist/cli.js   what the editor, its workers and a terminal run
//   dist/webview/panel.js, panel.css                 what a task's panel runs
//   dist/sql-wasm-debug.wasm                         SQLite, found beside the bundle that opens it
//   dist/test/host/*.js                              the tests inside a real VS Code
//   dist/meta/*.json                                 what went into each bundle, for the licence and size checks
//
//   node esbuild.mjs [--production] [--watch] [--outdir FOLDER]

const root = path.dirname(fileURLToPath(import.meta.url));

/** FAST's and the toolkit's packages do not declare that unused modules may go: one button would bring all 291 KB. */
const controlsMayGo = {
  name: 'controls-may-go',
  /** @param {esbuild.PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /./ }, async (args) => {
      if (args.pluginData?.resolved) return undefined;
      const inside = /[\\/]node_modules[\\/](@microsoft[\\/]fast-|@vscode[\\/]webview-ui-toolkit)/.test(args.importer);
      if (!inside && !/^(@microsoft\/fast-|@vscode\/webview-ui-toolkit)/.test(args.path)) return undefined;
      const { path: file, errors } = await build.resolve(args.path, {
        kind: args.kind,
        importer: args.importer,
        resolveDir: args.resolveDir,
        pluginData: { resolved: true },
      });
      return errors.length > 0 ? { errors } : { path: file, sideEffects: false };
    });
  },
};

/** @typedef {Omit<esbuild.BuildOptions, 'entryPoints'> & { metafile: true, entryPoints: Record<string, string> }} Bundle */

/**
 * @param {{ production: boolean, outdir: string }} settings
 * @returns {Record<string, Bundle>} by name
 */
function bundles({ production, outdir }) {
  /** @type {Omit<Bundle, 'entryPoints'>} */
  const common = {
    absWorkingDir: root,
    bundle: true,
    minify: production,
    sourcemap: production ? false : 'linked',
    sourcesContent: false,
    legalComments: 'none',
    // Chinese words take six bytes a character when they are escaped.
    charset: 'utf8',
    metafile: true,
    logLevel: 'warning',
    outdir,
  };
  /** @type {Omit<Bundle, 'entryPoints'>} */
  const node = {
    ...common,
    platform: 'node',
    format: 'cjs',
    // A lower target strips `node:` from `node:sqlite`, which exists under that name only.
    target: 'node22',
    external: ['vscode', 'mocha'],
    // jsonc-parser's main is a UMD file that requires its parts where a bundler cannot see it.
    mainFields: ['module', 'main'],
    // Its CommonJS form loads its parts through a variable, which no bundler can follow.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // It is undefined in a CJS bundle: paths are passed in by the composition roots instead.
    logOverride: { 'empty-import-meta': 'error' },
  };
  return {
    extension: { ...node, entryPoints: { extension: 'src/extension/extension.ts' } },
    worker: { ...node, entryPoints: { worker: 'src/worker/main.ts' } },
    cli: { ...node, entryPoints: { cli: 'src/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
    webview: {
      ...common,
      entryPoints: { panel: 'webview/main.ts' },
      outdir: path.join(outdir, 'webview'),
      platform: 'browser',
      format: 'iife',
      target: 'es2023',
      // Chinese takes three bytes a character as it is, six as an escape.
      charset: 'utf8',
      minify: true,
      loader: { '.ttf': 'file', '.svg': 'text' },
      assetNames: '[name]',
      define: { 'process.env.NODE_ENV': '"production"' },
      plugins: [controlsMayGo],
    },
    ...(production ? {} : { hostTests: { ...node, entryPoints: hostTests(), outdir: path.join(outdir, 'test/host') } }),
  };
}

/** The runner's entry and every test file: mocha loads the files, so that a broken one is named. */
function hostTests() {
  const folder = 'test/host';
  const files = fs.readdirSync(path.join(root, folder));
  const entries = files.filter((file) => file === 'index.ts' || file.endsWith('.test.ts'));
  return Object.fromEntries(entries.map((file) => [file.replace(/\.ts$/, ''), `${folder}/${file}`]));
}

/** @param {esbuild.Metafile} meta */
function assertNoReact(meta) {
  const found = Object.keys(meta.inputs).find((file) => /node_modules\/(react|react-dom|preact)\//.test(file));
  if (found) throw new Error(`The panel must not bundle React: ${found}. Import controls from webview/controls only.`);
}

/** @param {string} outdir */
function copySqlite(outdir) {
  fs.mkdirSync(outdir, { recursive: true });
  const name = 'sql-wasm-debug.wasm';
  fs.copyFileSync(path.join(root, 'node_modules/sql.js/dist', name), path.join(outdir, name));
}

/**
 * Builds everything once.
 * @param {{ production?: boolean, outdir?: string }} [options] outdir: absolute, `dist` of the repository by default
 * @throws when a source does not compile or breaks a bundling rule
 */
export async function build(options = {}) {
  const outdir = options.outdir ?? path.join(root, 'dist');
  const all = Object.entries(bundles({ production: options.production ?? false, outdir }));
  copySqlite(outdir);
  fs.rmSync(path.join(outdir, 'test'), { recursive: true, force: true }); // a renamed test must not go on running
  fs.mkdirSync(path.join(outdir, 'meta'), { recursive: true });
  await Promise.all(
    all.map(async ([name, settings]) => {
      const { metafile } = await esbuild.build(settings);
      if (name === 'webview') assertNoReact(metafile);
      fs.writeFileSync(path.join(outdir, 'meta', `${name}.json`), JSON.stringify(metafile));
    }),
  );
  fs.chmodSync(path.join(outdir, 'cli.js'), 0o755);
}

/** Builds, and builds again whenever a source changes, until the process is ended. */
async function watch() {
  const outdir = path.join(root, 'dist');
  copySqlite(outdir);
  const all = Object.values(bundles({ production: false, outdir }));
  const contexts = await Promise.all(
    all.map((settings) => esbuild.context({ ...settings, plugins: [...(settings.plugins ?? []), announce] })),
  );
  await Promise.all(contexts.map((context) => context.watch()));
}

/** Lines that the editor's task matcher waits for (.vscode/tasks.json). */
const announce = {
  name: 'announce',
  /** @param {esbuild.PluginBuild} build */
  setup(build) {
    build.onStart(() => console.log('[watch] build started'));
    build.onEnd(({ errors }) => {
      for (const { location, text } of errors) {
        if (location) console.log(`${location.file}:${location.line}:${location.column + 1}: error: ${text}`);
      }
      console.log('[watch] build finished');
    });
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      production: { type: 'boolean', default: false },
      minify: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      outdir: { type: 'string' },
    },
  });
  const outdir = values.outdir === undefined ? {} : { outdir: path.resolve(values.outdir) };
  try {
    await (values.watch ? watch() : build({ production: values.production || values.minify, ...outdir }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
