/** A TCP proxy on 127.0.0.1 that can cut connections after a number of bytes, or let them hang. */
import { connect, createServer, type Socket } from 'node:net';

export type TcpProxy = {
  readonly port: number;
  /** Ends every connection once so many further bytes have gone through, both directions together. */
  cutAfter(bytes: number): void;
  /** Nothing goes through any more; connections stay open. */
  stall(): void;
  /** Everything goes through again, for new connections. */
  heal(): void;
  /** Connections that were cut so far. */
  cuts(): number;
  close(): Promise<void>;
};

export async function startProxy(port: number): Promise<TcpProxy> {
  let budget = Number.POSITIVE_INFINITY;
  let stalled = false;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const both = [client, upstream];
    const end = (): void => {
      for (const each of both) each.destroy();
    };
    for (const [here, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(here);
      here.on('data', (data) => {
        if (stalled) return;
        const passed = data.subarray(0, Math.max(0, budget));
        budget -= data.length;
        if (passed.length > 0) other.write(passed);
        if (budget < 0) {
          cuts += 1;
          end();
        }
      });
      here.on('error', end);
      here.on('close', () => {
        sockets.delete(here);
        end();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cutAfter: (bytes) => {
      budget = bytes;
    },
    stall: () => {
      stalled = true;
    },
    heal: () => {
      stalled = false;
      budget = Number.POSITIVE_INFINITY;
    },
    cuts: () => cuts,
    close: async () => {
      for (const each of sockets) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
