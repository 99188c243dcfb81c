/** Writes numbered transitions through the real store and says each number when it is durable; ends only by a kill. */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';
import { readWasm } from './wasm.ts';
import { firstChanges, lastTransition, progress, transition } from './workload.ts';

const [path = '', control = ''] = process.argv.slice(2);
const { store, notices } = await openStore({
  path,
  key: 'k',
  wasm: readWasm(),
  walLimitBytes: 256 << 10,
  tickIntervalMs: 5,
});
for (const notice of notices) writeSync(1, `notice ${JSON.stringify(notice)}\n`);
const state = store.load();
if (state.tasks.length === 0) await store.transact(firstChanges());
let n = lastTransition(state);
writeSync(1, 'ready\n');

async function work(): Promise<never> {
  for (;;) {
    const mine = ++n;
    if (control === 'ack-early') writeSync(1, `${mine}\n`);
    await store.transact(transition(mine));
    if (control !== 'ack-early') writeSync(1, `${mine}\n`);
    if (mine % 3 === 0) store.tick(progress(mine));
    if (mine % 7 === 0) store.commit(progress(mine));
  }
}

await Promise.all([work(), work(), work(), work()]);
