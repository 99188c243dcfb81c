import type { Messages } from './message.ts';

export const filesMessages = {
  'files.folderMissing': [
    'Connection "{connection}": there is no folder {folder}. Check the path in datatrace.json; a folder to copy into is made by the first copy.',
    '连接“{connection}”：文件夹 {folder} 不存在。请检查 datatrace.json 中的路径；作为目标的文件夹会在首次复制时创建。',
  ],
  'files.notAFolder': ['Connection "{connection}": {file} is not a folder.', '连接“{connection}”：{file} 不是文件夹。'],
  'files.notAFile': [
    'Connection "{connection}": {file} is not a plain file.',
    '连接“{connection}”：{file} 不是普通文件。',
  ],
  'files.fileMissing': [
    'Connection "{connection}": {file} is not there any more.',
    '连接“{connection}”：{file} 已不存在。',
  ],
  'files.accessDenied': [
    'Connection "{connection}": access to {file} is denied. Check its permissions.',
    '连接“{connection}”：无权访问 {file}。请检查其权限。',
  ],
  'files.diskFull': [
    'Connection "{connection}": no space is left for {file}. Free some, then start again; what was copied is kept.',
    '连接“{connection}”：{file} 所在磁盘空间不足。请释放空间后重新启动；已复制的数据已保留。',
  ],
  'files.diskError': [
    'Connection "{connection}": the disk failed at {file} ({detail}).',
    '连接“{connection}”：读写 {file} 时磁盘出错（{detail}）。',
  ],
  'files.gzipBroken': [
    '{file} is damaged, or is no gzip file ({detail}).',
    '{file} 已损坏，或不是 gzip 文件（{detail}）。',
  ],
  'files.unitMissing': ['There is no file for {unit} in {folder}.', '{folder} 中没有 {unit} 的文件。'],
  'files.unitRemoved': [
    'The file of {unit} was removed while it was copied: {file}.',
    '{unit} 的文件在复制过程中被删除：{file}。',
  ],
  'files.sourceChanged': [
    '{file} was changed while {unit} was copied from it. Start again when nobody writes to it.',
    '从 {file} 复制 {unit} 时该文件被更改。请在无人写入时重新启动。',
  ],
  'files.schemaChanged': [
    '{file} was changed while {unit} was copied from it: {change}. Start again to copy its new form.',
    '从 {file} 复制 {unit} 时该文件被更改：{change}。请重新启动以复制其新结构。',
  ],
  'files.badRow': ['{file}, line {line}, column {column}: {detail}.', '{file} 第 {line} 行第 {column} 列：{detail}。'],
  'files.rowTooLong': [
    '{file}, line {line}: this row is longer than {most} bytes.',
    '{file} 第 {line} 行：该行超过 {most} 字节。',
  ],
  'files.rowsMissing': [
    '{file} has {found} {found|row|rows}, where {rows} {rows|was|were} expected: it was cut off or changed.',
    '{file} 有 {found} 行，应为 {rows} 行：文件被截断或更改。',
  ],
  'files.schemaUnusable': [
    'The schema file {file} is not understood ({detail}). Restore it, or delete it to read all values as text.',
    '无法理解结构文件 {file}（{detail}）。请恢复它；若删除它，则所有值按文本读取。',
  ],
  'files.schemaOfAnotherFile': [
    '{schema} describes another file than {file}, which has another size. Restore the file, or delete its schema file to read all values as text.',
    '{schema} 描述的不是 {file}（大小不同）。请恢复该文件；若删除其结构文件，则所有值按文本读取。',
  ],
  'files.allText': [
    '{unit} has no schema file beside it: all of its values are copied as text.',
    '{unit} 旁没有结构文件：其所有值都按文本复制。',
  ],
  'files.whereNotSupported': [
    'Rows of the file {unit} cannot be chosen by "where": files are copied whole.',
    '不能用 "where" 选择文件 {unit} 的行：文件总是整体复制。',
  ],
  'files.keyNotUsable': [
    'Rows cannot be told by ({key}): a key must be among the copied columns.',
    '无法按 ({key}) 区分各行：键必须属于要复制的列。',
  ],
  'files.noSuchColumn': [
    '{unit} has no column {column}, which "columns" names. Check its spelling; upper and lower case are told apart.',
    '{unit} 没有“columns”中指定的列 {column}。请检查拼写（区分大小写）。',
  ],
  'files.noColumns': [
    'No column of {unit} is left to be copied: check "columns", and whether the file is empty.',
    '{unit} 没有可复制的列：请检查“columns”以及文件是否为空。',
  ],
  'files.linkLeavesFolder': [
    'The file of {unit} is a link out of its folder: it is not copied.',
    '{unit} 的文件是指向文件夹之外的链接：不会复制。',
  ],
  'files.nameUnusable': [
    'No file can be called {target}: the name is empty, too long or not valid Unicode. Choose another with "as".',
    '文件不能命名为 {target}：名称为空、过长或不是有效的 Unicode。请用 "as" 另选名称。',
  ],
  'files.targetExists': [
    '{file} exists, and "write": "insert" overwrites nothing. Move it away, or choose another way of writing.',
    '{file} 已存在，而 "write": "insert" 不会覆盖任何内容。请移走它，或选择其他写入方式。',
  ],
  'files.targetMissing': [
    'There is no file for {target}, and "createTarget" is "never": {file}.',
    '没有 {target} 的文件，且 "createTarget" 为 "never"：{file}。',
  ],
  'files.targetIsSource': [
    '{file} is the file that {unit} is copied from, by a link or another path. Name another target.',
    '{file} 通过链接或其他路径指向 {unit} 的源文件本身。请指定其他目标。',
  ],
  'files.replaced': [
    '{file} will be replaced as a whole when the copy is complete: single rows of a file are not changed.',
    '复制完成后 {file} 将被整体替换：不会更改文件中的单行。',
  ],
  'files.partOfAnotherCopy': [
    '{file} does not hold what was copied so far. Choose "Restart" for this unit.',
    '{file} 中没有此前复制的内容。请对该单元选择“重新开始”。',
  ],
  'files.targetReplaced': [
    '{file} was changed or removed by somebody else while rows were written to it. Choose "Restart" for this unit.',
    '写入过程中 {file} 被他人更改或删除。请对该单元选择“重新开始”。',
  ],
  'files.pairNotSupported': [
    'Unit {unit} cannot be written to a file from this source yet.',
    '暂不支持将此源的单元 {unit} 写入文件。',
  ],
} as const satisfies Messages;
