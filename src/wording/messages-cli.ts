import type { Messages } from './messages.ts';

export const cliMessages = {} as const satisfies Messages;
