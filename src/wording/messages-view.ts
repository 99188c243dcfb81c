import type { Messages } from './message.ts';

export const viewMessages = {
  'view.outdated': [
    'The list has changed since: please look again and repeat.',
    '列表在此期间已更改：请重新查看后再操作。',
  ],
  'view.reportCopied': ['The run report was copied to the clipboard.', '运行报告已复制到剪贴板。'],
  'view.notManaged': ['No other window or command manages these tasks.', '没有其他窗口或命令在管理这些任务。'],
  'view.startedMeanwhile': [
    'Nothing was added: what you selected has started or was completed meanwhile. "Run again" is for completed units.',
    '没有添加任何单元：所选单元在此期间已启动或已完成。已完成的单元请用“重新运行”。',
  ],
  // How a task stands (standing.ts)
  'standing.planning': ['planning', '规划中'],
  'standing.waitsForUnits': ['waiting for units', '等待添加单元'],
  'standing.ready': ['ready', '就绪'],
  'standing.running': ['running', '运行中'],
  'standing.pausing': ['pausing', '正在暂停'],
  'standing.paused': ['paused', '已暂停'],
  'standing.stopping': ['stopping', '正在停止'],
  'standing.stopped': ['stopped', '已停止'],
  'standing.interrupted': ['interrupted', '已中断'],
  'standing.completed': ['completed', '已完成'],
  'standing.completedWithErrors': ['completed with errors', '已完成，但有错误'],
  'standing.couldNotStart': ['could not start', '无法启动'],
} as const satisfies Messages;
