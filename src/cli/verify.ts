import type { Coded } from '../core/model.ts';
import type { VerifyResult } from '../core/ports.ts';
import type { TaskCommand } from './command.ts';
import { grouped } from './figures.ts';
import type { CliHost, ExitCode, Voice } from './host.ts';
import { refusedOutside } from './plan.ts';
import { withTask } from './task-session.ts';

type VerifiedUnit = Pick<VerifyResult, 'unit' | 'sourceRows' | 'targetRows' | 'by'>;

/** `datatrace verify`: compares source and target without copying. 3 when they differ. */
export async function verifyCommand(command: TaskCommand, host: CliHost, voice: Voice): Promise<ExitCode> {
  return withTask(command, 'whenNeeded', host, voice, async (at) => {
    if (await refusedOutside(command, at, voice)) return 2;
    const { manager, taskId, task } = at;
    const equals: VerifiedUnit[] = [];
    const tellEqual = ({ unit, sourceRows, targetRows, by }: VerifiedUnit): void => {
      const figures = { unit, source: grouped(sourceRows), target: grouped(targetRows) };
      voice.print(voice.word(by === 'checksum' ? 'cli.verify.equalValues' : 'cli.verify.equal', figures));
    };
    const results = await manager.verify(taskId, ({ unit, sourceRows, targetRows, equal, by, difference, error }) => {
      const told = (name: string, coded: Coded | null) =>
        coded && { [name]: voice.coded({ code: coded.code, args: coded.args }) };
      const why = { ...told('difference', difference), ...told('error', error) };
      voice.json('unit', { task: task.name, unit, equal, by, sourceRows, targetRows, ...why });
      const figures = { unit, source: grouped(sourceRows), target: grouped(targetRows) };
      if (error !== null)
        voice.print(voice.word('cli.unitFailed', { unit, cause: voice.word(error.code, error.args) }));
      else if (difference !== null)
        voice.print(voice.word('cli.verify.row', { unit, cause: voice.sentence(difference) }));
      else if (!equal) voice.print(voice.word('cli.verify.different', figures));
      else if (command.verbose) tellEqual({ unit, sourceRows, targetRows, by });
      else equals.push({ unit, sourceRows, targetRows, by });
    });
    // What needs no look is said in one line for each way of comparing; --verbose and --json tell of every unit.
    for (const [by, units] of Map.groupBy(equals, (each) => each.by)) {
      const rows = grouped(units.reduce((sum, each) => sum + each.sourceRows, 0));
      const code = by === 'checksum' ? 'cli.verify.manyEqualValues' : 'cli.verify.manyEqual';
      if (units.length === 1) tellEqual(units[0] as VerifiedUnit);
      else voice.print(voice.word(code, { units: grouped(units.length), rows }));
    }
    const failed = results.filter((result) => result.error !== null).length;
    const equal = results.filter((result) => result.error === null && result.equal).length;
    const different = results.length - equal - failed;
    voice.json('result', { units: results.length, equal, different, failed });
    voice.print(voice.word('cli.verify.summary', { equal, different, failed }));
    return different + failed > 0 ? 3 : 0;
  });
}
