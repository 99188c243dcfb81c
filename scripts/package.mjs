import { refuseOldNode } from './setup/node-version.mjs';

// npm run package [-- --out FILE] [--json]: the VSIX, its size and its file list.
refuseOldNode();
const { install } = await import('./setup/install.mjs');
await install({});
await import('./package/main.mjs');
