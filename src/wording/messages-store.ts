import type { Messages } from './messages.ts';

export const storeMessages = {} as const satisfies Messages;
