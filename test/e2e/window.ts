import fs from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions, FrameLocator, Locator, Page } from 'playwright-core';
import { webviewFrame } from '../../scripts/host/browser.mjs';
import { artifacts } from '../../scripts/setup/paths.mjs';

/** The default themes and the class that the workbench wears under each. */
export const THEMES = {
  'Dark 2026': 'vs-dark',
  'Light 2026': 'vs',
  'Default High Contrast': 'hc-black',
  'Default High Contrast Light': 'hc-light',
} as const;
export type Theme = keyof typeof THEMES;

/** A busy machine takes its time: nothing here is slow because of us. */
const LIMIT_MS = 60_000;

export interface WindowOptions {
  /** In CSS pixels; 1280 x 800 by default. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** More for the browser context: `proxy`, `locale`, `reducedMotion`. */
  readonly context?: BrowserContextOptions;
}

export interface TestWindow {
  readonly page: Page;
  /** Runs a command of the palette by its title, e.g. `DataTrace: Start Task`. */
  runCommand(title: string): Promise<void>;
  /** Answers the quick pick that is open: types the text and takes the first match. */
  pick(text: string): Promise<void>;
  /** The document of a webview; the one at `index` when several panels show. */
  panel(index?: number): FrameLocator;
  /** The icon of a view container, by its title. */
  container(title: string): Locator;
  /** A row of a tree, by its accessible name or a part of it. */
  row(name: string | RegExp): Locator;
  /** Presses the inline action of a row, which shows while the pointer is over it. */
  pressRowAction(row: string | RegExp, action: string | RegExp): Promise<void>;
  statusItem(text: string | RegExp): Locator;
  /** A toast; only three show at a time: `clearNotifications` before waiting for one. */
  notification(text: string | RegExp): Locator;
  clearNotifications(): Promise<void>;
  /** The modal dialog. */
  dialog(): Locator;
  /** Changes the theme of all windows and waits until this one and its visible webviews wear it. */
  useTheme(theme: Theme): Promise<void>;
  reload(): Promise<void>;
  /** @returns the file, `artifacts/e2e/<name>.png` */
  screenshot(name: string): Promise<string>;
  close(): Promise<void>;
}

interface Means extends WindowOptions {
  readonly changeTheme: (theme: Theme) => void;
}

/** Opens the workbench in a new browser context and waits until it is there. */
export async function openWindow(browser: Browser, origin: string, means: Means): Promise<TestWindow> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    ...means.context,
    ...size(means),
  });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  const ready = () => page.locator('.monaco-workbench .statusbar').waitFor();
  await page.goto(origin);
  await ready();

  const input = page.locator('.quick-input-widget .quick-input-box input');
  const firstChoice = page.locator('.quick-input-list .monaco-list-row').first();
  const takeFirst = async (text: string) => {
    await input.fill(text);
    await firstChoice.filter({ hasText: text.replace(/^>/, '') }).waitFor();
    await input.press('Enter');
  };
  const window: TestWindow = {
    page,
    async runCommand(title) {
      await page.keyboard.press('F1');
      await input.waitFor();
      await takeFirst(`>${title}`);
    },
    async pick(text) {
      await input.waitFor();
      await takeFirst(text);
    },
    panel: (index = 0) => webviewFrame(page, index),
    container: (title) => page.locator('.activitybar').getByRole('tab', { name: title }),
    row: (name) => page.getByRole('treeitem', { name }),
    async pressRowAction(row, action) {
      await window.row(row).first().hover();
      await window.row(row).first().getByRole('button', { name: action }).click();
    },
    statusItem: (text) => page.locator('.statusbar-item').filter({ hasText: text }),
    notification: (text) => page.locator('.notification-toast').filter({ hasText: text }),
    clearNotifications: () => window.runCommand('Notifications: Clear All Notifications'),
    dialog: () => page.locator('.monaco-dialog-box'),
    async useTheme(theme) {
      means.changeTheme(theme);
      await page.locator(`.monaco-workbench.${THEMES[theme]}`).waitFor();
      const shown = await page.locator('iframe.webview.ready:visible').count();
      for (let index = 0; index < shown; index++) {
        await webviewFrame(page, index)
          .locator(`body.${bodyClass(theme)}`)
          .waitFor();
      }
    },
    async reload() {
      await page.reload();
      await ready();
    },
    async screenshot(name) {
      const folder = path.join(artifacts, 'e2e');
      fs.mkdirSync(folder, { recursive: true });
      const file = path.join(folder, `${name.replace(/[^\w-]+/g, '-')}.png`);
      await page.screenshot({ path: file });
      return file;
    },
    close: () => context.close(),
  };
  return window;
}

function size(options: WindowOptions): BrowserContextOptions {
  return options.viewport ? { viewport: { ...options.viewport } } : {};
}

/** The class that VS Code gives to the body of a webview. */
function bodyClass(theme: Theme): string {
  const classes = {
    'vs-dark': 'vscode-dark',
    vs: 'vscode-light',
    'hc-black': 'vscode-high-contrast',
    'hc-light': 'vscode-high-contrast-light',
  } as const;
  return classes[THEMES[theme]];
}
