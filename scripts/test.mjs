import { refuseOldNode } from './setup/node-version.mjs';

// npm test [-- SUITE ..], npm run test:SUITE [-- FILE ..]: from a fresh clone to `N passed, N failed`.
refuseOldNode();
const { test } = await import('./test/main.mjs');
try {
  process.exitCode = await test(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
