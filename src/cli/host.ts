/** What the command line needs from its process; tests bring their own. */
import type { Coded } from '../core/model.ts';
import type { Disposable } from '../core/ports.ts';
import { escapeControls } from '../host/logger.ts';
import { createRedactor, type Redactor, redacted } from '../host/redaction.ts';
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
  /** Asks a person one line; null when nobody sits there. Answers '' when the person went away. */
  readonly ask: ((question: string) => Promise<string>) | null;
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
  /** The sentence of a code with its cause. */
  sentence(coded: Coded): string;
  /** A code with its sentence, as JSON lines carry it. */
  coded(coded: Coded): Record<string, unknown>;
  /** Cleans every sentence and its arguments; knows the secrets that were resolved. */
  readonly redactor: Redactor;
  readonly structured: boolean;
  readonly locale: string;
  /** Whether a `result` line was printed. */
  readonly concluded: () => boolean;
}

export function createVoice(host: CliHost, structured: boolean): Voice {
  const locale = localeOf(host.env);
  let concluded = false;
  const redactor = createRedactor();
  const sentence = (coded: Coded): string => redactor.redact(word(coded, locale));
  const withMessage = (coded: Coded) => {
    const { code, args, cause } = redacted(coded, redactor.redact);
    return { code, args, ...(cause === undefined ? {} : { cause }), message: sentence(coded) };
  };
  const json = (type: string, fields: Readonly<Record<string, unknown>>): void => {
    if (type === 'result') concluded = true;
    if (structured) host.out(`${JSON.stringify({ type, at: host.now(), ...fields })}\n`);
  };
  return {
    redactor,
    structured,
    locale,
    json,
    sentence,
    coded: withMessage,
    concluded: () => concluded,
    say(text) {
      if (!structured) host.err(`${escapeControls(text)}\n`);
    },
    tell(level, coded) {
      if (structured) json('log', { level, ...withMessage(coded) });
      else host.err(`${escapeControls(sentence(coded))}\n`);
    },
    print(text) {
      if (!structured) host.out(`${escapeControls(text)}\n`);
    },
    word: (code, args = {}) => sentence({ code, args }),
  };
}

/** Language of the messages, by the usual variables. */
export function localeOf(env: CliHost['env']): string {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || 'en';
  return locale.toLowerCase().startsWith('zh') ? 'zh-cn' : 'en';
}
