/**
 * A TCP proxy on 127.0.0.1 that does to connections what networks do: slow and sliced delivery, an end after any byte
 * (orderly or by a reset), and silence, in which connections stay open and nothing goes through.
 */
import { connect, createServer, type Socket } from 'node:net';

/** What happens to every connection once the bytes that were let through are used up. */
export type Fault = 'cut' | 'reset' | 'stall';

export type WireProxy = {
  readonly port: number;
  /** From now on every piece waits `delayMs` and holds at most `sliceBytes`; 0 = as it comes. */
  shape(how: { readonly delayMs: number; readonly sliceBytes: number }): void;
  /** The fault comes when so many further bytes have gone through, both directions together. */
  failAfter(bytes: number, fault: Fault): void;
  /**
   * Cuts the connection on which a client sends `text` for the `nth` time (of all connections together): before the
   * server has seen it, or when the server has answered and the client has not heard it.
   */
  cutAt(text: string, nth: number, when: 'unseen' | 'answered'): void;
  /** Nothing goes through any more, as of now; new connections are accepted and hear nothing, too. */
  stall(): void;
  /** Everything goes through again, on new connections: those that a fault has met stay as they are. */
  heal(): void;
  /** Bytes that have gone through so far, both directions together. */
  passed(): number;
  /** Faults that have met a connection so far. */
  faults(): number;
  /** Connections that are open now, and those among them that have fallen silent. */
  open(): number;
  silent(): number;
  close(): Promise<void>;
};

export async function startProxy(port: number): Promise<WireProxy> {
  let shape = { delayMs: 0, sliceBytes: 0 };
  let budget = Number.POSITIVE_INFINITY;
  let trap: { readonly text: string; left: number; readonly when: 'unseen' | 'answered' } | null = null;
  let fault: Fault = 'cut';
  let passed = 0;
  let faults = 0;
  const clients = new Map<Socket, { dead: boolean }>();
  const all = new Set<Socket>();

  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const line = { dead: false, unheard: false };
    const both = [client, upstream];
    clients.set(client, line);
    const end = (how: 'destroy' | 'resetAndDestroy'): void => {
      line.dead = true;
      for (const each of both) each[how]();
    };
    const strike = (): void => {
      if (line.dead) return;
      faults += 1;
      line.dead = true;
      if (fault !== 'stall') end(fault === 'reset' ? 'resetAndDestroy' : 'destroy');
    };
    const isTrapped = (data: Buffer): boolean => trap !== null && data.includes(trap.text) && --trap.left === 0;
    const deliver = async (data: Buffer, to: Socket): Promise<void> => {
      if (line.unheard && to === client) {
        faults += 1;
        return end('destroy');
      }
      if (to === upstream && isTrapped(data)) {
        line.unheard = trap?.when === 'answered';
        if (!line.unheard) {
          faults += 1;
          return end('destroy');
        }
      }
      const size = shape.sliceBytes > 0 ? shape.sliceBytes : data.length;
      for (let from = 0; from < data.length && !line.dead; from += size) {
        if (shape.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, shape.delayMs));
        const piece = data.subarray(from, Math.min(from + size, data.length));
        const through = piece.subarray(0, Math.max(0, budget));
        budget -= piece.length;
        passed += through.length;
        if (through.length > 0 && !line.dead && !to.write(through)) await drained(to);
        if (budget < 0) strike();
      }
    };
    for (const [here, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      all.add(here);
      here.setNoDelay(true);
      here.on('data', (data: Buffer) => {
        if (line.dead) return;
        here.pause();
        void deliver(data, other).then(() => here.resume());
      });
      here.on('error', () => end('destroy'));
      here.on('close', () => {
        all.delete(here);
        clients.delete(client);
        end('destroy');
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const failAfter = (bytes: number, how: Fault): void => {
    budget = bytes;
    fault = how;
  };
  return {
    port: address.port,
    shape: (how) => {
      shape = how;
    },
    failAfter,
    cutAt: (text, nth, when) => {
      trap = { text, left: nth, when };
    },
    stall: () => failAfter(0, 'stall'),
    heal: () => {
      budget = Number.POSITIVE_INFINITY;
      trap = null;
      shape = { delayMs: 0, sliceBytes: 0 };
    },
    passed: () => passed,
    faults: () => faults,
    open: () => clients.size,
    silent: () => [...clients.values()].filter((line) => line.dead).length,
    close: async () => {
      for (const each of all) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
