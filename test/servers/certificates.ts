/**
 * X.509 certificates for tests, of elliptic curve keys (made in a millisecond). Written here in the few pieces of DER that
 * they need, because Node makes none and a test must not hang on a program of the machine. RFC 5280.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export type Certificate = {
  /** PEM texts. */
  readonly cert: string;
  readonly key: string;
};

export type Wanted = {
  readonly name: string;
  /** DNS names it is for. */
  readonly names?: readonly string[];
  /** Who signs; itself when absent. */
  readonly by?: Authority;
  readonly authority?: boolean;
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
};

export type Authority = Certificate & { readonly subject: Buffer };

const DAY_MS = 86_400_000;
const OIDS = {
  ecdsaSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
} as const;

export function makeCertificate(wanted: Wanted): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const subject = sequence(set(sequence(oid('commonName'), tagged(0x0c, Buffer.from(wanted.name)))));
  const signer: KeyObject = wanted.by === undefined ? privateKey : createPrivateKey(wanted.by.key);
  const algorithm = sequence(oid('ecdsaSha256'));
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    wanted.by?.subject ?? subject,
    sequence(time(wanted.from ?? -2), time(wanted.to ?? 2)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(wanted))),
  );
  const signature = tagged(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, signer)]));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { cert: pem(sequence(body, algorithm, signature)), key: String(key), subject };
}

function extensions({ names = [], authority }: Wanted): Buffer[] {
  const found: Buffer[] = [];
  const extension = (name: keyof typeof OIDS, critical: boolean, value: Buffer): number =>
    found.push(sequence(oid(name), ...(critical ? [tagged(0x01, Buffer.of(0xff))] : []), tagged(0x04, value)));
  const constraints = authority === true ? sequence(tagged(0x01, Buffer.of(0xff))) : sequence();
  extension('basicConstraints', true, constraints);
  const all = names.map((each) => tagged(0x82, Buffer.from(each)));
  if (all.length > 0) extension('subjectAltName', false, sequence(...all));
  return found;
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * DAY_MS).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return tagged(0x18, Buffer.from(text));
}

function oid(name: keyof typeof OIDS): Buffer {
  return tagged(0x06, Buffer.from(OIDS[name]));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, ...parts);
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...header), content]);
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
