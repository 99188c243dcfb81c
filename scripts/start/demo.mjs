import fs from 'node:fs';
import path from 'node:path';
import { developmentNode } from '../setup/development-node.mjs';
import { root, scratch } from '../setup/paths.mjs';
import { run } from '../setup/process.mjs';

/** The task of the demo's `datatrace.json` that starts by itself. */
export const DEMO_TASK = 'shop-copy';

const SHOP = path.join('demo', 'shop.db');
const CONFIG = 'datatrace.json';

/**
 * The demo workspace; kept between starts, so that a run that was interrupted can be resumed.
 * @returns {Promise<string>} its folder
 */
export async function makeDemo() {
  const folder = path.join(scratch, 'demo');
  const isNew = !fs.existsSync(path.join(folder, SHOP));
  if (isNew) console.log('Making the demo shop ...');
  await run(developmentNode(), [path.join(root, 'scripts', 'demo.ts'), folder], { cwd: root });
  return folder;
}

/**
 * The same workspace as if nothing had ever run in it.
 * @param {string} demo
 * @returns {string} its folder
 */
export function freshDemoCopy(demo) {
  const check = path.join(scratch, 'check');
  fs.rmSync(check, { recursive: true, force: true });
  const folder = path.join(check, 'demo');
  for (const file of [SHOP, CONFIG]) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.copyFileSync(path.join(demo, file), path.join(folder, file), fs.constants.COPYFILE_FICLONE);
  }
  return folder;
}
