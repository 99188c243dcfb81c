/** What a command line asks for. */
import type { Mode, SettingsChange, UnitStatus } from '../core/model.ts';

export interface Common {
  /** undefined: `datatrace.json` of the working folder. */
  readonly config: string | undefined;
  readonly store: string | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** What a person agreed to by an option, where the editor would ask. */
export interface Consent {
  readonly confirmProduction: string | undefined;
  readonly allowOutside: boolean;
  readonly ignoreAfter: boolean;
}

export interface RunCommand extends Common, Consent {
  readonly name: 'run';
  readonly task: string;
  readonly again: boolean;
  /** Only the rejected rows of completed units. */
  readonly rejected: boolean;
  readonly mode: Mode | undefined;
  readonly concurrency: number | undefined;
  readonly maxRunning: number | undefined;
  readonly units: readonly string[] | undefined;
  /** Manual mode: stay when nothing in the queue can start. */
  readonly wait: boolean;
}

export interface TaskCommand extends Common {
  readonly name: 'plan' | 'verify';
  readonly task: string;
  readonly allowOutside: boolean;
}

/** Which units, as the words of a person: names and globs in order, or a filter. */
export interface UnitWords {
  readonly words: readonly string[];
  readonly all: boolean;
  /** Only units of these statuses; null = of any. */
  readonly statuses: readonly UnitStatus[] | null;
}

/** Where entries go in a queue, by names; positions count from 1. */
export type PlaceWords =
  | { readonly kind: 'top' | 'bottom' | 'up' | 'down' }
  | { readonly kind: 'before'; readonly unit: string }
  | { readonly kind: 'position'; readonly position: number };

export type QueueEdit =
  | { readonly action: 'show' }
  | { readonly action: 'add'; readonly units: UnitWords; readonly to: PlaceWords; readonly again: boolean }
  | { readonly action: 'remove'; readonly units: UnitWords }
  | { readonly action: 'move'; readonly units: UnitWords; readonly to: PlaceWords }
  | { readonly action: 'clear' };

export interface QueueCommand extends Common {
  readonly name: 'queue';
  readonly task: string;
  readonly edit: QueueEdit;
  /** Revision of the queue that the edit is based on; null = whatever it is. */
  readonly rev: number | null;
  readonly allowOutside: boolean;
}

/** Tells a task what to do; nothing else has to be known. */
export interface ControlCommand extends Common {
  readonly name: 'pause' | 'stop' | 'reset' | 'delete-data';
  readonly task: string;
  /** Agreed beforehand, where it would be asked. */
  readonly yes: boolean;
}

export interface ModeCommand extends Common {
  readonly name: 'mode';
  readonly task: string;
  readonly mode: Mode;
}

export interface AbortCommand extends Common {
  readonly name: 'abort';
  readonly task: string;
  readonly units: UnitWords;
}

/** Makes units run: in the host that runs the task, else in this process. */
export interface ExecuteCommand extends Common, Consent {
  readonly name: 'resume' | 'retry' | 'restart';
  readonly task: string;
  readonly units: UnitWords;
  /** Completed units, too. */
  readonly again: boolean;
  readonly wait: boolean;
}

export interface SetCommand extends Common {
  readonly name: 'set';
  readonly task: string;
  readonly settings: SettingsChange;
}

export interface ReportCommand extends Common {
  readonly name: 'report';
  readonly task: string;
  /** undefined: the newest run. */
  readonly run: string | undefined;
}

export interface RunsCommand extends Common {
  readonly name: 'runs';
  readonly task: string;
  readonly limit: number;
}

export type Command =
  | { readonly name: 'help'; readonly topic: string | undefined }
  | { readonly name: 'version' }
  | (Common & { readonly name: 'validate' })
  | TaskCommand
  | RunCommand
  | (Common & { readonly name: 'status'; readonly task: string | undefined })
  | QueueCommand
  | ControlCommand
  | ModeCommand
  | AbortCommand
  | ExecuteCommand
  | SetCommand
  | ReportCommand
  | RunsCommand;

/** Commands that act on one task of the configuration. */
export type OnTask = Extract<Command, Common & { readonly task: string }>;
