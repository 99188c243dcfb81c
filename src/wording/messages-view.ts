import type { Messages } from './message.ts';

export const viewMessages = {
  'view.outdated': [
    'The list has changed since: please look again and repeat.',
    '列表在此期间已更改：请重新查看后再操作。',
  ],
} as const satisfies Messages;
