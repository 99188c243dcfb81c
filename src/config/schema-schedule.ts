import type { TSchema } from 'typebox';
import * as Type from 'typebox';
import { SCHEDULE_DEFAULTS as defaults } from './defaults.ts';
import {
  anyCasePattern,
  byName,
  DATETIME_PATTERN,
  flag,
  list,
  nameOf,
  OPEN_MARK,
  object,
  oneOf,
  oneOfAnyCase,
  shaped,
  TIME_PATTERN,
  text,
  whenMember,
  whole,
} from './schema-parts.ts';

const timeOfDay = shaped(
  'Time of day, HH:MM or HH:MM:SS.',
  TIME_PATTERN,
  'value.time',
  'A time of day such as 02:00:00.',
);
const weekday = Type.Integer({ minimum: 0, maximum: 6 });
const days = whole('Days.', 1, 36_500);
const LOCAL_TIME = 'A local time such as 2026-12-25 14:30:00.';
const instant = (description: string, byDefault: string): TSchema =>
  shaped(description, `^$|${DATETIME_PATTERN}`, 'value.datetime', LOCAL_TIME, { default: byDefault });

const RULES = {
  ONCE: 'Once, at a local time.',
  INTERVAL: 'Every so many seconds, minutes, hours or days.',
  DAILY: 'Every day at a time.',
  WEEKLY: 'On some days of the week at a time.',
  MONTHLY: 'On a day of the month; in a shorter month its last day.',
  YEARLY: 'On a day of the year.',
  CRON: 'By a cron pattern of 5 or 6 fields.',
};

const ruleConfigs: Record<keyof typeof RULES, TSchema> = {
  ONCE: object(
    'When.',
    {
      datetime: shaped('Local time, such as 2026-12-25 14:30:00.', DATETIME_PATTERN, 'value.datetime', LOCAL_TIME),
    },
    {},
    ['datetime'],
  ),
  INTERVAL: object(
    'How often.',
    {
      interval: whole('How many.', 1, 31_536_000),
      unit: oneOf('Of what.', { seconds: 'Seconds.', minutes: 'Minutes.', hours: 'Hours.', days: 'Days.' }),
      from: oneOf(
        'What it counts from.',
        { grid: 'A fixed grid that began when the schedule was created.', last: 'The start of the last run.' },
        { default: 'grid' },
      ),
    },
    {},
    ['interval', 'unit'],
  ),
  DAILY: object('When.', { time: timeOfDay }, {}, ['time']),
  WEEKLY: object(
    'When.',
    {
      day_of_week: Type.Union([weekday, Type.Array(weekday, { minItems: 1, maxItems: 7 })], {
        description: 'Day of the week, 0 = Monday to 6 = Sunday, or a list of them.',
      }),
      time: timeOfDay,
    },
    {},
    ['day_of_week', 'time'],
  ),
  MONTHLY: object('When.', { day_of_month: whole('Day of the month.', 1, 31), time: timeOfDay }, {}, [
    'day_of_month',
    'time',
  ]),
  YEARLY: object(
    'When.',
    { month: whole('Month.', 1, 12), day: whole('Day of the month.', 1, 31), time: timeOfDay },
    {},
    ['month', 'day', 'time'],
  ),
  CRON: object('When.', { cron: text('Cron pattern of 5 fields, or 6 with seconds first.', { minLength: 1 }) }, {}, [
    'cron',
  ]),
};

const ACTIONS = {
  SYNC: 'Run a task.',
  BACKUP: 'Copy the units of a task into files.',
  RECOVERY: 'Load a backup into a target.',
  CLEANUP: 'Delete what is older than some days.',
  HEALTH_CHECK: 'Connect to every connection and report.',
  RETENTION_CHECK: 'Report what exceeds the retention.',
  CUSTOM: 'A VS Code command, a shell command or an HTTP request.',
};

