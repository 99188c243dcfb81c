/**
 * Crashes everywhere: core and real store on a simulated disk live a scripted life; at every file operation the process
 * dies (before, half-way, after; by a kill or a power cut) or the disk refuses (once, or from then on). After each, the
 * store is opened again: nothing that was said may be gone, nothing completed or running may be started twice.
 * `node test/store/crash.ts --points N [--seed S] [--control ack-early|no-fdatasync] [--stacks] [--json]`
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { choiceOption, countOption, readOptions, report } from './command-line.ts';
import { examine } from './crash-check.ts';
import { type Death, type Operation, type Outcome, outcomesOf, type Refusal } from './crash-disk.ts';
import type { Expectation } from './crash-host.ts';
import { type Beginning, CONTROLS, FIRST, type Lived, live } from './crash-life.ts';
import type { Image } from './sim-disk.ts';

/** Parts of a life: as many as give each operation about one outcome of 10,000. */
const PARTS = 60;
/** Of so many points one is looked at page by page. */
const THOROUGHLY_EVERY = 4;

export interface CrashFigures {
  points: number;
  lost: number;
  doubleRuns: number;
  corrupt: number;
}

interface Wish {
  readonly points: number;
  readonly seed: number;
  readonly control?: (typeof CONTROLS)[number] | undefined;
  /** This process takes every `lanes`-th part, from `lane` on. */
  readonly lane: number;
  readonly lanes: number;
  readonly say: (line: string) => void;
}

/** Every pass gives each operation another one of its outcomes, until there are enough points. */
export async function crashEverywhere(wish: Wish): Promise<CrashFigures> {
  const figures: CrashFigures = { points: 0, lost: 0, doubleRuns: 0, corrupt: 0 };
  const beginnings: Beginning[] = [FIRST];
  for (let pass = 0; !isEnough(figures, wish); pass++) {
    const before = figures.points;
    for (let part = wish.lane; part < PARTS && !isEnough(figures, wish); part += wish.lanes) {
      const from = await beginningOf(part, beginnings, wish, figures);
      await crashPart(from, pass, wish, figures);
    }
    if (figures.points === before) break; // every outcome of every operation has been seen
  }
  return figures;
}

/** A control has done its work as soon as something broke. */
function isEnough({ points, lost, doubleRuns, corrupt }: CrashFigures, { points: wanted, control }: Wish): boolean {
  return points >= wanted || (control !== undefined && lost + doubleRuns + corrupt > 0);
}

async function beginningOf(part: number, known: Beginning[], wish: Wish, figures: CrashFigures): Promise<Beginning> {
  while (known.length <= part) {
    const lived = await live(known.at(-1) ?? FIRST, wish);
    if (wish.lane === 0) judgeLife(lived, wish, figures, `part ${known.length - 1}`);
    known.push(lived.end);
  }
  return known[part] ?? FIRST;
}

async function crashPart(from: Beginning, pass: number, wish: Wish, figures: CrashFigures): Promise<void> {
  const refusals: { readonly place: number; readonly refusal: Refusal }[] = [];
  const chosen = (place: number, operation: Operation): Outcome | undefined => {
    const outcomes = outcomesOf(operation);
    return pass < outcomes.length ? outcomes[(place + from.part + pass) % outcomes.length] : undefined;
  };
  const deathAt = (place: number, operation: Operation): Death | undefined => {
    const outcome = chosen(place, operation);
    if (typeof outcome === 'string') return outcome;
    if (outcome !== undefined) refusals.push({ place, refusal: outcome });
    return undefined;
  };
  const lived = await live(from, { ...wish, deathAt });
  for (const { place, operation, path, image, expectation } of lived.corpses) {
    if (isEnough(figures, wish)) return;
    await judge(
      image,
      expectation,
      `part ${from.part}, ${String(chosen(place, operation))} ${place} ${operation} ${path}`,
    );
  }
  for (const { place, refusal } of refusals) {
    if (isEnough(figures, wish)) return;
    const what = `part ${from.part}, ${refusal.errno} ${refusal.lasts} ${place} ${lived.operations[place]}`;
    const refused = await live(from, { ...wish, refuse: { ...refusal, place } });
    judgeLife(refused, wish, figures, what);
    await judge(refused.end.image, refused.end.expectation, what);
  }

  async function judge(image: Image, expectation: Expectation, what: string): Promise<void> {
    figures.points++;
    const { lost, corrupt, doubleRuns } = await examine(image, expectation, figures.points % THOROUGHLY_EVERY === 0);
    if (lost !== null) figures.lost++;
    if (corrupt !== null) figures.corrupt++;
    if (doubleRuns.length > 0) figures.doubleRuns++;
    for (const problem of [lost, corrupt, ...doubleRuns]) if (problem !== null) wish.say(`${what}: ${problem}`);
  }
}

function judgeLife({ problems }: Lived, wish: Wish, figures: CrashFigures, what: string): void {
  for (const problem of problems) {
    if (problem.startsWith('lost')) figures.lost++;
    else if (/started|completed/.test(problem)) figures.doubleRuns++;
    else figures.corrupt++;
    wish.say(`${what}: ${problem}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = readOptions(process.argv.slice(2));
  const points = countOption(options, 'points', 2_000);
  const seed = countOption(options, 'seed', 1);
  const control = choiceOption(options, 'control', CONTROLS);
  const started = performance.now();
  const lane = options.get('lane');
  const lanes = countOption(options, 'lanes', Math.min(2, availableParallelism()));
  if (lane !== undefined) {
    Error.stackTraceLimit = control === undefined && options.has('stacks') ? 10 : 0; // errors are made by the thousand
    let said = 0;
    const say = (line: string): void => {
      if (control === undefined && said++ < 20) console.error(line.slice(0, 1_000));
    };
    console.log(JSON.stringify(await crashEverywhere({ points, seed, control, lane: Number(lane), lanes, say })));
  } else {
    const shares = Array.from({ length: lanes }, (_, i) => Math.ceil((points - i) / lanes));
    const all = await Promise.all(shares.map((share, i) => runLane(share, i, lanes)));
    const sum = (name: keyof CrashFigures): number => all.reduce((total, figures) => total + figures[name], 0);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const [lost, doubleRuns, corrupt] = [sum('lost'), sum('doubleRuns'), sum('corrupt')];
    report(options, { points: sum('points'), lost, doubleRuns, corrupt, seconds }, lost + doubleRuns + corrupt);
  }

  async function runLane(share: number, index: number, of: number): Promise<CrashFigures> {
    const args = ['--points', share, '--seed', seed, '--lane', index, '--lanes', of].map(String);
    if (control !== undefined) args.push('--control', control);
    if (options.has('stacks')) args.push('--stacks');
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`a lane ended with ${String(code)}`);
    return JSON.parse(said) as CrashFigures;
  }
}
