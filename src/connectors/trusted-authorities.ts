import tls from 'node:tls';

let authorities: string[] | undefined;

/**
 * Whom this machine trusts: those that come with Node (and NODE_EXTRA_CA_CERTS) and those of the system, which an
 * organisation adds its own to. Worker threads do not see what an editor adds for its own thread. Read once.
 */
export function trustedAuthorities(): string[] {
  // Before Node 22.15 only those that come with it can be asked for.
  const known = typeof tls.getCACertificates === 'function';
  authorities ??= known
    ? [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])]
    : [...tls.rootCertificates];
  return authorities;
}
