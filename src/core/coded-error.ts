import type { Coded } from './model.ts';

/** An error with a code and arguments for the edge to word, and an English sentence for logs. */
export class CodedError<Code extends string> extends Error {
  readonly code: Code;
  readonly args: Readonly<Record<string, string | number>>;

  constructor(code: Code, message: string, args: Readonly<Record<string, string | number>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.args = args;
  }
}

/** The system's short name for a failed call (ENOENT ..), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Code and arguments of what was thrown, if it carries both. */
export function codedOf(thrown: unknown): Coded | undefined {
  const { code, args } = (thrown ?? {}) as { code?: unknown; args?: unknown };
  if (typeof code !== 'string' || typeof args !== 'object' || args === null) return undefined;
  return { code, args: args as Coded['args'] };
}
