import type { TProperties, TSchema } from 'typebox';
import * as Type from 'typebox';
import { COPY_DEFAULTS as copy, TASK_DEFAULTS as task } from './defaults.ts';
import { byName, decimal, flag, list, nameOf, OPEN_MARK, object, oneOf, text, whole } from './schema-parts.ts';

export const MAX_UNITS = 100_000;

const glob = Type.String({ minLength: 1, maxLength: 1_000 });

/** Settings that a task gives to its units and that an override may set for one unit. */
export const copyFields: TProperties = {
  lanes: whole(
    'Parallel ranges inside one big unit (MySQL, MariaDB or search servers on both sides, with a key). Default: the smaller of 4 and the number of cores (half of them for rows of 1 KB and more).',
    1,
    16,
  ),
  batchBytes: whole(
    'Bytes of a write batch; it ends at batchBytes or batchRows, whichever comes first. Unless it is given: 256 KB to 1 MB, as the rows are large.',
    1_024,
    67_108_864,
    { default: 524_288 },
  ),
  batchRows: whole('Rows of a write batch.', 1, 100_000, { default: copy.batchRows }),
  resume: oneOf(
    'Where an interrupted unit goes on.',
    { unit: 'From its beginning.', row: 'After the last committed checkpoint, when it has a usable key.' },
    { default: copy.resume },
  ),
  write: oneOf(
    'How rows are written.',
    {
      upsert: 'Insert, or update the row with the same key; documents are merged.',
      insert: 'Insert; a row with the same key is an error.',
      replace: 'Delete the row with the same key, then insert.',
      truncate: 'Empty the target first, then insert.',
    },
    { default: copy.write },
  ),
  verify: oneOf(
    'What must hold before a unit counts as completed.',
    {
      none: 'Nothing is checked.',
      count: 'The numbers of rows agree.',
      checksum:
        'The contents agree, row by row. Two MySQL or MariaDB servers add up their own rows; other systems are read again.',
    },
    { default: copy.verify },
  ),
  createTarget: oneOf(
    'Whether units are created in the target.',
    {
      never: 'They must be there.',
      missing: 'Created when they are missing.',
      recreate: 'Dropped and created again.',
    },
    { default: copy.createTarget },
  ),
  indexesAfter: flag(
    'Create secondary indexes and foreign keys after the data (MySQL and MariaDB).',
    copy.indexesAfter,
  ),
  onRowError: oneOf(
    'What happens to a row that the target refuses.',
    {
      fail: 'The unit fails.',
      deadLetter: 'The row is set aside in a file and the unit goes on. Not with "verify": "checksum".',
    },
    { default: copy.onRowError },
  ),
  deadLetterLimit: whole('Most rows to set aside for one unit before it fails.', 1, 10_000_000, {
    default: copy.deadLetterLimit,
  }),
  retry: object(
    'How often, and after which wait, a failure that may go away by itself is tried again.',
    {
      attempts: whole('Executions after the first; 0: none.', 0, 1_000, { default: copy.retry.attempts }),
      delayMs: whole('Wait before the first retry, in ms.', 0, 86_400_000, { default: copy.retry.delayMs }),
      factor: decimal('Each wait is this many times the one before.', 1, 100, { default: copy.retry.factor }),
      maxDelayMs: whole('Longest wait, in ms.', 0, 86_400_000, { default: copy.retry.maxDelayMs }),
      jitter: decimal('Random share of the wait, 0 to 1.', 0, 1, { default: copy.retry.jitter }),
    },
    { default: copy.retry },
  ),
  stallMs: whole('A unit without progress for this long fails and is tried again, in ms; 0: never.', 0, 86_400_000, {
    default: copy.stallMs,
  }),
  timeoutMs: whole('Longest duration of one execution of a unit, in ms; 0: no limit.', 0, 604_800_000, {
    default: copy.timeoutMs,
  }),
  snapshot: flag(
    'Read each unit from one consistent snapshot (sources: MySQL, MariaDB and search servers): not resumed by row, and in one range.',
    copy.snapshot,
  ),
  checkpoint: oneOf(
    'Where checkpoints are kept.',
    {
      store: 'In the local store, after the batch was committed.',
      target: 'In table datatrace_checkpoints of the target, in the transaction of the batch.',
    },
    { default: copy.checkpoint },
  ),
  limits: object(
    'Speed limits of the task, or of one unit; 0: none.',
    {
      rowsPerSecond: whole('Rows per second; 0: no limit.', 0, 1_000_000_000, { default: 0 }),
      bytesPerSecond: whole('Bytes per second; 0: no limit.', 0, 1_000_000_000_000, { default: 0 }),
    },
    { default: copy.limits },
  ),
};

