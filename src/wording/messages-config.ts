import type { Messages } from './message.ts';

export const configMessages = {
  // The file
  'config.missing': [
    'There is no file {file}: go to the folder of your datatrace.json, or name it with --config FILE.',
    '文件 {file} 不存在：请进入 datatrace.json 所在的文件夹，或用 --config FILE 指定。',
  ],
  'config.unreadable': ['{file} cannot be read ({reason}).', '无法读取 {file}（{reason}）。'],
  'config.notUtf8': ['{file} is not UTF-8 text.', '{file} 不是 UTF-8 文本。'],
  'config.twoFiles': [
    'This folder has datatrace.json and datatrace.toml: keep one of them.',
    '此文件夹中同时有 datatrace.json 和 datatrace.toml：请只保留一个。',
  ],
  'config.tomlNotYet': [
    'datatrace.toml is not available in this version: use datatrace.json.',
    '此版本尚不支持 datatrace.toml：请使用 datatrace.json。',
  ],
  'config.empty': ['The file is empty: begin with { "version": 1 }.', '文件为空：请以 { "version": 1 } 开头。'],
  'config.tooLarge': ['The file is larger than {limit} bytes.', '文件超过 {limit} 字节。'],
  'config.tooDeep': ['Nested more than {limit} levels deep.', '嵌套超过 {limit} 层。'],
  'config.syntax': ['Not valid JSON: {detail}.', 'JSON 无效：{detail}。'],
  'config.duplicateKey': ['"{name}" stands here twice.', '“{name}”重复出现。'],
  'config.version': [
    'This version of DataTrace reads format version {allowed}.',
    '此版本的 DataTrace 只读取格式版本 {allowed}。',
  ],
  // Values
  'key.unknown': ['Unknown field "{name}": it has no effect.', '未知字段“{name}”：不起作用。'],
  'key.unknownNearest': [
    'Unknown field "{name}": did you mean "{nearest}"?',
    '未知字段“{name}”：是否想写“{nearest}”？',
  ],
  'value.required': ['"{name}" is missing.', '缺少“{name}”。'],
  'value.notText': ['A text in quotes is expected.', '应为带引号的文本。'],
  'value.notNumber': ['A number is expected.', '应为数字。'],
  'value.notWhole': ['A whole number is expected.', '应为整数。'],
  'value.notFlag': ['true or false is expected.', '应为 true 或 false。'],
  'value.notList': ['A list in brackets is expected.', '应为方括号列表。'],
  'value.notObject': ['An object in braces is expected.', '应为花括号对象。'],
  'value.notWord': ['One of {allowed} is expected.', '应为以下之一：{allowed}。'],
  'value.notOneOf': ['"{value}" is not one of {allowed}.', '“{value}”不在 {allowed} 之中。'],
  'value.notOneOfNearest': [
    '"{value}" is not one of {allowed}: did you mean "{nearest}"?',
    '“{value}”不在 {allowed} 之中：是否想写“{nearest}”？',
  ],
  'value.outOfRange': ['{value} is not between {minimum} and {maximum}.', '{value} 不在 {minimum} 与 {maximum} 之间。'],
  'value.empty': ['This text must not be empty.', '此文本不能为空。'],
  'value.tooLong': [
    'This text has {length} {length|character|characters}, {limit} {limit|is|are} allowed.',
    '此文本有 {length} 个字符，最多 {limit} 个。',
  ],
  'value.pattern': ['"{value}" is not valid here.', '“{value}”在此处无效。'],
  'value.name': [
    '"{value}" is not a name: letters, digits, -, _ and ., up to 64.',
    '“{value}”不是有效名称：只能用字母、数字、-、_ 和 .，最多 64 个。',
  ],
  'value.time': ['"{value}" is not a time of day such as 02:00:00.', '“{value}”不是时刻，例如 02:00:00。'],
  'value.datetime': [
    '"{value}" is not a local time such as 2026-12-25 14:30:00.',
    '“{value}”不是本地时间，例如 2026-12-25 14:30:00。',
  ],
  'value.fingerprint': ['"{value}" is not a fingerprint in hexadecimal.', '“{value}”不是十六进制指纹。'],
  'list.empty': ['This list must not be empty.', '此列表不能为空。'],
  'list.tooLong': [
    'This list has {count} {count|entry|entries}, {limit} {limit|is|are} allowed.',
    '此列表有 {count} 项，最多 {limit} 项。',
  ],
  'object.tooMany': [
    'There {count|is|are} {count} {count|entry|entries} here, {limit} {limit|is|are} allowed.',
    '此处有 {count} 项，最多 {limit} 项。',
  ],
  // Names
  'name.invalid': [
    '"{name}" is not a valid name: letters, digits, -, _ and ., up to 64.',
    '“{name}”不是有效名称：只能用字母、数字、-、_ 和 .，最多 64 个。',
  ],
  'name.sameButCase': ['"{name}" and "{other}" differ only in case.', '“{name}”与“{other}”仅大小写不同。'],
  'name.sameVariable': [
    '"{name}" and "{other}" are the same in environment variables ({variable}).',
    '“{name}”与“{other}”在环境变量中相同（{variable}）。',
  ],
  // Connections
  'connection.unknown': ['There is no connection "{connection}".', '没有连接“{connection}”。'],
  'connection.unknownNearest': [
    'There is no connection "{connection}": did you mean "{nearest}"?',
    '没有连接“{connection}”：是否想写“{nearest}”？',
  ],
  'connection.noAddress': ['This connection needs "host" or "socket".', '此连接需要“host”或“socket”。'],
  'connection.twoAddresses': ['"host" and "socket" exclude each other.', '“host”与“socket”不能同时使用。'],
  'connection.badHost': [
    'A host name alone is expected, without user, password, port or slashes.',
    '这里只写主机名，不含用户、密码、端口或斜杠。',
  ],
  'connection.badUrl': [
    'An address that begins with http:// or https:// is expected.',
    '应为以 http:// 或 https:// 开头的地址。',
  ],
  'connection.certificateWithoutKey': ['"tlsCert" needs "tlsKey".', '“tlsCert”需要“tlsKey”。'],
  'connection.keyWithoutCertificate': ['"tlsKey" needs "tlsCert".', '“tlsKey”需要“tlsCert”。'],
  'connection.oneLogin': [
    '"auth" takes exactly one of "apiKey", "bearer", or "user" with "password".',
    '“auth”只能是“apiKey”、“bearer”或“user”加“password”其中之一。',
  ],
  'path.outside': [
    '{path} is outside this folder: it is used only after a confirmation.',
    '{path} 在此文件夹之外：确认后才会使用。',
  ],
  'path.invalid': ['This is not a path.', '这不是路径。'],
  // Secrets and references
  'secret.literal': [
    `"{field}" must not stand in this file: move it to secret storage, or write \${env:NAME} or \${file:PATH}.`,
    `“{field}”不能写在此文件中：请移至密钥存储，或写 \${env:NAME} 或 \${file:PATH}。`,
  ],
  'secret.inAddress': [
    'An address must hold neither password nor user: use "auth".',
    '地址中不能含有用户或密码：请使用“auth”。',
  ],
  'secret.variableMissing': [
    'Connection {connection}: environment variable {variable} is not set.',
    '连接 {connection}：未设置环境变量 {variable}。',
  ],
  'secret.fileUnreadable': [
    'Connection {connection}: the secret file {path} cannot be read ({reason}).',
    '连接 {connection}：无法读取密钥文件 {path}（{reason}）。',
  ],
  'secret.notStored': [
    'Connection {connection} has no password yet: give it in the editor, set {variable}, or write an empty text as "password" if it has none.',
    '连接 {connection} 尚无密码：请在编辑器中输入、设置 {variable}，或在没有密码时将 "password" 写成空字符串。',
  ],
  'certificate.fileUnreadable': [
    'Connection {connection}: the certificate {path} cannot be read ({reason}).',
    '连接 {connection}：无法读取证书 {path}（{reason}）。',
  ],
  'address.variableMissing': [
    'Connection {connection}: its address uses environment variable {variable}, which is not set.',
    '连接 {connection}：其地址使用了未设置的环境变量 {variable}。',
  ],
  'reference.notExpanded': [
    '"{field}" does not expand references: this text is taken as it stands.',
    '“{field}”不展开引用：此文本按原样使用。',
  ],
  // Tasks
  'task.unknown': ['There is no task "{task}".', '没有任务“{task}”。'],
  'task.unknownNearest': [
    'There is no task "{task}": did you mean "{nearest}"?',
    '没有任务“{task}”：是否想写“{nearest}”？',
  ],
  'task.targetIsSource': [
    '"{name}" is the source already: a target must be another connection.',
    '“{name}”已是源：目标必须是另一个连接。',
  ],
  'task.sameSystem': ['"{source}" and "{target}" are the same database.', '“{source}”与“{target}”是同一个数据库。'],
  'task.formerNameInUse': ['"{name}" is the name of a task now.', '“{name}”现在是一个任务的名称。'],
  'after.itself': ['"{name}" cannot wait for itself.', '“{name}”不能等待自身。'],
  'after.taskCycle': ['These tasks wait for each other: {cycle}.', '这些任务互相等待：{cycle}。'],
  'after.unitCycle': ['These units wait for each other: {cycle}.', '这些单元互相等待：{cycle}。'],
  'after.unknownUnit': [
    'Unit {unit} waits for {parent}, which is not a unit of this task.',
    '单元 {unit} 等待 {parent}，但它不是此任务的单元。',
  ],
  'units.sameTarget': [
    'Units {unit} and {other} would both be written to {target}.',
    '单元 {unit} 和 {other} 都会写入 {target}。',
  ],
  'units.wildcardTarget': ['A name in the target must not hold *.', '目标名称不能含有 *。'],
  'units.onlyExclusions': [
    'Only exclusions: no unit is chosen. Begin with "*".',
    '只有排除项：没有选中任何单元。请以 "*" 开头。',
  ],
  'units.overrideUnused': [
    'There is no unit {unit}: its settings have no effect.',
    '没有单元 {unit}：其设置不起作用。',
  ],
  // Schedules
  'schedule.unknownZone': [
    '"{zone}" is not a time zone such as Europe/Berlin.',
    '“{zone}”不是时区，例如 Europe/Berlin。',
  ],
  'schedule.noSuchDate': ['{value} does not exist.', '{value} 不存在。'],
  'schedule.noSuchDay': ['Month {month} has no day {day}.', '{month} 月没有 {day} 日。'],
  'schedule.cronFields': [
    'A cron pattern has 5 or 6 fields, not {count}.',
    'cron 表达式有 5 或 6 个字段，而不是 {count} 个。',
  ],
  'schedule.oneCustomAction': [
    'Exactly one of "command", "shell" and "http" is expected.',
    '应恰好为“command”、“shell”和“http”其中之一。',
  ],
  // Not in this version
  'unsupported.field': [
    '"{field}": {value} is not available in this version: remove it to start the task.',
    '此版本尚不支持“{field}”：{value}。删除后才能启动任务。',
  ],
  'unsupported.unitField': [
    '"{field}": {value} of unit {unit} is not available in this version: remove it to start the task.',
    '此版本尚不支持单元 {unit} 的“{field}”：{value}。删除后才能启动任务。',
  ],
  'unsupported.schedules': [
    'Schedules ({count}) are kept but do not run in this version.',
    '计划（{count} 个）会保留，但此版本不会运行。',
  ],
} as const satisfies Messages;
