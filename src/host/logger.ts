/** The one logger: one line an entry, secrets replaced, nothing in it that could steer a terminal or fake a line. */
import * as fs from 'node:fs';
import { createRedactor, type Redactor } from './redaction.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Values that belong to an entry; errors are written with their codes and causes. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Secrets registered here appear nowhere any more. */
  readonly redactor: Redactor;
}

export interface LoggerOptions {
  /** Receives one finished line without its line feed: an output channel, a file (see {@link fileSink}), stderr. */
  readonly write: (line: string, level: LogLevel) => void;
  readonly level?: LogLevel;
  readonly redactor?: Redactor;
  /** ms since the epoch. */
  readonly now?: () => number;
  /** Characters of a line, the rest is cut off and counted. */
  readonly longestLine?: number;
}

export function createLogger(options: LoggerOptions): Logger {
  const redactor = options.redactor ?? createRedactor();
  const now = options.now ?? Date.now;
  const longest = options.longestLine ?? 4_000;
  const least = LEVELS.indexOf(options.level ?? 'info');

  const log =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      if (LEVELS.indexOf(level) < least) return;
      const text = fields === undefined ? message : `${message} ${describe(fields)}`;
      const line = shorten(escapeControls(redactor.redact(text)), longest);
      options.write(`${new Date(now()).toISOString()} [${level}] ${line}`, level);
    };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error'), redactor };
}

/** Appends to a file of mode 0600; at `mostBytes` it is renamed to `<path>.1`, which replaces the one before. Never throws. */
export function fileSink(path: string, mostBytes = 5 << 20): (line: string) => void {
  let size = fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return (line) => {
    try {
      if (size > 0 && size + line.length + 1 > mostBytes) {
        fs.renameSync(path, `${path}.1`);
        size = 0;
      }
      const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = fs.constants;
      const fd = fs.openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
      try {
        size += fs.writeSync(fd, `${line}\n`);
      } finally {
        fs.closeSync(fd);
      }
    } catch {
      // a log that cannot be written must not stop the work that it reports on
    }
  };
}

/** Control characters, line separators and the marks that turn the reading direction, shown as \u{..}. */
export function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (char) => {
    if (char === '\n') return '\\n';
    if (char === '\r') return '\\r';
    if (char === '\t') return '\\t';
    return `\\u{${char.charCodeAt(0).toString(16)}}`;
  });
}

function shorten(line: string, longest: number): string {
  return line.length <= longest ? line : `${line.slice(0, longest)}… (${line.length - longest} more)`;
}

function describe(fields: LogFields): string {
  const seen = new Set<object>();
  const text = JSON.stringify(fields, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return '(seen above)';
    seen.add(value);
    return value instanceof Error ? errorFields(value) : value;
  });
  return text ?? '';
}

function errorFields(error: Error): object {
  const { code, args } = error as { code?: unknown; args?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(args === undefined ? {} : { args }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  };
}
