import type { Messages } from './message.ts';

export const viewMessages = {
  'view.outdated': [
    'The list has changed since: please look again and repeat.',
    '列表在此期间已更改：请重新查看后再操作。',
  ],
  'view.reportCopied': ['The run report was copied to the clipboard.', '运行报告已复制到剪贴板。'],
  'view.notManaged': ['No other window or command manages these tasks.', '没有其他窗口或命令在管理这些任务。'],
} as const satisfies Messages;
