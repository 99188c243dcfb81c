/** What `datatrace help` prints, and what a wrong command line is answered with. */
import { column } from './figures.ts';
import type { Voice } from './host.ts';

const CONSENT = '[--confirm-production NAME] [--allow-outside] [--ignore-after]';
const UNITS = 'UNIT..|--all|--status STATUS,..';

const USAGE: Readonly<Record<string, string>> = {
  validate: 'datatrace validate [--config FILE] [--json]',
  plan: 'datatrace plan TASK [--allow-outside] [--json]',
  run: `datatrace run TASK [--again] [--rejected] [--mode auto|manual] [--wait] [--concurrency N] [--max-running N] [--units GLOB,..] ${CONSENT} [--json]`,
  verify: 'datatrace verify TASK [--allow-outside] [--json]',
  status: 'datatrace status [TASK] [--json]',
  queue: [
    'datatrace queue TASK [--json]',
    `datatrace queue TASK add ${UNITS} [--top|--bottom|--before UNIT|--position N] [--again] [--rev N] [--allow-outside]`,
    'datatrace queue TASK move UNIT.. --top|--bottom|--up|--down|--before UNIT|--position N [--rev N]',
    `datatrace queue TASK remove ${UNITS} [--rev N]`,
    'datatrace queue TASK clear [--rev N]',
  ].join('\n'),
  mode: 'datatrace mode TASK auto|manual',
  pause: 'datatrace pause TASK',
  resume: `datatrace resume TASK [--wait] ${CONSENT}`,
  stop: 'datatrace stop TASK',
  retry: `datatrace retry TASK [${UNITS}] [--wait] ${CONSENT}`,
  abort: `datatrace abort TASK ${UNITS}`,
  restart: `datatrace restart TASK ${UNITS} [--again] [--wait] ${CONSENT}`,
  set: 'datatrace set TASK NAME=VALUE..',
  reset: 'datatrace reset TASK [--yes]',
  'delete-data': 'datatrace delete-data TASK [--yes]',
  runs: 'datatrace runs TASK [--limit N] [--json]',
  report: 'datatrace report TASK [--run ID] [--json]',
};

/** The options that need a word, as they are written; a command shows those of its usage. */
const OPTIONS: Readonly<Record<string, string>> = {
  again: '--again',
  rejected: '--rejected',
  mode: '--mode auto|manual',
  wait: '--wait',
  concurrency: '--concurrency N',
  'max-running': '--max-running N',
  units: '--units GLOB,..',
  all: '--all',
  status: '--status STATUS,..',
  position: '--position N',
  rev: '--rev N',
  'confirm-production': '--confirm-production NAME',
  'allow-outside': '--allow-outside',
  'ignore-after': '--ignore-after',
  yes: '--yes',
  limit: '--limit N',
  run: '--run ID',
};

/** Every command has these. */
const COMMON: Readonly<Record<string, string>> = {
  config: '--config FILE',
  store: '--store FOLDER',
  json: '--json',
  verbose: '--verbose',
};

/** @param topic a command; anything else shows all of them */
export function helpText(voice: Voice, topic: string | undefined): string {
  if (topic !== undefined && isCommand(topic)) return `${described(voice, topic)}\n\n${rest(voice, USAGE[topic]!)}`;
  const commands = Object.keys(USAGE).map((name) => described(voice, name));
  const all = rest(voice, Object.values(USAGE).join('\n'));
  return `${voice.word('cli.help.about')}\n\n${commands.join('\n')}\n\n${all}`;
}

/** How a command is written, and where more is said; what is wrong with a command line stays in sight above it. */
export function usageText(voice: Voice, topic: string | undefined): string {
  if (topic === undefined || !isCommand(topic)) return `${voice.word('cli.help.commands')}\n`;
  return `${USAGE[topic]}\n${voice.word('cli.help.more', { command: topic })}\n`;
}

function isCommand(topic: string): boolean {
  return Object.hasOwn(USAGE, topic);
}

function described(voice: Voice, name: string): string {
  return `${USAGE[name]}\n  ${voice.word(`cli.help.${name}`)}`;
}

function rest(voice: Voice, usage: string): string {
  const used = Object.entries(OPTIONS).filter(([name]) => new RegExp(`--${name}(?![\\w-])`).test(usage));
  const shown = [...used, ...Object.entries(COMMON)];
  const width = Math.max(...shown.map(([, written]) => written.length));
  const lines = shown.map(([name, written]) => `  ${column(written, width)}  ${voice.word(`cli.help.option.${name}`)}`);
  return `${lines.join('\n')}\n\n${voice.word('cli.help.exitCodes')}\n`;
}
