import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TestCertificate {
  /** PEM text of the authority that signed the server's certificate. */
  readonly ca: string;
  /** SHA-256 of the certificate, and of the authority's: bytes in hexadecimal with colons. */
  readonly fingerprint: string;
  readonly caFingerprint: string;
  /** Files of the server: its certificate with the authority's behind it, and its key. */
  readonly chainFile: string;
  readonly keyFile: string;
}

/**
 * Makes an authority and a certificate that it has signed, valid for two days, within an existing folder.
 * @param names whom the certificate is for, as openssl writes it
 */
export async function makeCertificate(folder: string, names = 'IP:127.0.0.1,DNS:localhost'): Promise<TestCertificate> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=Test authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  );
  await openssl('req', ...key, '-subj', '/CN=Test server', '-keyout', 'http.key', '-out', 'http.csr');
  await writeFile(join(folder, 'names.cnf'), `subjectAltName=${names}\n`);
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names.cnf'];
  await openssl('x509', '-req', '-in', 'http.csr', ...signed, '-out', 'http.crt');
  const ca = await readFile(join(folder, 'ca.crt'), 'utf8');
  const own = await readFile(join(folder, 'http.crt'), 'utf8');
  const chainFile = join(folder, 'chain.crt');
  await writeFile(chainFile, own + ca);
  return {
    ca,
    fingerprint: new X509Certificate(own).fingerprint256,
    caFingerprint: new X509Certificate(ca).fingerprint256,
    chainFile,
    keyFile: join(folder, 'http.key'),
  };
}
