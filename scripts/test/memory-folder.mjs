import fs from 'node:fs';
import os from 'node:os';

const GIB = 2 ** 30;
/** What the servers and files of a suite need at most, several times over. */
const ROOM = { folder: 3 * GIB, memory: 6 * GIB };

/**
 * A folder for temporary files that is kept in memory, where the machine has one and room to spare: servers and stores
 * wait for the disk thousands of times in the tests, and none of them outlives its test. Tests of power cuts and kills
 * of the store have a disk to themselves.
 * @returns {{ env: Record<string, string>, remove: () => void }} to be set for the suite
 */
export function memoryFolder() {
  if (!hasRoom()) return { env: {}, remove: () => {} };
  const folder = fs.mkdtempSync('/dev/shm/dt-');
  return {
    // Data folders that were filled once are kept where they always are.
    env: { TMPDIR: folder, DATATRACE_TEST_TEMPLATES: os.tmpdir() },
    remove: () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

function hasRoom() {
  try {
    const { bavail, bsize } = fs.statfsSync('/dev/shm');
    fs.accessSync('/dev/shm', fs.constants.W_OK);
    const available =
      Number(/^MemAvailable:\s+(\d+) kB/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024;
    return bavail * bsize >= ROOM.folder && available >= ROOM.memory;
  } catch {
    return false;
  }
}
