import type { Messages } from './message.ts';

export const pipelineMessages = {
  'pipeline.pairNotSupported': [
    'This source and this target cannot be copied into each other yet ({source} to {target}).',
    '暂不支持此源与此目标之间的复制（{source} 到 {target}）。',
  ],
  'pipeline.checksumNotAvailable': [
    'These systems cannot be verified by checksum in this version: use "verify": "count" for {unit}.',
    '此版本不支持对这些系统按校验和校验：请为 {unit} 使用 "verify": "count"。',
  ],
  'pipeline.checksumDiffers': [
    'Verification failed: row {key} of {unit} has other values in the target. Run it again from the beginning.',
    '校验失败：{unit} 的行 {key} 在目标中的值不同。请从头重新运行。',
  ],
  'pipeline.checksumMissing': [
    'Verification failed: row {key} of {unit} is missing in the target. Run it again from the beginning.',
    '校验失败：目标中缺少 {unit} 的行 {key}。请从头重新运行。',
  ],
  'pipeline.checksumExtra': [
    'Verification failed: the target of {unit} holds row {key}, which the source does not have.',
    '校验失败：{unit} 的目标中有行 {key}，而源中没有。',
  ],
  'pipeline.checksumRows': [
    'Verification failed: the rows of {unit} differ ({source} in the source, {target} in the target). It has no key by which a row could be named.',
    '校验失败：{unit} 的行不同（源中 {source} 行，目标中 {target} 行）。它没有可用来指出行的键。',
  ],
  'pipeline.notAcknowledged': [
    'The target acknowledged {acknowledged} of {rows} {rows|row|rows} of a batch of {unit}.',
    '目标只确认了 {unit} 一个批次 {rows} 行中的 {acknowledged} 行。',
  ],
  'pipeline.oneTransaction': [
    'Table {unit} has no usable key: it is copied in one transaction and starts again when interrupted.',
    '表 {unit} 没有可用的键：将在一个事务中复制，中断后从头开始。',
  ],
  'pipeline.resumeNeedsCheckpoint': [
    'With "write": "{write}" an interrupted copy of {unit} starts again, unless "checkpoint" is "target".',
    '使用 "write": "{write}" 时，{unit} 中断的复制将从头开始，除非 "checkpoint" 为 "target"。',
  ],
  'pipeline.restartWouldRepeat': [
    'Table {unit} was interrupted. Starting it again with "write": "{write}" would write rows twice, and the target held rows of its own. Remove the copied rows, then reset its progress.',
    '表 {unit} 曾被中断。以 "write": "{write}" 重新开始会重复写入，而目标原本已有数据。请删除已复制的行，然后重置其进度。',
  ],
  'pipeline.sourceChanged': [
    'Source changed during copy: {read} {read|row|rows} of {unit} {read|was|were} read, {source} {source|is|are} there now.',
    '复制期间源发生更改：已读取 {unit} 的 {read} 行，现有 {source} 行。',
  ],
  'pipeline.aliasOfOneUnit': [
    '{unit}: "swapAlias" is for tasks of one unit. Alias {alias} would be moved away by the next one.',
    '{unit}：“swapAlias”只用于单个单元的任务。别名 {alias} 会被下一个单元移走。',
  ],
  'pipeline.targetIsSource': [
    'Unit {unit} would be copied onto itself: set a suffix, or another target.',
    '单元 {unit} 会复制到自身：请设置后缀或其他目标。',
  ],
  'pipeline.targetShared': [
    'Units {unit} and {other} would both be written to {target}.',
    '单元 {unit} 和 {other} 都会写入 {target}。',
  ],
  'pipeline.unknownUnits': [
    '"units" names {units}, and the source offers no such unit. Check the spelling, also upper and lower case, and that the login may see it.',
    '“units”中的 {units} 在源中不存在。请检查拼写（区分大小写），以及该登录是否有权查看。',
  ],
  'pipeline.keyStuck': [
    'The rows of {unit} do not come in the order of its key. Name another key in "overrides", or "resume": "unit".',
    '{unit} 的行未按其键的顺序返回。请在 "overrides" 中指定其他键，或使用 "resume": "unit"。',
  ],
  'pipeline.lanesNotUsed': [
    '{unit} is copied in one range, not in {lanes}: that needs a key, and on both sides MySQL, MariaDB, Elasticsearch or OpenSearch.',
    '{unit} 以一个范围而不是 {lanes} 个范围复制：并行范围需要键，且两端均为 MySQL、MariaDB、Elasticsearch 或 OpenSearch。',
  ],
  'pipeline.lanesNoBorders': [
    '{unit} is copied in one range: its key has no numbers or dates in front, and the table is too large to look for borders otherwise.',
    '{unit} 以一个范围复制：其键的首列不是数字或日期，且表过大，无法以其他方式查找边界。',
  ],
  'pipeline.snapshotUnit': [
    '{unit} is read from one snapshot: in one range, and from its beginning after an interruption.',
    '{unit} 从一个快照中读取：以一个范围复制，中断后从头开始。',
  ],
  'pipeline.snapshotUnits': [
    'Units that are read from one snapshot each: {units}. They are copied in one range, and from their beginning after an interruption.',
    '各自从一个快照中读取的单元：{units} 个。它们以一个范围复制，中断后从头开始。',
  ],
  'pipeline.parentInPart': [
    'Foreign keys of {unit} point at {parents}, of which "where" leaves rows out: what points at these arrives all the same, because foreign keys are not checked while rows are copied. Leave out the rows of {unit} that need them, too.',
    '{unit} 的外键指向 {parents}，而“where”排除了其中的行：指向这些行的数据仍会被复制，因为复制时不检查外键。请同样排除 {unit} 中需要它们的行。',
  ],
  'pipeline.snapshotNotAvailable': [
    'This source has no snapshots: remove "snapshot" for {unit}.',
    '此源不支持快照：请为 {unit} 移除 "snapshot"。',
  ],
  'pipeline.snapshotCount': [
    'Verification failed: {read} {read|row|rows} of {unit} {read|was|were} read from a snapshot that holds {source}. Run it again from the beginning.',
    '校验失败：从含有 {source} 行的快照中读取了 {unit} 的 {read} 行。请从头重新运行。',
  ],
  'pipeline.deadLettersUnusable': [
    'Rejected rows cannot be kept in {file}: {detail}',
    '无法将被拒绝的行保存到 {file}：{detail}',
  ],
  'pipeline.deadLetterLimit': [
    'Rejected rows of {unit}: more than {limit}. Those found are in {file}. The first one: {cause}',
    '{unit} 中被拒绝的行超过 {limit} 行，已找到的行保存在 {file}。第一行：{cause}',
  ],
  'pipeline.deadLettersChecksum': [
    'Rejected rows and a verification by checksum exclude each other: use "verify": "count" or "onRowError": "fail" for {unit}.',
    '保留被拒绝的行与按校验和校验互相排斥：请为 {unit} 使用 "verify": "count" 或 "onRowError": "fail"。',
  ],
  'pipeline.deadLettersNeedKey': [
    'Table {unit} has no usable key to tell its rows by: the first row that the target refuses fails it, whatever "onRowError" says.',
    '表 {unit} 没有可用来区分行的键：无论 "onRowError" 如何设置，目标拒绝的第一行都会使其失败。',
  ],
  'pipeline.replayNotPossible': [
    'The target of {unit} takes no single rows later: run the unit again from the beginning.',
    '{unit} 的目标不能在之后接收单独的行：请从头重新运行该单元。',
  ],
  'pipeline.rejectedMissing': [
    '{file} does not hold the rejected rows of {unit} any more: of {rows} there {found|is|are} {found}. Run the unit again from the beginning.',
    '{file} 中 {unit} 的被拒绝的行不完整：应有 {rows} 行，现有 {found} 行。请从头重新运行该单元。',
  ],
  'pipeline.rejectedTooMany': [
    '{file} was changed: it lists {found} rejected {found|row|rows} of {unit} where {rows} {rows|is|are} known, because lines about those that were written again are gone. Run the unit again from the beginning.',
    '{file} 已被更改：其中列出 {unit} 的 {found} 个被拒绝的行，而已知的是 {rows} 个，因为关于已重新写入的行的记录丢失了。请从头重新运行该单元。',
  ],
  'pipeline.rejectedSchemaChanged': [
    '{unit} has other columns than when its rows were rejected: run the unit again from the beginning.',
    '{unit} 的列与其行被拒绝时不同：请从头重新运行该单元。',
  ],
  'pipeline.parentNotCopied': [
    'Foreign keys of {unit} point at {parents}, which this task does not copy: see that they are in the target, too.',
    '{unit} 的外键指向 {parents}，而此任务不复制它们：请确保目标中也有这些表。',
  ],
  'pipeline.sourceMoved': [
    'Source changed during copy: {unit} had {before} {before|row|rows} when the copy began, {read} {read|was|were} read.',
    '复制期间源发生更改：复制开始时 {unit} 有 {before} 行，已读取 {read} 行。',
  ],
  'pipeline.verifyFailed': [
    'Verification failed: {read} {read|row|rows} of {unit} {read|was|were} read, but the target holds {target}. Run it again from the beginning.',
    '校验失败：已读取 {unit} 的 {read} 行，但目标中有 {target} 行。请从头重新运行。',
  ],
} as const satisfies Messages;
