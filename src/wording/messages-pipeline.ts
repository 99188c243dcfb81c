import type { Messages } from './messages.ts';

export const pipelineMessages = {} as const satisfies Messages;
