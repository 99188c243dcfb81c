import type { CoreCode } from '../core/codes.ts';
import type { Message } from './message.ts';

export const coreMessages = {
  startedAuto: [
    'Auto mode: all units are scheduled automatically ({units} to execute).',
    '自动模式：所有单元自动调度（待执行 {units} 个）。',
  ],
  nothingToDo: ['Nothing to do: all units are completed.', '无事可做：所有单元均已完成。'],
  alreadyPausing: ['The task is pausing already.', '任务已在暂停中。'],
  alreadyPaused: ['The task is paused already.', '任务已暂停。'],
  alreadyStopping: ['The task is stopping already.', '任务已在停止中。'],
  retryStarted: ['Failed units run again: {units}.', '失败的单元重新运行：{units} 个。'],
  retryAtStart: [
    'Failed units run again at the next start or resume: {units}.',
    '失败的单元将在下次启动或继续时重新运行：{units} 个。',
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
  notPaused: ['Task {task} is neither paused nor interrupted.', '任务 {task} 既未暂停也未中断。'],
  stopFirst: ['Pause or stop task {task} first.', '请先暂停或停止任务 {task}。'],
  manualNotAvailable: ['Manual mode is not available in this version.', '此版本尚无手动模式。'],
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
    'Interrupted: the host ended while the task ran. Resume goes on.',
    '已中断：任务运行时宿主结束。“继续”将接着执行。',
  ],
  pausedByFailure: ['Paused because {unit} failed.', '因 {unit} 失败而暂停。'],
  pausedByAborts: ['Paused: only aborted units are left ({units}).', '已暂停：只剩被中止的单元（{units} 个）。'],
  unitAborted: ['Aborted: waits for you, or for the next start.', '已中止：等待手动操作或下次启动。'],
  waitingForSlots: ['Waiting: {running} of {most} units run.', '等待中：共 {most} 个名额，已运行 {running} 个单元。'],
  waitingForTurn: [
    'Waiting: {running} of {most} units of this task run.',
    '等待中：此任务 {most} 个名额，已运行 {running} 个单元。',
  ],
} as const satisfies Readonly<Record<CoreCode, Message>>;
