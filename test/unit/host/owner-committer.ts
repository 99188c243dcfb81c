/** A process that owns a folder and commits all the time, as far as its lock lets it: says when, and when it is refused. */
import { writeSync } from 'node:fs';
import { acquireOwner } from '../../../src/host/owner-lock.ts';

const [folder = '', heartbeatMs = '2000'] = process.argv.slice(2);
const { lock } = await acquireOwner({ folder, app: 'committer', socket: '', heartbeatMs: Number(heartbeatMs) });
writeSync(1, lock === null ? 'viewer\n' : 'owner\n');
let lost = false;
lock?.onLost(() => {
  lost = true;
});

function commit(): void {
  try {
    lock?.assertOwner();
    writeSync(1, `committed ${Date.now()}\n`);
    setTimeout(commit, 2);
  } catch (error) {
    writeSync(1, `refused ${(error as { code: string }).code} ${lost}\n`);
    process.exit(0);
  }
}
commit();
