import { checkPlannedUnits } from '../config/check-planned-units.ts';
import type { ConfigModel, TaskConfig } from '../config/model.ts';
import { outsidePaths } from '../config/outside-paths.ts';
import { productionTarget, unsupported } from '../config/unsupported.ts';
import type { Coded } from '../core/model.ts';
import type { PlanResult, UnitPlan } from '../core/ports.ts';
import { errorOf } from '../engine/failures.ts';
import type { TaskCommand } from './arguments.ts';
import { hasTask, usableConfig } from './configuration.ts';
import { column, grouped } from './figures.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { openSession, type Session } from './session.ts';

/** `datatrace plan`: what a run would do; changes nothing anywhere. 2 when a start would be refused. */
export async function planCommand(command: TaskCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, host, voice, async (session, model, task) => {
    const obstacles = unsupported(task, model);
    for (const obstacle of obstacles) voice.tell('error', obstacle);
    const plan = await session.manager.plan(session.taskId(task.name));
    const production = productionTarget(task, model);
    if (production !== null) voice.tell('warning', { code: 'cli.confirmProduction', args: { connection: production } });
    for (const warning of plan.warnings) voice.tell('warning', warning);
    const names = checkPlannedUnits(
      task,
      plan.units.map((unit) => unit.name),
    );
    for (const warning of names.warnings) voice.tell('warning', warning);
    for (const error of names.errors) voice.tell('error', error);
    for (const unit of plan.units) showUnit(unit, task, voice);
    const refused = plan.units.filter((unit) => unit.refusals.length > 0).length;
    showResult(plan, refused, voice);
    return obstacles.length > 0 || names.errors.length > 0 || plan.units.length === refused ? 2 : 0;
  });
}

/** Opens a session that does not touch the store; says what goes wrong. */
export async function withTask(
  command: TaskCommand,
  host: CliHost,
  voice: Voice,
  work: (session: Session, model: ConfigModel, task: TaskConfig) => Promise<ExitCode>,
): Promise<ExitCode> {
  const model = await usableConfig(host, voice, command.config);
  const task = model?.tasks.get(command.task);
  if (model === undefined || !hasTask(model, command.task, voice) || task === undefined) return 2;
  const outside = command.allowOutside ? [] : await outsidePaths(task, model);
  if (outside.length > 0) {
    for (const { connection, path } of outside)
      voice.tell('error', { code: 'cli.confirmOutside', args: { connection, path } });
    return 2;
  }
  const session = await openSession(host, voice, {
    model,
    store: command.store,
    verbose: command.verbose,
    use: 'never',
  });
  try {
    return await work(session, model, task);
  } catch (error) {
    tellError(error, voice);
    return 2;
  } finally {
    await session.close();
  }
}

export function tellError(error: unknown, voice: Voice): void {
  const { code, args, message } = errorOf(error);
  voice.tell('error', { code, args });
  if (message !== '' && code !== 'unexpected') voice.say(`  ${message}`);
}

function showUnit(unit: UnitPlan, task: TaskConfig, voice: Voice): void {
  const { name, type, targetName, rows, key, resume, create } = unit;
  const wording = (coded: Coded): object => ({ ...coded, message: voice.word(coded.code, coded.args) });
  const notes = { warnings: unit.warnings.map(wording), refusals: unit.refusals.map(wording) };
  voice.json('unit', {
    task: task.name,
    unit: name,
    unitType: type,
    target: targetName,
    rows,
    key,
    resume,
    create,
    ...notes,
  });
  const estimated = rows === null ? '?' : grouped(rows);
  const order = key.length === 0 ? voice.word('cli.plan.noKey') : key.join(', ');
  const made = create === null ? voice.word('cli.plan.exists') : voice.word('cli.plan.created');
  voice.print(
    `${column(name, 32)} -> ${column(targetName, 32)} ${estimated.padStart(14)}  ${column(order, 24)} ${column(resume, 4)}  ${made}`,
  );
  for (const warning of unit.warnings) voice.print(`    ${voice.word(warning.code, warning.args)}`);
  for (const refusal of unit.refusals)
    voice.print(`    ${voice.word('cli.plan.refused')} ${voice.word(refusal.code, refusal.args)}`);
}

function showResult(plan: PlanResult, refused: number, voice: Voice): void {
  const known = plan.units.reduce((sum, unit) => sum + (unit.rows ?? 0), 0);
  const units = plan.units.length;
  voice.json('result', { units, refused, rows: known });
  voice.print(voice.word('cli.plan.summary', { units, rows: grouped(known), refused }));
}
