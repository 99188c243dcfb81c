/** What the command line needs from its process; tests bring their own. */
import type { Coded } from '../core/model.ts';
import type { Disposable } from '../core/ports.ts';
import { escapeControls } from '../host/logger.ts';
import { word } from '../wording/word.ts';

export interface CliHost {
  /** Folder that relative paths of the arguments start at. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `out` is for results, `err` for everything about them. */
  out(text: string): void;
  err(text: string): void;
  /** Width in columns of an interactive terminal behind `err`; null when nobody watches it live. */
  readonly terminal: (() => { readonly columns: number; readonly rows: number }) | null;
  /** Ctrl-C and requests to end; called each time. */
  onInterrupt(listener: () => void): Disposable;
  /** The process stays alive until disposed, also when only unreferenced timers are left. */
  keepAlive(): Disposable;
  /** Script or bundle of the data plane's worker threads. */
  readonly workerFile: string | URL;
  readonly wasmFile: string;
  /** `process.versions.node` */
  readonly nodeVersion: string;
  version(): string;
  now(): number;
}

/** 0 done, 1 unexpected, 2 refused, 3 completed with errors, 4 paused, 130 ended at once by a second Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

/** Writes what a command has to say, to people or as JSON lines. */
export interface Voice {
  /** One line to `err`: plain text for people. Nothing with `--json`. */
  say(text: string): void;
  /** A sentence by its code: a line for people, a `log` line with `--json`. */
  tell(level: 'info' | 'warning' | 'error', coded: Coded): void;
  /** A result line for people. Nothing with `--json`. */
  print(text: string): void;
  /** One JSON object a line with the time; nothing without `--json`. */
  json(type: string, fields: Readonly<Record<string, unknown>>): void;
  word(code: string, args?: Coded['args']): string;
  readonly structured: boolean;
}

export function createVoice(host: CliHost, structured: boolean): Voice {
  const locale = localeOf(host.env);
  const json = (type: string, fields: Readonly<Record<string, unknown>>): void => {
    if (structured) host.out(`${JSON.stringify({ type, at: host.now(), ...fields })}\n`);
  };
  return {
    structured,
    json,
    say(text) {
      if (!structured) host.err(`${escapeControls(text)}\n`);
    },
    tell(level, coded) {
      const message = word(coded, locale);
      if (structured) json('log', { level, code: coded.code, args: coded.args, message });
      else host.err(`${escapeControls(message)}\n`);
    },
    print(text) {
      if (!structured) host.out(`${escapeControls(text)}\n`);
    },
    word: (code, args = {}) => word({ code, args }, locale),
  };
}

/** Language of the messages, by the usual variables. */
export function localeOf(env: CliHost['env']): string {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || 'en';
  return locale.toLowerCase().startsWith('zh') ? 'zh-cn' : 'en';
}
