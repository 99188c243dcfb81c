/** Whom a connection trusts: the authorities of this machine, one of its own, or one certificate by its fingerprint. */
import type { X509Certificate } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import type { ElasticsearchConnection } from '../../core/settings.ts';
import { printable } from '../printable.ts';
import { trustedAuthorities } from '../trusted-authorities.ts';
import { Broken, searchError } from './errors.ts';

/** Longest wait for a connection, ms: a node that is there accepts one at once. */
const CONNECT_MS = 10_000;

/** How sockets are opened, in the form that the HTTP library asks for. */
export type Connect = (
  to: { readonly hostname: string; readonly port: string; readonly protocol: string },
  done: (error: Error | null, socket: net.Socket | null) => void,
) => void;

/** @throws DataError `elasticsearch.tlsFiles`: where the certificate file is none */
export function connectWith(connection: ElasticsearchConnection): Connect {
  const own = tlsOptions(connection);
  const fingerprint = connection.fingerprint === null ? null : plain(connection.fingerprint);
  const timeoutMs = Math.min(CONNECT_MS, connection.requestTimeoutMs);
  return ({ hostname, port, protocol }, done) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const isTls = protocol === 'https:';
    const to = { host, port: Number(port || (isTls ? 443 : 80)) };
    const socket = isTls
      ? tls.connect({ ...to, ...(net.isIP(host) === 0 ? { servername: host } : {}), ...(own ?? ofThisMachine()) })
      : net.connect(to);
    const settle = (error: Error | null): void => {
      clearTimeout(late);
      socket.off('error', settle);
      if (error !== null) {
        // What the socket says later is nobody's.
        socket.on('error', () => {});
        socket.destroy();
      }
      done(error, error === null ? socket : null);
    };
    const late = setTimeout(() => {
      settle(Object.assign(new Error('The connection could not be made in time.'), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.once('error', settle);
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      settle(socket instanceof tls.TLSSocket && fingerprint !== null ? strange(socket, fingerprint, host) : null);
    });
  };
}

/** Asked for when the first connection needs it: to gather them takes 80 ms. */
function ofThisMachine(): tls.ConnectionOptions {
  return { ca: trustedAuthorities() };
}

/** null: whom this machine trusts. */
function tlsOptions({ name, tlsCa, fingerprint }: ElasticsearchConnection): tls.ConnectionOptions | null {
  // With a fingerprint alone the certificate may come from anybody: it is looked at before a byte is sent.
  if (tlsCa === null) return fingerprint === null ? null : { rejectUnauthorized: false };
  try {
    if (!tlsCa.includes('-----BEGIN ')) throw new Error('no certificate');
    tls.createSecureContext({ ca: tlsCa });
  } catch (error) {
    const detail = (error as Error).message;
    throw searchError('elasticsearch.tlsFiles', { connection: name, detail }, detail, error);
  }
  return { ca: tlsCa };
}

/** Most certificates between a server's and the one that is pinned. */
const LONGEST_CHAIN = 8;

/**
 * null: the server has the certificate with this fingerprint, whatever name is in it, or one for this host that the
 * certificate with this fingerprint has signed. Servers send what they like as their issuers, so that each signature is
 * checked here: the library would only have told whether an authority of this machine is behind it.
 */
function strange(socket: tls.TLSSocket, fingerprint: string, host: string): Error | null {
  const own = socket.getPeerX509Certificate();
  if (own === undefined) return new Broken('elasticsearch.tlsFailed', 'The server has no certificate.');
  if (plain(own.fingerprint256) === fingerprint) return null;
  let certificate: X509Certificate = own;
  for (let steps = 0; steps < LONGEST_CHAIN; steps += 1) {
    const issuer = certificate.issuerCertificate;
    if (issuer === undefined || !isSignedBy(certificate, issuer) || !isValidNow(certificate)) break;
    if (plain(issuer.fingerprint256) === fingerprint) return otherName(own, host);
    if (issuer.fingerprint256 === certificate.fingerprint256) break;
    certificate = issuer;
  }
  return new Broken('elasticsearch.tlsOtherCertificate', 'The certificate has another fingerprint.', {
    fingerprint: own.fingerprint256,
  });
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isValidNow(certificate: X509Certificate): boolean {
  const now = Date.now();
  return Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
}

function otherName(certificate: X509Certificate, host: string): Error | null {
  const named = net.isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  if (named !== undefined) return null;
  const names = certificate.subjectAltName ?? certificate.subject;
  return new Broken('elasticsearch.tlsOtherName', 'The certificate is for another name.', { names: printable(names) });
}

/** Fingerprints are compared without colons and case. */
function plain(fingerprint: string): string {
  return fingerprint.replaceAll(/[^0-9A-Fa-f]/g, '').toLowerCase();
}
