import type { Socket } from 'node:net';

/**
 * Cuts a stream into lines of JSON objects. Anything else, and a line of more than `longest` bytes, is reported once as
 * `bad`, after which the stream is not read any more.
 */
export function readMessages(
  socket: Socket,
  longest: number,
  each: (message: object) => void,
  bad: (reason: string) => void,
): void {
  let parts: Buffer[] = [];
  let waiting = 0;
  let refused = false;

  function refuse(reason: string): void {
    refused = true;
    parts = [];
    bad(reason);
  }

  function take(line: Buffer): void {
    const message = parse(line);
    if (message === undefined) refuse('a line is not JSON');
    else if (typeof message !== 'object' || message === null) refuse('a message is not an object');
    else each(message);
  }

  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    while (!refused && rest.length > 0) {
      const end = rest.indexOf(10);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      parts.push(piece);
      waiting += piece.length;
      if (waiting > longest) {
        refuse(`a message is longer than ${longest} bytes`);
        return;
      }
      if (end < 0) return;
      const line = Buffer.concat(parts);
      parts = [];
      waiting = 0;
      rest = rest.subarray(end + 1);
      if (line.length > 0) take(line);
    }
  });
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}
