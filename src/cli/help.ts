/** What `datatrace help` prints. */
import type { Voice } from './host.ts';

const CONSENT = '[--confirm-production NAME] [--allow-outside] [--ignore-after]';
const UNITS = 'UNIT..|--all|--status STATUS,..';

const USAGE: Readonly<Record<string, string>> = {
  validate: 'datatrace validate [--config FILE] [--json]',
  plan: 'datatrace plan TASK [--allow-outside] [--json]',
  run: `datatrace run TASK [--again] [--mode auto|manual] [--wait] [--concurrency N] [--max-running N] [--units GLOB,..] ${CONSENT} [--json]`,
  verify: 'datatrace verify TASK [--allow-outside] [--json]',
  status: 'datatrace status [TASK] [--json]',
  queue: [
    'datatrace queue TASK [--json]',
    `datatrace queue TASK add ${UNITS} [--top|--bottom|--before UNIT|--position N] [--again] [--rev N]`,
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

/** @param topic a command; anything else shows all of them */
export function helpText(voice: Voice, topic: string | undefined): string {
  if (topic !== undefined && Object.hasOwn(USAGE, topic))
    return `${USAGE[topic]}\n  ${voice.word(`cli.help.${topic}`)}\n\n${common(voice)}`;
  const commands = Object.entries(USAGE).map(([name, usage]) => `${usage}\n  ${voice.word(`cli.help.${name}`)}`);
  return `${voice.word('cli.help.about')}\n\n${commands.join('\n')}\n\n${common(voice)}`;
}

function common(voice: Voice): string {
  const options = ['config', 'store', 'json', 'verbose'].map(
    (option) => `  ${voice.word(`cli.help.option.${option}`)}`,
  );
  return `${options.join('\n')}\n\n${voice.word('cli.help.exitCodes')}\n`;
}
