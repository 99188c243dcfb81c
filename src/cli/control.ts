/** Tells a task what to do, in the host that manages it or in the store that nobody manages. */
import type { Answer } from '../core/events.ts';
import type { Coded, SettingsChange, UnitRow } from '../core/model.ts';
import { standingOf, standingWord } from '../wording/standing.ts';
import type { AbortCommand, ControlCommand, ExecuteCommand, ModeCommand, SetCommand, UnitWords } from './command.ts';
import { followTask } from './follow.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { reportStanding, tellNote } from './result.ts';
import { consentOptions } from './run.ts';
import { refuse, type TaskSession, withTask } from './task-session.ts';
import { chooseUnits, unitsOf } from './unit-words.ts';

/** `pause` and `stop` come back when nothing of the task runs any more. */
export function controlCommand(command: ControlCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'now', host, voice, async (at) => {
    const { manager, taskId } = at;
    switch (command.name) {
      case 'pause':
        return rests(at, () => manager.pause(taskId), host, voice);
      case 'stop':
        return rests(at, () => manager.stop(taskId), host, voice);
      case 'reset':
      case 'delete-data': {
        const question = command.name === 'reset' ? 'cli.ask.reset' : 'cli.ask.deleteData';
        if (!command.yes && !(await agreed(question, command.task, host, voice))) return 2;
        const answer = command.name === 'reset' ? manager.reset(taskId) : manager.deleteTask(taskId);
        return concludeSaying(at, await answer, { code: `cli.done.${command.name}`, args: {} }, voice);
      }
    }
  });
}

export function modeCommand(command: ModeCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'now', host, voice, async (at) =>
    conclude(at, await at.manager.setMode(at.taskId, command.mode), voice),
  );
}

export function abortCommand(command: AbortCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'now', host, voice, async (at) => {
    const ids = idsOf(at, command.units, (unit) => unit.status === 'running', voice);
    return ids === null ? 2 : conclude(at, await at.manager.abortUnits(at.taskId, ids), voice);
  });
}

/** Goes on in the host that manages the task; else in this process, which stays until the task rests. */
export function executeCommand(command: ExecuteCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'now', host, voice, async (at) => {
    const begin = beginning(at, command, voice);
    return begin === null ? 2 : followTask(at, { begin, wait: command.wait, elsewhere: false }, host, voice);
  });
}

export function setCommand(command: SetCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'now', host, voice, async (at) => {
    const { settings } = command;
    const done = { code: 'cli.done.set', args: { settings: settingsInWords(settings) } };
    return concludeSaying(at, await at.manager.adjust(at.taskId, settings), done, voice);
  });
}

function beginning(at: TaskSession, command: ExecuteCommand, voice: Voice): (() => Promise<Answer>) | null {
  const { manager, taskId } = at;
  const consent = consentOptions(command);
  if (command.name === 'resume') return () => manager.resume(taskId, consent);
  const { units, again } = command;
  if (command.name === 'retry' && units.words.length === 0 && units.statuses === null) {
    return () => manager.retryFailed(taskId, consent, null);
  }
  const fits = (unit: Readonly<UnitRow>): boolean =>
    command.name === 'retry' ? unit.status === 'failed' : again || unit.status !== 'completed';
  const ids = idsOf(at, units, fits, voice);
  if (ids === null) return null;
  return command.name === 'retry'
    ? () => manager.retryFailed(taskId, consent, ids)
    : () => manager.restartUnits(taskId, ids, { ...consent, again });
}

/** Null after what is wrong with the words was said. */
function idsOf(
  { manager, taskId }: TaskSession,
  words: UnitWords,
  fits: (unit: Readonly<UnitRow>) => boolean,
  voice: Voice,
): string[] | null {
  const chosen = chooseUnits(unitsOf(manager, taskId), words, fits);
  const problems = 'units' in chosen ? [] : chosen;
  for (const problem of problems) voice.tell('error', problem);
  if (!('units' in chosen)) return null;
  if (chosen.units.length === 0) {
    voice.tell('error', { code: 'cli.noUnitFits', args: {} });
    return null;
  }
  return chosen.units.map((unit) => unit.id);
}

async function rests(at: TaskSession, ask: () => Promise<Answer>, host: CliHost, voice: Voice): Promise<ExitCode> {
  const { manager, taskId } = at;
  let leave: (value: 'left') => void = () => undefined;
  const left = new Promise<'left'>((resolve) => {
    leave = resolve;
  });
  const interrupts = host.onInterrupt(() => leave('left'));
  try {
    const answer = await ask();
    if (!answer.ok) return refuse(answer.refusal, voice);
    tellNote(answer.note, voice);
    if ((await Promise.race([manager.settled(taskId), left])) !== 'left') return conclude(at, answer, voice, false);
    voice.tell('info', { code: 'cli.notWaited', args: {} });
    reportStanding(manager, taskId, voice);
    return 130;
  } finally {
    interrupts.dispose();
  }
}

/** As the command line writes them. */
function settingsInWords({ limits, retry, ...plain }: SettingsChange): string {
  const under = (name: string, values: object = {}) =>
    Object.entries(values).map(([key, value]): [string, unknown] => [`${name}.${key}`, value]);
  const flat = [...Object.entries(plain), ...under('limits', limits), ...under('retry', retry)];
  return flat
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

/** For what the state of the task alone does not show. */
function concludeSaying(at: TaskSession, answer: Answer, done: Coded, voice: Voice): ExitCode {
  if (answer.ok) voice.tell('info', done);
  return conclude(at, answer, voice);
}

function conclude({ manager, taskId, task }: TaskSession, answer: Answer, voice: Voice, withNote = true): ExitCode {
  if (!answer.ok) return refuse(answer.refusal, voice);
  if (withNote) tellNote(answer.note, voice);
  const header = manager.header(taskId);
  if (header !== undefined) {
    const { runState, mode, switchingTo, concurrency } = header;
    voice.json('task', { task: task.name, state: runState, mode, switchingTo, concurrency, outcome: header.outcome });
    const state = voice.word(standingWord(standingOf(header)).code);
    const words = { task: task.name, state, mode: voice.word(`cli.mode.${mode}`) };
    voice.print(voice.word('cli.stands', words));
  }
  reportStanding(manager, taskId, voice);
  return 0;
}

/** Whether a person agrees, on a terminal; says how to agree beforehand where nobody can be asked. */
async function agreed(question: string, task: string, host: CliHost, voice: Voice): Promise<boolean> {
  if (host.ask === null || voice.structured) {
    voice.tell('error', { code: 'cli.needsYes', args: {} });
    return false;
  }
  const reply = await host.ask(`${voice.word(question, { task })} `);
  if (/^\s*(y|yes|是|好)\s*$/i.test(reply)) return true;
  voice.tell('info', { code: 'cli.nothingDone', args: {} });
  return false;
}
