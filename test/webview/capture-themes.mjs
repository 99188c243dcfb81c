// Writes test/webview/themes/*.json: the variables that VS Code gives to a webview in its four default themes,
// cut down to those that the panel and its controls read. Run it again after raising the host's version:
//   node test/webview/capture-themes.mjs
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../../scripts/host/browser.mjs';
import { makeProfile, writeSettings } from '../../scripts/host/profile.mjs';
import { startWebHost } from '../../scripts/host/web-host.mjs';

const THEMES = {
  'dark-2026': ['Dark 2026', 'vs-dark', 'vscode-dark'],
  'light-2026': ['Light 2026', 'vs', 'vscode-light'],
  'hc-dark': ['Default High Contrast', 'hc-black', 'vscode-high-contrast'],
  'hc-light': ['Default High Contrast Light', 'hc-light', 'vscode-high-contrast vscode-high-contrast-light'],
};

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '../..');
const wanted = new Set(
  ['webview', 'node_modules/@vscode/webview-ui-toolkit/dist'].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(css|ts|js)$/.test(file) && !file.endsWith('.min.js'))
      .flatMap((file) => fs.readFileSync(path.join(root, folder, file), 'utf8').match(/--vscode-[\w-]+/g) ?? []),
  ),
);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-themes-'));
const profile = makeProfile(folder);
writeSettings(profile);
const host = await startWebHost({ profile, port: 7499, workspace: folder });
const browser = await launchBrowser();
try {
  const page = await browser.newPage();
  await page.goto(`${host.origin}/?folder=${folder}`);
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  for (const [name, [label, className, bodyClass]] of Object.entries(THEMES)) {
    writeSettings(profile, { 'workbench.colorTheme': label });
    await page.locator(`.monaco-workbench.${className}`).waitFor({ timeout: 60_000 });
    await page.waitForTimeout(2_000);
    const variables = await page.locator('.monaco-workbench').evaluate((element, names) => {
      const style = getComputedStyle(element);
      return Object.fromEntries(
        names.map((each) => [each, style.getPropertyValue(each).trim()]).filter((pair) => pair[1]),
      );
    }, [...wanted].sort());
    // A webview gets these beside the colours; they differ from one system to the next.
    variables['--vscode-font-family'] = 'system-ui, "Open Sans", "Noto Sans CJK SC", sans-serif';
    variables['--vscode-font-size'] = '13px';
    variables['--vscode-editor-font-family'] = 'monospace';
    fs.writeFileSync(
      path.join(here, 'themes', `${name}.json`),
      `${JSON.stringify({ label, bodyClass, variables }, null, 2)}\n`,
    );
    console.log(`${label}: ${Object.keys(variables).length} variables`);
  }
} finally {
  await browser.close();
  await host.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
