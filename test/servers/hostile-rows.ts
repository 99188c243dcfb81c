// biome-ignore-all lint/suspicious/noControlCharactersInRegex: requests begin with a byte that says which command they are.
/** Servers that misbehave while rows are read and written. */
import { column, end, failure, little, ok, packet, text } from './hostile-mysql.ts';
import { type AnswerScript, floodRows, type HostileScript, PROTOCOL, part, ROWS, VERSION } from './hostile-script.ts';

export const ROW_SCRIPTS: readonly AnswerScript[] = [
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
    // What was sent behind a statement that lost must not be committed for itself.
    does: 'gives a batch of several statements up in its middle',
    to: /^\xfa/,
    asks: 'write',
    way: 'raw rows in bulk',
    checkpoint: 'target',
    goesOn: true,
    answer: ({ send }) => send(1, ...failure(1213, 'Deadlock found when trying to get lock', '40001')),
    ends: /^mysql\.deadlock$/,
    leaves: [0, 0],
  },
  {
    does: 'does not begin a batch of several statements, and takes its rows',
    to: /^\x03SET autocommit = 0/,
    asks: 'write',
    way: 'raw rows in bulk',
    checkpoint: 'target',
    goesOn: true,
    answer: ({ send }) => send(1, ...failure(1193, 'Unknown system variable')),
    ends: /^mysql\.statementFailed$/,
    leaves: [0, 0],
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
export const PACKET_LIES = ['0', '-1', '1', '99999999999999999999', 'abc', ''].map(
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
