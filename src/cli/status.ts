import type { Coded, UnitRow } from '../core/model.ts';
import { noteOf } from '../core/select.ts';
import type { TaskManager, TaskSummary } from '../engine/api.ts';
import type { TaskHeader } from '../protocol/panel.ts';
import { standingOf, standingWord } from '../wording/standing.ts';
import type { Command } from './command.ts';
import { hasTask, usableConfig } from './configuration.ts';
import { column, grouped, wholePercent } from './figures.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { switchingText } from './progress-frame.ts';
import { namesOf, queueFields } from './queue.ts';
import { openSession, type Session } from './session.ts';
import { tellError } from './task-session.ts';
import { unitsOf } from './unit-words.ts';

type StatusCommand = Extract<Command, { name: 'status' }>;

/** Names of the queue in one line. */
const QUEUE_SHOWN = 10;

/** `datatrace status`: what the store says, or the host that manages it just now; 2 when neither says anything. */
export async function statusCommand(command: StatusCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  const model = await usableConfig(host, voice, command.config);
  if (model === undefined) return 2;
  if (command.task !== undefined && !hasTask(model, command.task, voice)) return 2;
  const { store, verbose } = command;
  const session = await openSession(host, voice, { model, store, verbose, opens: 'now', stays: false });
  try {
    const tasks = session.manager.list().filter(({ name }) => command.task === undefined || name === command.task);
    tellStanding(session, voice);
    for (const task of tasks) showTask(session.manager, task, command.task !== undefined, voice);
    voice.json('result', { tasks: tasks.length });
    return tasks.some(({ id }) => isUnknown(session.manager.header(id))) ? 2 : 0;
  } catch (error) {
    tellError(error, voice);
    return 2;
  } finally {
    await session.close();
  }
}

/** Nothing was read: the store cannot be opened, or the host that has it does not tell. */
function isUnknown(header: TaskHeader | undefined): boolean {
  if (!header?.blocked) return false;
  const { code } = header.blocked;
  return header.managedBy === null || code.startsWith('host.') || code === 'folder.ownerSilent';
}

/** What is true of the folder's store, above all that one was set aside: every task has the same words for it. */
function tellStanding({ manager }: Session, voice: Voice): void {
  const said = new Set<string>();
  const tell = (level: 'info' | 'warning', text: Coded | null): void => {
    const key = JSON.stringify(text);
    if (text === null || said.has(key)) return;
    said.add(key);
    voice.tell(level, text);
  };
  for (const { id } of manager.list()) {
    const header = manager.header(id);
    tell('warning', header?.blocked ?? null);
    tell('info', header?.managedBy ?? null);
    for (const { severity, text } of header?.notices ?? []) if (severity === 'warning') tell('warning', text);
  }
}

function showTask(manager: TaskManager, { id, name }: TaskSummary, withUnits: boolean, voice: Voice): void {
  const header = manager.header(id);
  if (header === undefined) return;
  if (isUnknown(header)) {
    showUnknown(name, header, voice);
    return;
  }
  const { rev, unitIds } = manager.queue(id);
  const queue = namesOf(manager, id, unitIds);
  voice.json('task', taskFields(name, header, queue.length, voice));
  if (voice.structured)
    for (const unit of unitsOf(manager, id)) voice.json('unit', { task: name, ...unitLine(manager, unit, voice) });
  voice.json('queue', queueFields(name, header.mode, rev, queue));
  if (voice.structured) return;

  const { completed, running, failed, paused, pending } = header.counts;
  const total = header.rowsTotal === null ? '?' : grouped(header.rowsTotal);
  const state = voice.word(standingWord(standingOf(header)).code);
  const mode = voice.word(`cli.mode.${header.mode}`);
  voice.print(`${column(name, 32)} ${state}  ${mode}  ${wholePercent(header.percent)}`);
  const counts = { units: header.units, pending, running, completed, failed, paused };
  voice.print(`  ${voice.word('cli.status.counts', counts)}`);
  voice.print(`  ${voice.word('cli.rows', { done: grouped(header.rowsProcessed), total })}`);
  if (header.switchingTo !== null) voice.print(`  ${switchingText(header, voice)}`);
  if (header.waitsForAdditions) voice.print(`  ${voice.word('cli.status.waitsForAdditions')}`);
  if (queue.length > 0)
    voice.print(`  ${voice.word('cli.status.queue', { count: queue.length, units: shortList(queue) })}`);
  if (withUnits) for (const unit of unitsOf(manager, id)) showUnit(manager, unit, voice);
}

/** Anything else would be read as the state of the task. */
function showUnknown(name: string, header: TaskHeader, voice: Voice): void {
  const managedBy = header.managedBy && voice.coded(header.managedBy);
  const blocked = header.blocked && voice.coded(header.blocked);
  voice.json('task', { task: name, state: 'unknown', managedBy, blocked });
  voice.print(`${column(name, 32)} ${voice.word('cli.state.unknown')}`);
}

function shortList(names: readonly string[]): string {
  return names.length <= QUEUE_SHOWN ? names.join(', ') : `${names.slice(0, QUEUE_SHOWN).join(', ')}, …`;
}

function taskFields(task: string, header: TaskHeader, queued: number, voice: Voice): Record<string, unknown> {
  const { runState: state, planning, outcome, mode, switchingTo, waitsForAdditions, concurrency, counts } = header;
  const { rowsProcessed: rows, rowsTotal, percent, rowsPerSecond, timeLeftMs } = header;
  const managedBy = header.managedBy && voice.coded(header.managedBy);
  const blocked = header.blocked && voice.coded(header.blocked);
  const how = { state, planning, outcome, mode, switchingTo, waitsForAdditions, queued, concurrency };
  return {
    task,
    ...how,
    counts,
    rows,
    rejected: header.rejected,
    rowsTotal,
    percent,
    rowsPerSecond,
    timeLeftMs,
    managedBy,
    blocked,
  };
}

function unitLine(manager: TaskManager, unit: Readonly<UnitRow>, voice: Voice): Record<string, unknown> {
  const { name, status, processed, total, attempt, rejected, error } = unit;
  const reason = reasonOf(manager, unit);
  return {
    unit: name,
    status,
    processed,
    total,
    attempt,
    ...(rejected > 0 ? { rejected } : {}),
    error: error && voice.coded(error),
    ...(reason === null ? {} : { reason: voice.coded(reason) }),
  };
}

/** Why a unit is as it is: the failure of a failed one, the wait of a waiting one, the note of a completed one. */
function reasonOf(manager: TaskManager, unit: Readonly<UnitRow>): Coded | null {
  if (unit.status === 'failed') return unit.error;
  if (unit.status === 'completed') return noteOf(unit);
  return manager.whyWaiting(unit.id) ?? unit.reason;
}

function showUnit(manager: TaskManager, unit: Readonly<UnitRow>, voice: Voice): void {
  const reason = reasonOf(manager, unit);
  const why = reason === null ? '' : `  ${voice.sentence(reason)}`;
  const rows = `${grouped(unit.processed)} / ${unit.total === null ? '?' : grouped(unit.total)}`;
  voice.print(`  ${column(unit.name, 32)} ${column(voice.word(`cli.unit.${unit.status}`), 10)} ${rows}${why}`);
}
