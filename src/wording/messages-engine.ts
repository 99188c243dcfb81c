import type { Messages } from './messages.ts';

export const engineMessages = {
  'folder.closed': ['Folder {folder} is closed.', '文件夹 {folder} 已关闭。'],
  'folder.managed': [
    'Managed by another host: {kind}, process {pid} on {host}.',
    '由另一个宿主管理：{kind}，{host} 上的进程 {pid}。',
  ],
} as const satisfies Messages;
