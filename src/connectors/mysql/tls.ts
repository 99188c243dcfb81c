/** TLS of a connection, as its mode says, and whom it trusts. */
import { isIP } from 'node:net';
import tls from 'node:tls';
import type { PoolOptions } from 'mysql2';
import type { MysqlConnection } from '../../core/settings.ts';
import { trustedAuthorities } from '../trusted-authorities.ts';
import { mysqlError } from './errors.ts';

/**
 * TLS for the mode; undefined = none. A local socket needs none unless it is asked for.
 * @throws DataError `mysql.tlsNeedsHostName`, `mysql.tlsFiles`: where the mode cannot work
 */
export function tlsOptions(connection: MysqlConnection): PoolOptions['ssl'] {
  const { name, host, socket, tls: mode, tlsCa, tlsCert, tlsKey } = connection;
  if (mode === 'off' || (socket !== null && mode === 'preferred')) return undefined;
  if (mode === 'verify-full' && socket === null && isIP(host) !== 0) {
    throw mysqlError(
      'mysql.tlsNeedsHostName',
      { connection: name, host },
      'TLS mode verify-full compares the certificate with a host name; the connection gives an address.',
    );
  }
  const verifies = mode === 'verify-ca' || mode === 'verify-full';
  const own = {
    ...(tlsCa === null ? {} : { ca: tlsCa }),
    ...(tlsCert === null ? {} : { cert: tlsCert }),
    ...(tlsKey === null ? {} : { key: tlsKey }),
  };
  checkFiles(name, own);
  return {
    ...own,
    ...(verifies && tlsCa === null ? { ca: trustedAuthorities() } : {}),
    rejectUnauthorized: verifies,
    verifyIdentity: mode === 'verify-full',
  };
}

/** Before anything is sent: which of the files is wrong is not the server's affair. */
function checkFiles(name: string, own: tls.SecureContextOptions): void {
  try {
    if (typeof own.ca === 'string' && !own.ca.includes('-----BEGIN ')) throw new Error('tlsCa: no certificate');
    tls.createSecureContext(own);
  } catch (error) {
    const detail = (error as Error).message;
    throw mysqlError('mysql.tlsFiles', { connection: name, detail }, detail, error);
  }
}
