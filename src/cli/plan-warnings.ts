/** What a plan warns of, and notes for the log, when a run begins with it; `datatrace plan` shows all of it. */
import { checkPlannedUnits } from '../config/check-planned-units.ts';
import type { TaskConfig } from '../config/model.ts';
import type { Coded } from '../core/model.ts';
import type { PlanResult } from '../core/ports.ts';
import type { Voice } from './host.ts';

/** Most warnings of single units for people: a task may have 100,000 units. */
const MOST_UNIT_WARNINGS = 10;

/** @param above prints a line for people above what is drawn live */
export function tellPlanWarnings(
  plan: PlanResult,
  task: TaskConfig,
  above: (line: string) => void,
  voice: Voice,
): void {
  if (voice.structured) for (const note of plan.notes ?? []) voice.tell('info', note);
  for (const warning of plan.warnings) tell(warning, null);
  const names = plan.units.map(({ name }) => name);
  for (const warning of checkPlannedUnits(task, names).warnings) tell(warning, null);
  let untold = 0;
  let told = 0;
  for (const unit of plan.units) {
    for (const warning of unit.warnings) {
      if (voice.structured || told < MOST_UNIT_WARNINGS) tell(warning, unit.name);
      else untold++;
      told++;
    }
  }
  if (untold > 0) above(voice.word('cli.morePlanWarnings', { count: untold, task: task.name }));

  function tell(warning: Coded, unit: string | null): void {
    if (voice.structured) {
      voice.json('log', { level: 'warning', ...(unit === null ? {} : { unit }), ...voice.coded(warning) });
    } else above(voice.sentence(warning));
  }
}
