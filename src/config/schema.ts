/** The schema of `datatrace.json`: validates the file, documents it in the editor, and names every default. */

import type { TSchema } from 'typebox';
import * as Type from 'typebox';
import { connectionSchema } from './schema-connection.ts';
import { byName, NAME_PATTERN, object, PROBLEM_MARK, text } from './schema-parts.ts';
import { scheduleSchema } from './schema-schedule.ts';
import { taskSchema } from './schema-task.ts';

export const MAX_CONNECTIONS = 100;
export const MAX_TASKS = 1_000;
export const CONFIG_VERSION = 1;

/** A place to fill in, in the snippet syntax of VS Code. */
const NEW_TASK = `\${3:copy}`;

const names = {
  propertyNames: { pattern: NAME_PATTERN, patternErrorMessage: 'Letters, digits, -, _ and ., up to 64.' },
  default: {},
};

export const configSchema: TSchema = object(
  'Connections, tasks and schedules of DataTrace. Never holds a secret.',
  {
    $schema: text('Address of this schema, for other editors.'),
    version: Type.Enum([CONFIG_VERSION], {
      [PROBLEM_MARK]: 'config.version',
      description: 'Version of this format.',
      default: CONFIG_VERSION,
    }),
    connections: byName('Databases, search clusters and folders by name.', connectionSchema, {
      ...names,
      maxProperties: MAX_CONNECTIONS,
    }),
    tasks: byName('What is copied from where to where, by name.', taskSchema, { ...names, maxProperties: MAX_TASKS }),
    schedules: byName('What happens when, by name.', scheduleSchema, names),
  },
  {
    title: 'DataTrace configuration',
    defaultSnippets: [
      {
        label: 'Two databases and a task',
        body: {
          version: 1,
          connections: {
            source: { type: 'sqlite', file: `\${1:source.db}` },
            target: { type: 'sqlite', file: `\${2:target.db}` },
          },
          tasks: { [NEW_TASK]: { source: 'source', target: 'target', resume: 'row' } },
        },
      },
    ],
  },
);
