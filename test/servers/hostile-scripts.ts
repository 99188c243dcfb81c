// biome-ignore-all lint/suspicious/noControlCharactersInRegex: requests begin with a byte that says which command they are.
/** What a hostile or broken server does, one sentence each, and how the client's attempt ends. */
import { generateKeyPairSync } from 'node:crypto';
import type { MysqlConnection } from '../../src/core/settings.ts';
import type { Job } from './hostile-client.ts';
import {
  column,
  end,
  failure,
  greeting,
  type Line,
  little,
  ok,
  packet,
  switchTo,
  type Talk,
  type Twist,
  text,
} from './hostile-mysql.ts';

export type HostileScript = {
  /** The server .. */
  readonly does: string;
  readonly asks: Job['asks'];
  readonly way?: Job['way'];
  readonly connection?: Partial<MysqlConnection>;
  readonly server: Talk | Twist;
  /** Codes of the error, or what went well; any of them. */
  readonly ends: RegExp;
  /** Growth of the client's memory, MB, where it is more than for the others. */
  readonly mostMb?: number;
  /** Sends as much as it can: not at the same time as others. */
  readonly floods?: boolean;
};

const noise = (round: number): Buffer => Buffer.alloc(64 * 1024, round % 251);
const never = (): void => {};
const PART = 0xff_ff_ff;
/** 256 packets: their numbers begin anew, so that the block can be sent again and again. */
const block = (first: number, payload: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: 256 }, (_, at) => packet(first + at, payload)));
const floodRows = (line: Line, first: number, row: Buffer): Promise<void> => {
  const rows = block(first, row);
  return line.flood(() => rows);
};
const part = (round: number): Buffer => packet(round, Buffer.alloc(PART));

