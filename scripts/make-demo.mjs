import { refuseOldNode } from './setup/node-version.mjs';

// The set-up that F5 needs (.vscode/tasks.json): packages and the demo workspace.
refuseOldNode();
const { install } = await import('./setup/install.mjs');
await install({});
const { makeDemo } = await import('./start/demo.mjs');
console.log(await makeDemo());
