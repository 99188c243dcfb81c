/** The tasks of a simulated world: what their sources hold, what the file says of them, and their plans. */
import type {
  ErrorPolicy,
  Limits,
  Mode,
  PlannedUnit,
  Resume,
  RetryPolicy,
  TaskDefinition,
} from '../../src/core/model.ts';
import { createDice } from './dice.ts';

export interface SourceUnit {
  readonly name: string;
  readonly rows: number;
  readonly resume: Resume;
  /** What the plan says of the rows. */
  readonly estimate: number | null;
  /** Names of units that must be completed first. */
  readonly after: readonly string[];
}

export interface FileSettings {
  mode: Mode;
  concurrency: number;
  onError: ErrorPolicy;
  retry: RetryPolicy;
  limits: Limits;
}

export interface SimTask {
  readonly id: string;
  readonly store: string;
  readonly pool: readonly SourceUnit[];
  /** Names in the plan, in plan order. */
  plan: string[];
  file: FileSettings;
  /** Counts the changes of the file: what the hash of the definition is made of. */
  definitions: number;
  /** Tasks (ids, also their names) that should have completed before. */
  readonly after: readonly string[];
  /** Since which definition the targets of which units are other ones. */
  readonly moves: { readonly since: number; readonly names: readonly string[] }[];
  /** Counts how often the target of a unit became another one. */
  readonly places: Map<string, number>;
}

/** What a history says of a task. */
export interface TaskWish {
  readonly units: number;
  readonly concurrency: number;
  readonly manual: boolean;
  /** Executions after the first. */
  readonly retries: number;
  /** 0 = none, 1 = a tree, 2 = diamonds, 3 = by chance. */
  readonly parents: number;
}

/** Units a task's source has at most. */
export const POOL = 13;
/** Short names of the stores of the tasks. */
const STORES = ['A', 'A', 'B', 'B'] as const;
export const TASKS = STORES.length;

export function createTask(index: number, wish: TaskWish): SimTask {
  const pool = Array.from({ length: POOL }, (_, unit) => sourceUnit(index, unit, wish.parents));
  return {
    id: `t${index}`,
    store: STORES[index]!,
    pool,
    plan: pool.slice(0, wish.units).map(({ name }) => name),
    file: {
      mode: wish.manual ? 'manual' : 'auto',
      concurrency: wish.concurrency,
      onError: 'skip',
      retry: { attempts: wish.retries, delayMs: 1000, factor: 2, maxDelayMs: 3000, jitter: 0.2 },
      limits: { rowsPerSecond: 0, bytesPerSecond: 0 },
    },
    definitions: 0,
    after: index % 2 === 1 ? [`t${index - 1}`] : [],
    moves: [],
    places: new Map(),
  };
}

function sourceUnit(task: number, unit: number, parents: number): SourceUnit {
  const rows = (unit * 5 + task * 3) % 7;
  return {
    name: `u${unit}`,
    rows,
    resume: (unit + task) % 2 ? 'row' : 'unit',
    estimate: unit % 4 === 1 ? null : rows + (unit % 3),
    after: parentsOf(unit, parents).map((parent) => `u${parent}`),
  };
}

/** Always of a smaller number: no cycles; the place in the plan says nothing. */
function parentsOf(unit: number, kind: number): number[] {
  if (kind === 1 && unit > 1) return [unit >> 1];
  if (kind === 2 && unit % 4 === 3) return [unit - 1, unit - 2];
  if (kind === 2 && unit > 2 && unit % 4 !== 0) return [unit - (unit % 4)];
  if (kind === 3 && unit % 2 === 1)
    return createDice(unit)
      .some(Array.from({ length: unit }, (_, one) => one))
      .slice(-3);
  return [];
}

export function definitionOf(task: SimTask): TaskDefinition {
  return { name: task.id, ...task.file, resumeOnStart: false, config: '{}', configHash: String(task.definitions) };
}

/** @param stray names parents, too, that the plan does not have (any more) */
export function planOf(task: SimTask, stray = false): PlannedUnit[] {
  return task.plan.map((name) => {
    const { resume, estimate, ...unit } = sourceOf(task, name);
    const after = stray ? unit.after : unit.after.filter((parent) => task.plan.includes(parent));
    return { name, type: 'table', total: estimate, resume, after };
  });
}

export function sourceOf(task: SimTask, name: string): SourceUnit {
  return task.pool.find((unit) => unit.name === name)!;
}
