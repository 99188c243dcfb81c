/** The tasks of a folder as people know them: what the file defines and what the store remembers. */
import type { ConfigModel, Connection, TaskConfig } from '../config/model.ts';
import type { TaskDefinition, TaskId, TaskRow } from '../core/model.ts';
import { tasksOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import type { EndView } from '../protocol/panel.ts';
import type { Folder } from './api.ts';
import { definitionOf } from './planning.ts';
import type { HeaderContext } from './task-view.ts';

export interface KnownTask {
  readonly id: TaskId;
  readonly name: string;
  /** null = the file does not define it any more. */
  readonly config: TaskConfig | null;
  readonly model: ConfigModel | null;
}

/** In the order of the file; then those that only the store knows. */
export function knownTasks(state: CoreState, folder: Folder): KnownTask[] {
  const { model } = folder.definitions.current();
  const rows = new Map(tasksOf(state, folder.key).map((row) => [row.name, row]));
  const ids = new Set([...rows.values()].map((row) => row.id));
  const known: KnownTask[] = [];
  for (const config of model?.tasks.values() ?? []) {
    const row = rows.get(config.name);
    rows.delete(config.name);
    known.push({ id: row?.id ?? freeId(`${folder.key}/${config.name}`, ids), name: config.name, config, model });
  }
  for (const row of rows.values()) known.push({ id: row.id, name: row.name, config: null, model });
  return known;
}

/** Ids outlive renames, so a new task may find its plain id taken. */
function freeId(id: TaskId, taken: ReadonlySet<TaskId>): TaskId {
  let free = id;
  for (let n = 2; taken.has(free); n++) free = `${id}~${n}`;
  return free;
}

export function defined(task: KnownTask): TaskDefinition | undefined {
  return task.config && task.model ? definitionOf(task.config, task.model) : undefined;
}

/** What a header shows of the definition; of a removed one, what was last taken in. */
export function contextOf(
  task: KnownTask,
  row: Readonly<TaskRow> | undefined,
): Pick<HeaderContext, 'name' | 'description' | 'source' | 'target' | 'mode' | 'concurrency'> {
  const { config, model } = task;
  const source = config && model?.connections.get(config.source);
  const target = config && model?.connections.get(config.target);
  const stored = config === null && row !== undefined ? storedEnds(row) : undefined;
  return {
    name: task.name,
    description: config?.description ?? '',
    source: source ? endOf(source) : (stored?.source ?? NOWHERE),
    target: target ? endOf(target) : (stored?.target ?? NOWHERE),
    mode: config?.mode ?? row?.mode ?? 'auto',
    concurrency: config?.concurrency ?? row?.concurrency ?? 1,
  };
}

const NOWHERE: EndView = { name: '', system: '', environment: null };

const SYSTEMS: Readonly<Record<Connection['type'], string>> = {
  sqlite: 'SQLite',
  mysql: 'MySQL',
  elasticsearch: 'Elasticsearch',
  files: 'Files',
};

function endOf({ name, type, environment }: Pick<Connection, 'name' | 'type' | 'environment'>): EndView {
  return { name, system: SYSTEMS[type], environment };
}

/** The text was written by `definitionOf`, so its shape is ours; a damaged one shows nothing. */
function storedEnds(row: Readonly<TaskRow>): { source: EndView; target: EndView } | undefined {
  try {
    const { source, target } = JSON.parse(row.config) as { source: Connection; target: Connection };
    return { source: endOf(source), target: endOf(target) };
  } catch {
    return undefined;
  }
}
