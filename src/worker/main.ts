/** Entry of a worker thread: runs units, plans and verifies, speaking src/worker/protocol.ts with its host. */
import { parentPort } from 'node:worker_threads';
import { watchConnections } from '../connectors/registry.ts';
import type { FromWorker } from './protocol.ts';
import { createWorkerSession } from './session.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const port = parentPort;
/** What comes in one turn goes in one message: each costs both threads as much as its content does, and wakes the host. */
const soon: FromWorker[] = [];
const sendAll = (): void => {
  if (soon.length > 0) port.postMessage(soon.splice(0));
};
const send = (message: FromWorker): void => {
  sendAll();
  port.postMessage(message);
};
const sendSoon = (message: FromWorker): void => {
  if (soon.push(message) === 1) process.nextTick(sendAll);
};
const session = createWorkerSession(send, sendSoon);
let telling = false;
// Many are opened and closed in one turn: their number is told once, after it.
watchConnections((open) => {
  if (telling) return;
  telling = true;
  setImmediate(() => {
    telling = false;
    send({ type: 'connections', open: new Map(open) });
  });
});
port.on('message', session.receive);
port.postMessage({ type: 'ready' });
