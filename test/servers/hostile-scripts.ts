// biome-ignore-all lint/suspicious/noControlCharactersInRegex: requests begin with a byte that says which command they are.
/** What a hostile or broken server does, one sentence each, and how the client's attempt ends. */
import { ANSWER_SCRIPTS } from './hostile-answers.ts';
import type { Job } from './hostile-client.ts';
import { LOGIN_SCRIPTS } from './hostile-logins.ts';
import { ok, type Twist } from './hostile-mysql.ts';
import { PACKET_LIES, ROW_SCRIPTS } from './hostile-rows.ts';
import { type HostileScript, never } from './hostile-script.ts';

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
  { name: 'beginning a batch', asks: 'write', to: /^\x03START TRANSACTION/, rows: false },
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

/** Bytes that a small copy gets from each server, about. */
const COPY_BYTES = 7_000;

/** Without TLS nobody notices a bit within a value; everything else ends with an error, or makes no difference. */
const flips = (['read', 'write'] as const).flatMap((asks) =>
  Array.from({ length: 24 }, (_, at): HostileScript => {
    const byte = Math.floor(((at + 0.5) / 24) * COPY_BYTES);
    return {
      does: `has bit ${at % 8} of byte ${byte} wrong when it is ${asks === 'read' ? 'read from' : 'written to'}`,
      asks,
      server: { at: byte, bit: at % 8 },
      ends: /^(fine|refused|mysql\.|pipeline\.)/,
      mayMiss: true,
    };
  }),
);

export const HOSTILE_SCRIPTS: readonly HostileScript[] = [
  ...LOGIN_SCRIPTS.map(({ talk, ...each }) => ({
    ...each,
    asks: 'test' as const,
    server: talk,
  })),
  ...atEachStage,
  ...[...ANSWER_SCRIPTS, ...ROW_SCRIPTS].map(({ to, after, answer, goesOn, ...each }): HostileScript => {
    const twist = { to, answer, ...(after === undefined ? {} : { after }), ...(goesOn === true ? { goesOn } : {}) };
    return { asks: 'test', ...each, server: twist };
  }),
  ...PACKET_LIES,
  ...flips,
];
