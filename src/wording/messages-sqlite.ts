import type { Messages } from './messages.ts';

export const sqliteMessages = {} as const satisfies Messages;
