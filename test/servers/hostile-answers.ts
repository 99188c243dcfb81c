// biome-ignore-all lint/suspicious/noControlCharactersInRegex: requests begin with a byte that says which command they are.
/** Servers that misbehave when they are asked something. */
import { column, end, failure, little, ok, packet, text } from './hostile-mysql.ts';
import { type AnswerScript, floodRows, PROTOCOL, part, rowsOf, VERSION } from './hostile-script.ts';

export const ANSWER_SCRIPTS: readonly AnswerScript[] = [
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
    ends: /^mysql\.(answerTooLarge|connectTimeout)$/,
    floods: true,
    mostMb: 200,
  },
  {
    does: 'sends a packet without end for its version',
    to: VERSION,
    answer: (line) => line.flood((round) => part(1 + round)),
    ends: /^mysql\.(answerTooLarge|connectTimeout)$/,
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
];
