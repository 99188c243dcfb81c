import type { Messages } from './message.ts';

/** The store's file and what stands around it: its folder, its owner, the owner's socket. */
export const storeMessages = {
  'store.failed': [
    'The disk failed while progress was being recorded in {path} ({reason}). What was recorded before is safe: check the disk, then start again.',
    '在 {path} 中记录进度时磁盘出错（{reason}）。此前的记录是安全的：请检查磁盘后重新启动。',
  ],
  'store.full': [
    'The disk of {path} is full, so progress cannot be recorded. Free some space; nothing was lost.',
    '{path} 所在磁盘已满，无法记录进度。请释放空间；数据没有丢失。',
  ],
  'store.readOnly': [
    'Progress cannot be recorded in {path} ({reason}). Check its permissions, or choose another store folder.',
    '无法在 {path} 中记录进度（{reason}）。请检查权限，或选择其他存储文件夹。',
  ],
  'store.io': [
    'Progress cannot be recorded in {path} ({reason}). Check the disk, then try again.',
    '无法在 {path} 中记录进度（{reason}）。请检查磁盘后重试。',
  ],
  'store.damaged': [
    'The store {path} cannot be used: {reason}. Restore it from a backup, or move it away to begin anew.',
    '存储 {path} 无法使用：{reason}。请从备份恢复，或将其移走以重新开始。',
  ],
  'store.setAside': [
    'The store could not be used ({reason}). It was kept as {aside}, and a new one was begun: tasks start from the beginning.',
    '存储无法使用（{reason}）。已将其保留为 {aside}，并新建了存储：任务将从头开始。',
  ],
  'store.restored': [
    'The store could not be used ({reason}). It was kept as {aside}, and the backup of {at} was put in its place: units that ran then are paused, and schedules are off until you enable them.',
    '存储无法使用（{reason}）。已将其保留为 {aside}，并恢复了 {at} 的备份：当时正在运行的单元已暂停，计划在您启用之前保持关闭。',
  ],
  'store.foundBackup': [
    'The store {path} was missing. The backup of {at} was put in its place: units that ran then are paused, and schedules are off until you enable them.',
    '存储 {path} 不存在。已恢复 {at} 的备份：当时正在运行的单元已暂停，计划在您启用之前保持关闭。',
  ],
  'store.walMissing': [
    'The log of the newest changes of {path} was deleted after DataTrace had ended unexpectedly. Some units may be recorded as less far than they are: resume them, nothing is copied twice.',
    'DataTrace 意外结束后，{path} 中最新更改的日志被删除。部分单元记录的进度可能落后于实际：请继续运行，不会重复复制。',
  ],
  'store.unitRestored': [
    'It ran when the backup was made that has been restored. Resume it to go on.',
    '恢复的备份创建时它正在运行。请恢复运行以继续。',
  ],
  'store.taskRestored': [
    'The store was restored from a backup. Check the units, then resume.',
    '存储已从备份恢复。请检查各单元后再恢复运行。',
  ],
  'store.gone': [
    'Nothing more can be recorded in {path}: {reason} while DataTrace used it. The tasks were stopped; put the file back if you have it, then open the folder again.',
    '无法继续在 {path} 中记录：DataTrace 使用期间该文件已变化（{reason}）。任务已停止；如有该文件请放回原处，然后重新打开文件夹。',
  ],
  'store.backup': [
    'No backup of {path} was made ({reason}). The one before it is kept; the next try follows by itself.',
    '未能备份 {path}（{reason}）。之前的备份仍然保留；稍后会自动重试。',
  ],
  'store.newer': [
    '{path} was written by a newer version of DataTrace: it can be looked at, but nothing can be started. Update DataTrace.',
    '{path} 由更新版本的 DataTrace 写入：只能查看，不能启动任务。请更新 DataTrace。',
  ],
  'store.notOwner': [
    'Another window or command manages these tasks now. Nothing more is recorded here.',
    '这些任务现由另一个窗口或命令管理。此处不再记录。',
  ],
  'store.closed': ['The store is closed: open the folder again.', '存储已关闭：请重新打开文件夹。'],
  'store.contract': [
    'This installation of DataTrace is damaged: its database engine does not fit. Install it again.',
    'DataTrace 安装已损坏：数据库引擎不匹配。请重新安装。',
  ],
  'store.asyncWork': [
    'A change of the store was programmed wrongly: please report it.',
    '存储更改的程序有误：请报告。',
  ],
  'store.unusable': [
    'The store in {folder} cannot be opened ({detail}). Check the folder and its permissions.',
    '无法打开 {folder} 中的存储（{detail}）。请检查该文件夹及其权限。',
  ],
  'host.unsafeFolder': [
    'The data folder {folder} is not used: {reason}. It must be a folder of your own, or choose another one.',
    '不使用数据文件夹 {folder}：{reason}。它必须是您自己的文件夹，或请选择其他文件夹。',
  ],
  'host.folder': [
    'The data folder {folder} cannot be made or written ({reason}). Check its permissions, or choose another one.',
    '无法创建或写入数据文件夹 {folder}（{reason}）。请检查权限，或选择其他文件夹。',
  ],
  'host.notOwner': [
    'These tasks are managed by {app} (process {pid} on {host}). Close it, or act there.',
    '这些任务由 {app} 管理（{host} 上的进程 {pid}）。请关闭它，或在那里操作。',
  ],
  'host.unreachable': [
    'The program that manages these tasks does not answer at {address} ({reason}). Try again, or end it.',
    '管理这些任务的程序在 {address} 无应答（{reason}）。请重试，或结束该程序。',
  ],
  'host.leaving': [
    'The program that managed these tasks is just ending. Try again.',
    '管理这些任务的程序正在结束。请重试。',
  ],
  'host.timeout': [
    'The program that manages these tasks did not answer within {ms} ms. Try again, or end it.',
    '管理这些任务的程序在 {ms} 毫秒内没有应答。请重试，或结束该程序。',
  ],
  'host.badMessage': [
    'The program that manages these tasks sent something unreadable ({reason}). Use the same version of DataTrace for both.',
    '管理这些任务的程序发来无法读取的内容（{reason}）。请让两边使用同一版本的 DataTrace。',
  ],
  'host.otherVersion': [
    'These tasks are managed by {app}, another version of DataTrace: update DataTrace so that both are the same.',
    '这些任务由 {app} 管理，其 DataTrace 版本不同：请更新 DataTrace，使两边版本一致。',
  ],
  'host.unknownRequest': [
    'The program that manages these tasks does not know "{type}". Use the same version of DataTrace for both.',
    '管理这些任务的程序不认识“{type}”。请让两边使用同一版本的 DataTrace。',
  ],
  'host.requestFailed': [
    'The program that manages these tasks could not answer ({reason}). Try again.',
    '管理这些任务的程序无法应答（{reason}）。请重试。',
  ],
} as const satisfies Messages;
