/** Servers that misbehave before and during the login. */
import { generateKeyPairSync } from 'node:crypto';
import { failure, greeting, type Line, little, ok, packet, switchTo, type Talk } from './hostile-mysql.ts';
import { type LoginScript, never } from './hostile-script.ts';

const noise = (round: number): Buffer => Buffer.alloc(64 * 1024, round % 251);

const beforeGreeting: readonly LoginScript[] = [
  { does: 'accepts and says nothing', talk: never, ends: /^mysql\.connectTimeout$/ },
  { does: 'hangs up at once', talk: ({ socket }) => socket.destroy(), ends: /^mysql\.connectionLost$/ },
  {
    does: 'resets the connection at once',
    talk: ({ socket }) => socket.resetAndDestroy(),
    ends: /^mysql\.connectionLost$/,
  },
  {
    does: 'is a web server',
    talk: ({ socket }) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    ends: /^mysql\.protocol$/,
  },
  {
    does: 'is an SSH server',
    talk: ({ socket }) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'),
    ends: /^mysql\.protocol$/,
  },
  {
    does: 'speaks TLS from the first byte',
    talk: ({ socket }) => socket.write(Buffer.of(0x16, 3, 3, 0, 60, ...Buffer.alloc(60, 7))),
    ends: /^mysql\.protocol$/,
  },
  { does: 'sends noise without end', talk: ({ flood }) => flood(noise), ends: /^mysql\.protocol$/, floods: true },
  {
    does: 'sends zeros without end',
    talk: ({ flood }) => flood(() => Buffer.alloc(65_536)),
    ends: /^mysql\.protocol$/,
    floods: true,
  },
  {
    does: 'sends half of a header',
    talk: ({ socket }) => socket.write(Buffer.of(70, 0)),
    ends: /^mysql\.connectTimeout$/,
  },
  {
    does: 'sends half of a header and hangs up',
    talk: ({ socket }) => socket.end(Buffer.of(70, 0)),
    ends: /^mysql\.connectionLost$/,
  },
  {
    does: 'announces a greeting of 16 MB',
    talk: ({ socket }) => socket.write(Buffer.of(255, 255, 255, 0, 10)),
    ends: /^mysql\.protocol$/,
  },
  { does: 'sends an empty packet', talk: ({ send }) => send(0), ends: /^mysql\.protocol$/ },
  {
    does: 'sends its greeting one byte in 50 ms',
    talk: ({ drip }) => drip(50, (round) => packet(0, ...greeting()).subarray(round, round + 1)),
    ends: /^mysql\.connectTimeout$/,
  },
];

