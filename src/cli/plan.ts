import { checkPlannedUnits } from '../config/check-planned-units.ts';
import type { TaskConfig } from '../config/model.ts';
import { outsidePaths } from '../config/outside-paths.ts';
import { productionTarget, unsupported } from '../config/unsupported.ts';
import type { Coded } from '../core/model.ts';
import type { PlanResult, UnitPlan } from '../core/ports.ts';
import { refusalOfTask } from '../engine/planning.ts';
import type { TaskCommand } from './command.ts';
import { cells, column, grouped } from './figures.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { type TaskSession, withTask } from './task-session.ts';

/** `datatrace plan`: what a run would do; changes nothing anywhere. 2 when a start would be refused. */
export async function planCommand(command: TaskCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'whenNeeded', host, voice, async (at) => {
    if (await refusedOutside(command, at, voice)) return 2;
    const { session, task } = at;
    const { model } = session;
    const obstacles = unsupported(task, model);
    for (const obstacle of obstacles) voice.tell('error', obstacle);
    const plan = await at.manager.plan(at.taskId);
    for (const note of plan.notes ?? []) voice.tell('info', note);
    const production = productionTarget(task, model);
    if (production !== null) voice.tell('warning', { code: 'cli.confirmProduction', args: { connection: production } });
    for (const warning of plan.warnings) voice.tell('warning', warning);
    const names = checkPlannedUnits(
      task,
      plan.units.map((unit) => unit.name),
    );
    for (const warning of names.warnings) voice.tell('warning', warning);
    for (const error of names.errors) voice.tell('error', error);
    if (plan.units.length > 0) voice.print(tableLine(HEAD.map((name) => voice.word(`cli.plan.head.${name}`))));
    for (const unit of plan.units) showUnit(unit, task, voice);
    const refused = plan.units.filter((unit) => unit.refusals.length > 0).length;
    showResult(plan, refused, voice);
    const hopeless = plan.units.length === 0 || refusalOfTask(plan) !== undefined;
    return obstacles.length > 0 || names.errors.length > 0 || hopeless ? 2 : 0;
  });
}

/** Files outside of the configuration's folder need a person's consent, also to be looked at. */
export async function refusedOutside(
  command: { readonly allowOutside: boolean },
  { session, task }: TaskSession,
  voice: Voice,
): Promise<boolean> {
  const outside = command.allowOutside ? [] : await outsidePaths(task, session.model);
  for (const { connection, path } of outside)
    voice.tell('error', { code: 'cli.confirmOutside', args: { connection, path } });
  return outside.length > 0;
}

function showUnit(unit: UnitPlan, task: TaskConfig, voice: Voice): void {
  const { name, type, targetName, rows, key, resume, lanes, create } = unit;
  const wording = (coded: Coded): object => voice.coded(coded);
  const notes = { warnings: unit.warnings.map(wording), refusals: unit.refusals.map(wording) };
  voice.json('unit', {
    task: task.name,
    unit: name,
    unitType: type,
    target: targetName,
    rows,
    key,
    resume,
    lanes,
    create,
    ...notes,
  });
  const estimated = rows === null ? '?' : grouped(rows);
  // Of a unit that is refused not everything was found out.
  const isRefused = unit.refusals.length > 0;
  const order = key.length > 0 ? key.join(', ') : isRefused ? '-' : voice.word('cli.plan.noKey');
  const made = isRefused ? '-' : voice.word(create === null ? 'cli.plan.exists' : 'cli.plan.created');
  voice.print(tableLine([name, targetName, estimated, order, resume, made]));
  for (const warning of unit.warnings) voice.print(`    ${voice.sentence(warning)}`);
  for (const refusal of unit.refusals) voice.print(`    ${voice.word('cli.plan.refused')} ${voice.sentence(refusal)}`);
}

const HEAD = ['unit', 'target', 'rows', 'key', 'resume', 'table'] as const;

/** @param cells as many as {@link HEAD} */
function tableLine([unit = '', target = '', rows = '', key = '', resume = '', table = '']: readonly string[]): string {
  const count = ' '.repeat(Math.max(0, 14 - cells(rows))) + rows;
  return `${column(unit, 32)} -> ${column(target, 32)} ${count}  ${column(key, 24)} ${column(resume, 6)}  ${table}`;
}

function showResult(plan: PlanResult, refused: number, voice: Voice): void {
  const known = plan.units.reduce((sum, unit) => sum + (unit.rows ?? 0), 0);
  const units = plan.units.length;
  voice.json('result', { units, refused, rows: known });
  voice.print(voice.word('cli.plan.summary', { units, rows: grouped(known), refused }));
}