const actionConfigs: Record<keyof typeof ACTIONS, TSchema> = {
  SYNC: object(
    'What to run.',
    {
      task: nameOf('Task to run.'),
      mode: oneOf('Mode of that run.', { auto: 'Automatic.', manual: 'From the queue.' }, { default: 'auto' }),
      units: list('Only these units, as globs.', Type.String({ minLength: 1 }), { minItems: 1 }),
    },
    {},
    ['task'],
  ),
  BACKUP: object(
    'What to back up, and where.',
    {
      task: nameOf('Task whose units are backed up.'),
      connection: nameOf('Files connection to write to.'),
      kind: oneOf(
        'What is copied.',
        { full: 'Everything.', incremental: 'What changed since the last backup.' },
        {
          default: 'full',
        },
      ),
      column: text('Incremental: the column that grows with every change.', { minLength: 1 }),
      keep: object('Older backups are deleted.', {
        count: whole('Keep so many.', 1, 100_000),
        days: whole('Keep for so many days.', 1, 36_500),
      }),
    },
    {},
    ['task', 'connection'],
  ),
  RECOVERY: object(
    'What to load, and where.',
    {
      connection: nameOf('Files connection that holds the backup.'),
      backup: text('latest, or the id of a backup.', { default: 'latest', minLength: 1 }),
      target: nameOf('Connection to write to.'),
    },
    {},
    ['connection', 'target'],
  ),
  CLEANUP: object(
    'What to delete.',
    {
      retention_days: days,
      what: list('Kinds of things to delete. Default: all.', Type.Enum(['logs', 'dead_letters', 'runs', 'backups']), {
        minItems: 1,
      }),
    },
    {},
    ['retention_days'],
  ),
  HEALTH_CHECK: object('What to check.', {
    connections: list('Connections to try. Default: all.', nameOf('Name of a connection.'), { minItems: 1 }),
  }),
  RETENTION_CHECK: object('What to check.', { retention_days: days }, {}, ['retention_days']),
  CUSTOM: object('What to run: exactly one of command, shell and http.', {
    command: text('VS Code command.', { minLength: 1 }),
    shell: text('Shell command.', { minLength: 1 }),
    http: object(
      'HTTP request.',
      {
        method: oneOf(
          'Method.',
          { GET: 'Read.', POST: 'Send.', PUT: 'Replace.', PATCH: 'Change.', DELETE: 'Delete.', HEAD: 'Headers only.' },
          { default: 'GET' },
        ),
        url: text('Address with http or https.', { minLength: 1 }),
        headers: byName('Headers.', Type.String()),
        body: text('Body.'),
      },
      {},
      ['url'],
    ),
    timeout_seconds: whole('Longest duration, in seconds.', 1, 86_400, { default: 300 }),
  }),
};

const word = (value: string): TSchema => Type.String({ pattern: anyCasePattern([value]) });

export const scheduleSchema: TSchema = object(
  'Does something at certain times, while a host runs.',
  {
    schedule_type: oneOfAnyCase('Kind of rule.', RULES),
    schedule_config: Type.Object(
      {},
      { description: 'The rule; its members depend on schedule_type.', [OPEN_MARK]: true },
    ),
    zone: text('IANA time zone, such as Europe/Berlin. Default: that of the machine where it is created.'),
    action_type: oneOfAnyCase('What to do.', ACTIONS),
    action_config: Type.Object({}, { description: 'Details; its members depend on action_type.', [OPEN_MARK]: true }),
    enabled: flag('Permits the schedule; it runs only where it was armed.', defaults.enabled),
    description: text('A sentence for people.', { default: defaults.description, maxLength: 1_000 }),
    misfire: oneOf(
      'What happens to runs that were missed.',
      { once: 'One run for all of them.', skip: 'None.', all: 'Each of them, at most 100.' },
      { default: defaults.misfire },
    ),
    grace_seconds: whole('A missed run is made up for within this many seconds.', 0, 31_536_000, {
      default: defaults.graceSeconds,
    }),
    overlap: oneOf(
      'What happens when the last run still goes on.',
      { skip: 'This one is skipped.', bufferOne: 'One run waits.', cancelOther: 'The other one is stopped.' },
      { default: defaults.overlap },
    ),
    max_runs: whole('Most runs; 0: no limit.', 0, 1_000_000_000, { default: defaults.maxRuns }),
    start_at: instant('Not before this local time; empty: at once.', defaults.startAt),
    end_at: instant('Not after this local time; empty: no end.', defaults.endAt),
    jitter_seconds: whole('Random delay of each run, up to this many seconds.', 0, 86_400, {
      default: defaults.jitterSeconds,
    }),
  },
  {
    allOf: [
      ...Object.entries(ruleConfigs).map(([type, config]) =>
        whenMember('schedule_type', word(type), { schedule_config: config }, ['schedule_config']),
      ),
      ...Object.entries(actionConfigs).map(([type, config]) =>
        whenMember(
          'action_type',
          word(type),
          { action_config: config },
          type === 'HEALTH_CHECK' ? [] : ['action_config'],
        ),
      ),
    ],
    defaultSnippets: [
      {
        label: 'Run a task every night',
        body: {
          schedule_type: 'DAILY',
          schedule_config: { time: `\${1:02:00:00}` },
          action_type: 'SYNC',
          action_config: { task: '$2' },
        },
      },
    ],
  },
  ['schedule_type', 'action_type'],
);