/** Fields of an override beside {@link copyFields}. */
export const overrideFields: TProperties = {
  as: text('Name in the target, instead of prefix + name + suffix.', { minLength: 1 }),
  after: list('Units that must be completed first, by their exact names.', glob, { default: [] }),
  where: text('SQL condition: only these rows are copied.', { minLength: 1 }),
  columns: list('Columns as globs in order; ! excludes.', glob, { default: ['*'], minItems: 1 }),
  fields: byName(
    'Single fields: their mapping in an Elasticsearch target, or the type of their column where it is the source.',
    Type.Object({}, { [OPEN_MARK]: true }),
  ),
  key: list('Columns to order and resume by: together unique and never NULL.', glob, { minItems: 1 }),
  query: Type.Object({}, { description: 'Elasticsearch sources: only these documents are copied.', [OPEN_MARK]: true }),
  sort: list('Elasticsearch sources: fields to order and resume by; every document has them.', glob, { minItems: 1 }),
  slices: whole('Elasticsearch sources: parallel reads.', 1, 64),
};

const overrideSchema = object('Settings of one unit.', { ...overrideFields, ...copyFields });

export const taskSchema: TSchema = object(
  'Copies the units of one connection into another.',
  {
    description: text('A sentence for people.', { default: task.description, maxLength: 1_000 }),
    source: nameOf('Connection to read from.'),
    target: nameOf('Connection to write to.'),
    units: list('Tables, indexes or files as globs in order; ! excludes. Views only when named exactly.', glob, {
      default: task.units,
      minItems: 1,
      maxItems: MAX_UNITS,
    }),
    prefix: text('Put before each name in the target.', { default: task.prefix, maxLength: 64 }),
    suffix: text('Put after each name in the target.', { default: task.suffix, maxLength: 64 }),
    overrides: byName('Settings of single units, by their exact names.', overrideSchema, { default: {} }),
    mode: oneOf(
      'Mode of the first start; afterwards a switch in the views is in force.',
      { auto: 'All units are scheduled automatically.', manual: 'Units run in the order in which people queue them.' },
      { default: task.mode },
    ),
    concurrency: whole('Units at a time.', 1, 64, { default: task.concurrency }),
    resumeOnStart: flag('Resume by itself after a crash or a reopened window.', task.resumeOnStart),
    swapAlias: text('Elasticsearch targets: load a new index, then move this alias to it.', {
      default: task.swapAlias,
    }),
    onError: oneOf(
      'What a failed unit means for the others.',
      { skip: 'They go on.', pause: 'The task pauses after the first failed unit.' },
      { default: task.onError },
    ),
    after: list('Tasks that must have completed.', nameOf('Name of a task.'), { default: [] }),
    formerly: list('Old names of this task: its history is carried over.', nameOf('Name of a task.'), {
      default: [],
    }),
    ...copyFields,
  },
  {
    defaultSnippets: [
      {
        label: 'Copy all units',
        body: { source: '$1', target: '$2', units: [`\${3:*}`], resume: 'row', concurrency: `^\${4:8}` },
      },
    ],
  },
  ['source', 'target'],
);
