/** `datatrace queue`: shows and edits the queue of a task, wherever its host is. */
import type { Answer, Place } from '../core/events.ts';
import type { Coded, TaskId, UnitId, UnitRow } from '../core/model.ts';
import type { TaskManager } from '../engine/api.ts';
import type { PlaceWords, QueueCommand, QueueEdit } from './command.ts';
import { column } from './figures.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { refusedOutside } from './plan.ts';
import { reportStanding, tellNote } from './result.ts';
import { forCommandLine, refuse, type TaskSession, withTask } from './task-session.ts';
import { chooseUnits, unitsOf } from './unit-words.ts';

/** Entries shown after an edit; `datatrace queue TASK` shows all. */
const SHOWN_AFTER_EDIT = 20;

export function queueCommand(command: QueueCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'now', host, voice, async (at) => {
    const { manager, taskId } = at;
    const blocked = manager.header(taskId)?.blocked ?? null;
    if (blocked !== null) return refuse(blocked, voice);
    if (command.edit.action !== 'show') {
      const answer = await edit(at, command, command.edit, voice);
      if (answer === 'refused') return 2;
      if (!answer.ok) {
        voice.tell('error', forCommandLine(answer.refusal));
        // The edit was based on something else: what is true now comes with the refusal.
        showQueue(at, SHOWN_AFTER_EDIT, voice);
        return 2;
      }
      tellNote(answer.note, voice);
    }
    showQueue(at, command.edit.action === 'show' ? Number.POSITIVE_INFINITY : SHOWN_AFTER_EDIT, voice);
    reportStanding(manager, taskId, voice);
    return 0;
  });
}

type Edit = Exclude<QueueEdit, { readonly action: 'show' }>;

async function edit(at: TaskSession, command: QueueCommand, wanted: Edit, voice: Voice): Promise<Answer | 'refused'> {
  const { manager, taskId } = at;
  if (wanted.action === 'clear') return manager.clearQueue(taskId, command.rev);
  if (wanted.action === 'add' && manager.header(taskId)?.units === 0) {
    if (await refusedOutside(command, at, voice)) return 'refused';
    const planned = await takePlan(manager, taskId);
    if (!planned.ok) return planned;
  }
  const queued = new Set(manager.queue(taskId).unitIds);
  const chosen = chooseUnits(unitsOf(manager, taskId), wanted.units, (unit) => fits(unit, wanted, queued));
  if (!('units' in chosen)) {
    for (const problem of chosen) voice.tell('error', problem);
    return 'refused';
  }
  const ids = chosen.units.map((unit) => unit.id);
  if (ids.length === 0) return { ok: true, note: { code: nothingFits(wanted), args: {} } };
  if (wanted.action === 'remove') {
    const problem = strangers(chosen.units, queued);
    return problem ? refused(problem) : manager.removeFromQueue(taskId, ids, command.rev);
  }
  const place = placeOf(wanted.to, ids, manager, taskId);
  if ('code' in place) return refused(place);
  // A position means something only in the queue that it was counted in.
  const baseRev = command.rev ?? place.baseRev;
  if (wanted.action === 'move') {
    const problem = strangers(chosen.units, queued);
    return problem ? refused(problem) : manager.moveInQueue(taskId, ids, place.to, baseRev);
  }
  return manager.addToQueue(taskId, ids, { to: place.to, again: wanted.again, baseRev });
}

/** The first addition to the queue of a task that was never started brings its units. */
async function takePlan(manager: TaskManager, taskId: TaskId): Promise<Answer> {
  const answer = await manager.addToQueue(taskId, [], { to: { kind: 'bottom' } });
  return answer.ok || answer.refusal.code === 'noUnits' ? { ok: true, note: null } : answer;
}

/** What a glob or a filter may find: what is named is refused with its reason instead. */
function fits(unit: Readonly<UnitRow>, wanted: Edit, queued: ReadonlySet<UnitId>): boolean {
  if (wanted.action !== 'add') return queued.has(unit.id);
  if (queued.has(unit.id) || unit.status === 'running') return false;
  return unit.status !== 'completed' || wanted.again;
}

