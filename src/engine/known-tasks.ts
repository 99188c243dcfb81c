/** The tasks of a folder as people know them: what the file defines and what the store remembers. */
import type { ConfigModel, Connection, TaskConfig } from '../config/model.ts';
import type { TaskId, TaskRow } from '../core/model.ts';
import { tasksOf } from '../core/select.ts';
import type { CoreState } from '../core/state.ts';
import type { EndView } from '../protocol/panel.ts';
import type { Folder } from './api.ts';
import { keptEnds } from './planning.ts';
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

/** What a header shows of the definition; of a removed one, what was last taken in. */
export function contextOf(
  task: KnownTask,
  row: Readonly<TaskRow> | undefined,
): Pick<HeaderContext, 'name' | 'description' | 'source' | 'target' | 'mode' | 'concurrency'> {
  const { config, model } = task;
  const source = config && model?.connections.get(config.source);
  const target = config && model?.connections.get(config.target);
  const kept = config === null && row !== undefined ? keptEnds(row.config) : undefined;
  return {
    name: task.name,
    description: config?.description ?? '',
    source: source ? endOf(source) : kept ? endOf(kept.source) : NOWHERE,
    target: target ? endOf(target) : kept ? endOf(kept.target) : NOWHERE,
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
