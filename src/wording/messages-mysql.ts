import type { Messages } from './messages.ts';

export const mysqlMessages = {} as const satisfies Messages;
