import type { Messages } from './message.ts';

export const engineMessages = {
  'connections.open': [
    'Network connections of {connection}: {now} now, {most} at most.',
    '{connection} 的网络连接：当前 {now} 个，最多 {most} 个。',
  ],
  'folder.closed': ['Folder {folder} is closed.', '文件夹 {folder} 已关闭。'],
  'folder.managed': [
    'Managed by another window or command: {kind}, process {pid} on {host}.',
    '由另一个窗口或命令管理：{kind}，{host} 上的进程 {pid}。',
  ],
  'folder.ownerSilent': [
    'The window or command that manages these tasks does not answer (stopped, or very busy). Wait, end it, or take over.',
    '管理这些任务的窗口或命令没有应答（已停止或非常繁忙）。请等待、结束它，或接管。',
  ],
  'folder.takenOver': [
    'Another window or command has taken these tasks over: this one only watches.',
    '另一个窗口或命令已接管这些任务：此处仅可查看。',
  ],
  'folder.untrusted': [
    'The workspace is not trusted: tasks can be looked at, not run. Trust it to go on.',
    '工作区未受信任：任务只能查看，不能运行。信任该工作区后即可继续。',
  ],
  runUnknown: [
    'Task {task} has no run {run}: "datatrace runs {task}" lists them.',
    '任务 {task} 没有运行 {run}：“datatrace runs {task}” 可列出所有运行。',
  ],
  'task.notDefined': [
    'Task {task} is not defined in datatrace.json any more: its history is kept.',
    'datatrace.json 中已不再定义任务 {task}：其历史记录已保留。',
  ],
  'task.neverStarted': [
    'Task {task} was never started: there is nothing of it to act on yet.',
    '任务 {task} 从未启动：还没有可操作的内容。',
  ],
  'task.removed': [
    'The definition of {task} was removed from datatrace.json. What happened is kept.',
    '{task} 的定义已从 datatrace.json 中删除，历史记录已保留。',
  ],
  'task.changeWaiting': [
    'The definition has changed: the change takes effect at the next start.',
    '定义已更改：更改将在下次启动时生效。',
  ],
  'config.bad': [
    'datatrace.json has errors ({count}): the last good version stays in force.',
    'datatrace.json 有 {count} 个错误：上一个有效版本继续生效。',
  ],
  'connection.unknown': ['There is no connection "{connection}".', '没有连接“{connection}”。'],
  'target.production': [
    'Connection {connection} is a production target: type its name to confirm.',
    '连接 {connection} 是生产环境目标：请输入其名称以确认。',
  ],
  'plan.connections': [
    'At most {connections} {connections|connection is|connections are} open on each side at a time ({concurrency} {concurrency|unit|units} at a time, each with its ranges).',
    '每一端同时最多打开 {connections} 个连接（同时 {concurrency} 个单元，各含其范围）。',
  ],
  'plan.empty': [
    'Task {task} has no units: its source has no table, index or file that its patterns ("units") choose.',
    '任务 {task} 没有单元：源中没有与其模式（“units”）匹配的表、索引或文件。',
  ],
  noUnitMatches: ['No unit of the task matches {units}.', '该任务没有与 {units} 匹配的单元。'],
  workerDied: [
    'The worker that copied this unit ended unexpectedly ({cause}). Retry it; what was copied is kept.',
    '复制此单元的工作线程意外结束（{cause}）。请重试；已复制的数据已保留。',
  ],
  workerOutOfMemory: [
    'The worker that copied this unit ran out of memory. Lower batchBytes or the concurrency, then retry.',
    '复制此单元的工作线程内存不足。请降低 batchBytes 或并发数后重试。',
  ],
  workerLost: [
    'The worker that copied this unit was ended because {unit} did not let go of it. Retry it; what was copied is kept.',
    '由于 {unit} 一直占用工作线程，复制此单元的工作线程已被结束。请重试；已复制的数据已保留。',
  ],
  'unit.stalled': [
    'No progress for {seconds} s. "stallMs" says how long to wait; 0 waits for ever.',
    '{seconds} 秒内没有进展。"stallMs" 指定等待时长；0 表示一直等待。',
  ],
  'unit.timedOut': [
    'The copy took longer than {seconds} s, the limit of "timeoutMs". Raise it, or 0 for no limit, then retry.',
    '复制耗时超过 {seconds} 秒（"timeoutMs" 的限制）。请提高该值，或设为 0 取消限制，然后重试。',
  ],
  workersEnded: ['DataTrace is closing: nothing more is started.', 'DataTrace 正在关闭：不再启动新的操作。'],
  'store.notOpen': ['The store of this folder is not open: try again.', '此文件夹的存储未打开：请重试。'],
  'store.lost': [
    'The store was lost while the change was being saved: look at the task and try again.',
    '保存更改时存储已丢失：请查看任务后重试。',
  ],
  unexpected: ['Unexpected: {detail}', '意外错误：{detail}'],
} as const satisfies Messages;
