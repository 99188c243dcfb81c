/** Small servers that answer as no search server should, and note what they were sent. */
import http from 'node:http';
import net from 'node:net';

export interface Trap {
  readonly url: string;
  /** What came so far: headers of requests, or bytes. */
  readonly seen: readonly string[];
  /** Connections that are open now. */
  open(): number;
  close(): Promise<void>;
}

/** Answers every request by the handler. */
export function trapHttp(handler: http.RequestListener): Promise<Trap> {
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    seen.push([`${request.method} ${request.url}`, ...request.rawHeaders].join('\n'));
    request.resume();
    response.on('error', () => {});
    handler(request, response);
  });
  return listening(server, seen);
}

/** Does what it likes with every connection. */
export function trapSockets(handler: (socket: net.Socket) => void): Promise<Trap> {
  const seen: string[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => seen.push(data.toString('latin1')));
    handler(socket);
  });
  return listening(server, seen);
}

export async function listening(server: net.Server, seen: readonly string[], scheme = 'http'): Promise<Trap> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    seen,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
