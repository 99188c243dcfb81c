/** Options of the form `--name value` and `--flag`. */
export function readOptions(args: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('--')) throw new Error(`unknown argument ${arg}`);
    const next = args[i + 1];
    if (next === undefined || next.startsWith('--')) options.set(arg.slice(2), '');
    else {
      options.set(arg.slice(2), next);
      i++;
    }
  }
  return options;
}

/** A whole number above 0. */
export function countOption(options: ReadonlyMap<string, string>, name: string, fallback: number): number {
  const text = options.get(name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0, not "${text}"`);
  return value;
}

/** One of the names, or undefined when the option is not given. */
export function choiceOption<T extends string>(
  options: ReadonlyMap<string, string>,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new Error(`--${name} must be one of ${choices.join(', ')}, not "${text}"`);
  return found;
}

/** A control goes on to this many times the rounds asked for: whether one round loses something is up to timing. */
const CONTROL_FACTOR = 20;

/** Whether another round is due: a proof takes the `wanted` ones, a negative control goes on until something broke. */
export function isRoundDue(round: number, wanted: number, isControl: boolean, broken: number): boolean {
  return round < wanted || (isControl && broken === 0 && round < wanted * CONTROL_FACTOR);
}

/**
 * Prints the figures (with `--json` as one line of JSON, the last one) and sets the exit code: a proof fails when
 * something was lost, a negative control when nothing was - then the harness does not notice losses.
 */
export function report(
  options: ReadonlyMap<string, string>,
  figures: Readonly<Record<string, number | string>>,
  broken: number,
): void {
  if (options.has('json')) console.log(JSON.stringify(figures));
  else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(16)} ${value}`);
  const control = options.get('control');
  const failed = control === undefined ? broken > 0 : broken === 0;
  if (failed) {
    console.error(control === undefined ? 'FAILED: see above' : `FAILED: the control ${control} lost nothing`);
    process.exitCode = 1;
  }
}
