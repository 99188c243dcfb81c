/** Entry of a worker thread: runs units, plans and verifies, speaking src/worker/protocol.ts with its host. */
import { parentPort } from 'node:worker_threads';
import { createWorkerSession } from './session.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const port = parentPort;
const session = createWorkerSession((message) => port.postMessage(message));
port.on('message', session.receive);
port.postMessage({ type: 'ready' });
