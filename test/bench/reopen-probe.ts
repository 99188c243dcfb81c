/** Opens a store as a window does after a crash, says what it took as one line of JSON, and dies as in a crash again. */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';
import { readWasm } from '../store/wasm.ts';

const [path = ''] = process.argv.slice(2);
const wasm = readWasm();
const from = performance.now();
const { store, notices } = await openStore({ path, key: 'k', wasm });
const state = store.load();
const ms = performance.now() - from;
const attempts = store.attempts({ runId: 'r1' }, 50).length;
writeSync(1, `${JSON.stringify({ ms, units: state.units.length, notices: notices.length, attempts })}\n`);
process.kill(process.pid, 'SIGKILL');
