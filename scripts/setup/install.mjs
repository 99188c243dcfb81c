import { findBrowser, installBrowser } from './browser.mjs';
import { hostIsInstalled, installHost } from './host.mjs';
import { dependenciesAreCurrent, installDependencies } from './npm.mjs';

/**
 * Installs what is missing, side by side: the dependencies always, the web host and a browser when asked for.
 * @param {{ host?: boolean, browser?: boolean }} wanted
 */
export async function install(wanted) {
  const steps = [];
  if (!dependenciesAreCurrent()) steps.push(step('the dependencies (385 MB)', installDependencies));
  if (wanted.host && !hostIsInstalled()) steps.push(step('a VS Code web host (340 MB)', installHost));
  if (wanted.browser && !findBrowser()) steps.push(step('a headless browser (206 MB)', installBrowser));
  const results = await Promise.allSettled(steps);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/**
 * @param {string} what
 * @param {() => Promise<void>} action
 */
async function step(what, action) {
  const started = Date.now();
  console.log(`Installing ${what} ...`);
  await action();
  console.log(`Installed ${what} in ${Math.round((Date.now() - started) / 1000)} s`);
}
