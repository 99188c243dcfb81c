/** A process that tries to own a folder, says how it went, and then lives until it is ended or told to by its input. */
import { acquireOwner } from '../../../src/host/owner-lock.ts';

const [folder = '', startAt = '0'] = process.argv.slice(2);
while (Date.now() < Number(startAt)) {
  // spin: all contenders begin in the same millisecond
}
const { lock } = await acquireOwner({ folder, app: 'contender', socket: '' });
process.stdout.write(lock === null ? 'viewer\n' : 'owner\n');
process.stdin.on('end', () => {
  lock?.release();
  process.exit(0);
});
process.stdin.resume();
