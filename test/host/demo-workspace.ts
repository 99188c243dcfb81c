import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/setup/paths.mjs';

/** The demo of `npm start` with a tenth of its rows: 100 tables, 10 at a time, in about 15 seconds. */
export function fillDemo(workspace: string): void {
  const script = path.join(root, 'scripts', 'demo.ts');
  execFileSync(process.execPath, [script, workspace, '--rows-scale', '0.1'], { stdio: 'ignore' });
  const config = path.join(workspace, 'datatrace.json');
  const text = fs.readFileSync(config, 'utf8');
  fs.writeFileSync(config, text.replace(/"rowsPerSecond": \d+/, '"rowsPerSecond": 10000'));
}
