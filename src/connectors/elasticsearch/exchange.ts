/**
 * One request and its answer, as bytes. The transport of @elastic/transport makes text of every answer, unpacks without a
 * bound, waits for headers only, and forgets the codes of errors: so its connections are used for what lies below.
 */
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { UndiciConnection } from '@elastic/transport';
import { createOutput, type Output, putBytes } from '../output.ts';
import { Broken } from './errors.ts';

export interface Exchange {
  readonly method: string;
  /** Encoded, with the query behind it; begins with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | null;
  /** Most bytes of an answer, unpacked. */
  readonly maxBytes: number;
  /** Memory that the answer is written into; its body is a view of it. undefined: memory of its own. */
  readonly into: Output | undefined;
  /** Longest silence, ms: until the answer begins, and between its pieces. The whole takes at most ten times as long. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Unpacked; empty for a redirection, which is never followed. */
  readonly body: Buffer;
}

const LONGEST_TIMES = 10;
/** Bytes that are unpacked at a time: answers are megabytes. */
const UNPACKED_BYTES = 256 * 1024;

/** Rejects with the signal's reason, a {@link Broken}, or what the network said. */
export async function exchange(node: UndiciConnection, request: Exchange): Promise<RawAnswer> {
  const { signal, timeoutMs } = request;
  signal?.throwIfAborted();
  const end = new AbortController();
  const onAbort = (): void => end.abort(signal?.reason);
  const onSilence = (): void => {
    const seconds = Math.round(timeoutMs / 1000);
    end.abort(new Broken('elasticsearch.timeout', 'The server did not answer in time.', { seconds }));
  };
  const silence = setTimeout(onSilence, timeoutMs);
  const whole = setTimeout(onSilence, timeoutMs * LONGEST_TIMES);
  signal?.addEventListener('abort', onAbort);
  try {
    const { statusCode, headers, body } = await node.pool.request({
      method: request.method as 'GET',
      path: `${node.url.pathname.replace(/\/+$/, '')}${request.path}`,
      headers: { ...(node.headers as Record<string, string>), ...request.headers },
      body: request.body,
      signal: end.signal,
    });
    const isRedirect = statusCode >= 300 && statusCode < 400;
    const take = isRedirect ? nothing : collector(request, () => silence.refresh());
    const answer = { status: statusCode, headers };
    try {
      silence.refresh();
      return { ...answer, body: await take(body, headers) };
    } finally {
      // What is left of it is of no use; after its end this does nothing.
      body.on('error', () => {}).destroy();
    }
  } catch (error) {
    // Whatever the library makes of it, the reason is why it was ended.
    throw end.signal.aborted ? end.signal.reason : error;
  } finally {
    clearTimeout(silence);
    clearTimeout(whole);
    signal?.removeEventListener('abort', onAbort);
  }
}

type Headers = RawAnswer['headers'];
type Take = (body: Readable, headers: Headers) => Promise<Buffer>;

const nothing: Take = async () => Buffer.alloc(0);

/** Unpacks and keeps an answer, as long as it has at most `maxBytes`. Its pieces are garbage as soon as they are there. */
function collector({ maxBytes, into = createOutput() }: Exchange, onPiece: () => void): Take {
  return async (body, headers) => {
    if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    into.length = 0;
    const keep = async (source: AsyncIterable<Buffer>): Promise<void> => {
      for await (const piece of source) {
        onPiece();
        if (into.length + piece.length > maxBytes) throw tooLarge(maxBytes);
        putBytes(into, piece);
      }
    };
    const unpack = unpacker(headers['content-encoding']);
    await (unpack === null ? pipeline(body, keep) : pipeline(body, unpack, keep));
    return into.bytes.subarray(0, into.length);
  };
}

function unpacker(encoding: Headers[string]): Transform | null {
  switch (String(encoding ?? 'identity').toLowerCase()) {
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ chunkSize: UNPACKED_BYTES });
    default:
      throw new Broken('elasticsearch.protocol', `The answer is packed by ${String(encoding)}.`);
  }
}

function tooLarge(maxBytes: number): Broken {
  const megabytes = Math.max(1, Math.round(maxBytes / 1_048_576));
  return new Broken('elasticsearch.answerTooLarge', 'The answer is too large.', { megabytes });
}
