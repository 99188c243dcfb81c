import type { CoreCode } from '../core/codes.ts';
import type { Message } from './message.ts';

export const coreMessages = {
  startedAuto: [
    'Auto mode: all units are scheduled automatically ({units} to execute).',
    '自动模式：所有单元自动调度（待执行 {units} 个）。',
  ],
  startedManual: [
    'Manual mode: add units to the queue. What stands there runs in its order (now {queued}).',
    '手动模式：请将单元加入队列。队列中的单元按顺序运行（现有 {queued} 个）。',
  ],
  switching: [
    'Switching to {mode} mode: {units} {units|unit|units} still running.',
    '正在切换到 {mode} 模式：仍有 {units} 个单元在运行。',
  ],
  alreadySwitching: [
    'The switch to {mode} mode is under way already: {units} {units|unit|units} still running.',
    '已在切换到 {mode} 模式：仍有 {units} 个单元在运行。',
  ],
  switched: ['The task is in {mode} mode now.', '任务现在处于 {mode} 模式。'],
  switchCancelled: ['The switch is cancelled: the task stays in {mode} mode.', '已取消切换：任务保持 {mode} 模式。'],
  alreadyInMode: ['The task is in {mode} mode already.', '任务已处于 {mode} 模式。'],
  queued: ['Added to the queue: {units}.', '已加入队列：{units} 个。'],
  queuedAlready: ['They are in the queue or running already.', '它们已在队列中或正在运行。'],
  unqueued: ['Removed from the queue: {units}.', '已从队列移除：{units} 个。'],
  moved: ['Moved in the queue: {units}.', '已在队列中移动：{units} 个。'],
  notQueued: ['None of these units waits in the queue.', '这些单元都不在队列中等待。'],
  queueEmpty: ['The queue is empty already.', '队列已为空。'],
  aborting: [
    'Ending at the next batch border: {units}. They stay paused until you resume, retry or add them.',
    '将在下一个批次边界结束：{units} 个。它们将保持暂停，直到您继续、重试或加入队列。',
  ],
  restarting: ['Running from the beginning, before all others: {units}.', '优先从头运行：{units} 个。'],
  queueNeedsManual: [
    'Task {task} is in auto mode, where all units are scheduled automatically. Switch to manual mode to edit the queue.',
    '任务 {task} 处于自动模式，所有单元自动调度。请切换到手动模式以编辑队列。',
  ],
  queueSwitching: [
    'Task {task} is switching to {mode} mode ({units} {units|unit|units} still running), which empties the queue. Cancel the switch first.',
    '任务 {task} 正在切换到 {mode} 模式（仍有 {units} 个单元在运行），切换会清空队列。请先取消切换。',
  ],
  queueChanged: [
    'The queue of task {task} was changed meanwhile (revision {rev}). Nothing was moved: look at it again and repeat.',
    '任务 {task} 的队列在此期间已更改（修订 {rev}）。未做任何移动：请重新查看后再操作。',
  ],
  noUnits: ['No unit of task {task} was named.', '未指定任务 {task} 的任何单元。'],
  tooManyUnits: [
    'The request names {count} {count|unit|units}, but task {task} has only {units}.',
    '请求包含 {count} 个单元，但任务 {task} 只有 {units} 个。',
  ],
  unitTwice: ['The request names unit {unit} twice.', '请求中单元 {unit} 出现了两次。'],
  completedUnits: [
    'Completed units run only by "Run again": {units} ({count}).',
    '已完成的单元只能通过“重新运行”执行：{units}（{count} 个）。',
  ],
  unitsNotWaiting: ['These units of task {task} are running or completed.', '任务 {task} 的这些单元正在运行或已完成。'],
  unitsNotRunning: ['None of these units of task {task} is running.', '任务 {task} 的这些单元都未在运行。'],
  badMode: ['The mode is auto or manual, not "{value}".', '模式只能是 auto 或 manual，而不是“{value}”。'],
  badSetting: ['{setting} cannot be {value}.', '{setting} 不能为 {value}。'],
  unknownParent: [
    'Unit {unit} of task {task} comes after {parent}, which is not one of its units. Add {parent} to the units or remove it from "after".',
    '任务 {task} 的单元 {unit} 依赖 {parent}，但它不是该任务的单元。请将 {parent} 加入单元，或从 "after" 中移除。',
  ],
  unitCycle: [
    'Units of task {task} wait for each other: {path}. Remove one of them from "after".',
    '任务 {task} 的单元相互等待：{path}。请从 "after" 中移除其中之一。',
  ],
  parentsNotDone: [
    'Task {task} comes after {tasks}: not completed since the last full run of {task}. Run it first, or start {task} all the same by ignoring this.',
    '任务 {task} 依赖 {tasks}：自 {task} 上次完整运行以来尚未完成。请先运行它，或选择忽略并照常启动 {task}。',
  ],
  unitAborting: ['ending at the next batch border', '将在下一个批次边界结束'],
  unitRestarting: ['ending, then running from the beginning', '正在结束，随后从头运行'],
  retryWaits: [
    'retry {retry} of {of} in {seconds} s: {cause}',
    '{seconds} 秒后重试（第 {retry} 次，共 {of} 次）：{cause}',
  ],
  retryWaitsForTask: [
    'retry {retry} of {of} when the task goes on: {cause}',
    '任务继续后重试（第 {retry} 次，共 {of} 次）：{cause}',
  ],
  waitingForUnit: ['waiting for {unit}', '等待 {unit}'],
  blockedByFailed: ['blocked: {unit} failed', '被阻塞：{unit} 失败'],
  blockedByAbsent: ['blocked: {unit} is not part of this run', '被阻塞：{unit} 不在本次运行中'],
  waitingForSwitch: [
    'waiting for the mode switch: {units} {units|unit|units} still running',
    '等待模式切换：仍有 {units} 个单元在运行',
  ],
  nothingToDo: ['Nothing to do: all units are completed.', '无事可做：所有单元均已完成。'],
  alreadyPausing: ['The task is pausing already.', '任务已在暂停中。'],
  alreadyPaused: ['The task is paused already.', '任务已暂停。'],
  alreadyStopping: ['The task is stopping already.', '任务已在停止中。'],
  replayStarted: [
    'Units whose rejected rows are written again next: {units}.',
    '接下来重新写入被拒绝行的单元：{units} 个。',
  ],
  rowsRejected: ['rejected rows: {rows}', '被拒绝的行：{rows}'],
  rowsRejectedAnd: ['rejected rows: {rows}. {cause}', '被拒绝的行：{rows}。{cause}'],
  nothingRejected: ['Task {task} has no rejected rows.', '任务 {task} 没有被拒绝的行。'],
  replaying: ['writing its {rows} rejected {rows|row|rows} again', '正在重新写入其 {rows} 个被拒绝的行'],
  retryStarted: ['Units that run next: {units}.', '接下来运行的单元：{units} 个。'],
  retryAtStart: [
    'Units that run at the next start or resume: {units}.',
    '将在下次启动或继续时运行的单元：{units} 个。',
  ],
  unknownTask: ['There is no task {task}.', '没有任务 {task}。'],
  taskElsewhere: ['Task {task} belongs to another folder.', '任务 {task} 属于另一个文件夹。'],
  alreadyRunning: ['Task {task} is already running.', '任务 {task} 已在运行。'],
  stillPausing: [
    'Task {task} is still pausing: running units end at their next batch border ({units}).',
    '任务 {task} 仍在暂停：{units} 个单元将在下一个批次边界结束。',
  ],
  stillStopping: [
    'Task {task} is still stopping: running units end at their next batch border ({units}).',
    '任务 {task} 仍在停止：{units} 个单元将在下一个批次边界结束。',
  ],
  notRunning: ['Task {task} does not run.', '任务 {task} 未在运行。'],
  notPaused: ['Task {task} is neither paused nor interrupted: start it.', '任务 {task} 既未暂停也未中断：请启动它。'],
  stopFirst: ['Pause or stop task {task} first.', '请先暂停或停止任务 {task}。'],
  badConcurrency: [
    'Units at a time must be a whole number from {least} to {most}, not {value}.',
    '并发单元数必须是 {least} 到 {most} 的整数，而不是 {value}。',
  ],
  badMaxRunning: [
    'Units of all tasks at a time must be a whole number from {least} to {most}, not {value}.',
    '所有任务的并发单元总数必须是 {least} 到 {most} 的整数，而不是 {value}。',
  ],
  unknownUnits: ['Not units of this task ({count}): {units}.', '不是此任务的单元（{count} 个）：{units}。'],
  planRepeatsUnit: ['The plan names unit {unit} twice.', '计划中单元 {unit} 出现了两次。'],
  nothingFailed: ['Task {task} has no failed unit.', '任务 {task} 没有失败的单元。'],
  staleReport: [
    'A report of attempt {attempt} of {unit} came too late and was dropped.',
    '{unit} 第 {attempt} 次执行的报告过期，已丢弃。',
  ],
  taskInterrupted: [
    'The window or command that ran the task ended. Resume goes on where it was.',
    '运行此任务的窗口或命令已结束。“继续”将从中断处接着执行。',
  ],
  pausedByFailure: ['Paused because {unit} failed.', '因 {unit} 失败而暂停。'],
  pausedByAborts: ['Paused: only aborted units are left ({units}).', '已暂停：只剩被中止的单元（{units} 个）。'],
  unitAborted: ['Aborted: waits for you, or for the next start.', '已中止：等待手动操作或下次启动。'],
  waitingForSlots: [
    'Waiting: {running} of {most} {most|unit runs|units run}.',
    '等待中：共 {most} 个名额，已运行 {running} 个单元。',
  ],
  waitingForTurn: [
    'Waiting: {running} of {most} {most|unit of this task runs|units of this task run}.',
    '等待中：此任务 {most} 个名额，已运行 {running} 个单元。',
  ],
} as const satisfies Readonly<Record<CoreCode, Message>>;
