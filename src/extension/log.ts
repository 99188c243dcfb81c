/** The one log of the extension: an output channel behind the redacting logger, and its newest lines. */
import * as vscode from 'vscode';
import { createLogger, type Logger } from '../host/logger.ts';

export interface Log extends Logger, vscode.Disposable {
  show(): void;
  /** The newest lines, oldest first: for "Copy Diagnostics". */
  recent(): readonly string[];
}

const KEPT_LINES = 200;

export function createLog(): Log {
  const channel = vscode.window.createOutputChannel('DataTrace', { log: true });
  const lines: string[] = [];
  const logger = createLogger({
    level: 'debug',
    write(line, level) {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.splice(0, lines.length - KEPT_LINES);
      // The channel writes time and level itself.
      channel[level](line.replace(/^\S+ \[\w+\] /, ''));
    },
  });
  return { ...logger, show: () => channel.show(true), recent: () => lines, dispose: () => channel.dispose() };
}