const greetings: readonly LoginScript[] = [
  {
    does: 'greets in protocol 9',
    talk: ({ send }) => send(0, ...greeting({ protocol: 9 })),
    ends: /^mysql\.protocol$/,
  },
  { does: 'greets as packet 5', talk: ({ send }) => send(5, ...greeting()), ends: /^mysql\.protocol$/ },
  {
    does: 'greets without the end of its version',
    talk: ({ send }) => send(0, 10, 'a'.repeat(300)),
    ends: /^mysql\.protocol$/,
  },
  {
    does: 'ends its greeting behind the version',
    talk: ({ send }) => send(0, 10, '8.0.0\0', 1),
    ends: /^mysql\.protocol$/,
  },
  {
    does: 'greets as a server of 1998',
    talk: ({ send }) => send(0, ...greeting({ capabilities: 0 })),
    ends: /^mysql\.protocol$/,
  },
  {
    does: 'greets twice',
    talk: ({ socket }) => socket.write(Buffer.concat([packet(0, ...greeting()), packet(1, ...greeting())])),
    ends: /^mysql\.protocol$/,
  },
  {
    does: 'takes no more connections',
    talk: ({ send }) => send(0, ...failure(1040, 'Too many connections')),
    ends: /^mysql\.tooManyConnections$/,
  },
  {
    does: 'does not like this machine',
    talk: ({ send }) => send(0, 0xff, little(1130, 2), "Host 'me' is not allowed"),
    ends: /^mysql\.hostRefused$/,
  },
  {
    does: 'has blocked this machine',
    talk: ({ send }) => send(0, ...failure(1129, "Host 'me' is blocked")),
    ends: /^mysql\.hostRefused$/,
  },
  {
    does: 'greets with an error that is cut off',
    talk: ({ send }) => send(0, 0xff, 1),
    ends: /^mysql\.(protocol|connectionLost)$/,
  },
  {
    does: 'greets with an error of 60 KB that would paint a terminal',
    talk: ({ send }) => send(0, ...failure(9999, `\u001b[2J\u001b]0;owned\u0007${'x'.repeat(60_000)}`)),
    ends: /^mysql\.statementFailed$/,
  },
  {
    does: 'has no TLS where it is required',
    connection: { tls: 'required' },
    talk: async ({ send, packet, socket }) => {
      send(0, ...greeting());
      await packet();
      socket.write('the client went on without TLS');
    },
    ends: /^mysql\.noTls$/,
  },
  {
    does: 'answers the login before TLS has begun',
    connection: { tls: 'required' },
    talk: ({ socket }) => socket.write(Buffer.concat([packet(0, ...greeting({ tls: true })), packet(2, ...ok())])),
    ends: /^mysql\.protocol$/,
  },
  {
    does: 'offers TLS and answers in the clear',
    connection: { tls: 'required' },
    talk: async ({ send, packet }) => {
      send(0, ...greeting({ tls: true }));
      await packet();
      send(2, ...ok());
    },
    ends: /^mysql\.tlsFailed$/,
  },
  {
    does: 'offers TLS and falls silent',
    connection: { tls: 'verify-full', host: 'localhost' },
    talk: ({ send }) => send(0, ...greeting({ tls: true })),
    ends: /^mysql\.connectTimeout$/,
  },
  {
    does: 'offers TLS and hangs up',
    connection: { tls: 'preferred' },
    talk: async ({ send, packet, socket }) => {
      send(0, ...greeting({ tls: true }));
      await packet();
      socket.destroy();
    },
    ends: /^mysql\.(tlsFailed|connectionLost)$/,
  },
];

/** After the client's login packet, which is number 1. */
const login =
  (next: (line: Line) => unknown, method?: string): Talk =>
  async (line) => {
    line.send(0, ...greeting(method === undefined ? {} : { method }));
    await line.packet();
    await next(line);
  };
const SHA2 = 'caching_sha2_password';
const publicKey = (bits: number): Buffer => {
  const { publicKey: key } = generateKeyPairSync('rsa', { modulusLength: bits });
  return Buffer.from(key.export({ type: 'spki', format: 'pem' }));
};
/** The client is asked for the whole password, wants the key to encrypt it, and gets `key`. */
const withKey = (key: () => Buffer): Talk =>
  login(async ({ send, packet }) => {
    send(2, 1, 4);
    await packet();
    send(4, 1, key());
    await packet();
    send(6, ...failure(1045, 'No.'));
  }, SHA2);

