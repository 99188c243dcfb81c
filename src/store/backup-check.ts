/**
 * SQLite's own check of a copy, in a thread: it reads every page, which takes seconds for a large store. The thread uses
 * the runtime's `node:sqlite`, as the workers do, and its few lines travel as text, so that no bundle is needed for them.
 */
import { Worker } from 'node:worker_threads';

const LINES = `
const { parentPort, workerData } = require('node:worker_threads');
const { DatabaseSync } = require('node:sqlite');
let verdict;
try {
  const db = new DatabaseSync(workerData);
  db.exec('PRAGMA locking_mode=EXCLUSIVE'); // no -shm file beside the copy
  verdict = Object.values(db.prepare('PRAGMA quick_check(1)').get())[0];
  db.close();
} catch (error) {
  verdict = error.message;
}
parentPort.postMessage(String(verdict));
`;

/** @returns `ok`, or what is wrong with the file at this absolute path. */
export function checkInThread(path: string): Promise<string> {
  return new Promise((resolve) => {
    const worker = new Worker(LINES, { eval: true, workerData: path, name: 'datatrace-check' });
    worker.once('message', resolve);
    worker.once('error', (error: Error) => resolve(error.message));
    worker.once('exit', (code) => resolve(`the check ended with ${code}`));
  });
}
