/** The built panel in a real browser, with the page a host would give it and a stand-in for the editor's API. */
import fs from 'node:fs';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchBrowser } from '../../scripts/host/browser.mjs';
import { asViewMessage } from '../../src/protocol/guards.ts';
import type { HostMessage, ViewMessage } from '../../src/protocol/panel.ts';
import { sentencesOf } from '../../src/wording/word.ts';

const root = path.join(import.meta.dirname, '../..');
export const artifacts = path.join(root, 'artifacts', 'webview');
const dist = path.join(root, 'dist', 'webview');

export const THEMES = ['dark-2026', 'light-2026', 'hc-dark', 'hc-light'] as const;
export type Theme = (typeof THEMES)[number];

export const WIDE = { width: 1280, height: 720 };
export const NARROW = { width: 480, height: 860 };

export interface PanelOptions {
  readonly theme?: Theme;
  readonly size?: { readonly width: number; readonly height: number };
  readonly locale?: string;
  /** What the editor kept from before a reload. */
  readonly kept?: unknown;
}

export interface Panel {
  readonly page: Page;
  /** Posts a message as the editor delivers it. */
  post(message: HostMessage): Promise<void>;
  /** Everything the panel posted; each has passed the host's own check. */
  sent(): Promise<ViewMessage[]>;
  kept(): Promise<unknown>;
  id(testId: string): Locator;
  /** Waits until nothing has this test id any more. */
  gone(testId: string): Promise<void>;
  /** Errors of the page, refusals of its security policy included. */
  readonly errors: readonly string[];
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  return launchBrowser();
}

export async function openPanel(browser: Browser, options: PanelOptions = {}): Promise<Panel> {
  const context = await browser.newContext({ viewport: options.size ?? WIDE, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') errors.push(line.text());
  });
  await page.route('http://panel.test/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') await route.fulfill({ contentType: 'text/html', body: pageOf(options) });
    else if (pathname === '/favicon.ico') await route.fulfill({ status: 204 });
    else await route.fulfill({ path: path.join(dist, path.basename(pathname)) });
  });
  await page.goto('http://panel.test/');
  await page.locator('main').waitFor();
  return {
    page,
    errors,
    post: (message) => page.evaluate(deliver, pack(message)),
    async sent() {
      const raw = (await page.evaluate('window.__sent')) as unknown[];
      return raw.map((value) => {
        const checked = asViewMessage(value);
        if (checked === undefined) throw new Error(`A host would refuse ${JSON.stringify(value)}`);
        return checked;
      });
    },
    kept: () => page.evaluate('window.__kept'),
    id: (testId) => page.getByTestId(testId),
    gone: (testId) => page.getByTestId(testId).waitFor({ state: 'detached', timeout: 5_000 }),
    async screenshot(name) {
      fs.mkdirSync(artifacts, { recursive: true });
      await page.screenshot({ path: path.join(artifacts, `${name}.png`) });
    },
    close: () => context.close(),
  };
}

/** As the host's: a nonce for everything, no inline style, nothing from elsewhere. */
function pageOf({ theme = 'dark-2026', locale = 'en', kept = null }: PanelOptions): string {
  const file = path.join(import.meta.dirname, 'themes', `${theme}.json`);
  const { bodyClass, variables } = JSON.parse(fs.readFileSync(file, 'utf8')) as {
    bodyClass: string;
    variables: Record<string, string>;
  };
  const nonce = 'bm9uY2U';
  const origin = 'http://panel.test';
  const policy = `default-src 'none'; img-src ${origin}; font-src ${origin}; style-src ${origin} 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  const declarations = Object.entries(variables).map(([name, value]) => `${name}: ${value};`);
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>shop-to-search</title>
<style nonce="${nonce}">:root { ${declarations.join(' ')} }</style>
<link rel="stylesheet" href="panel.css">
</head>
<body class="${bodyClass}">
<div id="app" data-task-id="shop-to-search" data-folder-uri="file:///shop" data-locale="${locale}"></div>
<script nonce="${nonce}" type="application/json" id="sentences">${JSON.stringify(sentencesOf(locale)).replaceAll('<', '\\u003c')}</script>
<script nonce="${nonce}">
  window.__sent = [];
  window.__kept = ${JSON.stringify(kept)};
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.__sent.push(JSON.parse(JSON.stringify(message))),
    getState: () => window.__kept,
    setState: (state) => { window.__kept = state; },
  });
</script>
<script nonce="${nonce}" src="panel.js"></script>
</body>
</html>`;
}

interface Packed {
  readonly json: string;
}

/** Messages to a webview are JSON with the buffers beside it. */
function pack(message: HostMessage): Packed {
  const json = JSON.stringify(message, (_key, value: unknown) =>
    value instanceof ArrayBuffer ? { base64: Buffer.from(value).toString('base64') } : value,
  );
  return { json };
}

/** Runs in the page. */
function deliver({ json }: Packed): Promise<void> {
  const message: unknown = JSON.parse(json, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('base64' in value)) return value;
    return Uint8Array.from(atob(String(value.base64)), (char) => char.charCodeAt(0)).buffer;
  });
  window.postMessage(message, '*');
  // Delivered, and drawn in the frame after.
  return new Promise((resolve) => {
    setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
  });
}
