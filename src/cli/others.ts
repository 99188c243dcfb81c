/** Runs that other commands began in this process would end with it: it stays until they rest. */
import type { TaskManager, TaskSummary } from '../engine/api.ts';
import type { CliHost, Voice } from './host.ts';

const BUSY: ReadonlySet<string> = new Set(['running', 'pausing', 'stopping']);

/**
 * Resolves when nothing runs here any more; false = a person asked for the end at once.
 * @param interrupted the command was asked to end: so are the runs of others, at their next batch borders
 */
export async function othersRest(
  manager: TaskManager,
  interrupted: boolean,
  host: CliHost,
  voice: Voice,
): Promise<boolean> {
  if (busyTasks(manager).length === 0) return true;
  const tasks = busyTasks(manager).map(({ name }) => name);
  voice.say(voice.word('cli.staysForOthers', { tasks: tasks.join(', ') }));
  let ending = interrupted;
  let settle: (rested: boolean) => void = () => undefined;
  const settled = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  const look = (): void => {
    const busy = busyTasks(manager);
    if (busy.length === 0) settle(true);
    if (!ending) return;
    for (const { id, runState } of busy) if (runState === 'running') void manager.pause(id).catch(() => undefined);
  };
  const interrupts = host.onInterrupt(() => {
    if (ending) settle(false);
    ending = true;
    look();
  });
  const changes = manager.subscribe(look);
  try {
    look();
    return await settled;
  } finally {
    changes.dispose();
    interrupts.dispose();
  }
}

/** One that waits for additions to its queue has nothing to lose. */
function busyTasks(manager: TaskManager): TaskSummary[] {
  return manager.list().filter(({ managedBy, planning, runState, waitsForAdditions }) => {
    if (managedBy !== null || waitsForAdditions) return false;
    return planning || BUSY.has(runState);
  });
}
