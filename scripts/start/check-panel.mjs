import fs from 'node:fs';
import path from 'node:path';
import { launchBrowser, webviewFrame } from '../host/browser.mjs';
import { artifacts } from '../setup/paths.mjs';

/** How long the window, the extension and the first rows may take together, in ms. */
const SHOWN_MS = 120_000;

/**
 * Opens the URL in a headless browser and returns when the panel shows a running task with a bar on its way.
 * @param {string} url
 * @throws {Error} after 120 s, naming the screenshot of what was there instead
 */
export async function waitForRunningTask(url) {
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    await page.goto(url);
    const panel = webviewFrame(page);
    const state = panel.locator('[data-testid="task-state"][data-state="running"]');
    await state.first().waitFor({ state: 'attached', timeout: SHOWN_MS });
    const deadline = Date.now() + SHOWN_MS;
    for (;;) {
      const values = await panel.locator('[data-testid="unit-bar"]').evaluateAll(percents);
      if (values.some((value) => value > 0 && value < 100)) break;
      if (Date.now() > deadline)
        throw new Error(`No bar is on its way; the bars show ${values.join(', ') || 'nothing'}`);
      await page.waitForTimeout(100);
    }
    await screenshot(page, 'check.png');
  } catch (error) {
    const file = await screenshot(page, 'check-failed.png');
    const reason = error instanceof Error ? error.message.split('\n')[0] : error;
    throw new Error(`The panel did not show a running task: ${reason}\nWhat it showed: ${file}`);
  } finally {
    await browser.close();
  }
}

/**
 * Runs inside the page.
 * @param {(Element)[]} bars
 */
function percents(bars) {
  return bars.map((bar) => Number(bar.getAttribute('data-percent') ?? Number.NaN));
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
async function screenshot(page, name) {
  fs.mkdirSync(artifacts, { recursive: true });
  const file = path.join(artifacts, name);
  await page.screenshot({ path: file });
  return file;
}
