import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../scripts/host/browser.mjs';
import { linkRepository, makeProfile, writeSettings } from '../../scripts/host/profile.mjs';
import { extensionHosts, freePort, installVsix, startWebHost } from '../../scripts/host/web-host.mjs';
import { artifacts } from '../../scripts/setup/paths.mjs';
import { eventually } from './eventually.ts';
import { openWindow, type TestWindow, type WindowOptions } from './window.ts';

// How to write an end-to-end test: start one VS Code for the file, open windows in it, close it at the end.
//
//   import { startTestHost, type TestHost } from './driver.ts';
//   import { fillWorkspace } from '../host/workspace.ts';
//
//   let host: TestHost;
//   before(async () => { host = await startTestHost({ name: 'pause', fill: fillWorkspace }); });
//   after(() => host.close());
//
//   test('a paused task stays paused after a reload', async () => {
//     const window = await host.openWindow();
//     await window.runCommand('DataTrace: Start Task');           // F1, then the title
//     await window.panel().getByTestId('task-state').waitFor();   // inside the webview; shadow roots are pierced
//     await window.reload();
//     await host.crashExtensionHost();                            // SIGKILL; returns when a new one is there
//     await host.kill(); await host.restart();                    // the whole server, same port, profile and store
//     await window.screenshot('paused');                          // artifacts/e2e/paused.png
//   });
//
// Two windows are two calls of `openWindow`. Themes: `await window.useTheme('Light 2026')`. Wait with playwright's own
// locators or `eventually` (no sleeps). A failed test leaves a picture with
//   afterEach((t) => host.keepEvidence(t));
// Runs with the packed extension of $DATATRACE_VSIX (`npm run test:e2e` packs it), else with what stands in `dist`.

export interface TestHostOptions {
  /** Names the pictures and logs in `artifacts/e2e`. */
  readonly name: string;
  /** Fills the empty workspace folder before the first window opens. */
  readonly fill?: (workspace: string) => void;
  /** Settings of the machine on top of the clean ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment of the extension host, on top of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Built-in extensions beside the themes, e.g. `json-language-features`. */
  readonly builtins?: readonly string[];
}

export interface TestHost {
  readonly workspace: string;
  /** The store's folder: `DATATRACE_STORE` of the extension host. */
  readonly store: string;
  readonly origin: string;
  /** The windows that were opened, in order. */
  readonly windows: readonly TestWindow[];
  /** Opens a window in a browser context of its own, so with an extension host of its own. */
  openWindow(options?: WindowOptions): Promise<TestWindow>;
  /** Replaces the settings of the machine; open windows take them over within a second. */
  changeSettings(settings: Readonly<Record<string, unknown>>): void;
  /** Process ids of the extension hosts, one for each window. */
  extensionHosts(): number[];
  /**
   * Kills the extension host of the window that was opened last (or the given one) with SIGKILL.
   * @returns the process id of the host that VS Code started instead
   */
  crashExtensionHost(pid?: number): Promise<number>;
  /** Ends the server and all extension hosts with SIGKILL, as a power cut would; windows stay open, disconnected. */
  kill(): Promise<void>;
  /** Starts the server again after `kill`: same port, profile, workspace and store. */
  restart(): Promise<void>;
  /** Keeps a picture of every window when the test failed; for `afterEach`. */
  keepEvidence(test: { readonly name: string; readonly passed?: boolean }): Promise<void>;
  /** Closes the windows, ends the server, keeps its logs and removes the folders. */
  close(): Promise<void>;
}

/** Starts a VS Code of its own, with an empty profile and store, for the tests of one file. */
export async function startTestHost(options: TestHostOptions): Promise<TestHost> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'datatrace-e2e-'));
  const workspace = path.join(folder, 'workspace');
  const store = path.join(folder, 'store');
  fs.mkdirSync(workspace);
  options.fill?.(workspace);
  const profile = makeProfile(path.join(folder, 'profile'));
  let settings = options.settings ?? {};
  writeSettings(profile, settings);
  const vsix = process.env.DATATRACE_VSIX;
  if (vsix) await installVsix(profile, vsix);
  else linkRepository(profile);

  const port = await freePort();
  const startServer = () =>
    startWebHost({
      profile,
      port,
      workspace,
      builtins: options.builtins ?? [],
      env: { ...options.env, DATATRACE_STORE: store },
    });
  let server = await startServer();
  let browser: Browser | undefined;
  const windows: TestWindow[] = [];

  const host: TestHost = {
    workspace,
    store,
    origin: server.origin,
    windows,
    async openWindow(windowOptions = {}) {
      browser ??= await launchBrowser();
      const window = await openWindow(browser, server.origin, {
        ...windowOptions,
        changeTheme: (theme) => host.changeSettings({ ...settings, 'workbench.colorTheme': theme }),
      });
      windows.push(window);
      return window;
    },
    changeSettings(changed) {
      settings = changed;
      writeSettings(profile, settings);
    },
    extensionHosts: () => extensionHosts(server.pid),
    async crashExtensionHost(pid) {
      const known = host.extensionHosts();
      const victim = pid ?? known.at(-1);
      if (victim === undefined) throw new Error('There is no extension host to kill: open a window first.');
      process.kill(victim, 'SIGKILL');
      return eventually('a new extension host', () => host.extensionHosts().find((each) => !known.includes(each)));
    },
    async kill() {
      const victims = [server.pid, ...host.extensionHosts()];
      for (const victim of victims) process.kill(victim, 'SIGKILL');
      await server.stop();
    },
    async restart() {
      server = await startServer();
    },
    async keepEvidence(test) {
      if (test.passed !== false) return;
      const open = windows.filter((window) => !window.page.isClosed());
      await Promise.all(open.map((window, index) => window.screenshot(`failed ${options.name} ${test.name} ${index}`)));
    },
    async close() {
      await browser?.close();
      await server.stop();
      const logs = path.join(profile.userData, 'logs');
      if (fs.existsSync(logs))
        fs.cpSync(logs, path.join(artifacts, 'e2e', `${options.name}-logs`), { recursive: true });
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return host;
}