const logins: readonly LoginScript[] = [
  { does: 'says nothing to the login', talk: login(never), ends: /^mysql\.connectTimeout$/ },
  { does: 'hangs up at the login', talk: login(({ socket }) => socket.destroy()), ends: /^mysql\.connectionLost$/ },
  {
    does: 'refuses the login',
    talk: login(({ send }) => send(2, ...failure(1045, 'Access denied', '28000'))),
    ends: /^mysql\.accessDenied$/,
  },
  {
    does: 'wants the password in the clear',
    talk: login(({ send }) => send(2, ...switchTo('mysql_clear_password'))),
    ends: /^mysql\.loginMethod$/,
  },
  {
    does: 'greets wanting the password in the clear',
    talk: login(({ send }) => send(2, ...switchTo('mysql_clear_password')), 'mysql_clear_password'),
    ends: /^mysql\.loginMethod$/,
  },
  {
    does: 'wants the hash of 1998',
    talk: login(({ send }) => send(2, ...switchTo('mysql_old_password'))),
    ends: /^mysql\.loginMethod$/,
  },
  {
    does: 'wants the hash of 1998 by one byte',
    talk: login(({ send }) => send(2, 0xfe)),
    ends: /^mysql\.(loginMethod|protocol)$/,
  },
  {
    does: 'wants a way to log in that nobody knows',
    talk: login(({ send }) => send(2, ...switchTo('evil_plugin'))),
    ends: /^mysql\.loginMethod$/,
  },
  {
    does: 'wants a way to log in called __proto__',
    talk: login(({ send }) => send(2, ...switchTo('__proto__'))),
    ends: /^mysql\.loginMethod$/,
  },
  {
    does: 'wants a second factor in the clear',
    talk: async ({ send, packet }) => {
      send(0, ...greeting({ multiFactor: true }));
      await packet();
      send(2, 2, 'mysql_clear_password\0', 'x');
    },
    ends: /^mysql\.loginMethod$/,
  },
  {
    does: 'changes the way to log in for ever',
    talk: login(async ({ send, packet }) => {
      for (let round = 1; ; round += 1) {
        send(round * 2, ...switchTo(round % 2 === 0 ? SHA2 : 'mysql_native_password'));
        await packet();
      }
    }),
    ends: /^mysql\.(protocol|connectTimeout)$/,
  },
  {
    does: 'sends login data that nobody asked for',
    talk: login(({ send }) => send(2, 1, 9)),
    ends: /^mysql\.(loginMethod|protocol)$/,
  },
  {
    does: 'sends login data without end',
    talk: login(({ flood }) => flood((round) => packet(2 + round, 1, 3)), SHA2),
    ends: /^mysql\.(loginMethod|protocol)$/,
    floods: true,
  },
  {
    does: 'sends noise for its public key',
    talk: withKey(() => Buffer.from('no key at all')),
    ends: /^mysql\.serverKey$/,
  },
  { does: 'sends a public key of 512 bits', talk: withKey(() => publicKey(512)), ends: /^mysql\.serverKey$/ },
  {
    does: 'sends a public key of another kind',
    talk: withKey(() => Buffer.from(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }))),
    ends: /^mysql\.serverKey$/,
  },
  {
    does: 'sends a public key of 60 KB',
    talk: withKey(() => Buffer.from(`-----BEGIN PUBLIC KEY-----\n${'A'.repeat(60_000)}\n-----END PUBLIC KEY-----\n`)),
    ends: /^mysql\.serverKey$/,
  },
  {
    does: 'never sends its public key',
    talk: login(({ send }) => send(2, 1, 4), SHA2),
    ends: /^mysql\.connectTimeout$/,
  },
  {
    does: 'asks for a file instead of accepting the login',
    talk: login(({ send }) => send(2, 0xfb, '@FILE@')),
    ends: /^mysql\.fileAsked$/,
  },
  { does: 'accepts the login as packet 9', talk: login(({ send }) => send(9, ...ok())), ends: /^mysql\.protocol$/ },
  {
    does: 'accepts the login and falls silent',
    talk: login(({ send }) => send(2, ...ok())),
    ends: /^mysql\.connectTimeout$/,
  },
  {
    does: 'accepts the login twice',
    talk: login(({ socket }) => socket.write(Buffer.concat([packet(2, ...ok()), packet(3, ...ok())]))),
    ends: /^mysql\.(protocol|connectionLost|connectTimeout)$/,
  },
  {
    does: 'answers the login with rows',
    talk: login(({ send }) => send(2, 1)),
    ends: /^mysql\.(loginMethod|protocol)$/,
  },
];

export const LOGIN_SCRIPTS: readonly LoginScript[] = [...beforeGreeting, ...greetings, ...logins];
