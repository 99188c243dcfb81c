import { chromium } from 'playwright-core';
import { findBrowser } from '../setup/browser.mjs';

/**
 * Launches the headless browser that the set-up found or installed.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launchBrowser() {
  const found = findBrowser();
  if (!found) throw new Error('There is no browser yet: `npm test` and `npm start -- --check` install one.');
  return chromium.launch({ executablePath: found.executablePath, args: found.args, env: found.env, headless: true });
}

/**
 * The document inside a webview: VS Code nests two frames.
 * @param {import('playwright-core').Page} page
 * @param {number} [index] among the open webviews
 */
export function webviewFrame(page, index = 0) {
  return page.locator('iframe.webview.ready').nth(index).contentFrame().frameLocator('#active-frame');
}
