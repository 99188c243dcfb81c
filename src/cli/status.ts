import { connectToOwner, socketAddress } from '../host/socket.ts';
import { type FolderStatus, folderStatus, type TaskStatus } from '../workspace/status.ts';
import type { Command } from './arguments.ts';
import { hasTask, usableConfig } from './configuration.ts';
import { column, grouped, wholePercent } from './figures.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { tellError } from './plan.ts';
import { openSession, type Session } from './session.ts';

type StatusCommand = Extract<Command, { name: 'status' }>;

/** `datatrace status`: what the store says, or the host that owns it just now. */
export async function statusCommand(command: StatusCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  const model = await usableConfig(host, voice, command.config);
  if (model === undefined) return 2;
  if (command.task !== undefined && !hasTask(model, command.task, voice)) return 2;
  const session = await openSession(host, voice, {
    model,
    store: command.store,
    verbose: command.verbose,
    use: 'look',
  });
  try {
    const { tasks } = await currentStatus(session, voice);
    for (const task of tasks)
      if (command.task === undefined || task.task === command.task) showTask(task, command, voice);
    voice.json('result', { tasks: tasks.length });
    return 0;
  } catch (error) {
    tellError(error, voice);
    return 2;
  } finally {
    await session.close();
  }
}

async function currentStatus(session: Session, voice: Voice): Promise<FolderStatus> {
  const blocked = session.manager.list()[0]?.blocked ?? null;
  if (blocked?.code !== 'folder.managed') {
    if (blocked !== null) voice.tell('warning', blocked);
    tellWarnings(session, voice);
    return folderStatus(session.manager, session.key);
  }
  voice.tell('info', blocked);
  const owner = await connectToOwner(socketAddress(session.dataFolder));
  try {
    return (await owner.request('status')) as FolderStatus;
  } finally {
    owner.close();
  }
}

/** What happened to the folder's store, above all that one was set aside: every task has the same words for it. */
function tellWarnings(session: Session, voice: Voice): void {
  const said = new Set<string>();
  for (const { id } of session.manager.list()) {
    for (const { severity, text } of session.manager.header(id)?.notices ?? []) {
      const key = JSON.stringify(text);
      if (severity !== 'warning' || said.has(key)) continue;
      said.add(key);
      voice.tell('warning', text);
    }
  }
}

function showTask(task: TaskStatus, command: StatusCommand, voice: Voice): void {
  const { units, ...figures } = task;
  voice.json('task', { ...figures });
  for (const unit of units) voice.json('unit', { task: task.task, ...unit });
  const { completed, running, failed, paused, pending } = task.counts;
  const total = task.rowsTotal === null ? '?' : grouped(task.rowsTotal);
  const state = voice.word(`cli.state.${task.state}`);
  const outcome = task.outcome === null ? '' : ` (${voice.word(`cli.outcome.${task.outcome}`)})`;
  voice.print(`${column(task.task, 32)} ${state}${outcome}  ${wholePercent(task.percent)}`);
  voice.print(
    `  ${voice.word('cli.status.counts', { units: units.length, pending, running, completed, failed, paused })}`,
  );
  voice.print(`  ${voice.word('cli.rows', { done: grouped(task.rows), total })}`);
  if (command.task === undefined) return;
  for (const unit of units) {
    const cause = unit.error === null ? '' : `  ${voice.word(unit.error.code, unit.error.args)}`;
    const rows = `${grouped(unit.processed)} / ${unit.total === null ? '?' : grouped(unit.total)}`;
    voice.print(`  ${column(unit.unit, 32)} ${column(voice.word(`cli.unit.${unit.status}`), 10)} ${rows}${cause}`);
  }
}
