/** What the schema cannot say about connections: addresses, logins, paths. */
import path from 'node:path';
import { type DocNode, member, membersOf, type Reporter, textOf } from './document.ts';
import { hasReference, parseSecret } from './references.ts';

export function checkConnections(root: DocNode, folder: string, reporter: Reporter): void {
  for (const connection of membersOf(member(root, 'connections')).values()) {
    const type = textOf(member(connection, 'type'));
    if (type === 'mysql' || type === 'mariadb') checkMysql(connection, reporter);
    if (type === 'elasticsearch' || type === 'opensearch') checkElasticsearch(connection, reporter);
    checkPaths(connection, folder, reporter);
    checkStrayReferences(connection, reporter);
  }
}

function checkMysql(connection: DocNode, reporter: Reporter): void {
  const host = member(connection, 'host');
  const socket = member(connection, 'socket');
  if (host === undefined && socket === undefined) {
    reporter.error(connection.key ?? connection, connection.path, { code: 'connection.noAddress', args: {} });
  }
  if (host !== undefined && socket !== undefined) {
    reporter.error(socket.key ?? socket, socket.path, { code: 'connection.twoAddresses', args: {} });
  }
  const text = textOf(host);
  if (host !== undefined && text !== undefined && !hasReference(text) && /[\s/@]/.test(text)) {
    // Not repeated in the message: people paste whole URLs here, with the password in them.
    reporter.error(host, host.path, { code: 'connection.badHost', args: {} });
  }
  const certificate = member(connection, 'tlsCert');
  const key = member(connection, 'tlsKey');
  if (certificate !== undefined && key === undefined) {
    reporter.error(certificate.key ?? certificate, certificate.path, {
      code: 'connection.certificateWithoutKey',
      args: {},
    });
  }
  if (key !== undefined && certificate === undefined && textOf(key) !== '') {
    reporter.error(key.key ?? key, key.path, { code: 'connection.keyWithoutCertificate', args: {} });
  }
}

function checkElasticsearch(connection: DocNode, reporter: Reporter): void {
  const url = member(connection, 'url');
  for (const address of url?.value.kind === 'array' ? url.value.items : url === undefined ? [] : [url]) {
    checkUrl(address, reporter);
  }
  const auth = member(connection, 'auth');
  if (auth?.value.kind !== 'object') return;
  const ways = ['apiKey', 'bearer', 'user'].filter((name) => member(auth, name) !== undefined);
  const stray = member(auth, 'password') !== undefined && !ways.includes('user');
  if (ways.length !== 1 || stray)
    reporter.error(auth.key ?? auth, auth.path, { code: 'connection.oneLogin', args: {} });
}

/** Shared with schedules: an address is http or https and holds no login. */
export function checkUrl(node: DocNode, reporter: Reporter): void {
  const text = textOf(node);
  if (text === undefined || text === '') return;
  // A reference may stand for any part: what it makes is checked when it is expanded.
  const probe = text.replace(/\$\{env:[^}]*\}/g, '1');
  const url = URL.canParse(probe)
    ? new URL(probe)
    : URL.canParse(`http://${probe}`) && hasReference(text)
      ? null
      : undefined;
  if (url === null) return;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    reporter.error(node, node.path, { code: 'connection.badUrl', args: {} });
  } else if (url.username !== '' || url.password !== '') {
    reporter.error(node, node.path, { code: 'secret.inAddress', args: {} });
  }
}

const PATH_FIELDS = ['file', 'folder', 'tlsCa', 'tlsCert'];
const SECRET_FIELDS = ['password', 'tlsKey', 'apiKey', 'bearer'];

/** A path that leaves the folder needs a person's consent: hosts ask by `outsidePaths`, here it is only said. */
function checkPaths(connection: DocNode, folder: string, reporter: Reporter): void {
  const report = (node: DocNode, target: string): void => {
    if (leaves(folder, target)) reporter.warning(node, node.path, { code: 'path.outside', args: { path: target } });
  };
  for (const name of PATH_FIELDS) {
    const node = member(connection, name);
    const text = textOf(node);
    if (node === undefined || text === undefined || text === '') continue;
    if (text.includes('\0')) reporter.error(node, node.path, { code: 'path.invalid', args: {} });
    else if (!hasReference(text)) report(node, path.resolve(folder, text));
  }
  for (const holder of [connection, member(connection, 'auth')]) {
    for (const name of SECRET_FIELDS) {
      const node = member(holder, name);
      const secret = parseSecret(textOf(node), folder, 'none');
      if (node !== undefined && secret?.kind === 'file') report(node, secret.path);
    }
  }
}

/** Whether `target` (absolute) lies outside `folder`; by their text, links are followed when the file is opened. */
export function leaves(folder: string, target: string): boolean {
  const relative = path.relative(folder, target);
  return relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
}

function checkStrayReferences(connection: DocNode, reporter: Reporter): void {
  for (const name of ['user', 'database', 'tlsCa', 'tlsCert', 'fingerprint']) {
    const node = member(connection, name);
    const text = textOf(node);
    if (node !== undefined && text !== undefined && hasReference(text)) {
      reporter.warning(node, node.path, { code: 'reference.notExpanded', args: { field: name } });
    }
  }
}
