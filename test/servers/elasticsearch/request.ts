/** A plain request to a search server, for what tests prepare and look at beside the product's own client. */
import http from 'node:http';
import https from 'node:https';

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** Throws where the text is not JSON. */
  json(): unknown;
}

export interface Destination {
  /** With a path before every other where the server has one. */
  readonly url: string;
  readonly login?: Login | undefined;
  /** Encoded. */
  readonly apiKey?: string;
  /** PEM text of the authority to trust, and no other. */
  readonly ca?: string | undefined;
}

/** Rejects only when there is no answer within 60 s. */
export function sendRequest(to: Destination, method: string, path: string, body?: unknown): Promise<Answer> {
  const data = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const headers: http.OutgoingHttpHeaders = data === undefined ? {} : { 'content-type': mediaType(path) };
  if (to.login)
    headers.authorization = `Basic ${Buffer.from(`${to.login.user}:${to.login.password}`).toString('base64')}`;
  if (to.apiKey !== undefined) headers.authorization = `ApiKey ${to.apiKey}`;
  const { request } = to.url.startsWith('https:') ? https : http;
  const trust = to.ca === undefined ? {} : { ca: to.ca };
  return new Promise((resolve, reject) => {
    const sent = request(`${to.url}${path}`, { method, headers, ...trust, agent: false, timeout: 60_000 }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(pieces).toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: () => JSON.parse(text) });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on('error', reject);
    sent.end(data);
  });
}

function mediaType(path: string): string {
  return /\/_(bulk|msearch)\b/.test(path) ? 'application/x-ndjson' : 'application/json';
}
