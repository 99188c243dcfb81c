import { refuseOldNode } from './setup/node-version.mjs';

// npm start [-- --check]: from a fresh clone to a real VS Code that copies the demo shop.
refuseOldNode();
const { start } = await import('./start/main.mjs');
try {
  process.exitCode = await start({ check: process.argv.includes('--check') });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