function nothingFits(wanted: Edit): string {
  return wanted.action === 'add' && !wanted.again ? 'cli.queue.nothingToAdd' : 'cli.queue.nothingFits';
}

/** Named units that do not wait in the queue; those that run have started since and are dropped by the engine. */
function strangers(units: readonly Readonly<UnitRow>[], queued: ReadonlySet<UnitId>): Coded | null {
  const unit = units.find(({ id, status }) => !queued.has(id) && status !== 'running');
  return unit ? { code: 'cli.queue.notThere', args: { unit: unit.name } } : null;
}

function placeOf(
  to: PlaceWords,
  moving: readonly UnitId[],
  manager: TaskManager,
  taskId: TaskId,
): { readonly to: Place; readonly baseRev: number | null } | Coded {
  if (to.kind === 'before') {
    const chosen = chooseUnits(unitsOf(manager, taskId), { words: [to.unit], all: false, statuses: null }, () => false);
    if (!('units' in chosen)) return chosen[0]!;
    const [unit] = chosen.units;
    if (unit === undefined) return { code: 'cli.unknownUnit', args: { unit: to.unit } };
    return { to: { kind: 'before', unitId: unit.id }, baseRev: null };
  }
  if (to.kind !== 'position') return { to, baseRev: null };
  const { rev, unitIds } = manager.queue(taskId);
  const others = unitIds.filter((id) => !moving.includes(id));
  const most = others.length + 1;
  if (to.position > most) {
    return { code: 'cli.badNumber', args: { option: '--position', value: to.position, least: 1, most } };
  }
  const unitId = others[to.position - 1];
  return { to: unitId === undefined ? { kind: 'bottom' } : { kind: 'before', unitId }, baseRev: rev };
}

function refused(refusal: Coded): Answer {
  return { ok: false, refusal };
}

function showQueue({ manager, taskId, task }: TaskSession, most: number, voice: Voice): void {
  const { rev, unitIds } = manager.queue(taskId);
  const names = namesOf(manager, taskId, unitIds);
  const header = manager.header(taskId);
  const mode = header?.mode ?? task.mode;
  voice.json('queue', queueFields(task.name, mode, rev, names));
  voice.print(
    voice.word('cli.queue.head', { task: task.name, mode: voice.word(`cli.mode.${mode}`), count: names.length, rev }),
  );
  const shown = names.slice(0, most);
  for (const [index, name] of shown.entries()) {
    const reason = manager.whyWaiting(unitIds[index]!);
    const why = reason === null ? '' : `  ${voice.sentence(reason)}`;
    voice.print(`${String(index + 1).padStart(6)}  ${why === '' ? name : `${column(name, 32)}${why}`}`);
  }
  if (names.length > shown.length) {
    voice.print(`        ${voice.word('cli.moreProblems', { count: names.length - shown.length })}`);
  }
  for (const unit of manager.units(taskId, 'running', -1, SHOWN_AFTER_EDIT).units) {
    voice.print(`     *  ${column(unit.name, 32)}  ${voice.word('cli.unit.running')}`);
  }
}

/** A `queue` line: the names of the waiting units in their order. */
export function queueFields(
  task: string,
  mode: string,
  rev: number,
  units: readonly string[],
): Record<string, unknown> {
  return { task, mode, rev, count: units.length, units };
}

export function namesOf(manager: TaskManager, taskId: TaskId, unitIds: readonly UnitId[]): string[] {
  const names = new Map<UnitId, string>();
  const wanted = new Set(unitIds);
  if (wanted.size === 0) return [];
  for (const unit of unitsOf(manager, taskId)) if (wanted.has(unit.id)) names.set(unit.id, unit.name);
  return unitIds.map((id) => names.get(id) ?? id);
}