const beforeGreeting: readonly (Omit<HostileScript, 'asks' | 'server'> & { readonly talk: Talk })[] = [
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

const greetings: typeof beforeGreeting = [
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

const logins: typeof beforeGreeting = [
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

type Stage = { readonly name: string; readonly asks: Job['asks']; readonly to: RegExp; readonly rows: boolean };

const STAGES: readonly Stage[] = [
  { name: 'the first statement', asks: 'test', to: /^\x03SET NAMES/, rows: false },
  { name: 'the settings of the session', asks: 'test', to: /^\x03SET character_set_results/, rows: false },
  { name: 'who it is', asks: 'test', to: /^\x03SELECT VERSION/, rows: true },
  { name: 'whether there is the table', asks: 'read', to: /information_schema\.TABLES/i, rows: true },
  { name: 'its columns', asks: 'read', to: /information_schema\.COLUMNS/i, rows: true },
  { name: 'its keys', asks: 'read', to: /^\x03SHOW INDEX/, rows: true },
  { name: 'its definition', asks: 'read', to: /^\x03SHOW CREATE/, rows: true },
  { name: 'its last key', asks: 'read', to: /ORDER BY `id` DESC/, rows: true },
  { name: 'its rows', asks: 'read', to: /AS c0/, rows: true },
  { name: 'their number', asks: 'read', to: /COUNT\(\*\)/, rows: true },
  { name: 'making the table', asks: 'write', to: /^\x03CREATE TABLE `/, rows: false },
  { name: 'beginning a batch', asks: 'write', to: /^\x03START TRANSACTION|^\x03BEGIN/, rows: false },
  { name: 'preparing a statement', asks: 'write', to: /^\x16/, rows: false },
  { name: 'the rows of a batch', asks: 'write', to: /^\xfa/, rows: false },
  { name: 'the end of a batch', asks: 'write', to: /^\x03COMMIT/, rows: false },
];
const isSetUp = (stage: Stage): boolean => /^the (first|settings)/.test(stage.name);

const atEachStage = STAGES.flatMap((stage): HostileScript[] => {
  const { asks, to } = stage;
  const script = (does: string, answer: Twist['answer'], ends: RegExp): HostileScript => ({
    does: `${does} when it is asked for ${stage.name}`,
    ...{ asks, server: { to, answer }, ends },
  });
  // Writing small batches as text leaves no room for these stages.
  const way = asks === 'write' ? { way: 'raw rows in bulk' as const } : {};
  const silent = isSetUp(stage) || asks === 'test' ? /^mysql\.connectTimeout$/ : /^mysql\.queryTimeout$/;
  return [
    script('falls silent', never, silent),
    script('hangs up', ({ socket }) => socket.destroy(), /^mysql\.connectionLost$/),
    script('asks for a file', ({ send }) => send(1, 0xfb, '@FILE@'), /^mysql\.fileAsked$/),
    stage.rows
      ? script('has no rows', ({ send }) => send(1, ...ok()), /^mysql\.protocol$/)
      : script('has rows', ({ send }) => send(1, 1), /^mysql\.protocol$/),
    script('counts its packets wrongly', ({ send }, payload) => send(7, payload), /^mysql\.protocol$/),
  ].map((each) => ({ ...each, ...way }));
});

const VERSION = /^\x03SELECT VERSION/;
const ROWS = /AS c0/;
/** One column, then whatever comes. */
const rowsOf = (line: Line, ...rows: readonly Buffer[]): void => {
  line.send(1, 1);
  line.send(2, column('v'));
  line.send(3, ...end());
  for (const [at, row] of rows.entries()) line.send(4 + at, row);
};

type Answer = Omit<HostileScript, 'asks' | 'server'> & { readonly asks?: Job['asks'] } & Twist;
const PROTOCOL = /^mysql\.(protocol|badRow)$/;

const answers: readonly Answer[] = [
  {
    does: 'announces 65,535 columns',
    to: VERSION,
    answer: ({ send }) => send(1, 0xfc, little(65_535, 2)),
    ends: PROTOCOL,
  },
  {
    does: 'announces 2^63 columns',
    to: VERSION,
    answer: ({ send }) => send(1, 0xfe, little(0, 6), 0, 0x80),
    ends: PROTOCOL,
  },
  { does: 'cuts the number of columns off', to: VERSION, answer: ({ send }) => send(1, 0xfc), ends: PROTOCOL },
  {
    does: 'describes a column as NULL',
    to: VERSION,
    answer: ({ send }) => [send(1, 1), send(2, 0xfb), send(3, ...end())],
    ends: PROTOCOL,
  },
  { does: 'describes a column by nothing', to: VERSION, answer: ({ send }) => [send(1, 1), send(2)], ends: PROTOCOL },
  {
    does: 'ends the descriptions too early',
    to: VERSION,
    answer: ({ send }) => [send(1, 2), send(2, column('v')), send(3, ...end())],
    ends: PROTOCOL,
  },
  {
    does: 'describes columns without end',
    to: VERSION,
    answer: (line) => [line.send(1, 2), line.flood((round) => packet(2 + round, column('v')))],
    ends: PROTOCOL,
    floods: true,
  },
  {
    does: 'names a column with a name longer than its packet',
    to: VERSION,
    answer: ({ send }) => [send(1, 1), send(2, text('def'), 0, 0, 0, 0xfd, 255, 255, 255)],
    ends: PROTOCOL,
  },
  {
    does: 'names columns in 15 MB each',
    to: VERSION,
    answer: (line) => [
      line.send(1, 9),
      line.flood((round) => packet(2 + round, text('def'), 0, 0, 0, text('n'.repeat(15_000_000)))),
    ],
    ends: /^mysql\.(answerTooLarge|protocol|connectTimeout)$/,
    floods: true,
    mostMb: 160,
  },
  {
    does: 'sends a value longer than its packet',
    to: VERSION,
    answer: (line) => rowsOf(line, Buffer.from('\x20short')),
    ends: PROTOCOL,
  },
  {
    does: 'sends a value of 2^63 bytes',
    to: VERSION,
    answer: (line) => rowsOf(line, Buffer.of(0xfe, 0, 0, 0, 0, 0, 0, 0, 0x80)),
    ends: PROTOCOL,
  },
  {
    does: 'sends a row of too many values',
    to: VERSION,
    answer: (line) => rowsOf(line, Buffer.concat([text('8.0'), text('more')])),
    ends: PROTOCOL,
  },
  { does: 'sends a row of no values', to: VERSION, answer: (line) => rowsOf(line, Buffer.alloc(0)), ends: PROTOCOL },
  {
    does: 'sends rows without end for its version',
    to: VERSION,
    answer: (line) => [rowsOf(line), floodRows(line, 4, text('x'))],
    ends: /^mysql\.answerTooLarge$/,
    floods: true,
    mostMb: 200,
  },
  {
    does: 'sends a packet without end for its version',
    to: VERSION,
    answer: (line) => line.flood((round) => part(1 + round)),
    ends: /^mysql\.answerTooLarge$/,
    floods: true,
    mostMb: 160,
  },
  {
    does: 'says that more answers follow, for ever',
    to: /^\x03SET NAMES/,
    answer: (line) => line.flood((round) => packet(1 + round, ...ok(0, 10))),
    ends: PROTOCOL,
    floods: true,
  },
  {
    does: 'says that more rows follow, for ever',
    to: VERSION,
    answer: (line) => [rowsOf(line, text('8.0')), line.send(5, ...end(8)), line.send(6, ...ok(0, 8))],
    ends: PROTOCOL,
  },
  {
    does: 'has a version of 1 MB that would paint a terminal',
    to: VERSION,
    answer: (line) => [rowsOf(line, text(`\u001b[2J${'9'.repeat(1_000_000)}`)), line.send(5, ...end())],
    ends: /^fine: MySQL [^\p{Cc}]{1,80}$/u,
  },
  { does: 'answers with an error that is cut off', to: VERSION, answer: ({ send }) => send(1, 0xff), ends: PROTOCOL },
  {
    does: 'answers with error 0 and a megabyte of words',
    to: VERSION,
    answer: ({ send }) => send(1, ...failure(0, 'x'.repeat(1_000_000))),
    ends: /^mysql\.statementFailed$/,
  },
  {
    does: 'answers twice',
    to: VERSION,
    answer: (line) => [rowsOf(line, text('8.0')), line.send(5, ...end()), line.send(6, ...ok())],
    ends: /^(fine|mysql\.(protocol|connectionLost))/,
  },

  {
    does: 'sends rows without end where a page was asked for',
    to: ROWS,
    after: 4,
    asks: 'read',
    answer: (line, row) => floodRows(line, 5, row),
    ends: PROTOCOL,
    floods: true,
  },
  {
    does: 'sends a row without end',
    to: ROWS,
    after: 4,
    asks: 'read',
    answer: (line) => line.flood((round) => part(5 + round)),
    ends: /^mysql\.(answerTooLarge|queryTimeout)$/,
    floods: true,
    mostMb: 600,
  },
  {
    does: 'has a definition of 4 MB',
    to: /^\x03SHOW CREATE/,
    asks: 'read',
    goesOn: true,
    answer: ({ send }) => {
      send(1, 2);
      for (const at of [2, 3]) send(at, column('v'));
      send(4, ...end());
      send(5, text('t'), text(`CREATE TABLE \`t\` (\n${'  `id` int(11) NOT NULL,\n'.repeat(160_000)})`));
      send(6, ...end());
    },
    ends: /^mysql\.definitionTooLong$/,
  },
  {
    does: 'sends the same page again and again',
    to: ROWS,
    after: 4,
    asks: 'read',
    goesOn: true,
    answer: (line, _row, sequence) => {
      for (let at = 0; at < 10; at += 1) line.send(sequence + at, text('1'), text('v'));
      line.send(sequence + 10, ...end());
    },
    ends: PROTOCOL,
  },
  {
    does: 'sends rows of other columns than were asked for',
    to: ROWS,
    asks: 'read',
    answer: ({ send }) => [
      send(1, 3),
      send(2, column('a')),
      send(3, column('b')),
      send(4, column('c')),
      send(5, ...end()),
      send(6, text('1'), text('2'), text('3')),
      send(7, ...end()),
    ],
    ends: /^mysql\.(protocol|badRow|schemaChanged)$/,
  },
  {
    does: 'sends a row that is longer than its page',
    to: ROWS,
    after: 5,
    asks: 'read',
    answer: ({ send }, _row, sequence) => [send(sequence, 0xfd, 255, 255, 255), send(sequence + 1, ...end())],
    ends: PROTOCOL,
  },
  {
    does: 'hangs up in the middle of a row',
    to: ROWS,
    after: 6,
    asks: 'read',
    answer: ({ socket }, row, sequence) => socket.end(packet(sequence, row).subarray(0, 6)),
    ends: /^mysql\.connectionLost$/,
  },
  {
    does: 'falls silent in the middle of a row',
    to: ROWS,
    after: 6,
    asks: 'read',
    answer: ({ socket }, row, sequence) => socket.write(packet(sequence, row).subarray(0, 6)),
    ends: /^mysql\.queryTimeout$/,
  },
  {
    does: 'drips its rows one byte in 50 ms',
    to: ROWS,
    after: 6,
    asks: 'read',
    answer: ({ drip }, row, sequence) =>
      drip(50, (round) => packet(sequence, row).subarray(round % 12, (round % 12) + 1)),
    ends: /^mysql\.(queryTimeout|protocol)$/,
  },
  {
    does: 'fails in the middle of the rows',
    to: ROWS,
    after: 6,
    asks: 'read',
    answer: ({ send }, _row, sequence) => send(sequence, ...failure(1105, 'Something broke')),
    ends: /^mysql\.statementFailed$/,
  },
  {
    does: 'ends the rows in the middle of the descriptions',
    to: ROWS,
    after: 2,
    asks: 'read',
    answer: ({ send }) => send(3, ...end()),
    ends: PROTOCOL,
  },
  {
    does: 'counts the packets of the rows wrongly',
    to: ROWS,
    after: 6,
    asks: 'read',
    answer: ({ send }, row) => send(77, row),
    ends: PROTOCOL,
  },
  {
    does: 'asks for a file in the middle of the rows',
    to: ROWS,
    after: 6,
    asks: 'read',
    answer: ({ send }, _row, sequence) => [send(sequence, 0xfb, '@FILE@'), send(sequence + 1, ...end())],
    ends: PROTOCOL,
  },
  {
    does: 'says that more rows follow behind a page',
    to: ROWS,
    after: 4,
    asks: 'read',
    answer: ({ send }, _row, sequence) => send(sequence, ...end(8)),
    ends: PROTOCOL,
  },
  {
    does: 'has no rows for a driver that takes values apart',
    to: ROWS,
    asks: 'read',
    way: 'values apart as text',
    answer: ({ send }) => send(1, ...ok()),
    ends: PROTOCOL,
  },
  {
    does: 'asks a driver that takes values apart for a file',
    to: ROWS,
    asks: 'read',
    way: 'values apart as text',
    answer: ({ send }) => send(1, 0xfb, '@FILE@'),
    ends: /^mysql\.fileAsked$/,
  },
  {
    does: 'sends a driver that takes values apart a value longer than its packet',
    to: ROWS,
    after: 5,
    asks: 'read',
    way: 'values apart as text',
    answer: ({ send }, _row, sequence) => [send(sequence, 0xfd, 255, 255, 255), send(sequence + 1, ...end())],
    ends: /^mysql\.(protocol|badRow|unexpectedValue)$/,
  },
  {
    does: 'sends a driver that takes values apart rows without end',
    to: ROWS,
    after: 4,
    asks: 'read',
    way: 'values apart as text',
    answer: (line, row) => floodRows(line, 5, row),
    ends: PROTOCOL,
    floods: true,
  },
  {
    does: 'tells a driver that takes values apart that more follows',
    to: ROWS,
    after: 4,
    asks: 'read',
    way: 'values apart as text',
    answer: ({ send }, _row, sequence) => [
      send(sequence, ...end(8)),
      send(sequence + 1, ...ok(0, 8)),
      send(sequence + 2, ...ok()),
    ],
    ends: PROTOCOL,
  },

  {
    does: 'prepares a statement of 65,535 parameters and falls silent',
    to: /^\x16/,
    asks: 'write',
    way: 'raw rows in bulk',
    answer: ({ send }) => send(1, 0, little(1, 4), little(0, 2), little(65_535, 2), 0, little(0, 2)),
    ends: /^mysql\.queryTimeout$/,
  },
  {
    does: 'describes parameters without end',
    to: /^\x16/,
    asks: 'write',
    way: 'raw rows in bulk',
    answer: (line) => [
      line.send(1, 0, little(1, 4), little(0, 2), little(9, 2), 0, little(0, 2)),
      line.flood((round) => packet(2 + round, column('?'))),
    ],
    ends: /^mysql\.(answerTooLarge|queryTimeout)$/,
    floods: true,
  },
  {
    does: 'prepares a statement and cuts it off',
    to: /^\x16/,
    asks: 'write',
    way: 'raw rows as placeholders',
    answer: ({ send }) => send(1, 0, 1),
    ends: PROTOCOL,
  },
  {
    does: 'offers bulk execution and does not know it',
    to: /^\xfa/,
    asks: 'write',
    way: 'raw rows in bulk',
    goesOn: true,
    answer: ({ send }) => send(1, ...failure(1047, 'Unknown command')),
    ends: /^fine: 20 of 20, 20$/,
  },
  {
    does: 'acknowledges no row of a batch',
    to: /^\xfa/,
    asks: 'write',
    way: 'raw rows in bulk',
    goesOn: true,
    answer: ({ send }) => send(1, ...ok(0)),
    ends: /^(mysql\.unacknowledged|fine: 20 of 20, 20)$/,
  },
  {
    does: 'acknowledges a thousand rows too many',
    to: /^\xfa/,
    asks: 'write',
    way: 'raw rows in bulk',
    goesOn: true,
    answer: ({ send }) => send(1, ...ok(Buffer.of(0xfc, 0xe8, 3))),
    ends: /^(mysql\.unacknowledged|fine: 20 of 20, 20)$/,
  },
  {
    does: 'acknowledges 2^64 - 1 rows',
    to: /^\xfa/,
    asks: 'write',
    way: 'raw rows in bulk',
    goesOn: true,
    answer: ({ send }) => send(1, ...ok(Buffer.alloc(9, 0xff).fill(0xfe, 0, 1))),
    ends: /^(mysql\.unacknowledged|fine: 20 of 20, 20)$/,
  },
  {
    does: 'has 65,535 warnings for a batch',
    to: /^\xfa/,
    asks: 'write',
    way: 'raw rows in bulk',
    goesOn: true,
    answer: ({ send }) => send(1, ...ok(10, 2, 65_535)),
    ends: /^(mysql\.warning|fine: 20 of 20, 20)$/,
  },
  {
    does: 'cuts an acknowledgement off',
    to: /^\xfa/,
    asks: 'write',
    way: 'raw rows in bulk',
    answer: ({ send }) => send(1, 0, 10),
    ends: PROTOCOL,
  },
  {
    does: 'acknowledges a batch twice',
    to: /^\xfa/,
    asks: 'write',
    way: 'raw rows in bulk',
    answer: ({ send }) => [send(1, ...ok(10)), send(2, ...ok(10))],
    ends: /^mysql\.(protocol|queryTimeout|connectionLost)$/,
  },
];

/** Lies about a number of the server: `max_allowed_packet` is the last value of the answer. */
const packetLies = ['0', '-1', '1', '99999999999999999999', 'abc', ''].map(
  (lie): HostileScript => ({
    does: `says that it takes packets of "${lie}" bytes`,
    asks: 'write',
    server: {
      to: VERSION,
      after: 9,
      goesOn: true,
      answer: ({ send }, row, sequence) => {
        const values: Buffer[] = [];
        for (let at = 0; at < row.length; at += 1 + (row[at] as number))
          values.push(row.subarray(at, at + 1 + (row[at] as number)));
        send(sequence, ...values.slice(0, -1), text(lie));
        send(sequence + 1, ...end());
      },
    },
    ends: /^(mysql\.(rowTooLarge|protocol)|fine: 20 of 20, 20)$/,
  }),
);

export const HOSTILE_SCRIPTS: readonly HostileScript[] = [
  ...[...beforeGreeting, ...greetings, ...logins].map(({ talk, ...each }) => ({
    ...each,
    asks: 'test' as const,
    server: talk,
  })),
  ...atEachStage,
  ...answers.map(({ to, after, answer, goesOn, ...each }): HostileScript => {
    const twist = { to, answer, ...(after === undefined ? {} : { after }), ...(goesOn === true ? { goesOn } : {}) };
    return { asks: 'test', ...each, server: twist };
  }),
  ...packetLies,
];
