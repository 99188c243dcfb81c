/** What `datatrace help` prints. */
import type { Voice } from './host.ts';

const USAGE: Readonly<Record<string, string>> = {
  validate: 'datatrace validate [--config FILE] [--json]',
  plan: 'datatrace plan TASK [--allow-outside] [--json]',
  run: 'datatrace run TASK [--again] [--mode auto] [--concurrency N] [--max-running N] [--units GLOB,..] [--confirm-production NAME] [--allow-outside] [--json]',
  verify: 'datatrace verify TASK [--allow-outside] [--json]',
  status: 'datatrace status [TASK] [--json]',
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
