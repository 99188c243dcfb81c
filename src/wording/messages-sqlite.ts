import type { Messages } from './message.ts';

export const sqliteMessages = {
  'sqlite.rolledBack': [
    'A trigger of the target of {unit} ends the whole transaction, so its rows cannot be rejected one by one: {detail}',
    '{unit} 的目标上有触发器会结束整个事务，因此无法逐行拒绝：{detail}',
  ],
  'sqlite.fileMissing': [
    'Connection "{connection}": there is no file {file}. Check the path in datatrace.json.',
    '连接“{connection}”：文件 {file} 不存在。请检查 datatrace.json 中的路径。',
  ],
  'sqlite.folderMissing': [
    'Connection "{connection}": there is no folder {folder}. Create it, or change the path in datatrace.json.',
    '连接“{connection}”：文件夹 {folder} 不存在。请创建它，或修改 datatrace.json 中的路径。',
  ],
  'sqlite.targetIsSource': [
    'Connection "{connection}": {file} leads to the same file as the source, by a link or another path. Name another target.',
    '连接“{connection}”：{file} 通过链接或其他路径指向源文件本身。请指定其他目标。',
  ],
  'sqlite.targetReplaced': [
    'Connection "{connection}": {file} was removed or replaced while rows were written to it. Start again to copy them into the file that is there now.',
    '连接“{connection}”：写入过程中 {file} 被删除或替换。请重新启动，将数据复制到现有文件。',
  ],
  'sqlite.notAFile': ['Connection "{connection}": {file} is not a file.', '连接“{connection}”：{file} 不是文件。'],
  'sqlite.notADatabase': [
    'Connection "{connection}": {file} is not a SQLite database (or is encrypted).',
    '连接“{connection}”：{file} 不是 SQLite 数据库（或已加密）。',
  ],
  'sqlite.corrupt': [
    'Connection "{connection}": {file} is damaged ({detail}). Repair it with "sqlite3 FILE .recover", or restore a backup.',
    '连接“{connection}”：{file} 已损坏（{detail}）。请用 "sqlite3 FILE .recover" 修复，或恢复备份。',
  ],
  'sqlite.accessDenied': [
    'Connection "{connection}": {file} may not be read. Check its permissions.',
    '连接“{connection}”：无权读取 {file}。请检查其权限。',
  ],
  'sqlite.readOnly': [
    'Connection "{connection}": {file} may not be written. Check its permissions, or name another target.',
    '连接“{connection}”：无权写入 {file}。请检查其权限，或指定其他目标。',
  ],
  'sqlite.folderReadOnly': [
    'Connection "{connection}": SQLite needs to write files beside {file}, but folder {folder} is read-only. Copy the database to a writable folder.',
    '连接“{connection}”：SQLite 需要在 {file} 旁写入文件，但文件夹 {folder} 是只读的。请将数据库复制到可写文件夹。',
  ],
  'sqlite.cannotOpen': [
    'Connection "{connection}": {file} cannot be opened ({detail}).',
    '连接“{connection}”：无法打开 {file}（{detail}）。',
  ],
  'sqlite.locked': [
    'Connection "{connection}": another program holds a lock on {file}. Close it, or wait until it is done.',
    '连接“{connection}”：另一个程序锁定了 {file}。请关闭该程序，或等待其完成。',
  ],
  'sqlite.diskFull': [
    'Connection "{connection}": no space is left for {file}. Free some, then start again; what was copied is kept.',
    '连接“{connection}”：{file} 所在磁盘空间不足。请释放空间后重新启动；已复制的数据已保留。',
  ],
  'sqlite.diskError': [
    'Connection "{connection}": the disk failed at {file} ({detail}).',
    '连接“{connection}”：读写 {file} 时磁盘出错（{detail}）。',
  ],
  'sqlite.failed': [
    'Connection "{connection}": SQLite refused a statement for {unit} ({detail}).',
    '连接“{connection}”：SQLite 拒绝了针对 {unit} 的语句（{detail}）。',
  ],
  'sqlite.constraint': ['A row does not fit into {unit}: {detail}.', '有一行不符合 {unit} 的约束：{detail}。'],
  'sqlite.uniqueConflict': [
    'A row of {unit} has a unique value that another row of the target has already: {detail}. Nothing was overwritten.',
    '{unit} 的一行与目标中另一行的唯一值冲突：{detail}。未覆盖任何数据。',
  ],
  'sqlite.rowNotWritten': ['The target did not acknowledge a row of {unit}.', '目标未确认写入 {unit} 的一行。'],
  'sqlite.pairNotSupported': [
    'Table {unit} cannot be written to SQLite from this source yet.',
    '暂不支持将此源的表 {unit} 写入 SQLite。',
  ],
  'sqlite.valueDoesNotFit': [
    'Column {column} of {unit} is {type} in SQLite, where a {found} value of the source would be changed or cannot be held. Nothing of this batch was written.',
    '{unit} 的列 {column} 在 SQLite 中为 {type}，源中的一个 {found} 值会被改变或无法存储。该批次未写入任何数据。',
  ],
  'sqlite.textNotConvertible': [
    'Text of {unit} is not valid Unicode: it cannot be carried between {encoding} and UTF-8 exactly.',
    '{unit} 中有无效的 Unicode 文本：无法在 {encoding} 与 UTF-8 之间精确转换。',
  ],
  'sqlite.rowidHidden': [
    'The rows of {unit} have no key, and its columns use up all names of the rowid, by which they could be told apart. Name a key with "key".',
    '{unit} 的行没有键，而其列占用了 rowid 的所有名称，无法区分各行。请用 "key" 指定键。',
  ],
  'sqlite.unitMissing': ['The source has no table {unit}.', '源中没有表 {unit}。'],
  'sqlite.unitRemoved': [
    'Table {unit} was removed from the source while it was copied.',
    '表 {unit} 在复制过程中被从源中删除。',
  ],
  'sqlite.schemaChanged': [
    'Table {unit} changed in the source while it was copied: {change}. Start again to copy its new form.',
    '表 {unit} 在复制过程中于源中发生更改：{change}。请重新启动以复制其新结构。',
  ],
  'sqlite.virtualTable': [
    'Table {unit} is a virtual table: its rows belong to an extension, so it is not copied.',
    '表 {unit} 是虚拟表：其数据属于某个扩展，因此不会复制。',
  ],
  'sqlite.noSuchColumn': [
    '{unit} has no column {column}, which "columns" names. Check its spelling; upper and lower case are told apart.',
    '{unit} 没有“columns”中指定的列 {column}。请检查拼写（区分大小写）。',
  ],
  'sqlite.noColumns': [
    'No column of {unit} is left to be copied: check "columns".',
    '{unit} 没有可复制的列：请检查“columns”。',
  ],
  'sqlite.tooManyColumns': [
    'Table {unit} has {columns} columns; up to {most} can be copied.',
    '表 {unit} 有 {columns} 列；最多可复制 {most} 列。',
  ],
  'sqlite.keyNotUsable': [
    'Rows cannot be ordered by ({key}): a key must be unique, without NULL, and among the copied columns.',
    '无法按 ({key}) 排序：键必须唯一、不含 NULL，并且属于要复制的列。',
  ],
  'sqlite.triggersNotCopied': [
    'Triggers of {unit} are not copied: {triggers}.',
    '不会复制 {unit} 的触发器：{triggers}。',
  ],
  'sqlite.columnCannotBeLeftOut': [
    'Column {column} of {unit} cannot be left out: {detail}.',
    '不能省略 {unit} 的列 {column}：{detail}。',
  ],
  'sqlite.tableCannotBeCreated': [
    'Table {target} cannot be created in the target: {detail}.',
    '无法在目标中创建表 {target}：{detail}。',
  ],
  'sqlite.targetMissing': [
    'The target has no table {target}, and "createTarget" is "never".',
    '目标中没有表 {target}，且 "createTarget" 为 "never"。',
  ],
  'sqlite.targetNameReserved': [
    'The target table cannot be called {target}: SQLite keeps such names for itself.',
    '目标表不能命名为 {target}：SQLite 保留此类名称。',
  ],
  'sqlite.checkpointTarget': [
    'The target table cannot be called {target}: checkpoints of copies are kept in a table of that name. Choose another "as", "prefix" or "suffix".',
    '目标表不能命名为 {target}：复制的检查点保存在该名称的表中。请更改“as”、“prefix”或“suffix”。',
  ],
  'sqlite.checkpointTable': [
    'Table {unit} keeps checkpoints of copies into this source: it is not copied.',
    '表 {unit} 保存复制到此源中的检查点，因此不会复制。',
  ],
  'sqlite.targetIsNotATable': [
    '{target} exists in the target, but it is no table ({kind}).',
    '目标中已有 {target}，但它不是表（{kind}）。',
  ],
  'sqlite.targetEncodingDiffers': [
    'Text of the source is {source}, of the target {found}: {target} could not be copied exactly. Use a new target file.',
    '源的文本编码为 {source}，目标为 {found}：无法精确复制 {target}。请使用新的目标文件。',
  ],
  'sqlite.targetStrictDiffers': [
    'Only one of source and target declares {target} STRICT: values could change.',
    '源和目标中只有一个将 {target} 声明为 STRICT：值可能会改变。',
  ],
  'sqlite.triggersMeanwhile': [
    'Triggers of {target} were made while it was copied, and may have changed its rows: {triggers}. Drop them, then retry: the unit is copied from its beginning.',
    '{target} 的触发器是在复制期间创建的，可能已更改其行：{triggers}。请删除它们后重试：该单元将从头复制。',
  ],
  'sqlite.targetHasTriggers': [
    'Target table {target} has triggers ({triggers}) that could change what is copied. Drop them, or use "createTarget": "recreate".',
    '目标表 {target} 有触发器（{triggers}），可能改变复制的数据。请删除它们，或使用 "createTarget": "recreate"。',
  ],
  'sqlite.targetColumnMissing': ['Target table {target} has no column {column}.', '目标表 {target} 没有列 {column}。'],
  'sqlite.targetColumnGenerated': [
    'Column {column} of target table {target} is generated and cannot be written.',
    '目标表 {target} 的列 {column} 是生成列，无法写入。',
  ],
  'sqlite.targetColumnDiffers': [
    'Column {column} of target table {target} is {found}, in the source {source}: values could change.',
    '目标表 {target} 的列 {column} 类型为 {found}，而源中为 {source}：值可能会改变。',
  ],
  'sqlite.targetColumnRequired': [
    'Target table {target} requires values that the source does not have: {column}.',
    '目标表 {target} 要求源中没有的值：{column}。',
  ],
  'sqlite.targetColumnsExtra': [
    'Columns of target table {target} that the source does not have stay as they are: {columns}.',
    '目标表 {target} 中源没有的列保持不变：{columns}。',
  ],
  'sqlite.targetKeyDiffers': [
    'Target table {target} has no unique key over ({key}) that compares as in the source: rows could not be found again.',
    '目标表 {target} 没有与源比较方式相同的唯一键 ({key})：无法重新找到行。',
  ],
  'sqlite.keylessEmptiedFirst': [
    'Table {target} has no key: the target is emptied before it is copied.',
    '表 {target} 没有键：复制前会清空目标表。',
  ],
} as const satisfies Messages;
